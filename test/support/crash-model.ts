import { basename } from 'node:path'
import { type ArchiveSink, type ArchiveSource, diskStorage, type Storage } from '../../src-main/archive/storage'
import type { Random } from './random'

/** What was done to the folder of an archive, in order. Files have numbers, since their names change. */
export type DiskOperation =
  | { readonly kind: 'create'; readonly file: number; readonly name: string }
  | { readonly kind: 'append'; readonly file: number; readonly bytes: Uint8Array }
  | { readonly kind: 'sync'; readonly file: number }
  | { readonly kind: 'truncate'; readonly file: number; readonly length: number }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'syncFolder' }
  | { readonly kind: 'remove'; readonly name: string }

/** The number of the file that was there before. */
const firstFile = 0

/** The disk, with a record of every operation that changes something. */
export class TracingStorage implements Storage {
  readonly operations: DiskOperation[] = []
  #nextFile = firstFile + 1

  openSource(path: string): ArchiveSource {
    return diskStorage.openSource(path)
  }

  async openForAppend(path: string): Promise<ArchiveSink> {
    return this.#trace(await diskStorage.openForAppend(path), firstFile)
  }

  async createSink(path: string): Promise<ArchiveSink> {
    const sink = await diskStorage.createSink(path)
    const file = this.#nextFile++
    this.operations.push({ kind: 'create', file, name: basename(path) })
    return this.#trace(sink, file)
  }

  async rename(from: string, target: string): Promise<void> {
    await diskStorage.rename(from, target)
    this.operations.push({ kind: 'rename', from: basename(from), to: basename(target) }, { kind: 'syncFolder' })
  }

  async renameNew(from: string, target: string): Promise<void> {
    await diskStorage.renameNew(from, target)
    this.operations.push({ kind: 'rename', from: basename(from), to: basename(target) }, { kind: 'syncFolder' })
  }

  async remove(path: string): Promise<void> {
    await diskStorage.remove(path)
    this.operations.push({ kind: 'remove', name: basename(path) })
  }

  #trace(sink: ArchiveSink, file: number): ArchiveSink {
    const { operations } = this
    return {
      get position() {
        return sink.position
      },
      async append(...parts) {
        for (const part of parts) operations.push({ kind: 'append', file, bytes: Uint8Array.from(part) })
        await sink.append(...parts)
      },
      async sync() {
        await sink.sync()
        operations.push({ kind: 'sync', file })
      },
      async truncate(length) {
        await sink.truncate(length)
        operations.push({ kind: 'truncate', file, length })
      },
      close: () => sink.close(),
    }
  }
}

/** What the system has been told of a file: bytes known to be on the disk, and those that may be, behind them. */
interface FileContent {
  durable: Buffer
  pending: Buffer
}

/** A folder as a crash leaves it: contents by name. */
export interface CrashedFolder {
  readonly files: ReadonlyMap<string, Buffer>
  /** For messages. */
  readonly label: string
}

const sectors = [512, 4096] as const

/**
 * The states in which a crash can leave a folder (the method of ALICE, Pillai et al., OSDI 2014): after each operation, names are those of
 * any moment since the folder was last made durable, and of each file the bytes since its last sync are there in whole, in front,
 * or in sectors of 512 or 4096 bytes in any order, with zeros or garbage where they are not. Changes of names keep their order,
 * as in the journals of ext4, XFS, APFS and NTFS.
 */
export class CrashModel {
  readonly #before: Buffer | undefined
  readonly #name: string
  readonly #operations: readonly DiskOperation[]

  /** @param before what the file `name` held at the start, if it was there */
  constructor(name: string, before: Buffer | undefined, operations: readonly DiskOperation[]) {
    this.#name = name
    this.#before = before
    this.#operations = operations
  }

  /** Moments between operations, from before the first to behind the last. */
  get moments(): number {
    return this.#operations.length + 1
  }

  /** What is there when the process is killed at a moment, and the computer goes on. */
  killed(moment: number): CrashedFolder {
    const { contents, names } = this.#at(moment)
    const files = named(names, (file) => whole(contents.get(file)))
    return { files, label: `killed at ${this.#labelOf(moment)}` }
  }

  /** One of the many states after a power cut at a moment. */
  powerCut(moment: number, random: Random): CrashedFolder {
    const { contents, durableNames, names, since } = this.#at(moment)
    const kept = random.below(since.length + 1)
    const visible = kept === since.length ? names : applied(durableNames, since.slice(0, kept))
    const sector = random.pick(sectors)
    const files = named(visible, (file) => torn(contents.get(file), sector, random))
    return {
      files,
      label: `power cut at ${this.#labelOf(moment)}, sectors of ${sector}, ${kept} of ${since.length} names`,
    }
  }

  #labelOf(moment: number): string {
    return `${moment} of ${this.#operations.length}, after ${this.#operations[moment - 1]?.kind ?? 'nothing'}`
  }

  #at(moment: number) {
    const contents = new Map<number, FileContent>()
    let durableNames = new Map<string, number>()
    if (this.#before !== undefined) {
      contents.set(firstFile, { durable: this.#before, pending: Buffer.alloc(0) })
      durableNames.set(this.#name, firstFile)
    }
    let names = new Map(durableNames)
    let since: DiskOperation[] = []
    for (const operation of this.#operations.slice(0, moment)) {
      switch (operation.kind) {
        case 'append':
        case 'sync':
        case 'truncate':
          change(contents.get(operation.file), operation)
          break
        case 'syncFolder':
          durableNames = names
          since = []
          break
        default:
          if (operation.kind === 'create')
            contents.set(operation.file, { durable: Buffer.alloc(0), pending: Buffer.alloc(0) })
          names = applied(names, [operation])
          since.push(operation)
      }
    }
    return { contents, durableNames, names, since }
  }
}

function applied(names: ReadonlyMap<string, number>, operations: readonly DiskOperation[]): Map<string, number> {
  const result = new Map(names)
  for (const operation of operations) {
    if (operation.kind === 'create') result.set(operation.name, operation.file)
    if (operation.kind === 'remove') result.delete(operation.name)
    if (operation.kind === 'rename') {
      const file = result.get(operation.from)
      result.delete(operation.from)
      if (file !== undefined) result.set(operation.to, file)
    }
  }
  return result
}

function change(content: FileContent | undefined, operation: DiskOperation): void {
  if (content === undefined) throw new Error('an operation on a file that nobody made')
  const { durable, pending } = content
  if (operation.kind === 'append') content.pending = Buffer.concat([pending, operation.bytes])
  if (operation.kind === 'sync') {
    content.durable = Buffer.concat([durable, pending])
    content.pending = Buffer.alloc(0)
  }
  if (operation.kind === 'truncate') {
    content.durable = durable.subarray(0, operation.length)
    content.pending = pending.subarray(0, Math.max(0, operation.length - durable.length))
  }
}

function named(names: ReadonlyMap<string, number>, contentOf: (file: number) => Buffer): Map<string, Buffer> {
  return new Map([...names].map(([name, file]) => [name, contentOf(file)]))
}

function whole(content: FileContent | undefined): Buffer {
  return Buffer.concat([content?.durable ?? Buffer.alloc(0), content?.pending ?? Buffer.alloc(0)])
}

/** Sectors begin where those of the file do, so that the last durable bytes share one with the first that are not. */
function torn(content: FileContent | undefined, sector: number, random: Random): Buffer {
  const { durable, pending } = content ?? { durable: Buffer.alloc(0), pending: Buffer.alloc(0) }
  const all = Buffer.concat([durable, pending])
  if (pending.length === 0) return all
  const way = random.below(8)
  if (way === 0) return Buffer.from(durable)
  if (way === 1) return all
  // The size reaches the disk with the file's metadata, before or after the data.
  if (way === 2) return all.subarray(0, durable.length + random.below(pending.length + 1))
  if (way === 3)
    return all.subarray(
      0,
      Math.max(durable.length, Math.floor((durable.length + random.below(pending.length)) / sector) * sector),
    )
  const share = random.share()
  for (let at = durable.length; at < all.length;) {
    const end = Math.min(all.length, (Math.floor(at / sector) + 1) * sector)
    if (random.share() >= share) {
      if (way < 6) all.fill(0, at, end)
      else random.bytes(end - at).copy(all, at)
    }
    at = end
  }
  return way % 2 === 0 ? all : all.subarray(0, durable.length + random.below(pending.length + 1))
}

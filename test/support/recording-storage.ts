import { type ArchiveSink, type ArchiveSource, diskStorage, type Storage } from '../../src-main/archive/storage'

/** What was done to a file that was being written, in order. */
export type FileOperation =
  | { readonly kind: 'append'; readonly bytes: Uint8Array }
  | { readonly kind: 'sync' }
  | { readonly kind: 'truncate'; readonly length: number }
  | { readonly kind: 'rename' }

/** The disk, but with a record of every operation that changes the one file a verb writes. */
export class RecordingStorage implements Storage {
  readonly operations: FileOperation[] = []

  openSource(path: string): ArchiveSource {
    return diskStorage.openSource(path)
  }

  remove(path: string): Promise<void> {
    return diskStorage.remove(path)
  }

  async openForAppend(path: string): Promise<ArchiveSink> {
    return this.#wrap(await diskStorage.openForAppend(path))
  }

  async createSink(path: string): Promise<ArchiveSink> {
    return this.#wrap(await diskStorage.createSink(path))
  }

  async rename(from: string, target: string): Promise<void> {
    await diskStorage.rename(from, target)
    this.operations.push({ kind: 'rename' })
  }

  async renameNew(from: string, target: string): Promise<void> {
    await diskStorage.renameNew(from, target)
    this.operations.push({ kind: 'rename' })
  }

  #wrap(sink: ArchiveSink): ArchiveSink {
    const { operations } = this
    return {
      get position() {
        return sink.position
      },
      async append(...parts) {
        for (const part of parts) operations.push({ kind: 'append', bytes: Uint8Array.from(part) })
        await sink.append(...parts)
      },
      async sync() {
        await sink.sync()
        operations.push({ kind: 'sync' })
      },
      async truncate(length) {
        await sink.truncate(length)
        operations.push({ kind: 'truncate', length })
      },
      close: () => sink.close(),
    }
  }
}

/** Bytes a power cut may leave: those known to be on the disk, and those that may be, from `durable.length` on. */
export interface Moment {
  /** What the last sync made safe. */
  readonly durable: Buffer
  /** What was appended since. */
  readonly pending: Buffer
}

/**
 * The file after each of its operations.
 * @param before what it held when it was opened, all of it durable
 */
export function* momentsOf(before: Buffer, operations: readonly FileOperation[]): Generator<Moment> {
  let durable = before
  let pending = Buffer.alloc(0)
  yield { durable, pending }
  for (const operation of operations) {
    switch (operation.kind) {
      case 'append':
        pending = Buffer.concat([pending, operation.bytes])
        break
      case 'sync':
        durable = Buffer.concat([durable, pending])
        pending = Buffer.alloc(0)
        break
      case 'truncate':
        if (operation.length < durable.length) durable = durable.subarray(0, operation.length)
        pending = pending.subarray(0, operation.length - durable.length)
        break
      case 'rename':
        break
    }
    yield { durable, pending }
  }
}

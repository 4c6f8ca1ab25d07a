import { basename } from 'node:path'
import type { ArchiveInfo } from '../contract/archive-info'
import { formatBytes } from '../contract/format-bytes'
import { LmzError } from '../contract/error'
import { findLastFooter, guessArchiveTag, scanFrames } from '../format/scan'
import { type Footer, footerLength, readFooter } from '../format/footer'
import { archiveTagOf, equalBytes, frameTypes } from '../format/frame'
import { decodeHeader, hasHeaderMagic, headerLength } from '../format/header'
import type { ArchiveIndex } from '../index/archive-index'
import { BlockCache, readBlock } from './block-reader'
import { openIndexFrame } from './index-frame'
import { type ArchiveSource, diskStorage, type Storage } from './storage'

/** The state an archive was opened in. */
interface Snapshot {
  readonly index: ArchiveIndex
  readonly archiveTag: number
  /** The commit in force; undefined when only a checkpoint of an unfinished or cut-off archive was left. */
  readonly footer: Footer | undefined
  readonly condition: ArchiveInfo['condition']
  readonly notices: readonly string[]
}

/**
 * A consistent, read-only view of one commit of an archive. It stays as it was while others append to the file or put a
 * new one in its place. Close it when done.
 */
export class Archive {
  readonly path: string
  readonly source: ArchiveSource
  readonly index: ArchiveIndex
  readonly footer: Footer | undefined
  readonly archiveTag: number
  readonly condition: ArchiveInfo['condition']
  /** Sentences for the user about what was found damaged or left over. */
  readonly notices: readonly string[]
  readonly #cache = new BlockCache()

  private constructor(path: string, source: ArchiveSource, snapshot: Snapshot) {
    this.path = path
    this.source = source
    this.index = snapshot.index
    this.footer = snapshot.footer
    this.archiveTag = snapshot.archiveTag
    this.condition = snapshot.condition
    this.notices = snapshot.notices
  }

  /**
   * Opens the newest state that is intact. Reading costs the last 208 bytes and the index; only behind damage are more
   * bytes looked at. Nothing is ever written.
   * @throws LmzError `NotFound`, `Io`, `Format` (not an archive), `Corrupt` (no state left: salvage may help),
   *   `Unsupported`, `Limit`
   */
  static async open(path: string, storage: Storage = diskStorage): Promise<Archive> {
    const source = storage.openSource(path)
    try {
      return new Archive(path, source, await findSnapshot(source, basename(path)))
    } catch (cause) {
      source.close()
      throw cause
    }
  }

  get name(): string {
    return basename(this.path)
  }

  /** Raw bytes of a block. @throws LmzError `Corrupt`, `Unsupported`, `Limit` */
  readBlock(id: number): Uint8Array {
    return this.#cache.get(id, () => readBlock(this.source, this.index.block(id), this.archiveTag))
  }

  /**
   * The chain of commits, newest first. A damaged predecessor ends it.
   */
  *commits(): Generator<Footer> {
    let footer = this.footer
    while (footer !== undefined) {
      yield footer
      const { position } = footer.previous
      footer = position === 0 ? undefined : readFooter(this.source, position)
    }
  }

  /** @throws LmzError `Corrupt` for a state that can be read but must not be built upon */
  refuseIfDegraded(): void {
    if (this.condition !== 'degraded') return
    const advice = 'Nothing was changed. Make a sound copy first: lmz salvage'
    throw new LmzError('Corrupt', `${this.notices.join(' ')} ${advice} ${this.name} <new archive>.`, {
      subject: this.path,
    })
  }

  close(): void {
    this.index.close()
    this.source.close()
  }
}

async function findSnapshot(source: ArchiveSource, name: string): Promise<Snapshot> {
  const firstBytes = source.read(0, Math.min(headerLength, source.size))
  const header = decodeHeader(firstBytes)
  const notices: string[] = []
  if (header === undefined) notices.push(`The first bytes of ${name} are damaged; they are not needed for reading.`)
  const newest = findLastFooter(source)
  if (newest === undefined) {
    if (header === undefined && !hasHeaderMagic(firstBytes) && guessArchiveTag(source) === undefined) {
      throw new LmzError('Format', `${name} is not an lmz archive.`, { subject: name })
    }
    return openCheckpoint(source, name)
  }
  if (header !== undefined && !equalBytes(header.archiveId, newest.archiveId)) {
    throw new LmzError('Format', `${name} begins as one archive and ends as another.`, { subject: name })
  }
  for (
    let footer: Footer | undefined = newest;
    footer !== undefined;
    footer = findLastFooter(source, footer.position)
  ) {
    const index = await openIndexOf(source, footer)
    if (index === undefined) continue
    const archiveTag = archiveTagOf(footer.archiveId)
    if (footer !== newest) {
      notices.unshift(olderStateNotice(name, footer))
      return { index, archiveTag, footer, condition: 'degraded', notices }
    }
    const tail = source.size - (footer.position + footerLength)
    if (tail > 0) notices.push(`The last ${formatBytes(tail)} of ${name} belong to no finished change and are ignored.`)
    return { index, archiveTag, footer, condition: tail > 0 ? 'torn' : 'intact', notices }
  }
  return openCheckpoint(source, name)
}

/** @returns undefined if the index is damaged */
async function openIndexOf(source: ArchiveSource, footer: Footer): Promise<ArchiveIndex | undefined> {
  try {
    return await openIndexFrame(source, footer.index.position, footer.index.hash)
  } catch (cause) {
    if (cause instanceof LmzError && cause.code === 'Corrupt') return undefined
    throw cause
  }
}

/** The last resort for reading: the newest intact index of an archive whose commits are all lost, cut off for instance. */
async function openCheckpoint(source: ArchiveSource, name: string): Promise<Snapshot> {
  const archiveTag = guessArchiveTag(source)
  const positions: number[] = []
  let blocks = 0
  for (const frame of scanFrames(source, 0, archiveTag)) {
    if (frame?.header.type === frameTypes.index) positions.push(frame.position)
    if (frame?.header.type === frameTypes.block) blocks++
  }
  for (const position of positions.reverse()) {
    try {
      const index = await openIndexFrame(source, position)
      const { files, storedFiles } = index.totals()
      const found = `${storedFiles} of ${files} files can be extracted`
      const notices = [`${name} is cut off or damaged after ${formatBytes(source.size)}: ${found}.`]
      return { index, archiveTag: archiveTag ?? 0, footer: undefined, condition: 'degraded', notices }
    } catch (cause) {
      if (!(cause instanceof LmzError)) throw cause
    }
  }
  const left =
    blocks === 0
      ? 'Nothing in it can be read.'
      : `Its list of files is lost, but ${blocks} of its blocks look whole: lmz salvage ${name} <new archive> recovers their bytes.`
  throw new LmzError('Corrupt', `${name} is cut off or damaged after ${formatBytes(source.size)}. ${left}`, {
    subject: name,
  })
}

function olderStateNotice(name: string, footer: Footer): string {
  const when = new Date(footer.timeMs).toISOString().slice(0, 16).replace('T', ' ')
  return `The newest state of ${name} is damaged; its state of ${when} UTC (change ${footer.sequence}) is shown instead.`
}

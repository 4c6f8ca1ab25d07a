import { randomBytes } from 'node:crypto'
import { basename } from 'node:path'
import { toLmzError } from '../contract/error'
import type { ProtectionLevel } from '../contract/protection'
import { encodeFooter, type Footer, footerHash, type ParityPlace } from '../format/footer'
import {
  archiveTagOf,
  encodeFrameHeader,
  frameFlags,
  frameHeaderLength,
  frameTypes,
  hintLength,
  noPrimer,
} from '../format/frame'
import { encodeHeader, formatMajor, formatMinor } from '../format/header'
import type { IndexFrame } from './index-frame'
import { planRun } from './protection/plan-run'
import { type OnCovered, writeRun } from './protection/write-run'
import { type ArchiveSink, type Storage, unfinishedPath } from './storage'

/** A block or a primer as it comes from a worker, ready to be stored. */
export interface StoredFrame {
  readonly codec: number
  readonly kind: number
  readonly rawLength: number
  readonly contentHash: Uint8Array
  readonly stored: Uint8Array
}

export interface StoredBlock extends StoredFrame {
  /** Id of the primer it is decoded with. */
  readonly primer: number | undefined
}

/** A chunk of a block: its length, and the hint by which later changes find equal data. */
export interface StoredChunk {
  readonly length: number
  readonly hint: bigint
}

/** How a commit is to be protected. */
export interface Protection {
  readonly level: ProtectionLevel
  /** Only to try out what large archives are like on small ones. */
  readonly cellLength?: number | undefined
  readonly onCovered?: OnCovered | undefined
}

/**
 * Writes frames and makes commits. The order is the protocol: frames, index, sync, footer, sync; only then is the new
 * state real. A new archive is written beside its target and renamed; an existing one is appended to behind its last byte,
 * so what was committed is never touched. After any failure {@link abort} restores the old state.
 */
export class ArchiveWriter {
  readonly archiveId: Uint8Array
  readonly #sink: ArchiveSink
  readonly #storage: Storage
  readonly #path: string
  /** For a new archive, where it will stand when it is finished. */
  readonly #target: string | undefined
  readonly #mayReplace: boolean
  readonly #startLength: number
  #previous: Footer | undefined

  private constructor(
    sink: ArchiveSink,
    storage: Storage,
    paths: { readonly path: string; readonly target?: string; readonly mayReplace?: boolean },
    state: { readonly archiveId: Uint8Array; readonly previous: Footer | undefined },
  ) {
    this.#sink = sink
    this.#storage = storage
    this.#path = paths.path
    this.#target = paths.target
    this.#mayReplace = paths.mayReplace ?? false
    this.#startLength = sink.position
    this.archiveId = state.archiveId
    this.#previous = state.previous
  }

  /**
   * Starts a new archive beside `target`.
   * Starts a history of its own, so it gets an id of its own: frames of an earlier one cannot pass for its frames.
   * @param options.mayReplace whether something that stands at the target in the end may be replaced
   */
  static async create(
    target: string,
    storage: Storage,
    options: { readonly mayReplace: boolean },
  ): Promise<ArchiveWriter> {
    const archiveId = randomBytes(16)
    const path = unfinishedPath(target)
    const sink = await storage.createSink(path)
    const paths = { path, target, mayReplace: options.mayReplace }
    const writer = new ArchiveWriter(sink, storage, paths, { archiveId, previous: undefined })
    try {
      const version = { major: formatMajor, minor: formatMinor, features: 0 }
      await sink.append(encodeHeader({ ...version, archiveId, keySlots: 0 }))
    } catch (cause) {
      await writer.abort()
      throw toLmzError(cause, `Cannot write ${basename(target)}`, target)
    }
    return writer
  }

  /** Starts a commit behind the end of an existing archive, whatever lies there. */
  static async append(path: string, storage: Storage, last: Footer): Promise<ArchiveWriter> {
    const sink = await storage.openForAppend(path)
    return new ArchiveWriter(sink, storage, { path }, { archiveId: last.archiveId, previous: last })
  }

  get position(): number {
    return this.#sink.position
  }

  /** The file that is being written: an unfinished one, or the archive itself. */
  get path(): string {
    return this.#path
  }

  /** Appends a block frame; its chunks lie in it one after the other. @returns the position of its header */
  async writeBlock(id: number, block: StoredBlock, chunks: readonly StoredChunk[]): Promise<number> {
    const position = this.#sink.position
    const hints = Buffer.alloc(chunks.length * hintLength)
    chunks.forEach(({ hint }, at) => hints.writeBigInt64LE(hint, at * hintLength))
    const header = encodeFrameHeader({
      type: frameTypes.block,
      codec: block.codec,
      kind: block.kind,
      id,
      archiveTag: archiveTagOf(this.archiveId),
      rawLength: block.rawLength,
      storedLength: block.stored.length,
      trailerLength: hints.length,
      primer: block.primer ?? noPrimer,
      contentHash: block.contentHash,
    })
    await this.#sink.append(header, block.stored, hints)
    return position
  }

  /** Appends a primer frame; it comes before the blocks that need it. @returns the position of its header */
  async writePrimer(id: number, primer: StoredFrame): Promise<number> {
    const position = this.#sink.position
    const header = encodeFrameHeader({
      type: frameTypes.primer,
      codec: primer.codec,
      kind: primer.kind,
      id,
      archiveTag: archiveTagOf(this.archiveId),
      rawLength: primer.rawLength,
      storedLength: primer.stored.length,
      contentHash: primer.contentHash,
    })
    await this.#sink.append(header, primer.stored)
    return position
  }

  /** Writes an index that salvage can use if the job, or the end of the file, is lost. It commits nothing. */
  async checkpoint(index: IndexFrame): Promise<void> {
    await this.#writeIndex(index, true)
  }

  /**
   * Makes everything written so far the archive's new state. To be protected, that is followed by parity for all that no earlier parity
   * covers, by the same index again, far from the first, and by a footer that names both: the same state, but repairable.
   * @throws LmzError `NoSpace` or `Io`; the old state stands then, and the caller must {@link abort}
   */
  async commit(index: IndexFrame, protection?: Protection): Promise<Footer> {
    try {
      let footer = await this.#commitState(index, this.#previous?.parity)
      if (protection !== undefined) footer = await this.#commitState(index, await this.#writeParity(footer, protection))
      await this.#sink.close()
      await this.#moveIntoPlace()
      return footer
    } catch (cause) {
      throw toLmzError(cause, `Cannot write ${basename(this.#target ?? this.#path)}`, this.#target ?? this.#path)
    }
  }

  /** Undoes everything since the start: removes an unfinished file, or cuts an existing one back to its old length. */
  async abort(): Promise<void> {
    // Best effort: whatever cannot be undone lies behind the last footer, where readers ignore it.
    if (this.#target === undefined) await this.#sink.truncate(this.#startLength).catch(() => undefined)
    await this.#sink.close().catch(() => undefined)
    if (this.#target !== undefined) await this.#storage.remove(this.#path).catch(() => undefined)
  }

  async #moveIntoPlace(): Promise<void> {
    if (this.#target === undefined) return
    if (this.#mayReplace) await this.#storage.rename(this.#path, this.#target)
    else await this.#storage.renameNew(this.#path, this.#target)
  }

  async #commitState(index: IndexFrame, parity: ParityPlace | undefined): Promise<Footer> {
    const position = await this.#writeIndex(index, false)
    await this.#sink.sync()
    const footer = this.#footerFor(position, index, parity)
    await this.#sink.append(encodeFooter(footer))
    await this.#sink.sync()
    this.#previous = footer
    return footer
  }

  /** Appends parity for all bytes from the end of the newest parity frame on. */
  async #writeParity(footer: Footer, { level, cellLength, onCovered }: Protection): Promise<ParityPlace> {
    const { position } = this.#sink
    const { parity, archiveId } = footer
    const from = parity === undefined ? 0 : parity.position + parity.length
    const previous =
      parity === undefined
        ? { position: 0, hash: new Uint8Array(16) }
        : { position: parity.position, hash: parity.hash }
    const run = planRun({ archiveId, from, position, previous }, level, cellLength)
    const source = this.#storage.openSource(this.#path)
    try {
      const storage = this.#storage
      const path = this.#target ?? this.#path
      await writeRun(this.#sink, { run, source, commit: footer.sequence + 1, storage, path, onCovered })
    } finally {
      source.close()
    }
    return { position, length: this.#sink.position - position, hash: run.hash }
  }

  #footerFor(indexPosition: number, index: IndexFrame, parity: ParityPlace | undefined): Footer {
    const previous = this.#previous
    return {
      sequence: (previous?.sequence ?? 0) + 1,
      major: formatMajor,
      minor: formatMinor,
      features: 0,
      archiveId: this.archiveId,
      index: {
        position: indexPosition,
        length: frameHeaderLength + index.storedLength,
        hash: index.contentHash,
      },
      previous:
        previous === undefined
          ? { position: 0, hash: new Uint8Array(16) }
          : { position: previous.position, hash: footerHash(previous) },
      position: this.#sink.position,
      timeMs: Date.now(),
      keySlots: 0,
      parity,
    }
  }

  async #writeIndex(index: IndexFrame, isCheckpoint: boolean): Promise<number> {
    const position = this.#sink.position
    const header = encodeFrameHeader({
      type: frameTypes.index,
      codec: index.codec,
      flags: index.flags | (isCheckpoint ? frameFlags.checkpoint : 0),
      archiveTag: archiveTagOf(this.archiveId),
      id: (this.#previous?.sequence ?? 0) + 1,
      rawLength: index.rawLength,
      storedLength: index.storedLength,
      contentHash: index.contentHash,
    })
    await this.#sink.append(header)
    for await (const part of index.payload()) await this.#sink.append(part)
    return position
  }
}

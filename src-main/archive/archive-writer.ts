import { randomBytes } from 'node:crypto'
import { basename } from 'node:path'
import { commitmentOf } from '../crypto/derived-keys'
import { toLmzError } from '../contract/error'
import { encodeFooter, type Footer, footerHash, type ParityPlace } from '../format/footer'
import { secretIndexHash, sealFooter } from '../format/footer-authentication'
import {
  archiveTagOf,
  encodeFrameHeader,
  type FrameFields,
  frameFlags,
  frameHeaderLength,
  frameTypes,
  noPrimer,
} from '../format/frame'
import { encodeHeader, featureFlags, formatMajor, formatMinor, headerLength } from '../format/header'
import { encodeKeySlots } from '../format/key-slots'
import { firstSegmentLength, FrameSealer, sealedLength } from '../format/seal'
import type { IndexFrame } from './index-frame'
import type { MasterKey } from './encryption/master-key'
import type { SealedRest, Sealing } from './encryption/sealed-rest'
import { encodeHints, type StoredBlock, type StoredChunk, type StoredFrame } from './stored-block'
import { Encryption } from './encryption/encryption'
import { appendParity, type ParityOptions } from './protection/append-parity'
import { type ArchiveSink, type ArchiveSource, type Storage, unfinishedPath } from './storage'

/** Bytes between two copies of key slots: a sector of today's disks. */
const slotsDistance = 4096

/**
 * Writes frames and makes commits. The order is the protocol: frames, index, sync, footer, sync; only then is the new
 * state real. A new archive is written beside its target and renamed; an existing one is appended to behind its last byte,
 * so what was committed is never touched. After any failure {@link abort} restores the old state.
 */
export class ArchiveWriter {
  readonly archiveId: Uint8Array
  /** Of an encrypted archive. */
  readonly encryption: Encryption | undefined
  /** Marks what this writer seals; see lineage.ts. */
  readonly lineage = randomBytes(8).readBigUInt64LE()
  readonly #sink: ArchiveSink
  readonly #storage: Storage
  readonly #path: string
  /** For a new archive, where it will stand when it is finished. */
  readonly #target: string | undefined
  readonly #mayReplace: boolean
  readonly #startLength: number
  #previous: Footer | undefined
  /** Room for sealed frames. */
  #sealed: Uint8Array = new Uint8Array()

  private constructor(
    sink: ArchiveSink,
    storage: Storage,
    paths: { readonly path: string; readonly target?: string; readonly mayReplace?: boolean },
    state: {
      readonly archiveId: Uint8Array
      readonly previous: Footer | undefined
      readonly encryption: Encryption | undefined
    },
  ) {
    this.#sink = sink
    this.#storage = storage
    this.#path = paths.path
    this.#target = paths.target
    this.#mayReplace = paths.mayReplace ?? false
    this.#startLength = sink.position
    this.archiveId = state.archiveId
    this.#previous = state.previous
    this.encryption = state.encryption
  }

  /**
   * Starts a new archive beside `target`.
   * Starts a history of its own, so it gets an id of its own: frames of an earlier one cannot pass for its frames.
   * @param options.mayReplace whether something that stands at the target in the end may be replaced
   * @param options.masterKey for an encrypted one
   */
  static async create(
    target: string,
    storage: Storage,
    options: { readonly mayReplace: boolean; readonly masterKey?: MasterKey | undefined },
  ): Promise<ArchiveWriter> {
    const archiveId = randomBytes(16)
    const { mayReplace, masterKey } = options
    const encryption = masterKey && new Encryption(masterKey, archiveId)
    const path = unfinishedPath(target)
    const sink = await storage.createSink(path)
    const paths = { path, target, mayReplace }
    const writer = new ArchiveWriter(sink, storage, paths, { archiveId, previous: undefined, encryption })
    try {
      const keySlots = encryption === undefined ? 0 : headerLength
      await sink.append(encodeHeader({ ...writer.#version, archiveId, keySlots }))
      await writer.#writeKeySlots()
    } catch (cause) {
      await writer.abort()
      throw toLmzError(cause, `Cannot write ${basename(target)}`, target)
    }
    return writer
  }

  /** Starts a commit behind the end of an existing archive, whatever lies there. */
  static async append(path: string, storage: Storage, last: Footer, encryption?: Encryption): Promise<ArchiveWriter> {
    const sink = await storage.openForAppend(path)
    return new ArchiveWriter(sink, storage, { path }, { archiveId: last.archiveId, previous: last, encryption })
  }

  get #version() {
    const features = this.encryption === undefined ? 0 : featureFlags.encrypted
    return { major: formatMajor, minor: formatMinor, features }
  }

  get position(): number {
    return this.#sink.position
  }

  /** The file that is being written: an unfinished one, or the archive itself. */
  get path(): string {
    return this.#path
  }

  /** What sealed frames of this writer are marked with; nothing in an archive without a password. */
  get frameLineage(): bigint | undefined {
    return this.encryption === undefined ? undefined : this.lineage
  }

  get archiveTag(): number {
    return archiveTagOf(this.archiveId)
  }

  /** Opens the file for reading back what was written; the caller closes it. @throws LmzError `Io` */
  openWritten(): ArchiveSource {
    return this.#storage.openSource(this.#path)
  }

  /** Appends a block frame; its chunks lie in it one after the other. @returns the position of its header */
  async writeBlock(id: number, block: StoredBlock, chunks: readonly StoredChunk[]): Promise<number> {
    const hints = encodeHints(chunks)
    const fields = {
      type: frameTypes.block,
      codec: block.codec,
      kind: block.kind,
      id,
      rawLength: block.rawLength,
      trailerLength: hints.length,
      primer: block.primer ?? noPrimer,
      contentHash: block.contentHash,
    }
    return this.#writeFrame(fields, block.stored, hints, block.sealedRest)
  }

  /** What lets a worker seal a block of these chunks; nothing in an archive without a password. */
  sealing(chunks: readonly StoredChunk[]): Sealing | undefined {
    if (this.encryption === undefined) return undefined
    return { key: this.encryption.seal.data, lineage: this.lineage, trailer: encodeHints(chunks) }
  }

  /** Appends a primer frame; it comes before the blocks that need it. @returns the position of its header */
  async writePrimer(id: number, primer: StoredFrame): Promise<number> {
    const { codec, kind, rawLength, contentHash, stored } = primer
    return this.#writeFrame({ type: frameTypes.primer, codec, kind, id, rawLength, contentHash }, stored)
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
  async commit(index: IndexFrame, parity?: ParityOptions): Promise<Footer> {
    try {
      let footer = await this.#commitState(index, this.#previous?.parity)
      if (parity !== undefined) footer = await this.#commitState(index, await this.#appendParity(footer, parity))
      return await this.#finish(footer)
    } catch (cause) {
      throw toLmzError(cause, `Cannot write ${basename(this.#target ?? this.#path)}`, this.#target ?? this.#path)
    }
  }

  /**
   * Makes other key slots those of an encrypted archive, with its state as it is. There are two copies of them, with room between, so that
   * one damaged sector does not take both.
   * @param index of the commit before
   * @throws LmzError as {@link commit}
   */
  async commitKeySlots(index: Footer['index']): Promise<Footer> {
    try {
      await this.#writeKeySlots()
      await this.#sink.append(new Uint8Array(slotsDistance))
      const keySlots = await this.#writeKeySlots()
      return await this.#finish(await this.#commitFooter(this.#footerFor(index, keySlots, this.#previous?.parity)))
    } catch (cause) {
      throw toLmzError(cause, `Cannot write ${basename(this.#path)}`, this.#path)
    }
  }

  /** Syncs what comes before the footer, then the footer: that is the moment in which the commit happens. */
  async #commitFooter(footer: Footer): Promise<Footer> {
    await this.#sink.sync()
    await this.#sink.append(encodeFooter(footer))
    await this.#sink.sync()
    this.#previous = footer
    return footer
  }

  async #finish(footer: Footer): Promise<Footer> {
    await this.#sink.close()
    await this.#moveIntoPlace()
    this.#forgetOwnKeys()
    return footer
  }

  /** Undoes everything since the start: removes an unfinished file, or cuts an existing one back to its old length. */
  async abort(): Promise<void> {
    // Best effort: whatever cannot be undone lies behind the last footer, where readers ignore it.
    if (this.#target === undefined) await this.#sink.truncate(this.#startLength).catch(() => undefined)
    await this.#sink.close().catch(() => undefined)
    if (this.#target !== undefined) await this.#storage.remove(this.#path).catch(() => undefined)
    this.#forgetOwnKeys()
  }

  /** Those of an archive that is appended to belong to whoever has it open. */
  #forgetOwnKeys(): void {
    if (this.#target !== undefined) this.encryption?.forgetKeys()
  }

  async #moveIntoPlace(): Promise<void> {
    if (this.#target === undefined) return
    if (this.#mayReplace) await this.#storage.rename(this.#path, this.#target)
    else await this.#storage.renameNew(this.#path, this.#target)
  }

  async #commitState(index: IndexFrame, parity: ParityPlace | undefined): Promise<Footer> {
    const position = await this.#writeIndex(index, false)
    const keySlots = await this.#writeKeySlots()
    return this.#commitFooter(this.#footerFor(this.#named(position, index), keySlots, parity))
  }

  #appendParity(footer: Footer, options: ParityOptions): Promise<ParityPlace> {
    const target = { sink: this.#sink, storage: this.#storage, path: this.#path, name: this.#target ?? this.#path }
    return appendParity(target, footer, options)
  }

  /** How a footer names an index that was written at a position. */
  #named(position: number, { storedLength, contentHash }: IndexFrame): Footer['index'] {
    const plainLength = frameHeaderLength + storedLength
    if (this.encryption === undefined) return { position, length: plainLength, hash: contentHash }
    const hash = secretIndexHash(contentHash, this.encryption.keys.footers)
    return { position, length: frameHeaderLength + sealedLength(plainLength), hash }
  }

  #footerFor(
    index: Footer['index'],
    keySlots: { readonly position: number; readonly hash: Uint8Array },
    parity: ParityPlace | undefined,
  ): Footer {
    const previous = this.#previous
    const footer = {
      sequence: (previous?.sequence ?? 0) + 1,
      ...this.#version,
      archiveId: this.archiveId,
      index,
      previous:
        previous === undefined
          ? { position: 0, hash: new Uint8Array(16) }
          : { position: previous.position, hash: footerHash(previous) },
      position: this.#sink.position,
      timeMs: Date.now(),
      keySlots: keySlots.position,
      parity,
    }
    return this.encryption === undefined ? footer : sealFooter(footer, this.encryption.keys.footers, keySlots.hash)
  }

  /** Appends what the passwords of an encrypted archive open; nothing otherwise. */
  async #writeKeySlots(): Promise<{ readonly position: number; readonly hash: Uint8Array }> {
    if (this.encryption === undefined) return { position: 0, hash: new Uint8Array() }
    const { position } = this.#sink
    const { bytes, slots, generation } = this.encryption.masterKey
    const commitment = commitmentOf(bytes)
    const { frame, hash } = encodeKeySlots({ generation, archiveId: this.archiveId, commitment, slots })
    await this.#sink.append(frame)
    return { position, hash }
  }

  /** Appends a frame, sealed in an encrypted archive. @returns the position of its header */
  async #writeFrame(
    fields: Omit<FrameFields, 'archiveTag' | 'storedLength'>,
    stored: Uint8Array,
    trailer: Uint8Array = new Uint8Array(),
    rest?: SealedRest,
  ): Promise<number> {
    const { position } = this.#sink
    const storedLength = rest?.storedLength ?? stored.length
    const header = encodeFrameHeader({ ...fields, archiveTag: archiveTagOf(this.archiveId), storedLength })
    if (this.encryption === undefined) {
      await this.#sink.append(...[header, stored, trailer].filter(({ length }) => length > 0))
      return position
    }
    const plainLength = header.length + trailer.length + storedLength
    if (rest !== undefined) {
      const sealer = new FrameSealer(this.encryption.seal, plainLength, rest.head)
      const first = sealer.sealFirst(header, trailer.subarray(0, firstSegmentLength - header.length), stored)
      await this.#sink.append(...[rest.head, first, rest.sealed].filter(({ length }) => length > 0))
      return position
    }
    const sealer = FrameSealer.start(this.encryption.seal, plainLength, this.lineage)
    // Kept from frame to frame: buffers as large as blocks, made anew each time, would cost a collection every few dozen.
    const most = sealedLength(plainLength)
    if (this.#sealed.length < most) this.#sealed = Buffer.allocUnsafeSlow(most)
    const length = sealer.sealInto(this.#sealed, header, trailer, stored)
    await this.#sink.append(sealer.head, this.#sealed.subarray(0, length))
    return position
  }

  async #writeIndex(index: IndexFrame, isCheckpoint: boolean): Promise<number> {
    const { position } = this.#sink
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
    if (this.encryption === undefined) {
      await this.#sink.append(header)
      for await (const part of index.payload()) await this.#sink.append(part)
      return position
    }
    const sealer = FrameSealer.start(this.encryption.seal, header.length + index.storedLength, this.lineage)
    await this.#sink.append(sealer.head, sealer.push(header))
    for await (const part of index.payload()) await this.#sink.append(sealer.push(part))
    await this.#sink.append(sealer.finish())
    return position
  }
}

import { basename } from 'node:path'
import type { ArchiveInfo } from '../contract/archive-info'
import { isDamage, LmzError } from '../contract/error'
import { baseOfCodec } from '../codecs/registry'
import { formatBytes } from '../contract/format-bytes'
import type { Footer } from '../format/footer'
import { frameHeaderLength, hintLength } from '../format/frame'
import type { FrameSource } from '../format/frame-reader'
import { sealedLength } from '../format/seal'
import type { ArchiveIndex } from '../index/archive-index'
import type { Block } from '../index/rows'
import { commitBefore } from './encryption/authentic-commit'
import { baseRow, withBase } from './bases/base-block'
import { BlockNeeds } from './bases/block-needs'
import { type LoneLocation, readBlock, readHints } from './block-reader'
import { Lineages } from './encryption/lineage'
import { type FramePlaces, locateBlock, locatePrimer } from './locate-block'
import type { IndexedFrame } from './indexed-frame'
import type { Encryption } from './encryption/encryption'
import type { Patch } from './protection/patch'
import type { Stretch } from './protection/healer'
import { findHealed, type OpenedState } from './protection/open-healed'
import { PatchedSource } from './protection/patched-source'
import { describeHealed, type Repairs } from './protection/repairs'
import { RecentBytes } from './recent-bytes'
import { noteSeen } from './encryption/seen-states'
import { findSnapshot, findSnapshotForSalvage, type Snapshot } from './snapshot'
import { type ArchiveSource, diskStorage, type Storage } from './storage'
import type { BlockToRead, PrimerToRead, SourceToRead } from './workers/tasks'
import { namesOfFilesIn } from './files-in-blocks'
import type { UnlockOptions } from './encryption/unlock'
import { UnlockedStates } from './encryption/unlocked-states'

/** Bytes of decoded blocks that are kept. */
const mostCachedBytes = 64 * 1024 * 1024
/** By which threads tell archives apart; see {@link SourceToRead}. */
let openings = 0
/** Attempts to open an archive whose writer takes back its unfinished change at that very moment. */
const mostAttempts = 5

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
  /** Repairs what turns out to be damaged, in memory. */
  readonly repairs: Repairs
  /** Whether the state could only be had by repairing: it can be read, but not be built upon. */
  readonly isRepaired: boolean
  readonly #notices: readonly string[]
  readonly #healedBlocks = new Set<number>()
  readonly #blocks = new RecentBytes<number, Uint8Array>(mostCachedBytes)
  readonly #needs = new BlockNeeds()
  readonly #shift: number
  readonly #opening = ++openings
  readonly #lineages: Lineages | undefined

  private constructor(path: string, { snapshot, source, repairs, isRepaired }: OpenedState) {
    this.path = path
    this.source = source
    this.repairs = repairs
    this.isRepaired = isRepaired
    this.index = snapshot.index
    this.footer = snapshot.footer
    this.archiveTag = snapshot.archiveTag
    this.condition = snapshot.condition
    this.#notices = [...snapshot.notices, ...endNotices(source, snapshot, basename(path))]
    this.#shift = snapshot.shift
    if (source.encryption !== undefined) this.#lineages = new Lineages(snapshot.index.settings())
  }

  /**
   * Opens the newest state that is intact. Reading costs the last 208 bytes and the index; only behind damage are more
   * bytes looked at. Nothing is ever written.
   * @throws LmzError `NotFound`, `Io`, `Format` (not an archive), `Corrupt` (no state left: salvage may help),
   *   `Auth` (its password is missing or wrong, or it is not authentic), `Unsupported`, `Limit`
   */
  static open(path: string, storage: Storage = diskStorage, unlock: UnlockOptions = {}): Promise<Archive> {
    return Archive.#openWith(findSnapshot, path, storage, unlock)
  }

  /**
   * Opens the state that most can be saved of: also one that {@link open} does not take, because bytes were lost or inserted
   * before its end or its own index is damaged.
   * @throws LmzError as {@link open}
   */
  static openForSalvage(path: string, storage: Storage = diskStorage, unlock: UnlockOptions = {}): Promise<Archive> {
    return Archive.#openWith(findSnapshotForSalvage, path, storage, unlock)
  }

  static async #openWith(
    find: typeof findSnapshot,
    path: string,
    storage: Storage,
    unlock: UnlockOptions,
  ): Promise<Archive> {
    for (let attempt = 1; ; attempt++) {
      const file = storage.openSource(path)
      const states = new UnlockedStates(find, unlock)
      try {
        const state = await findHealed((source, name) => states.find(source, name), file, basename(path))
        states.forgetAllBut(state.source)
        return new Archive(path, state)
      } catch (cause) {
        const isTakenBack = file.hasShrunk()
        file.close()
        states.forgetAllBut()
        if (!isTakenBack || attempt === mostAttempts) throw cause
      }
    }
  }

  get name(): string {
    return basename(this.path)
  }

  /** Sentences for the user about what was found damaged, repaired or left over. */
  get notices(): readonly string[] {
    const { healer } = this.repairs
    const healed = healer === undefined ? undefined : describeHealed(healer)
    if (healed === undefined) return this.#notices
    const files = namesOfFilesIn(this.index, this.#healedBlocks)
    const affected = files === '' ? '' : ` It concerned ${files}.`
    const advice = `The archive itself was not changed; lmz repair ${this.name} <new archive> writes one that is whole.`
    return [...this.#notices, `Damage of ${this.name} was undone while reading: ${healed}.${affected} ${advice}`]
  }

  /** Of an encrypted archive: its keys. */
  get encryption(): Encryption | undefined {
    return this.source.encryption
  }

  /** Raw bytes of a block. @throws LmzError `Corrupt`, `Unsupported`, `Limit` */
  readBlock(id: number): Uint8Array {
    return this.#blocks.get(id, () => {
      const block = locateBlock(this.#places, this.index.block(id))
      try {
        return readBlock(this.source, withBase(this.#places, block), this.archiveTag, this.#needs)
      } catch (cause) {
        if (!isDamage(cause)) throw cause
        // Which base it needs may only be told when its own bytes are healed.
        for (const stretches of [this.#stretchesOf(block), this.#allStretchesOf(block)]) this.repairs.healNow(stretches)
        const patches = this.repairs.patches(this.#allStretchesOf(block))
        if (patches.length === 0) throw cause
        this.#healedBlocks.add(id)
        const healed = this.#patched(patches)
        return readBlock(healed, withBase(this.#places, block, healed), this.archiveTag, new BlockNeeds())
      }
    })
  }

  /**
   * Has a worker thread do something with a block. If the block is damaged, it is repaired as far as possible, and it is done again.
   * @throws LmzError as the task does; `Format` if the index lacks the block's primer
   */
  async withBlock<Result>(block: Block, task: (input: BlockToRead) => Promise<Result>): Promise<Result> {
    const located = locateBlock(this.#places, block)
    const stretches = () => this.#allStretchesOf(located)
    return this.#repairing(stretches, block.id, (source) => {
      const own = this.#patched(source.patches ?? [])
      return task({ ...source, block: withBase(this.#places, located, own) })
    })
  }

  /** Where a block lies. @throws LmzError `Format` if the index lacks its primer */
  locate(block: Block): LoneLocation {
    return locateBlock(this.#places, block)
  }

  /** The hints of a block's chunks, as {@link readHints}, after {@link withBlock} from what was repaired. */
  readHints(block: Block): BigInt64Array {
    const located = locateBlock(this.#places, block)
    const patches = this.repairs.patches(this.#stretchesOf(located))
    return readHints(this.#patched(patches), located)
  }

  /** The block that another is coded against, as {@link baseRow}. */
  baseOf(block: Block): ReturnType<typeof baseRow> {
    return baseOfCodec(block.codec) === undefined ? undefined : baseRow(this.#places, block)
  }

  /** The same with a primer. @throws LmzError as the task does; `Format` if the index lacks it */
  async withPrimer<Result>(id: number, task: (input: PrimerToRead) => Promise<Result>): Promise<Result> {
    const primer = locatePrimer(this.#places, id)
    const stretches = [stretchOf(primer, this.source.seal !== undefined)]
    return this.#repairing(
      () => stretches,
      undefined,
      (source) => task({ ...source, primer }),
    )
  }

  async #repairing<Result>(
    stretchesNow: () => readonly Stretch[],
    block: number | undefined,
    task: (source: SourceToRead) => Promise<Result>,
  ): Promise<Result> {
    const stretches = stretchesNow()
    const known = this.repairs.patches(stretches)
    try {
      return await task(this.#sourceToRead(known))
    } catch (cause) {
      if (!isDamage(cause)) throw cause
      await this.repairs.heal(stretches)
      // Which base it needs may only be told when its own bytes are healed.
      const needed = stretchesNow()
      if (needed.length > stretches.length) await this.repairs.heal(needed)
      const patches = this.repairs.patches(needed)
      if (patches.length === known.length) throw cause
      const result = await task(this.#sourceToRead(patches))
      if (block !== undefined) this.#healedBlocks.add(block)
      return result
    }
  }

  #sourceToRead(patches: readonly Patch[]): SourceToRead {
    const { descriptor, size: fileSize, seal } = this.source
    const keys = seal === undefined ? {} : { sealKey: seal.data }
    return { opening: this.#opening, descriptor, fileSize, archiveTag: this.archiveTag, patches, ...keys }
  }

  #patched(patches: readonly Patch[]): FrameSource {
    return patches.length === 0 ? this.source : new PatchedSource(this.source, this.source.size, patches)
  }

  #stretchesOf(block: LoneLocation & Pick<Block, 'chunkCount'>): readonly Stretch[] {
    return stretchesOf(block, this.source.seal !== undefined)
  }

  /** Those of its base too, as far as it can be told which that is from what has been healed. */
  #allStretchesOf(block: LoneLocation & Pick<Block, 'chunkCount'>): readonly Stretch[] {
    const own = this.#stretchesOf(block)
    if (baseOfCodec(block.codec) === undefined) return own
    const places = { ...this.#places, source: this.#patched(this.repairs.patches(own)) }
    const base = baseRow(places, this.index.block(block.id))
    return base === undefined ? own : [...own, ...this.#stretchesOf(locateBlock(this.#places, base))]
  }

  get #places(): FramePlaces {
    const { source, index, archiveTag } = this
    return { source, index, archiveTag, lineages: this.#lineages, shift: this.#shift }
  }

  /**
   * The chain of commits, newest first. A damaged predecessor ends it.
   */
  *commits(): Generator<Footer> {
    let footer = this.footer
    while (footer !== undefined) {
      yield footer
      footer = commitBefore(this.source, footer)
    }
  }

  /** @throws LmzError `Corrupt` for a state that can be read but must not be built upon */
  refuseIfDegraded(): void {
    if (this.isRepaired) {
      const message = `${this.name} is damaged, but can be repaired: lmz repair ${this.name} <new archive>. Nothing was changed.`
      throw new LmzError('Corrupt', message, { subject: this.path })
    }
    if (this.condition !== 'degraded') return
    const advice = 'Nothing was changed. Make a sound copy first: lmz salvage'
    throw new LmzError('Corrupt', `${this.notices.join(' ')} ${advice} ${this.name} <new archive>.`, {
      subject: this.path,
    })
  }

  /** An encrypted archive's keys are overwritten, too. */
  close(): void {
    this.index.close()
    this.repairs.close()
    this.source.close()
    this.encryption?.forget()
  }
}

/** What reading a block needs of the file. */
function stretchesOf(block: LoneLocation & Pick<Block, 'chunkCount'>, isSealed: boolean): readonly Stretch[] {
  const own = stretchOf(block, isSealed, block.chunkCount * hintLength)
  return block.primer === undefined ? [own] : [own, stretchOf(block.primer, isSealed)]
}

function stretchOf({ position, storedLength }: IndexedFrame, isSealed: boolean, trailerLength = 0): Stretch {
  const length = frameHeaderLength + storedLength + trailerLength
  return { position, length: isSealed ? frameHeaderLength + sealedLength(length) : length }
}

/**
 * Says what is wrong with the end of an archive: that a change was not finished or, of an encrypted one which this computer had open in a
 * newer state, that the end is damaged or that this is an older copy.
 */
function endNotices({ encryption }: ArchiveSource, snapshot: Snapshot, name: string): readonly string[] {
  const { footer, condition, newestSequence, tailBytes } = snapshot
  const tail = formatBytes(tailBytes)
  const unfinished =
    condition === 'torn' ? [`The last ${tail} of ${name} belong to no finished change and are ignored.`] : []
  if (encryption === undefined || footer === undefined) return unfinished
  const { sequence } = footer
  const seen = noteSeen(encryption.keys.record, sequence)
  // What is left of the newer state has been told of.
  if (seen <= Math.max(sequence, newestSequence)) return unfinished
  const states = `its change ${seen} was opened here before, and this is its change ${sequence}`
  if (tailBytes > 0) return [`The end of ${name} is damaged, its last ${tail} cannot be read: ${states}.`]
  return [`${name} is an older copy: ${states}. If you did not put it there, somebody else did.`]
}

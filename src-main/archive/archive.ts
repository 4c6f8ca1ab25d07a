import { basename } from 'node:path'
import type { ArchiveInfo } from '../contract/archive-info'
import { LmzError } from '../contract/error'
import { type Footer, footerHash, readFooter } from '../format/footer'
import { equalBytes } from '../format/frame'
import type { ArchiveIndex } from '../index/archive-index'
import type { Block } from '../index/rows'
import { readBlock } from './block-reader'
import { Lineages } from './lineage'
import { type FramePlaces, locateBlock, locatePrimer } from './locate-block'
import { PrimerCache } from './primer/reader'
import type { Protection } from './protection'
import { RecentBytes } from './recent-bytes'
import { authenticCommit } from './authentic-commit'
import { noteSeen } from './seen-states'
import { findSnapshot, findSnapshotForSalvage, type Snapshot } from './snapshot'
import { type ArchiveSource, diskStorage, type Storage } from './storage'
import type { BlockToRead, PrimerToRead, SourceToRead } from './tasks'
import { unlockSource, type UnlockOptions } from './unlock'

/** Bytes of decoded blocks that are kept. */
const mostCachedBytes = 64 * 1024 * 1024
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
  /** Sentences for the user about what was found damaged or left over. */
  readonly notices: readonly string[]
  readonly #blocks = new RecentBytes<number, Uint8Array>(mostCachedBytes)
  readonly #primers = new PrimerCache()
  readonly #shift: number
  readonly #lineages: Lineages | undefined

  private constructor(path: string, source: ArchiveSource, snapshot: Snapshot) {
    this.path = path
    this.source = source
    this.index = snapshot.index
    this.footer = snapshot.footer
    this.archiveTag = snapshot.archiveTag
    this.condition = snapshot.condition
    this.notices = [...snapshot.notices, ...rollbackNotices(source, snapshot, basename(path))]
    this.#shift = snapshot.shift
    if (source.protection !== undefined) this.#lineages = new Lineages(snapshot.index.settings())
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
      let source = file
      try {
        source = await unlockSource(file, basename(path), unlock)
        return new Archive(path, source, await find(source, basename(path)))
      } catch (cause) {
        const isTakenBack = file.hasShrunk()
        file.close()
        source.protection?.forget()
        if (!isTakenBack || attempt === mostAttempts) throw cause
      }
    }
  }

  get name(): string {
    return basename(this.path)
  }

  /** Of an encrypted archive: its keys. */
  get protection(): Protection | undefined {
    return this.source.protection
  }

  /** Raw bytes of a block. @throws LmzError `Corrupt`, `Unsupported`, `Limit` */
  readBlock(id: number): Uint8Array {
    return this.#blocks.get(id, () => {
      const block = locateBlock(this.#places, this.index.block(id))
      return readBlock(this.source, block, this.archiveTag, this.#primers)
    })
  }

  /** A block as a worker thread reads it. @throws LmzError `Format` if the index lacks its primer */
  blockToRead(block: Block): BlockToRead {
    return { ...this.#sourceToRead, block: locateBlock(this.#places, block) }
  }

  /** A primer as a worker thread reads it. @throws LmzError `Format` if the index lacks it */
  primerToRead(id: number): PrimerToRead {
    return { ...this.#sourceToRead, primer: locatePrimer(this.#places, id) }
  }

  get #sourceToRead(): SourceToRead {
    const { descriptor, size: fileSize, seal } = this.source
    return { descriptor, fileSize, archiveTag: this.archiveTag, ...(seal === undefined ? {} : { sealKey: seal.data }) }
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
      const { position, hash }: Footer['previous'] = footer.previous
      const previous = position === 0 ? undefined : readFooter(this.source, position)
      const isLinked = previous !== undefined && equalBytes(footerHash(previous), hash)
      footer = isLinked ? authenticCommit(this.source, previous) : undefined
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

  /** An encrypted archive's keys are overwritten, too. */
  close(): void {
    this.index.close()
    this.source.close()
    this.protection?.forget()
  }
}

/** Says if an encrypted archive was in a newer state when this computer last had it open. */
function rollbackNotices({ protection }: ArchiveSource, { footer }: Snapshot, name: string): readonly string[] {
  if (protection === undefined || footer === undefined) return []
  const { sequence } = footer
  const seen = noteSeen(protection.keys.record, sequence)
  if (seen <= sequence) return []
  const states = `its change ${seen} was opened here before, and this is its change ${sequence}`
  return [`${name} is an older copy: ${states}. If you did not put it there, somebody else did.`]
}

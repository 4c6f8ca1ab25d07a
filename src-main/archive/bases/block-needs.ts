import type { Base, Primer } from '../../codecs/codec'
import { LmzError } from '../../contract/error'
import type { FrameSource } from '../../format/frame-reader'
import type { IndexedFrame } from '../indexed-frame'
import { PrimerCache } from '../primer/reader'
import { RecentBytes } from '../recent-bytes'

const mostBaseBytes = 24 * 1024 * 1024
const mostKnownFaults = 1000

type KnownBase = Pick<Base, 'id' | 'hash' | 'bytes'>

/**
 * What blocks need beside their own bytes, primers and bases, for a thread that reads many blocks of one archive. The newest are kept decoded;
 * what cannot be decoded is kept in mind too: it may cost seconds, and each of its blocks asks for it.
 */
export class BlockNeeds {
  readonly #primers = new PrimerCache()
  readonly #bases = new RecentBytes<string, KnownBase>(mostBaseBytes)
  readonly #faults = new Map<string, LmzError>()

  /** @throws LmzError as {@link PrimerCache.get} */
  primer(source: FrameSource, location: IndexedFrame, archiveTag: number, neededBy: number): Primer {
    return this.#primers.get(source, location, archiveTag, neededBy)
  }

  /**
   * @param read reads and checks the base
   * @throws LmzError as `read`; the sentence says which block needs the base
   */
  base(location: IndexedFrame, archiveTag: number, neededBy: number, read: () => KnownBase): KnownBase {
    const { id, position, storedLength } = location
    const place = [archiveTag, id, position, storedLength].join(' ')
    try {
      const fault = this.#faults.get(place)
      if (fault !== undefined) throw fault
      return this.#bases.get(place, read)
    } catch (cause) {
      if (!(cause instanceof LmzError) || cause.code === 'Io') throw cause
      if (this.#faults.size < mostKnownFaults) this.#faults.set(place, cause)
      const message = `${cause.message} Block ${neededBy} cannot be read without it.`
      const { reason } = cause
      throw new LmzError(cause.code, message, { offset: position, cause, ...(reason === undefined ? {} : { reason }) })
    }
  }
}

import type { Primer } from '../../codecs/codec'
import { codecByNumber } from '../../codecs/registry'
import { contentKindOf } from '../../contract/content-kind'
import { LmzError } from '../../contract/error'
import { contentHashOf, equalBytes, frameTypes } from '../../format/frame'
import { type FrameSource, readFrame } from '../../format/frame-reader'
import { type IndexedFrame, isHeaderOf } from '../indexed-frame'
import { RecentBytes } from '../recent-bytes'

/** A primer as it lies in an archive. */
export interface StoredPrimer extends Primer {
  readonly stored: Uint8Array
  readonly contentHash: Uint8Array
}

/**
 * Reads, decodes and checks a primer: one ranged read of its frame.
 * @throws LmzError `Corrupt` when the frame disagrees with the index or the bytes with their hash; `Unsupported`, `Limit`
 */
export function readPrimer(source: FrameSource, primer: IndexedFrame, archiveTag: number): StoredPrimer {
  const { id, position } = primer
  const frame = readFrame(source, position)
  const { header } = frame
  if (!isHeaderOf(primer, frameTypes.primer, archiveTag, header)) {
    throw new LmzError('Corrupt', `Primer ${id} is not what the index says it is.`, { offset: position })
  }
  return decodePrimer(frame.payload(), header, position)
}

/** Decodes a primer's payload and checks it against the frame's content hash. @throws LmzError as {@link readPrimer} */
export function decodePrimer(
  stored: Uint8Array,
  header: Pick<IndexedFrame, 'id' | 'codec' | 'kind' | 'rawLength'> & { readonly contentHash: Uint8Array },
  position: number,
): StoredPrimer {
  const { contentHash } = header
  const isDamaged = `Primer ${header.id} at byte ${position} is damaged.`
  try {
    // A primer is coded without one: so none can need itself.
    const bytes = codecByNumber(header.codec).decode(stored, header.rawLength, { kind: contentKindOf(header.kind) })
    if (equalBytes(contentHashOf(bytes), contentHash))
      return { key: primerKey(contentHash), bytes, stored, contentHash }
    throw new LmzError('Corrupt', isDamaged, { offset: position })
  } catch (cause) {
    if (cause instanceof LmzError && cause.code !== 'Corrupt') throw cause
    throw new LmzError('Corrupt', isDamaged, { offset: position, cause })
  }
}

/** Equal for primers of equal bytes alone. */
export function primerKey(contentHash: Uint8Array): string {
  return Buffer.from(contentHash.buffer, contentHash.byteOffset, contentHash.length).toString('hex')
}

const mostCachedBytes = 8 * 1024 * 1024
const mostKnownFaults = 1000

/**
 * Keeps the newest primers of one archive decoded, for a thread that reads many blocks. What cannot be decoded is kept in
 * mind too: a damaged primer may cost a second, and each of its blocks asks for it.
 */
export class PrimerCache {
  readonly #primers = new RecentBytes<string, Primer>(mostCachedBytes)
  readonly #faults = new Map<string, LmzError>()

  /** @throws LmzError as {@link readPrimer}; the sentence says which block needs the primer */
  get(source: FrameSource, location: IndexedFrame, archiveTag: number, neededBy: number): Primer {
    const { id, position, storedLength } = location
    const place = [archiveTag, id, position, storedLength].join(' ')
    try {
      const fault = this.#faults.get(place)
      if (fault !== undefined) throw fault
      return this.#primers.get(place, () => {
        const { key, bytes } = readPrimer(source, location, archiveTag)
        return { key, bytes }
      })
    } catch (cause) {
      if (!(cause instanceof LmzError) || cause.code === 'Io') throw cause
      if (this.#faults.size < mostKnownFaults) this.#faults.set(place, cause)
      const message = `${cause.message} Block ${neededBy} cannot be read without it.`
      const { reason } = cause
      throw new LmzError(cause.code, message, { offset: position, cause, ...(reason === undefined ? {} : { reason }) })
    }
  }
}

import type { Primer } from '../../codecs/codec'
import { LmzError } from '../../contract/error'
import { maximumPrimerLength, noPrimer } from '../../format/frame'
import { readFrame } from '../../format/frame-reader'
import type { ScannedFrame } from '../../format/scan'
import type { ArchiveSource } from '../storage'
import type { StoredFrame } from '../stored-block'
import { decodePrimer } from './reader'

/** A primer that turned up in a scan, decoded. */
export interface FoundPrimer extends Primer {
  readonly frame: StoredFrame
}

/** Bounds what a file that claims to have millions of primers costs. */
const mostPrimers = 65_536
const mostOfOneId = 16

/**
 * The primers met so far in a scan of frames. An id may come more than once, behind a change that was never finished: then
 * only the block's own hash tells which is the right one, and the nearest is the likeliest.
 */
export class FoundPrimers {
  readonly #source: ArchiveSource
  readonly #framesById = new Map<number, ScannedFrame[]>()
  #count = 0
  /** The one that was decoded last: mostly, the next block needs the same. */
  #recent: { readonly position: number; readonly primer: FoundPrimer } | undefined

  constructor(source: ArchiveSource) {
    this.#source = source
  }

  note(frame: ScannedFrame): void {
    const { id, rawLength, storedLength } = frame.header
    const isValid = rawLength > 0 && Math.max(rawLength, storedLength) <= maximumPrimerLength
    if (!isValid || this.#count++ >= mostPrimers) return
    const others = this.#framesById.get(id)
    if (others === undefined) this.#framesById.set(id, [frame])
    else others.push(frame)
  }

  /** What a block with this primer id may start from, the likeliest first; for the id of none, that is nothing. */
  *candidates(id: number): Generator<FoundPrimer | undefined> {
    if (id === noPrimer) {
      yield undefined
      return
    }
    for (const frame of (this.#framesById.get(id) ?? []).slice(-mostOfOneId).reverse()) {
      const primer = this.#decode(frame)
      if (primer !== undefined) yield primer
    }
  }

  #decode({ header, position }: ScannedFrame): FoundPrimer | undefined {
    if (this.#recent?.position === position) return this.#recent.primer
    try {
      const { codec, kind, rawLength } = header
      const payload = readFrame(this.#source, position).payload()
      const { key, bytes, stored, contentHash } = decodePrimer(payload, header, position)
      const primer = { key, bytes, frame: { codec, kind, rawLength, contentHash, stored } }
      this.#recent = { position, primer }
      return primer
    } catch (cause) {
      if (cause instanceof LmzError && cause.code !== 'Io') return undefined
      throw cause
    }
  }
}

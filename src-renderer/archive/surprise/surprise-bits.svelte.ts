import { LmzError } from '../../../src-main/contract/error'
import type { SurpriseMap } from '../../../src-main/contract/insight'

/** Bytes of one question. A block is measured from its start, so that many small questions would cost more than few large ones. */
const bytesAQuestion = 256 * 1024
/** Maps that are kept: some 20 MB with their bytes and bits. */
const mapsKept = 16

/** Asks what a stretch of the file cost; the answer may end earlier. */
export type AskSurprise = (offset: number, length: number) => Promise<SurpriseMap>

/** What the bytes of a file cost, as far as it has been asked for: only the newest wish counts, and one question is under way at a time. */
export class SurpriseBits {
  /** What has been answered: another array with each answer, so that what was drawn of it is drawn anew. */
  maps = $state.raw<readonly SurpriseMap[]>([])
  isMeasuring = $state(false)
  problem = $state.raw<unknown>()
  #wanted: { readonly from: number; readonly to: number } | undefined
  #isClosed = false

  constructor(
    private readonly size: number,
    private readonly ask: AskSurprise,
  ) {}

  /** Has the bytes of a stretch measured that are not known yet. */
  want(from: number, to: number): void {
    this.#wanted = { from: Math.max(0, from), to: Math.min(to, this.size) }
    if (!this.isMeasuring && this.problem === undefined) void this.#measure()
  }

  /** Thousandths of a bit that a byte cost; undefined while nobody knows. */
  at(offset: number): number | undefined {
    const map = this.mapAt(offset)
    return map?.milliBits[offset - map.offset]
  }

  mapAt(offset: number): SurpriseMap | undefined {
    return this.maps.find((map) => offset >= map.offset && offset < map.offset + map.milliBits.length)
  }

  /** What the known bytes of a stretch cost together. */
  sum(from: number, to: number): { readonly bytes: number; readonly bits: number } {
    let [bytes, milliBits] = [0, 0]
    for (const map of this.maps) {
      const end = Math.min(to, map.offset + map.milliBits.length)
      for (let offset = Math.max(from, map.offset); offset < end; offset++) {
        bytes++
        milliBits += map.milliBits[offset - map.offset] ?? 0
      }
    }
    return { bytes, bits: milliBits / 1000 }
  }

  close(): void {
    this.#isClosed = true
    this.#wanted = undefined
  }

  async #measure(): Promise<void> {
    this.isMeasuring = true
    try {
      for (let next = this.#firstUnknown(); next !== undefined; next = this.#firstUnknown()) {
        const map = await this.ask(next, bytesAQuestion).catch((error: unknown) => {
          // Broken off for the sake of another question: it is asked again if it is still wanted.
          if (error instanceof LmzError && error.code === 'Cancelled') return undefined
          throw error
        })
        if (this.#isClosed) return
        if (map === undefined) continue
        if (map.milliBits.length === 0) throw new LmzError('Corrupt', 'Nothing is known about these bytes.')
        this.maps = [...this.maps, { ...map, milliBits: wordsOf(map.milliBits) }].slice(-mapsKept)
      }
    } catch (error) {
      if (!this.#isClosed) this.problem = error
    } finally {
      this.isMeasuring = false
    }
  }

  #firstUnknown(): number | undefined {
    if (this.#wanted === undefined) return undefined
    const { from, to } = this.#wanted
    let offset = from
    for (let map = this.mapAt(offset); map !== undefined && offset < to; map = this.mapAt(offset)) {
      offset = map.offset + map.milliBits.length
    }
    return offset < to ? offset : undefined
  }
}

/** MessagePack knows bytes alone: what were words before it are words again. */
function wordsOf(milliBits: Uint32Array | Uint8Array): Uint32Array {
  if (milliBits instanceof Uint32Array) return milliBits
  // Their place among other bytes may be no multiple of four.
  return new Uint32Array(milliBits.slice().buffer)
}

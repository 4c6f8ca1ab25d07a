import { LmzError } from '../../../src-main/contract/error'
import type { SurpriseMap } from '../../../src-main/contract/insight'
import type { MeasuringPace } from './measuring-pace'

/** Bytes of one question: no more than what is in sight and a little below it, since a block is measured from its start up to there. */
const bytesAQuestion = 32 * 1024
/** Maps that are kept: some 10 MB with their bytes and bits. */
const mapsKept = 64
/** Milliseconds that a question may still take when another block is in sight: breaking it off costs a new thread with its models. */
const patienceMs = 800

/** Asks what a stretch of the file cost; the answer may end earlier. */
export type AskSurprise = (offset: number, length: number) => Promise<SurpriseMap>

/** A block of the file, as far as it is known before it is measured. */
export interface BlockAhead {
  readonly block: number
  /** Of the whole block: what takes time. */
  readonly rawBytes: number
  /** Where the file's bytes in it begin and end. */
  readonly from: number
  readonly to: number
}

/** The question that is under way. */
export interface Asked {
  readonly offset: number
  /** As `performance.now()`. */
  readonly since: number
}

interface Stretch {
  readonly from: number
  readonly to: number
}

/**
 * What the bytes of a file cost, as far as it has been asked for: only what is in sight is, the newest wish counts, and one question is under way at a time.
 */
export class SurpriseBits {
  /** What has been answered: another array with each answer, so that what was drawn of it is drawn anew. */
  maps = $state.raw<readonly SurpriseMap[]>([])
  asked = $state.raw<Asked | undefined>()
  /** Whether it was told to stop: then nothing is asked until it may go on. */
  isStopped = $state(false)
  problem = $state.raw<unknown>()
  /** The blocks of the file, once they are known. */
  blocks = $state.raw<readonly BlockAhead[]>([])
  #wanted: Stretch | undefined
  #patience: ReturnType<typeof setTimeout> | undefined
  #isClosed = false

  constructor(
    private readonly size: number,
    private readonly ask: AskSurprise,
    /** Breaks off the question that is under way: it fails with `Cancelled`. */
    private readonly breakOff: () => void = () => undefined,
    private readonly pace?: MeasuringPace,
  ) {}

  get isMeasuring(): boolean {
    return this.asked !== undefined
  }

  /** The block that is being measured. */
  get measured(): BlockAhead | undefined {
    return this.asked === undefined ? undefined : this.#blockAt(this.asked.offset)
  }

  /** Has the bytes of a stretch measured that are not known yet. */
  want(from: number, to: number): void {
    this.#wanted = { from: Math.max(0, from), to: Math.min(to, this.size) }
    if (this.isStopped || this.problem !== undefined) return
    if (this.asked === undefined) void this.#measure()
    else this.#breakOffWhatIsPast()
  }

  /** Breaks off what is under way; what is known stays. */
  stop(): void {
    if (this.asked === undefined) return
    this.isStopped = true
    this.#cancel()
  }

  /** Measures again what is wanted by now. */
  goOn(): void {
    this.isStopped = false
    if (this.asked === undefined && this.problem === undefined) void this.#measure()
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
    if (this.asked !== undefined) this.#cancel()
  }

  async #measure(): Promise<void> {
    try {
      for (let next = this.#firstUnknown(); next !== undefined; next = this.#firstUnknown()) {
        const map = await this.#askAt(next)
        if (this.#isClosed) return
        if (map?.milliBits.length === 0) throw new LmzError('Corrupt', 'Nothing is known about these bytes.')
        if (map !== undefined)
          this.maps = [...this.maps, { ...map, milliBits: wordsOf(map.milliBits) }].slice(-mapsKept)
        if (this.isStopped) return
      }
    } catch (error) {
      if (!this.#isClosed) this.problem = error
    } finally {
      this.asked = undefined
      clearTimeout(this.#patience)
      this.#patience = undefined
    }
    // It may go on since it was broken off.
    if (!this.#isClosed && !this.isStopped && this.problem === undefined && this.#firstUnknown() !== undefined)
      void this.#measure()
  }

  /** @returns undefined if it was broken off: it is asked again if it is still wanted */
  async #askAt(offset: number): Promise<SurpriseMap | undefined> {
    const since = performance.now()
    this.asked = { offset, since }
    try {
      const map = await this.ask(offset, bytesAQuestion)
      this.pace?.note(map.model, map.block.rawBytes, (performance.now() - since) / 1000)
      return map
    } catch (error) {
      if (error instanceof LmzError && error.code === 'Cancelled') return undefined
      throw error
    }
  }

  /** What is scrolled to must not wait for a block that is no longer in sight. */
  #breakOffWhatIsPast(): void {
    const { measured } = this
    const next = this.#firstUnknown()
    const isPast = measured !== undefined && (next === undefined || next < measured.from || next >= measured.to)
    if (!isPast) {
      clearTimeout(this.#patience)
      this.#patience = undefined
    } else this.#patience ??= setTimeout(() => this.#cancel(), patienceMs)
  }

  #cancel(): void {
    clearTimeout(this.#patience)
    this.#patience = undefined
    this.breakOff()
  }

  #blockAt(offset: number): BlockAhead | undefined {
    return this.blocks.find(({ from, to }) => offset >= from && offset < to)
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

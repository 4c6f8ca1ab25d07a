import { codecName } from '../codecs/registry'
import { delta } from '../codecs/delta/delta'
import { float, thorough } from '../codecs/float/float'
import { mix } from '../codecs/mix/mix'
import { neural } from '../codecs/neural/neural'
import { presets } from '../codecs/presets'
import type { ContentKind } from '../contract/content-kind'
import type { ArchiveIndex } from '../index/archive-index'
import { presetOf } from './settings'
import type { TaskWatch } from './workers/worker-pool'

/** What a byte costs beside its codec: reading, hashing, writing. In milliseconds, of one thread. */
const handlingMs = 3e-6
/** Bytes of a sort from which on its measured cost is trusted. */
const leastMeasured = 256 * 1024
/**
 * What bytes of a kind cost, compared with text or code: what is compressed already is recognised and stored as it is, numbers are mostly left to a quicker model, and for
 * programs and numbers more transforms are tried.
 */
const relativeCosts: Partial<Record<ContentKind, number>> = {
  media: 0.15,
  compressed: 0.15,
  executable: 1.3,
  tensor: 0.5,
  image: 1.3,
}
/**
 * Of a byte that a codec decodes; those that are not listed are done with theirs at once. In milliseconds; test/bench/decoding.ts measures
 * them. Of float, this is the thorough way: numbers of four bytes take a third of it, such that were computed twice as much.
 */
const decodingMs: ReadonlyMap<string, number> = new Map([
  [mix.name, 1e-3],
  [float.name, 3e-4],
  [delta.name, 6e-6],
  [neural.name, 1.6e-2],
])
/** The same of a codec's quick way, where it has one. */
const quickDecodingMs = 2e-6

/**
 * Milliseconds of one thread for a raw byte of a block that is decoded and written, without what the block is decoded with.
 * @param codec its number
 * @param isQuick whether it is known to have been coded in the codec's quick way
 */
export function typicalDecodingMs(codec: number, isQuick = false): number {
  return (isQuick ? quickDecodingMs : (decodingMs.get(codecName(codec)) ?? 0)) + handlingMs
}

/** Milliseconds at the typical pace that all work is taken to have begun with: the first small task says little. */
const typicalStart = 100
/** A task that takes longer than expected is never counted as all done before it is. */
const mostOfTask = 0.95

/**
 * How much of the work of a job is done, weighed by what bytes of each sort have cost so far. Bytes alone mislead: a model takes a
 * second for a megabyte of text, and next to nothing for a film behind it.
 */
export class WorkCosts<Sort extends string> {
  readonly #expected: ReadonlyMap<Sort, number>
  readonly #typicalMs: (sort: Sort) => number
  readonly #done = new Map<Sort, Spent>()
  readonly #underWay = new Set<Task<Sort>>()

  /**
   * @param expected bytes of each sort there are likely to be; only their proportions count
   * @param typicalMs what a byte of a sort costs on some computer: until it is measured, that tells how it compares with other sorts
   */
  constructor(expected: ReadonlyMap<Sort, number>, typicalMs: (sort: Sort) => number = () => 0) {
    this.#expected = expected
    this.#typicalMs = typicalMs
  }

  /** Bytes were dealt with, be it by leaving them to an equal piece. */
  bytesDone(sort: Sort, bytes: number): void {
    this.#of(sort).bytes += bytes
  }

  /** Follows a task that is about bytes of a sort: what it takes is what they cost. */
  watch(sort: Sort, bytes: number): TaskWatch {
    const task = { sort, bytes, startedAt: 0 }
    return {
      started: () => {
        task.startedAt = performance.now()
        this.#underWay.add(task)
      },
      ended: () => {
        if (this.#underWay.delete(task)) this.#of(sort).milliseconds += performance.now() - task.startedAt
        // Its bytes count as done a little later, when they are written; a price needs both.
        this.#of(sort).priced += bytes
      },
    }
  }

  /**
   * The share of the work that is done, 0 to 1, when so many bytes are; what threads are at counts for the time they have been at it.
   * At the end, when some of them have nothing left to do, it goes by the longest task.
   */
  share(bytesDone: number, bytesTotal: number, threads: number): number {
    const bytesLeft = bytesTotal - bytesDone
    if (bytesLeft <= 0) return 1
    let doneCost = 0
    for (const [sort, { bytes }] of this.#done) doneCost += bytes * this.#costOf(sort)
    let [expectedLeft, leftCost] = [0, 0]
    for (const [sort, expected] of this.#expected) {
      const bytes = Math.max(0, expected - (this.#done.get(sort)?.bytes ?? 0))
      expectedLeft += bytes
      leftCost += bytes * this.#costOf(sort)
    }
    if (expectedLeft > 0) leftCost *= bytesLeft / expectedLeft
    else leftCost = bytesLeft * this.#averageCost()
    const underWay = this.#costUnderWay()
    const done = doneCost + Math.min(underWay.spent, leftCost)
    const left = Math.max(doneCost + leftCost - done, underWay.longestLeft * threads)
    return done / (done + left)
  }

  #costUnderWay(): { readonly spent: number; readonly longestLeft: number } {
    const now = performance.now()
    let [spent, longestLeft] = [0, 0]
    for (const { sort, bytes, startedAt } of this.#underWay) {
      const expected = bytes * this.#costOf(sort)
      const soFar = Math.min(now - startedAt, expected * mostOfTask)
      spent += soFar
      longestLeft = Math.max(longestLeft, expected - soFar)
    }
    return { spent, longestLeft }
  }

  #of(sort: Sort): Spent {
    const known = this.#done.get(sort) ?? { bytes: 0, priced: 0, milliseconds: 0 }
    this.#done.set(sort, known)
    return known
  }

  /** Milliseconds for a byte; what equal pieces saved makes them cheaper. */
  #costOf(sort: Sort): number {
    const spent = this.#done.get(sort)
    if (spent !== undefined && spent.priced >= leastMeasured) return priceOf(spent) + handlingMs
    return this.#typicalMs(sort) * this.#slowness() + handlingMs
  }

  /** How much longer everything took so far than it typically does. */
  #slowness(): number {
    let [took, typical] = [typicalStart, typicalStart]
    for (const [sort, spent] of this.#done) {
      took += spent.milliseconds
      typical += this.#typicalMs(sort) * Math.max(spent.bytes, spent.priced)
    }
    return took / typical
  }

  /** Of all that was done so far. */
  #averageCost(): number {
    const sum = { bytes: 0, priced: 0, milliseconds: 0 }
    for (const { bytes, priced, milliseconds } of this.#done.values()) {
      sum.bytes += bytes
      sum.priced += priced
      sum.milliseconds += milliseconds
    }
    return priceOf(sum) + handlingMs
  }
}

interface Spent {
  /** All that is done with. */
  bytes: number
  /** What threads have worked for; less where equal pieces were left to others, more while some of it is not written. */
  priced: number
  milliseconds: number
}

interface Task<Sort> {
  readonly sort: Sort
  readonly bytes: number
  startedAt: number
}

function priceOf({ bytes, priced, milliseconds }: Spent): number {
  const most = Math.max(bytes, priced)
  return most === 0 ? 0 : milliseconds / most
}

/** The costs of packing, by kind of content. @param typicalMs of a byte of text */
export function costsOfPacking(expected: ReadonlyMap<ContentKind, number>, typicalMs: number): WorkCosts<ContentKind> {
  return new WorkCosts(expected, (kind) => typicalMs * (relativeCosts[kind] ?? 1))
}

/** The costs of going through all blocks of an archive, by the names of their codecs. */
export function costsOfBlocks(index: ArchiveIndex): WorkCosts<string> {
  const bytes = new Map<string, number>()
  for (const { codec, rawLength } of index.blocks()) {
    const name = codecName(codec)
    bytes.set(name, (bytes.get(name) ?? 0) + rawLength)
  }
  const { candidates } = presets[presetOf(index)]
  const isFloatQuick = candidates.some(({ codec, effort }) => codec === float && effort < thorough)
  const codecMs = (codec: string): number => decodingMs.get(codec) ?? 0
  return new WorkCosts(bytes, (codec) => (isFloatQuick && codec === float.name ? quickDecodingMs : codecMs(codec)))
}

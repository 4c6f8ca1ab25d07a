import { codecName } from '../codecs/registry'
import { store } from '../codecs/store/store'
import type { ContentKind } from '../contract/content-kind'
import type { ArchiveIndex } from '../index/archive-index'
import type { TaskWatch } from './worker-pool'

/** What a byte costs beside its codec: reading, hashing, writing. In milliseconds, of one thread. */
const handlingMs = 3e-6
/** Bytes of a sort from which on its measured cost is trusted. */
const leastMeasured = 256 * 1024
/** What is compressed already is recognised and stored as it is: until it is measured, it is taken to cost so much of other data. */
const shareOfCompressed = 0.1

/** A task that takes longer than expected is never counted as all done before it is. */
const mostOfTask = 0.95

/**
 * How much of the work of a job is done, weighed by what bytes of each sort have cost so far. Bytes alone mislead: a model takes a
 * second for a megabyte of text, and next to nothing for a film behind it.
 */
export class WorkCosts<Sort extends string> {
  readonly #expected: ReadonlyMap<Sort, number>
  readonly #done = new Map<Sort, Spent>()
  readonly #underWay = new Set<Task<Sort>>()

  /** @param expected bytes of each sort there are likely to be; only their proportions count */
  constructor(expected: ReadonlyMap<Sort, number>) {
    this.#expected = expected
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

  /** The share of the work that is done, 0 to 1, when so many bytes are; what threads are at counts for the time they have been at it. */
  share(bytesDone: number, bytesTotal: number): number {
    const left = bytesTotal - bytesDone
    if (left <= 0) return 1
    let doneCost = 0
    for (const [sort, { bytes }] of this.#done) doneCost += bytes * this.#costOf(sort)
    let leftBytes = 0
    let leftCost = 0
    for (const [sort, expected] of this.#expected) {
      const bytes = Math.max(0, expected - (this.#done.get(sort)?.bytes ?? 0))
      leftBytes += bytes
      leftCost += bytes * this.#costOf(sort)
    }
    if (leftBytes > 0) leftCost *= left / leftBytes
    else leftCost = left * this.#averageCost()
    if (doneCost === 0 && this.#averageCost() === handlingMs) return 0
    const underWay = Math.min(this.#costUnderWay(), leftCost)
    return (doneCost + underWay) / (doneCost + leftCost)
  }

  #costUnderWay(): number {
    const now = performance.now()
    let cost = 0
    for (const { sort, bytes, startedAt } of this.#underWay) {
      cost += Math.min(now - startedAt, bytes * this.#costOf(sort) * mostOfTask)
    }
    return cost
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
    return this.#averageCost() * (isCompressed(sort) ? shareOfCompressed : 1)
  }

  /** Of what is not compressed already, if there was any. */
  #averageCost(): number {
    const sum = { bytes: 0, priced: 0, milliseconds: 0 }
    for (const [sort, { bytes, priced, milliseconds }] of this.#done) {
      if (isCompressed(sort)) continue
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

/** The costs of going through all blocks of an archive, by the names of their codecs. */
export function costsOfBlocks(index: ArchiveIndex): WorkCosts<string> {
  const bytes = new Map<string, number>()
  for (const { codec, rawLength } of index.blocks()) {
    const name = codecName(codec)
    bytes.set(name, (bytes.get(name) ?? 0) + rawLength)
  }
  return new WorkCosts(bytes)
}

function isCompressed(sort: string): boolean {
  return (
    sort === ('media' satisfies ContentKind) || sort === ('compressed' satisfies ContentKind) || sort === store.name
  )
}

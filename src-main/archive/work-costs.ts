import { codecName } from '../codecs/registry'
import { store } from '../codecs/store/store'
import type { ContentKind } from '../contract/content-kind'
import type { ArchiveIndex } from '../index/archive-index'

/** What a byte costs beside its codec: reading, hashing, writing. In milliseconds, of one thread. */
const handlingMs = 3e-6
/** Bytes of a sort from which on its measured cost is trusted. */
const leastMeasured = 256 * 1024
/** What is compressed already is recognised and stored as it is: until it is measured, it is taken to cost so much of other data. */
const shareOfCompressed = 0.1

/**
 * How much of the work of a job is done, weighed by what bytes of each sort have cost so far. Bytes alone mislead: a model takes a
 * second for a megabyte of text, and next to nothing for a film behind it.
 */
export class WorkCosts<Sort extends string> {
  readonly #expected: ReadonlyMap<Sort, number>
  readonly #done = new Map<Sort, { bytes: number; milliseconds: number }>()

  /** @param expected bytes of each sort there are likely to be; only their proportions count */
  constructor(expected: ReadonlyMap<Sort, number>) {
    this.#expected = expected
  }

  /** Bytes were dealt with, be it by leaving them to an equal piece. */
  bytesDone(sort: Sort, bytes: number): void {
    this.#of(sort).bytes += bytes
  }

  /** A thread has worked so long for bytes of a sort. */
  timeSpent(sort: Sort, milliseconds: number): void {
    this.#of(sort).milliseconds += milliseconds
  }

  /** The share of the work that is done, 0 to 1, when so many bytes are. */
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
    return doneCost === 0 ? 0 : doneCost / (doneCost + leftCost)
  }

  #of(sort: Sort): { bytes: number; milliseconds: number } {
    const known = this.#done.get(sort) ?? { bytes: 0, milliseconds: 0 }
    this.#done.set(sort, known)
    return known
  }

  /** Milliseconds for a byte. */
  #costOf(sort: Sort): number {
    const { bytes = 0, milliseconds = 0 } = this.#done.get(sort) ?? {}
    if (bytes >= leastMeasured) return milliseconds / bytes + handlingMs
    return this.#averageCost() * (isCompressed(sort) ? shareOfCompressed : 1)
  }

  /** Of what is not compressed already, if there was any. */
  #averageCost(): number {
    let [bytes, milliseconds] = [0, 0]
    for (const [sort, done] of this.#done) {
      if (isCompressed(sort)) continue
      bytes += done.bytes
      milliseconds += done.milliseconds
    }
    return (bytes === 0 ? 0 : milliseconds / bytes) + handlingMs
  }
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

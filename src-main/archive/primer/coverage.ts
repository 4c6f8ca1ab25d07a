/**
 * Which stretches of a sample say most about all of it. The idea is that of the COVER algorithm behind zstd's dictionaries
 * (Liao, Petri, Moffat, Wirth: Effective Construction of Relative Lempel-Ziv Dictionaries, WWW 2016): a shingle of some bytes
 * is worth as much as there are pieces of the sample in which it occurs; a segment is worth the shingles in it that no chosen
 * segment has. Segments are chosen greedily; since what a segment is worth only ever falls, most need not be looked at again.
 */

/** A stretch of the sample. */
export interface Segment {
  readonly start: number
  readonly end: number
}

const shingleLength = 8
const hashBits = 21
/** A quarter of the shingles, chosen by their hashes, say the same as all of them, in a quarter of the time. */
const defaultSparsity = 4
const notLooked = 0xffffffff
const segmentLength = 1024
/** Of a shingle on average. Below that, what seems to occur twice are shingles that share a hash. */
const leastWorth = 1 / 4

/**
 * @param bytes the sample
 * @param pieces stretches of it, each from another place of the data
 * @param limit bytes of segments to choose
 * @param sparsity one shingle in so many is looked at, a power of two
 * @returns the segments, the most valuable first; none that has nothing in common with another piece
 */
export function chooseSegments(
  bytes: Uint8Array,
  pieces: readonly Segment[],
  limit: number,
  sparsity: number = defaultSparsity,
): Segment[] {
  const shingles = new Shingles(bytes, pieces, sparsity)
  const queue = new SegmentQueue()
  for (const { start, end } of pieces) {
    for (let at = start; at < end; at += segmentLength) {
      const segment = { start: at, end: Math.min(end, at + segmentLength) }
      queue.push(segment, shingles.worthOf(segment))
    }
  }
  const chosen: Segment[] = []
  let total = 0
  for (let best = queue.pop(); best !== undefined && total < limit; best = queue.pop()) {
    const { segment } = best
    const present = shingles.worthOf(segment)
    if (present < ((segment.end - segment.start) / sparsity) * leastWorth) continue
    if (present < queue.best()) {
      queue.push(segment, present)
      continue
    }
    chosen.push(segment)
    total += segment.end - segment.start
    shingles.cover(segment)
  }
  return chosen
}

/** What the shingles of a sample are worth, as long as no chosen segment has them. */
class Shingles {
  /** By place in the sample: a hash of the shingle that begins there, or {@link notLooked}. */
  readonly #hashes: Uint32Array
  /** By hash: in how many pieces it occurs beyond the first. */
  readonly #worth = new Uint16Array(1 << hashBits)
  /** By hash: when it was last counted, so that it counts once in a stretch. */
  readonly #countedAt = new Uint32Array(1 << hashBits)
  #time = 0

  constructor(bytes: Uint8Array, pieces: readonly Segment[], sparsity: number) {
    this.#hashes = shingleHashes(bytes, sparsity)
    const isKnown = new Uint8Array(1 << hashBits)
    for (const piece of pieces) {
      this.#forEachDistinct(piece, (hash) => {
        if (isKnown[hash] === 1) this.#worth[hash] = (this.#worth[hash] ?? 0) + 1
        isKnown[hash] = 1
      })
    }
  }

  worthOf(segment: Segment): number {
    let sum = 0
    this.#forEachDistinct(segment, (hash) => (sum += this.#worth[hash] ?? 0))
    return sum
  }

  cover(segment: Segment): void {
    this.#forEachDistinct(segment, (hash) => (this.#worth[hash] = 0))
  }

  #forEachDistinct({ start, end }: Segment, use: (hash: number) => void): void {
    const now = ++this.#time
    for (let at = start; at + shingleLength <= end; at++) {
      const hash = this.#hashes[at] ?? notLooked
      if (hash === notLooked || this.#countedAt[hash] === now) continue
      this.#countedAt[hash] = now
      use(hash)
    }
  }
}

function shingleHashes(bytes: Uint8Array, sparsity: number): Uint32Array {
  const hashes = new Uint32Array(Math.max(0, bytes.length - shingleLength + 1))
  const factor = 0x2c1b3c6d
  // Rolling, modulo 2^32: what leaves the window is subtracted with the power it has reached.
  let leaving = 1
  for (let step = 1; step < shingleLength; step++) leaving = Math.imul(leaving, factor)
  let rolling = 0
  for (let at = 0; at < bytes.length; at++) {
    const old = at < shingleLength ? 0 : (bytes[at - shingleLength] ?? 0) + 1
    rolling = (Math.imul(rolling - Math.imul(old, leaving), factor) + (bytes[at] ?? 0) + 1) | 0
    const first = at - shingleLength + 1
    if (first < 0) continue
    const hash = Math.imul(rolling ^ (rolling >>> 15), 0x85ebca6b)
    hashes[first] = (hash & (sparsity - 1)) === 0 ? hash >>> (32 - hashBits) : notLooked
  }
  return hashes
}

interface Queued {
  readonly segment: Segment
  readonly worth: number
}

/** A binary heap, the most valuable segment on top; of equals, the first in the sample. */
class SegmentQueue {
  readonly #heap: Queued[] = []

  /** What the top is worth; 0 if there is none. */
  best(): number {
    return this.#heap[0]?.worth ?? 0
  }

  push(segment: Segment, worth: number): void {
    const heap = this.#heap
    const item = { segment, worth }
    let at = heap.length
    while (at > 0) {
      const parent = heap[(at - 1) >> 1]
      if (parent === undefined || !isBefore(item, parent)) break
      heap[at] = parent
      at = (at - 1) >> 1
    }
    heap[at] = item
  }

  pop(): Queued | undefined {
    const heap = this.#heap
    const top = heap[0]
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return top
    let at = 0
    for (;;) {
      const left = heap[2 * at + 1]
      const right = heap[2 * at + 2]
      const isRight = left !== undefined && right !== undefined && isBefore(right, left)
      const child = isRight ? right : left
      if (child === undefined || !isBefore(child, last)) break
      heap[at] = child
      at = 2 * at + (isRight ? 2 : 1)
    }
    heap[at] = last
    return top
  }
}

function isBefore(left: Queued, right: Queued): boolean {
  return left.worth > right.worth || (left.worth === right.worth && left.segment.start < right.segment.start)
}

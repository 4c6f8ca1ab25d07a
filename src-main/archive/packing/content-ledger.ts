import { createHash } from 'node:crypto'
import type { IndexWriter } from '../../index/index-writer'

/** A content whose last chunks are still in blocks being filled or encoded. */
interface PendingContent {
  readonly size: number
  readonly numbers: readonly number[]
  readonly key: string | number
  /** Entries waiting for its id; equal files join here. */
  readonly entries: number[]
}

/**
 * Knows which files hold which chunks, stores equal files once, and writes a content row as soon as all its chunks have
 * their final ids. Chunks are known by their table number until their block is stored.
 */
export class ContentLedger {
  readonly #index: IndexWriter
  /** Final chunk id by chunk number; 0 while its block is not stored. */
  #chunkIds = new Uint32Array(1 << 12)
  /** Content id by chunk number, for contents of that one chunk; 0 if none. */
  #singles = new Uint32Array(1 << 12)
  readonly #multiples = new Map<string, number>()
  readonly #pending = new Map<string | number, PendingContent>()
  readonly #waiting = new Map<number, PendingContent[]>()
  #emptyContent: number | undefined

  constructor(index: IndexWriter) {
    this.#index = index
  }

  /** Enters a chunk that an earlier commit stored. */
  knowStored(number: number, chunkId: number): void {
    this.#grow(number)
    this.#chunkIds[number] = chunkId
  }

  /** Enters a file whose bytes are the chunks with these numbers, in order. */
  addFile(entry: number, size: number, numbers: readonly number[]): void {
    if (numbers.length === 0) {
      this.#emptyContent ??= this.#index.addContent({ size: 0, runs: [] })
      this.#index.setContent(entry, this.#emptyContent)
      return
    }
    const key = keyOf(numbers)
    const known = typeof key === 'number' ? this.#singles[key] : this.#multiples.get(key)
    if (known !== undefined && known !== 0) {
      this.#index.setContent(entry, known)
      return
    }
    const pending = this.#pending.get(key)
    if (pending !== undefined) {
      pending.entries.push(entry)
      return
    }
    const content = { size, numbers, key, entries: [entry] }
    this.#pending.set(key, content)
    this.#settle(content)
  }

  /** Takes note of a stored block. */
  chunksStored(numbers: readonly number[], firstId: number): void {
    numbers.forEach((number, index) => {
      this.#grow(number)
      this.#chunkIds[number] = firstId + index
    })
    for (const number of numbers) {
      const contents = this.#waiting.get(number)
      this.#waiting.delete(number)
      contents?.forEach((content) => this.#settle(content))
    }
  }

  #settle(content: PendingContent): void {
    const missing = content.numbers.findLast((number) => (this.#chunkIds[number] ?? 0) === 0)
    if (missing !== undefined) {
      const others = this.#waiting.get(missing)
      if (others === undefined) this.#waiting.set(missing, [content])
      else others.push(content)
      return
    }
    const id = this.#index.addContent({ size: content.size, runs: this.#runsOf(content.numbers) })
    for (const entry of content.entries) this.#index.setContent(entry, id)
    this.#pending.delete(content.key)
    if (typeof content.key === 'string') {
      this.#multiples.set(content.key, id)
    } else {
      this.#grow(content.key)
      this.#singles[content.key] = id
    }
  }

  #runsOf(numbers: readonly number[]): { firstChunk: number; chunkCount: number }[] {
    const runs: { firstChunk: number; chunkCount: number }[] = []
    for (const number of numbers) {
      const id = this.#chunkIds[number] ?? 0
      const last = runs.at(-1)
      if (last !== undefined && last.firstChunk + last.chunkCount === id) last.chunkCount++
      else runs.push({ firstChunk: id, chunkCount: 1 })
    }
    return runs
  }

  #grow(number: number): void {
    while (number >= this.#chunkIds.length) {
      this.#chunkIds = doubled(this.#chunkIds)
      this.#singles = doubled(this.#singles)
    }
  }
}

function doubled(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(array.length * 2)
  larger.set(array)
  return larger
}

/** Equal files have equal chunk numbers; a list of several is kept as its digest. */
function keyOf(numbers: readonly number[]): string | number {
  const [only] = numbers
  if (numbers.length === 1 && only !== undefined) return only
  return createHash('sha256').update(Uint32Array.from(numbers)).digest('base64').slice(0, 24)
}

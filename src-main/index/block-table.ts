import { LmzError } from '../contract/error'
import type { UntrustedDatabase } from './open'
import type { Parameter } from './sqlite-value'
import {
  type Block,
  blockColumns,
  blockOf,
  checkOrder,
  chunkEnd,
  fault,
  natural,
  type RowLimits,
  type Run,
} from './rows'
import { largestBlockId } from './rules'

/** Where the chunks of a block lie in its raw bytes. */
export interface ChunkLengths {
  /** Id of the first chunk; the others follow without a gap. */
  readonly firstChunk: number
  /** Bytes, by chunk. */
  readonly lengths: readonly number[]
}

/** The part of a run that lies in one block. */
export interface Portion {
  readonly block: Block
  /** Offset in the block's raw bytes. */
  readonly offset: number
  readonly length: number
}

const selectBlock = `SELECT ${blockColumns} FROM block`
const pageLength = 1024
/** Chunks whose offsets are kept, so that files of neighbouring chunks do not read them again. */
const mostCachedChunks = 4 * 65_536

/** Finds blocks by chunk. There is no index over first_chunk: it increases with the id, so bisecting the ids does. */
export class BlockTable {
  readonly #database: UntrustedDatabase
  readonly #limits: RowLimits
  readonly #offsets = new Map<number, Float64Array>()
  #cachedChunks = 0
  #recent: Block | undefined

  constructor(database: UntrustedDatabase, limits: RowLimits) {
    this.#database = database
    this.#limits = limits
  }

  /** @throws LmzError `Format` for a block that is not there, breaks a rule, or overlaps the one before it */
  get(id: number): Block {
    const block = this.#atMost(id)
    if (block?.id !== id) throw fault(`block ${id}`, 'there is no such block')
    return block
  }

  /** All blocks, in order of their chunks and of their places in the file. */
  *all(): Generator<Block> {
    let previous: Block | undefined
    for (;;) {
      const rows = this.#database.rows(`${selectBlock} WHERE id >= ? ORDER BY id LIMIT ${pageLength}`, nextId(previous))
      for (const row of rows) {
        const block = blockOf(row, this.#limits)
        if (previous !== undefined) this.#checkNext(previous, block)
        previous = block
        yield block
      }
      if (rows.length < pageLength) return
    }
  }

  /** Id of the last block, 0 if there is none. */
  lastId(): number {
    return this.#atMost(largestBlockId)?.id ?? 0
  }

  /** Id of the last chunk of any block, 0 if there is none. */
  lastChunkId(): number {
    const last = this.#atMost(largestBlockId)
    return last === undefined ? 0 : chunkEnd(last) - 1
  }

  /** The block that holds a chunk. @throws LmzError `Format` */
  ofChunk(chunk: number): Block {
    const { found, after } = this.#nearby(chunk)
    if (found !== undefined) return found
    let candidate = after
    let bottom = after?.id ?? 0
    let top = this.lastId()
    // Invariant: blocks with ids up to `bottom` end before the chunk unless it is the candidate's; those over `top` begin after it.
    while (bottom < top) {
      const middle = bottom + Math.ceil((top - bottom) / 2)
      const probe = this.#atMost(middle)
      if (probe !== undefined && probe.id > bottom) {
        if (probe.firstChunk > chunk) {
          top = probe.id - 1
          continue
        }
        candidate = probe
        if (chunk < chunkEnd(probe)) break
      }
      bottom = middle
    }
    if (candidate === undefined || chunk >= chunkEnd(candidate)) throw fault(`chunk ${chunk}`, 'no block holds it')
    this.#recent = candidate
    return candidate
  }

  /** The parts of a run, block by block. @throws LmzError `Format` */
  *portions(run: Run): Generator<Portion> {
    const end = chunkEnd(run)
    for (let first = run.firstChunk; first < end;) {
      const block = this.ofChunk(first)
      const blockEnd = Math.min(end, chunkEnd(block))
      yield this.portion(block, first, blockEnd)
      first = blockEnd
    }
  }

  /** The chunks `first` to `end` (exclusive), which are in `block`. */
  portion(block: Block, first: number, end: number): Portion {
    if (first === block.firstChunk && end === chunkEnd(block)) return { block, offset: 0, length: block.rawLength }
    const offsets = this.#offsetsOf(block)
    const offset = offsets[first - block.firstChunk] ?? 0
    return { block, offset, length: (offsets[end - block.firstChunk] ?? 0) - offset }
  }

  /** @throws LmzError `Format` when chunks are missing or do not add up to the block's raw length */
  chunkLengths(block: Block): ChunkLengths {
    const { firstChunk, chunkCount } = block
    const lengths: number[] = []
    let total = 0
    for (const { id, length } of this.#chunks(firstChunk, chunkEnd(block))) {
      if (id !== firstChunk + lengths.length) break
      lengths.push(length)
      total += length
    }
    if (lengths.length < chunkCount)
      throw fault(`block ${block.id}`, `there is no chunk ${firstChunk + lengths.length}`)
    if (total !== block.rawLength) {
      throw fault(`block ${block.id}`, `its chunks have ${total} bytes and not ${block.rawLength}`)
    }
    return { firstChunk, lengths }
  }

  *#chunks(first: number, end: number): Generator<{ id: number; length: number }> {
    const sql = `SELECT id, length FROM chunk WHERE id >= ? AND id < ? ORDER BY id LIMIT ${pageLength}`
    let from = first
    for (;;) {
      const rows = this.#database.rows(sql, from, end)
      for (const [rawId, length] of rows) {
        const id = natural(rawId, from, 'chunk', 'id')
        yield { id, length: natural(length, 1, `chunk ${id}`, 'length') }
        from = id + 1
      }
      if (rows.length < pageLength) return
    }
  }

  /** The last block with an id of at most `id`, checked against its predecessor. */
  #atMost(id: number): Block | undefined {
    if (this.#recent?.id === id) return this.#recent
    const rows = this.#database.rows(`${selectBlock} WHERE id <= ? ORDER BY id DESC LIMIT 2`, id)
    const [block, previous] = rows.map((row) => blockOf(row, this.#limits))
    if (block !== undefined && previous !== undefined) this.#checkNext(previous, block)
    return block
  }

  #checkNext(previous: Block, block: Block): void {
    if (previous.id >= block.id) throw fault(`block ${block.id}`, 'the blocks are not in order')
    checkOrder(previous, block)
  }

  /** Files are mostly read in order: the block is often the one of the last look-up, or the next. */
  #nearby(chunk: number): { readonly found?: Block; readonly after?: Block | undefined } {
    const recent = this.#recent
    if (recent === undefined || chunk < recent.firstChunk) return {}
    if (chunk < chunkEnd(recent)) return { found: recent }
    const [row] = this.#database.rows(`${selectBlock} WHERE id > ? ORDER BY id LIMIT 1`, recent.id)
    if (row === undefined) return { after: recent }
    const next = blockOf(row, this.#limits)
    this.#checkNext(recent, next)
    if (chunk < next.firstChunk || chunk >= chunkEnd(next)) return { after: recent }
    this.#recent = next
    return { found: next }
  }

  /** Offset of each chunk in its block, and at the end the block's length. */
  #offsetsOf(block: Block): Float64Array {
    const known = this.#offsets.get(block.id)
    if (known !== undefined) return known
    const { lengths } = this.chunkLengths(block)
    const offsets = new Float64Array(lengths.length + 1)
    lengths.forEach((length, index) => (offsets[index + 1] = (offsets[index] ?? 0) + length))
    this.#cachedChunks += offsets.length
    for (const [oldest, cached] of this.#offsets) {
      if (this.#cachedChunks <= mostCachedChunks) break
      this.#offsets.delete(oldest)
      this.#cachedChunks -= cached.length
    }
    this.#offsets.set(block.id, offsets)
    return offsets
  }
}

function nextId(previous: { readonly id: number } | undefined): Parameter {
  return previous === undefined ? -(2n ** 63n) : previous.id + 1
}

/** Refuses sums that are not exact any more. @throws LmzError `Limit` */
export function checkedSum(left: number, right: number, what: string): number {
  const sum = left + right
  if (!Number.isSafeInteger(sum)) throw new LmzError('Limit', `The archive declares more than 2^53 ${what}.`)
  return sum
}

import { type BlockTable, checkedSum } from './block-table'
import type { UntrustedDatabase } from './open'
import type { Parameter, Row } from './sqlite-value'
import { type Content, fault, integer, natural, type Run, runOf } from './rows'

/** A part of a file as it lies in one block. */
export interface Piece {
  /** The block's id. */
  readonly block: number
  /** Offset in the block's raw bytes. */
  readonly offset: number
  readonly length: number
}

/** A content without its further runs. */
export interface ContentHead {
  readonly id: number
  readonly size: number
  /** An empty content has none. */
  readonly firstRun: Run | undefined
  readonly hasMoreRuns: boolean
}

/** Columns of {@link headOf}, of a content with alias `c`. */
export const headColumns =
  'c.id, c.size, c.first_chunk, c.chunk_count, EXISTS(SELECT 1 FROM extent AS x WHERE x.content = c.id)'

/** Checks and converts a row of {@link headColumns}. @throws LmzError `Format` */
export function headOf([rawId, rawSize, firstChunk, chunkCount, hasMore]: Row): ContentHead {
  const id = natural(rawId, 1, 'content', 'id')
  const label = `content ${id}`
  const size = natural(rawSize, 0, label, 'size')
  const hasMoreRuns = hasMore !== 0n
  if (size > 0) return { id, size, firstRun: runOf(firstChunk, chunkCount, label), hasMoreRuns }
  integer(firstChunk, 0, 0, label, 'first chunk')
  integer(chunkCount, 0, 0, label, 'chunk count')
  if (hasMoreRuns) throw fault(label, 'it is empty and has further runs')
  return { id, size, firstRun: undefined, hasMoreRuns }
}

const pageLength = 512

/** What files consist of. */
export class Contents {
  readonly #database: UntrustedDatabase
  readonly #blocks: BlockTable

  constructor(database: UntrustedDatabase, blocks: BlockTable) {
    this.#database = database
    this.#blocks = blocks
  }

  /** @throws LmzError `Format` for a content that is not there or breaks a rule */
  head(id: number): ContentHead {
    const row = this.#database.row(`SELECT ${headColumns} FROM content AS c WHERE c.id = +?`, id)
    if (row === undefined) throw fault(`content ${id}`, 'there is no such content')
    return headOf(row)
  }

  /** @throws LmzError `Format` */
  complete(head: ContentHead): Content {
    return { id: head.id, size: head.size, runs: [...this.#runsOf(head)] }
  }

  /** All contents by id. @throws LmzError `Format` */
  *heads(): Generator<ContentHead> {
    const sql = `SELECT ${headColumns} FROM content AS c WHERE c.id >= ? ORDER BY c.id LIMIT ${pageLength}`
    let from: Parameter = -(2n ** 63n)
    for (;;) {
      const rows = this.#database.rows(sql, from)
      for (const row of rows) {
        const head = headOf(row)
        if (head.id < from) throw fault(`content ${head.id}`, 'the contents are not in order')
        from = head.id + 1
        yield head
      }
      if (rows.length < pageLength) return
    }
  }

  /**
   * The runs of a content, each with its offset in the file. They may be many; they are read as they are needed.
   * @throws LmzError `Format` also when they have more or fewer bytes than the content
   */
  *runs(head: ContentHead): Generator<Run & { readonly fileOffset: number; readonly length: number }> {
    const label = `content ${head.id}`
    let fileOffset = 0
    for (const run of this.#runsOf(head)) {
      let length = 0
      for (const portion of this.#blocks.portions(run)) {
        length += portion.length
        // Stopping at the declared size keeps the work within what the index owns up to.
        if (fileOffset + length > head.size) throw fault(label, `its chunks have more than its ${head.size} bytes`)
      }
      yield { ...run, fileOffset, length }
      fileOffset += length
    }
    if (fileOffset !== head.size) throw fault(label, `its chunks have ${fileOffset} and not ${head.size} bytes`)
  }

  /**
   * Where the bytes of a content lie, in the order of the file; neighbouring pieces are joined.
   * @throws LmzError `Format`; on reaching the end when the pieces do not add up to the content's size
   */
  *pieces(id: number): Generator<Piece> {
    const head = this.head(id)
    const label = `content ${id}`
    let total = 0
    let last: Piece | undefined
    for (const run of this.#runsOf(head)) {
      for (const { block, offset, length } of this.#blocks.portions(run)) {
        total += length
        if (total > head.size) throw fault(label, `its chunks have more than its ${head.size} bytes`)
        if (last !== undefined && last.block === block.id && last.offset + last.length === offset) {
          last = { ...last, length: last.length + length }
        } else {
          if (last !== undefined) yield last
          last = { block: block.id, offset, length }
        }
      }
    }
    if (total !== head.size) throw fault(label, `its chunks have ${total} and not ${head.size} bytes`)
    if (last !== undefined) yield last
  }

  *#runsOf(head: ContentHead): Generator<Run> {
    if (head.firstRun !== undefined) yield head.firstRun
    if (!head.hasMoreRuns) return
    const label = `content ${head.id}`
    const sql = `SELECT sequence, first_chunk, chunk_count FROM extent
      WHERE content = +? AND sequence >= ? ORDER BY sequence LIMIT ${pageLength}`
    let next = 1
    for (;;) {
      const rows = this.#database.rows(sql, head.id, next === 1 ? -(2n ** 63n) : next)
      for (const [sequence, first, count] of rows) {
        integer(sequence, next, next, label, 'run number')
        yield runOf(first, count, label)
        next = checkedSum(next, 1, 'runs')
      }
      if (rows.length < pageLength) return
    }
  }
}

import { type BlockTable, checkedSum } from './block-table'
import type { Parameter, UntrustedDatabase } from './open'
import { type Content, fault, integer, natural, type Run, runOf } from './rows'

/** A part of a file as it lies in one block. */
export interface Piece {
  /** The block's id. */
  readonly block: number
  /** Offset in the block's raw bytes. */
  readonly offset: number
  readonly length: number
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
  get(id: number): Content {
    const { size, firstRun } = this.head(id)
    return { id, size, runs: firstRun === undefined ? [] : [firstRun, ...this.#extents(id)] }
  }

  /**
   * Its runs, each with its offset in the file. The runs of a content may be many; they are read as they are needed.
   * @throws LmzError `Format` also when they have more or fewer bytes than the content
   */
  *runs(id: number): Generator<Run & { readonly fileOffset: number; readonly length: number }> {
    const { size, firstRun } = this.head(id)
    if (firstRun === undefined) return
    let fileOffset = 0
    for (const run of this.#allRuns(id, firstRun)) {
      let length = 0
      for (const portion of this.#blocks.portions(run)) {
        length += portion.length
        // Stopping at the declared size keeps the work within what the index owns up to.
        if (fileOffset + length > size) throw fault(`content ${id}`, `its chunks have more than its ${size} bytes`)
      }
      yield { ...run, fileOffset, length }
      fileOffset += length
    }
    if (fileOffset !== size) throw fault(`content ${id}`, `its chunks have ${fileOffset} and not ${size} bytes`)
  }

  /**
   * Where the bytes of a content lie, in the order of the file.
   * @throws LmzError `Format`; on reaching the end when the pieces do not add up to the content's size
   */
  *pieces(id: number): Generator<Piece> {
    const { size, firstRun } = this.head(id)
    if (firstRun === undefined) return
    let total = 0
    let last: Piece | undefined
    for (const run of this.#allRuns(id, firstRun)) {
      for (const { block, offset, length } of this.#blocks.portions(run)) {
        total += length
        if (total > size) throw fault(`content ${id}`, `its chunks have more than its ${size} bytes`)
        if (last !== undefined && last.block === block.id && last.offset + last.length === offset) {
          last = { ...last, length: last.length + length }
        } else {
          if (last !== undefined) yield last
          last = { block: block.id, offset, length }
        }
      }
    }
    if (total !== size) throw fault(`content ${id}`, `its chunks have ${total} and not ${size} bytes`)
    if (last !== undefined) yield last
  }

  /** All ids, ascending. */
  *ids(): Generator<number> {
    let from: Parameter = -(2n ** 63n)
    for (;;) {
      const rows = this.#database.rows(`SELECT id FROM content WHERE id >= ? ORDER BY id LIMIT ${pageLength}`, from)
      for (const [value] of rows) {
        const id = natural(value, 1, 'content', 'id')
        if (id < from) throw fault(`content ${id}`, 'the contents are not in order')
        yield id
        from = id + 1
      }
      if (rows.length < pageLength) return
    }
  }

  /** Whether a content has more than one run. */
  hasExtents(id: number): boolean {
    return this.#database.row('SELECT 1 FROM extent WHERE content = ? LIMIT 1', id) !== undefined
  }

  /** Size and first run; an empty content has none. @throws LmzError `Format` */
  head(id: number): { readonly size: number; readonly firstRun: Run | undefined } {
    const label = `content ${id}`
    const row = this.#database.row('SELECT size, first_chunk, chunk_count FROM content WHERE id = ?', id)
    if (row === undefined) throw fault(label, 'there is no such content')
    const size = natural(row[0], 0, label, 'size')
    if (size > 0) return { size, firstRun: runOf(row[1], row[2], label) }
    integer(row[1], 0, 0, label, 'first chunk')
    integer(row[2], 0, 0, label, 'chunk count')
    if (this.hasExtents(id)) throw fault(label, 'it is empty and has further runs')
    return { size, firstRun: undefined }
  }

  *#allRuns(id: number, firstRun: Run): Generator<Run> {
    yield firstRun
    yield* this.#extents(id)
  }

  *#extents(id: number): Generator<Run> {
    const label = `content ${id}`
    const sql = `SELECT sequence, first_chunk, chunk_count FROM extent WHERE content = ? AND sequence >= ? ORDER BY sequence LIMIT ${pageLength}`
    let next = 1
    for (;;) {
      const rows = this.#database.rows(sql, id, next === 1 ? -(2n ** 63n) : next)
      for (const [sequence, first, count] of rows) {
        integer(sequence, next, next, label, 'run number')
        yield runOf(first, count, label)
        next = checkedSum(next, 1, 'runs')
      }
      if (rows.length < pageLength) return
    }
  }
}

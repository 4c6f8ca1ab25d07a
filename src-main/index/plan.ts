import type { BlockTable } from './block-table'
import { type ContentHead, type Contents, headColumns, headOf } from './contents'
import type { IndexParts } from './index-parts'
import { type Block, chunkEnd, fault, natural } from './rows'
import { ScratchDatabase } from './scratch-database'

/** A part of a file that comes out of one block. */
export interface ExtractionPiece {
  readonly entry: number
  readonly content: number
  /** Where the bytes belong in the file. */
  readonly fileOffset: number
  /** Where they lie in the block's raw bytes. */
  readonly blockOffset: number
  readonly length: number
}

export interface ExtractionStep {
  readonly block: Block
  readonly pieces: readonly ExtractionPiece[]
}

/** A run still to be planned, from its first chunk on. */
interface PlannedRun {
  readonly firstChunk: number
  readonly content: number
  readonly fileOffset: number
  readonly chunkCount: number
  /** File offset behind the run's last byte. */
  readonly fileEnd: number
}

/** Pieces in one step; a block with more comes up in several steps. */
const mostPieces = 4096
const pageLength = 1024
/** Milliseconds between two steps without pieces while the plan is being made. */
const stepAtLeastEvery = 50

/**
 * Orders the work of an extraction by block, so that each block is decoded once, whatever files it serves.
 *
 * All runs of the chosen files are sorted by first chunk in a temporary database, which spills to the disk, and then taken
 * block by block; what of a run lies behind its block's end is put back as a run that starts at the next block. Memory does
 * not depend on how many files share a content, nor on how many contents share a block. For a million files, sorting takes
 * some seconds; steps without pieces come in the meantime, so that the caller can stop.
 *
 * Entries without bytes (directories, symlinks, empty files, files an unfinished job had not stored) are in no step. A
 * hard link that is asked for by id gets the bytes of its file; `all` leaves hard links out.
 *
 * @throws LmzError `Format` for a file whose chunks do not make up its size, at the latest when its last piece is planned;
 *   `NoSpace` when the temporary database does not fit
 */
export function* extractionPlan(parts: IndexParts, selection: 'all' | Iterable<number>): Generator<ExtractionStep> {
  const { contents, blocks } = parts
  const sheet = new PlanSheet()
  try {
    let stepAt = performance.now() + stepAtLeastEvery
    for (const { entry, content } of selection === 'all' ? allUses(parts) : chosenUses(parts, selection)) {
      sheet.addUse(content, entry)
      if (performance.now() < stepAt) continue
      const first = firstOf(blocks.all())
      if (first !== undefined) yield { block: first, pieces: [] }
      stepAt = performance.now() + stepAtLeastEvery
    }
    sheet.measureRuns(contents)
    for (let chunk = sheet.firstChunk(); chunk !== undefined; chunk = sheet.firstChunk()) {
      yield* planBlock(sheet, blocks, blocks.ofChunk(chunk))
    }
  } finally {
    sheet.close()
  }
}

function firstOf<T>(items: Iterable<T>): T | undefined {
  for (const item of items) return item
  return undefined
}

function* planBlock(sheet: PlanSheet, blocks: BlockTable, block: Block): Generator<ExtractionStep> {
  const end = chunkEnd(block)
  let pieces: ExtractionPiece[] = []
  for (let run = sheet.nextRun(end); run !== undefined; run = sheet.nextRun(end)) {
    const runEnd = chunkEnd(run)
    const portion = blocks.portion(block, run.firstChunk, Math.min(runEnd, end))
    const fileEnd = run.fileOffset + portion.length
    if (runEnd > end ? fileEnd >= run.fileEnd : fileEnd !== run.fileEnd) {
      throw fault(`content ${run.content}`, 'its chunks do not make up its size')
    }
    if (runEnd > end) {
      sheet.addRun({ ...run, firstChunk: end, chunkCount: runEnd - end, fileOffset: fileEnd })
    }
    for (let after = 0; ;) {
      const entries = sheet.entriesOf(run.content, after)
      for (const entry of entries) {
        const { content, fileOffset } = run
        pieces.push({ entry, content, fileOffset, blockOffset: portion.offset, length: portion.length })
        if (pieces.length < mostPieces) continue
        yield { block, pieces }
        pieces = []
      }
      if (entries.length < pageLength) break
      after = entries.at(-1) ?? 0
    }
  }
  if (pieces.length > 0) yield { block, pieces }
}

/** A file with bytes, and the content that holds them. */
interface ContentUse {
  readonly entry: number
  readonly content: ContentHead
}

function* allUses({ database }: IndexParts): Generator<ContentUse> {
  const sql = `SELECT e.id, e.kind, e.content, ${headColumns} FROM entry AS e LEFT JOIN content AS c ON c.id = e.content
    WHERE e.id >= ? ORDER BY e.id LIMIT ${pageLength}`
  for (let from = 0; ;) {
    const rows = database.rows(sql, from)
    for (const [rawId, kind, contentId, ...columns] of rows) {
      const entry = natural(rawId, Math.max(1, from), 'entry', 'id')
      from = entry + 1
      if (contentId === null) continue
      if (kind !== 0n || columns[0] === null)
        throw fault(`entry ${entry}`, `its content ${String(contentId)} is not valid`)
      const content = headOf(columns)
      if (content.size > 0) yield { entry, content }
    }
    if (rows.length < pageLength) return
  }
}

function* chosenUses({ tree, contents }: IndexParts, selection: Iterable<number>): Generator<ContentUse> {
  for (const id of selection) {
    const entry = tree.get(id)
    if (entry === undefined) throw fault(`entry ${id}`, 'there is no such entry')
    const content = entry.link === undefined ? entry.content : tree.get(entry.link)?.content
    if (content !== undefined && entry.size > 0) yield { entry: id, content: contents.head(content) }
  }
}

/** The temporary database of a plan. */
class PlanSheet {
  readonly #database = new ScratchDatabase('Cannot plan the extraction', 32 * 1024)
  /** Runs that were taken out and not given away yet; all of them start in one block. */
  #page: readonly PlannedRun[] = []
  #pageAt = 0

  constructor() {
    this.#database.execute(`
      CREATE TABLE run(first INTEGER, content INTEGER, offset INTEGER, count INTEGER, end INTEGER,
        PRIMARY KEY(first, content, offset)) WITHOUT ROWID;
      CREATE TABLE use(content INTEGER, entry INTEGER, PRIMARY KEY(content, entry)) WITHOUT ROWID;
      CREATE TABLE unmeasured(content INTEGER PRIMARY KEY)`)
  }

  /** Enters a file. A single run ends where the file ends; several must be measured later. */
  addUse({ id, size, firstRun, hasMoreRuns }: ContentHead, entry: number): void {
    this.#database.run('INSERT OR IGNORE INTO use VALUES(?, ?)', id, entry)
    if (hasMoreRuns) this.#database.run('INSERT OR IGNORE INTO unmeasured VALUES(?)', id)
    else if (firstRun !== undefined) this.addRun({ ...firstRun, content: id, fileOffset: 0, fileEnd: size })
  }

  addRun({ firstChunk, content, fileOffset, chunkCount, fileEnd }: PlannedRun): void {
    const sql = 'INSERT OR IGNORE INTO run VALUES(?, ?, ?, ?, ?)'
    this.#database.run(sql, firstChunk, content, fileOffset, chunkCount, fileEnd)
  }

  /** Enters the runs of contents that have several. */
  measureRuns(contents: Contents): void {
    for (const content of this.#unmeasured()) {
      for (const { firstChunk, chunkCount, fileOffset, length } of contents.runs(contents.head(content))) {
        this.addRun({ firstChunk, content, fileOffset, chunkCount, fileEnd: fileOffset + length })
      }
    }
  }

  /** First chunk of all that is left to do. */
  firstChunk(): number | undefined {
    const row = this.#database.row('SELECT first FROM run ORDER BY first LIMIT 1')
    return row === undefined ? undefined : Number(row[0])
  }

  /** Takes out the next run that starts before chunk `end`. */
  nextRun(end: number): PlannedRun | undefined {
    if (this.#pageAt >= this.#page.length) {
      this.#page = this.#takePage(end)
      this.#pageAt = 0
    }
    return this.#page[this.#pageAt++]
  }

  entriesOf(content: number, after: number): number[] {
    const sql = `SELECT entry FROM use WHERE content = +? AND entry > ? ORDER BY entry LIMIT ${pageLength}`
    return this.#database.rows(sql, content, after).map(([entry]) => Number(entry))
  }

  close(): void {
    this.#database.close()
  }

  #takePage(end: number): readonly PlannedRun[] {
    const sql = `SELECT * FROM run WHERE first < ? ORDER BY first, content, offset LIMIT ${pageLength}`
    const page = this.#database.rows(sql, end).map((row) => {
      const [firstChunk = 0, content = 0, fileOffset = 0, chunkCount = 0, fileEnd = 0] = row.map(Number)
      return { firstChunk, content, fileOffset, chunkCount, fileEnd }
    })
    const last = page.at(-1)
    if (last !== undefined) {
      const taken = 'DELETE FROM run WHERE (first, content, offset) <= (?, ?, ?)'
      this.#database.run(taken, last.firstChunk, last.content, last.fileOffset)
    }
    return page
  }

  *#unmeasured(): Generator<number> {
    const sql = `SELECT content FROM unmeasured WHERE content > ? ORDER BY content LIMIT ${pageLength}`
    for (let after = 0; ;) {
      const page = this.#database.rows(sql, after).map(([content]) => Number(content))
      yield* page
      if (page.length < pageLength) return
      after = page.at(-1) ?? 0
    }
  }
}

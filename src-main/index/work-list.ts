import { LmzError } from '../contract/error'
import type { IndexWriter } from './index-writer'
import type { Row } from './sqlite-value'
import type { ScratchDatabase } from './scratch-database'

/** A file to be read. */
export interface WorkItem {
  readonly entry: number
  /** As the operating system takes it; bytes where it is not valid Unicode. */
  readonly path: string | Uint8Array
  readonly size: number
}

/** How a path is stored: as UTF-8 a lone surrogate, which Windows allows in names, would be lost. */
const pathForms = { text: 0, bytes: 1, utf16: 2 } as const

const pageLength = 512
/**
 * Files still to be read, sorted, however many there are: a table in the temporary database of an index writer, which
 * spills to the disk. It never becomes part of the index. One list a writer.
 */
export class WorkList {
  readonly #database: ScratchDatabase
  #entries = 0
  #bytes = 0
  #isSorted = false

  /** @throws LmzError `NoSpace`, `Io` */
  constructor(writer: IndexWriter) {
    this.#database = writer.database
    this.#database.execute(
      'CREATE TEMP TABLE work(id INTEGER PRIMARY KEY, rank TEXT, path, form INTEGER, entry INTEGER, size INTEGER)',
    )
  }

  /**
   * Adds a file; possible until {@link inOrder} is called.
   * @param item.order what items are sorted by first, by its bytes in UTF-8
   */
  add(item: WorkItem & { readonly order: string }): void {
    if (this.#isSorted) throw new LmzError('Usage', 'Nothing can be added to a work list that is being worked off.')
    const { path, form } = storedPath(item.path)
    const sql = 'INSERT INTO temp.work(rank, path, form, entry, size) VALUES(?, ?, ?, ?, ?)'
    this.#database.run(sql, item.order, path, form, item.entry, item.size)
    this.#entries++
    this.#bytes += item.size
  }

  totals(): { readonly entries: number; readonly bytes: number } {
    return { entries: this.#entries, bytes: this.#bytes }
  }

  /** All files by `order`, then path. Reads page by page: the index may be written to in between. */
  *inOrder(): Generator<WorkItem> {
    if (!this.#isSorted) this.#sort()
    const sql = `SELECT id, path, form, entry, size FROM temp.sorted WHERE id > ? ORDER BY id LIMIT ${pageLength}`
    for (let after = 0n; ;) {
      const rows = this.#database.rows(sql, after)
      for (const row of rows) yield itemOf(row)
      const last = rows.at(-1)?.[0]
      if (typeof last !== 'bigint' || rows.length < pageLength) return
      after = last
    }
  }

  /** Once for all: SQLite sorts a whole table several times faster than it follows an index through it. */
  #sort(): void {
    this.#database.execute(`
      CREATE TEMP TABLE sorted(id INTEGER PRIMARY KEY, path, form INTEGER, entry INTEGER, size INTEGER);
      INSERT INTO temp.sorted(path, form, entry, size)
        SELECT path, form, entry, size FROM temp.work ORDER BY rank, path, id;
      DROP TABLE temp.work`)
    this.#isSorted = true
  }
}

function storedPath(path: string | Uint8Array): { readonly path: string | Buffer; readonly form: number } {
  if (typeof path !== 'string') {
    return { path: Buffer.from(path.buffer, path.byteOffset, path.byteLength), form: pathForms.bytes }
  }
  if (path.isWellFormed()) return { path, form: pathForms.text }
  return { path: Buffer.from(path, 'utf16le'), form: pathForms.utf16 }
}

function itemOf([, stored, form, entry, size]: Row): WorkItem {
  const isText = Number(form) === pathForms.utf16
  const path = isText && Buffer.isBuffer(stored) ? stored.toString('utf16le') : (stored as string | Buffer)
  return { entry: Number(entry), path, size: Number(size) }
}

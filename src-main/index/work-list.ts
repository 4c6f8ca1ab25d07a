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
  /** Names data that its own is likely to resemble; undefined if that does not matter. */
  readonly group: string | undefined
}

export interface NewWorkItem extends Omit<WorkItem, 'group'>, Partial<Pick<WorkItem, 'group'>> {
  /** What items are sorted by first, by its bytes in UTF-8. */
  readonly order: string
}

/** What is known of the files of one group. */
export interface GroupSize {
  readonly group: string
  readonly files: number
  readonly bytes: number
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
      'CREATE TEMP TABLE work(id INTEGER PRIMARY KEY, rank TEXT, path, form INTEGER, entry INTEGER, size INTEGER, alike TEXT)',
    )
  }

  /** Adds a file; possible until the list is read for the first time. */
  add(item: NewWorkItem): void {
    if (this.#isSorted) throw new LmzError('Usage', 'Nothing can be added to a work list that is being worked off.')
    const { path, form } = storedPath(item.path)
    const sql = 'INSERT INTO temp.work(rank, path, form, entry, size, alike) VALUES(?, ?, ?, ?, ?, ?)'
    this.#database.run(sql, item.order, path, form, item.entry, item.size, item.group)
    this.#entries++
    this.#bytes += item.size
  }

  totals(): { readonly entries: number; readonly bytes: number } {
    return { entries: this.#entries, bytes: this.#bytes }
  }

  /** The largest groups, by the bytes of their files. */
  groups(limit: number): GroupSize[] {
    this.#sort()
    const sql = `SELECT alike, count(*), sum(size) FROM temp.sorted WHERE alike IS NOT NULL AND size > 0
      GROUP BY alike ORDER BY sum(size) DESC, alike LIMIT ${limit}`
    return this.#database.rows(sql).map(([group, files, bytes]) => {
      return { group: String(group), files: Number(files), bytes: Number(bytes) }
    })
  }

  /** The largest files that belong to a group, the largest first. */
  largestFiles(limit: number): WorkItem[] {
    this.#sort()
    const sql = `SELECT id, path, form, entry, size, alike FROM temp.sorted WHERE alike IS NOT NULL
      ORDER BY size DESC, id LIMIT ${limit}`
    return this.#database.rows(sql).map(itemOf)
  }

  /** All files by `order`, then path. Reads page by page: the index may be written to in between. */
  *inOrder(): Generator<WorkItem> {
    this.#sort()
    const sql = `SELECT id, path, form, entry, size, alike FROM temp.sorted WHERE id > ? ORDER BY id LIMIT ${pageLength}`
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
    if (this.#isSorted) return
    this.#database.execute(`
      CREATE TEMP TABLE sorted(id INTEGER PRIMARY KEY, path, form INTEGER, entry INTEGER, size INTEGER, alike TEXT);
      INSERT INTO temp.sorted(path, form, entry, size, alike)
        SELECT path, form, entry, size, alike FROM temp.work ORDER BY rank, path, id;
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

function itemOf([, stored, form, entry, size, group]: Row): WorkItem {
  const isText = Number(form) === pathForms.utf16
  const path = isText && Buffer.isBuffer(stored) ? stored.toString('utf16le') : (stored as string | Buffer)
  return { entry: Number(entry), path, size: Number(size), group: typeof group === 'string' ? group : undefined }
}

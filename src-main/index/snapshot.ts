import { closeSync, fstatSync, openSync, rmSync, writeSync } from 'node:fs'
import type Database from 'better-sqlite3'
import { toLmzError } from '../contract/error'
import { emptyIndexBytes, headerFields, pageSize, schemaVersion, schemaVersions, tableNameOf } from './schema'
import type { ScratchDatabase } from './scratch-database'

/*
 * A snapshot is a new database into which every table is copied in the order of its keys: dense pages, without the index over
 * the names, and without anything of removed rows. Its first page is then replaced by that of the empty index, which says
 * the same but for SQLite's version number and counters.
 */

/** The database as bytes. */
export function snapshotBytes(database: ScratchDatabase): Uint8Array {
  const unnamed = ''
  const bytes = copyTo(database, unnamed, (sqlite) => sqlite.serialize({ attached: 'snapshot' }))
  bytes.set(firstPage(bytes.length))
  return bytes
}

/** The database as a file at `path`, which must not exist yet; after a failure it does not. @throws LmzError `Io`, `NoSpace` */
export function writeSnapshot(database: ScratchDatabase, path: string): void {
  // SQLite would write into an empty file, so this claims the path.
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (cause) {
    throw toLmzError(cause, 'Cannot write the index', path)
  }
  try {
    copyTo(database, path, () => undefined)
    const file = openSync(path, 'r+')
    try {
      writeSync(file, firstPage(fstatSync(file).size), 0, pageSize, 0)
    } finally {
      closeSync(file)
    }
  } catch (cause) {
    rmSync(path, { force: true })
    throw toLmzError(cause, 'Cannot write the index', path)
  }
}

/** Copies all tables to a new database, for `use` attached as "snapshot". */
function copyTo<T>(database: ScratchDatabase, path: string, use: (sqlite: Database.Database) => T): T {
  return database.betweenTransactions((sqlite) => {
    sqlite.prepare('ATTACH ? AS snapshot').run(path)
    try {
      for (const setting of [`page_size = ${pageSize}`, 'journal_mode = OFF', 'synchronous = OFF']) {
        sqlite.pragma(`snapshot.${setting}`)
      }
      const statements = schemaVersions.get(schemaVersion) ?? []
      for (const sql of statements) sqlite.exec(sql.replace('CREATE TABLE ', 'CREATE TABLE snapshot.'))
      requireStandardRoots(sqlite, statements)
      for (const name of statements.map(tableNameOf)) {
        // Without a list of columns or an ORDER BY, SQLite copies cell by cell (its "transfer optimization"), in order of the keys.
        sqlite.exec(`INSERT INTO snapshot.${name} SELECT * FROM main.${name}`)
      }
      return use(sqlite)
    } finally {
      sqlite.exec('DETACH snapshot')
    }
  })
}

function firstPage(length: number): Buffer {
  const page = Buffer.from(emptyIndexBytes().subarray(0, pageSize))
  page.writeUInt32BE(length / pageSize, headerFields.pageCount)
  return page
}

/** Guards against a version of SQLite that would lay out a new database in another way. */
function requireStandardRoots(sqlite: Database.Database, statements: readonly string[]): void {
  const found = sqlite.prepare('SELECT type, name, tbl_name, rootpage, sql FROM snapshot.sqlite_schema ORDER BY rowid')
  const expected = statements.map((sql, index) => ['table', tableNameOf(sql), tableNameOf(sql), index + 2, sql])
  if (JSON.stringify(found.raw().all()) !== JSON.stringify(expected))
    throw new TypeError('SQLite laid out the index in an unknown way')
}

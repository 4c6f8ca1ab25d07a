import { closeSync, fstatSync, openSync, rmSync, writeSync } from 'node:fs'
import { toLmzError } from '../contract/error'
import { describe, emptyIndexBytes, headerFields, pageSize, schemaVersion, schemaVersions } from './schema'
import type { ScratchDatabase } from './scratch-database'

/*
 * A snapshot is made by VACUUM, which writes every table anew and densely, so that nothing of removed rows is left in free
 * space. Its first page is then replaced by that of the empty index, which says the same but for SQLite's version number
 * and counters.
 */

/** The database as bytes. */
export function snapshotBytes(database: ScratchDatabase): Uint8Array {
  const bytes = database.betweenTransactions((sqlite) => {
    sqlite.exec('VACUUM')
    return sqlite.serialize()
  })
  requireStandardRoots(database)
  bytes.set(firstPage(bytes.length))
  return bytes
}

/** The database as a file at `path`, which must not exist yet; after a failure it does not. @throws LmzError `Io`, `NoSpace` */
export function writeSnapshot(database: ScratchDatabase, path: string): void {
  // SQLite would overwrite an empty file, so this claims the path.
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (cause) {
    throw toLmzError(cause, 'Cannot write the index', path)
  }
  try {
    // The order of the tables' first pages is that of their definitions, in a vacuumed copy as well as in its original.
    requireStandardRoots(database)
    database.betweenTransactions((sqlite) => sqlite.prepare('VACUUM INTO ?').run(path))
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

function firstPage(length: number): Buffer {
  const page = Buffer.from(emptyIndexBytes().subarray(0, pageSize))
  page.writeUInt32BE(length / pageSize, headerFields.pageCount)
  return page
}

/** Guards against a version of SQLite that would lay out a new database in another way. */
function requireStandardRoots(database: ScratchDatabase): void {
  const found = database.rows(
    'SELECT type, name, tbl_name, CAST(rootpage AS TEXT), sql FROM sqlite_schema ORDER BY rowid',
  )
  const expected = (schemaVersions.get(schemaVersion) ?? []).map((sql, index) => {
    const { type, name, table } = describe(sql)
    return [type, name, table, String(index + 2), sql]
  })
  if (JSON.stringify(found) !== JSON.stringify(expected))
    throw new TypeError('SQLite laid out the index in an unknown way')
}

import type Database from 'better-sqlite3'
import { fault } from './rows'
import { longestName } from './rules'
import { causeIsDuplicate } from './sqlite-error'

/** A row has at least 13 bytes of record, one of id and two of pointer. */
const shortestRow = 16

/** Types and lengths are in the record headers: no name is loaded before all are known to be short. */
const isListable = `typeof(name) = 'text' AND octet_length(name) <= ${longestName} AND typeof(parent) = 'integer'`
const measure = `SELECT count(*), coalesce(sum(length), 0), min(wrong) FROM
  (SELECT octet_length(name) AS length, iif(${isListable}, NULL, id) AS wrong FROM main.entry LIMIT ?)`

/**
 * Makes `temp.entry_by_parent`, the children of each directory in order of their names' bytes, for an index that is being
 * opened: about 0.6 s for a million entries. It is in SQLite's temporary database, which spills to a file without a name.
 *
 * The table is gone through once before, since the inner pages of a malformed tree can lead to the same rows over and over,
 * and long names can share their pages: what is sorted must not be more than what the database has room for.
 * @param length bytes of the database
 * @throws LmzError `Format` for names that occur twice in a directory, or are none
 */
export function listNames(database: Database.Database, length: number): void {
  const mostRows = Math.floor(length / shortestRow)
  const [count = 0n, bytes = 0n, wrong = null] =
    database
      .prepare<[number], [bigint, bigint, bigint | null]>(measure)
      .raw()
      .safeIntegers()
      .get(mostRows + 1) ?? []
  if (wrong !== null) throw fault(`entry ${wrong}`, 'its name or parent is missing, too long or of a wrong type')
  if (count > mostRows || bytes > length) throw fault('the entries', 'there are more than the index has room for')
  for (const setting of ['cache_size = -32768', 'journal_mode = OFF']) database.pragma(`temp.${setting}`)
  database.exec(`CREATE TEMP TABLE entry_by_parent(parent INTEGER, name TEXT, id INTEGER, PRIMARY KEY(parent, name))
    WITHOUT ROWID`)
  try {
    database.exec('INSERT INTO temp.entry_by_parent SELECT parent, name, id FROM main.entry ORDER BY parent, name')
  } catch (cause) {
    if (causeIsDuplicate(cause)) throw fault('the entries', 'two of the same name are in the same directory')
    throw cause
  }
}

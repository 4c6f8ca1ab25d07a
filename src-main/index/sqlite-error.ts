import Database from 'better-sqlite3'
import { LmzError, type LmzErrorCode, toLmzError } from '../contract/error'

/** By primary result code; what is not here can only come from malformed database bytes. */
const sqliteCodes: readonly (readonly [prefix: string, code: LmzErrorCode, reason: string])[] = [
  ['SQLITE_FULL', 'NoSpace', 'the disk for temporary files is full'],
  ['SQLITE_IOERR', 'Io', 'reading or writing a file failed'],
  ['SQLITE_CANTOPEN', 'Io', 'a file cannot be opened'],
  ['SQLITE_READONLY', 'Io', 'a file may not be written'],
  ['SQLITE_PERM', 'Io', 'permission denied'],
  ['SQLITE_AUTH', 'Io', 'permission denied'],
  ['SQLITE_BUSY', 'Busy', 'another program is using a file'],
  ['SQLITE_LOCKED', 'Busy', 'another program is using a file'],
  ['SQLITE_PROTOCOL', 'Io', 'the file system does not lock files'],
  ['SQLITE_NOLFS', 'Io', 'the file system does not allow a file this large'],
  ['SQLITE_NOMEM', 'Limit', 'it needs more memory than there is'],
  ['SQLITE_TOOBIG', 'Limit', 'it holds a value that is too large'],
]

/** Whether SQLite reports that another connection holds a lock. */
export function isBusy(thrown: unknown): boolean {
  return thrown instanceof Database.SqliteError && thrown.code.startsWith('SQLITE_BUSY')
}

/** Whether an error came of a row whose key another row has. */
export function causeIsDuplicate(thrown: unknown): boolean {
  const cause = thrown instanceof LmzError ? thrown.cause : thrown
  return cause instanceof Database.SqliteError && /^SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY)$/.test(cause.code)
}

/**
 * Turns whatever SQLite threw into an {@link LmzError}.
 * @param action the start of a sentence: "Cannot write the index"
 * @param malformed the code for errors that only malformed bytes cause: `Format` when reading an untrusted index
 */
export function fromSqlite(thrown: unknown, action: string, malformed: LmzErrorCode = 'Io'): LmzError {
  if (!(thrown instanceof Database.SqliteError)) return toLmzError(thrown, action)
  const [, code, reason] = sqliteCodes.find(([prefix]) => thrown.code.startsWith(prefix)) ?? [
    '',
    malformed,
    thrown.message,
  ]
  return new LmzError(code, `${action}: ${reason}.`, { cause: thrown })
}

import { closeSync, fstatSync, lstatSync, openSync, readSync } from 'node:fs'
import Database from 'better-sqlite3'
import { LmzError, toLmzError } from '../contract/error'
import { listNames } from './name-list'
import { applicationId, emptyIndexBytes, headerFields, pageSize, schemaVersion } from './schema'
import { fromSqlite } from './sqlite-error'
import type { NumberRow, Parameter, Row } from './sqlite-value'

/** Up to this size, structure and column types are checked when an index is opened (about 0.9 s at the limit; three million entries). */
const structureCheckedLength = 256 * 1024 * 1024

const action = 'The index of the archive cannot be used'

/**
 * A SQLite database that somebody else wrote, opened so that it can do no harm.
 *
 * Before SQLite sees it, its first page must be, byte for byte, the first page of an empty index: so there is no schema
 * of theirs to parse, no view, trigger or virtual table, no WAL mode, no odd page size. SQLite then runs read-only,
 * defensive (better-sqlite3's default), without trust in the schema, and checks every cell it reads. The one thing it adds is
 * the list of names, which is in a temporary database of its own: the bytes are never written to.
 *
 * A database over 256 MB is not searched for structural damage when it is opened. That is safe because each query of this
 * folder is a look-up or a range of limited length whose rows must ascend: the work a malformed tree can cause is bounded
 * by its size, a wrong row is refused by the validators like any other, and `checkAll` looks at everything.
 */
export class UntrustedDatabase {
  readonly #database: Database.Database
  readonly #statements = new Map<string, Database.Statement>()
  readonly #numberStatements = new Map<string, Database.Statement>()
  #isChecked = false

  private constructor(open: () => Database.Database, length: number, checkLimit = structureCheckedLength) {
    try {
      this.#database = open()
    } catch (cause) {
      throw fromSqlite(cause, action, 'Format')
    }
    try {
      this.#harden()
      if (length <= checkLimit) this.checkStructure()
      listNames(this.#database, length)
      this.#database.pragma('query_only = ON')
    } catch (cause) {
      this.#database.close()
      throw fromSqlite(cause, action, 'Format')
    }
  }

  /** Copies the bytes. @throws LmzError `Format`, `Unsupported` (a newer schema) */
  static fromBytes(bytes: Uint8Array, checkLimit?: number): UntrustedDatabase {
    checkFirstPage(bytes.subarray(0, pageSize), bytes.length)
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    return new UntrustedDatabase(() => new Database(buffer, { readonly: true }), bytes.length, checkLimit)
  }

  /**
   * @param path a file in a folder that nobody else can write to, so that nobody can put a journal beside it
   * @throws LmzError `Format`, `Unsupported` (a newer schema), `Io`, `NotFound`
   */
  static fromFile(path: string, checkLimit?: number): UntrustedDatabase {
    for (const companion of [`${path}-wal`, `${path}-journal`]) {
      if (lstatSync(companion, { throwIfNoEntry: false }) === undefined) continue
      throw new LmzError('Format', `${action}: there is a journal beside it.`, { subject: companion })
    }
    const { firstPage, length } = readFirstPage(path)
    checkFirstPage(firstPage, length)
    return new UntrustedDatabase(() => new Database(path, { readonly: true, fileMustExist: true }), length, checkLimit)
  }

  /**
   * The first row, or undefined.
   *
   * Statements with a join or an ORDER BY compare with `= +?`: for a plain `= ?` SQLite compiles them anew for each value, since
   * it might change an estimate, and that takes five times as long as the look-up itself.
   */
  row(sql: string, ...parameters: readonly Parameter[]): Row | undefined {
    try {
      return this.#statement(sql).get(...parameters) as Row | undefined
    } catch (cause) {
      throw fromSqlite(cause, action, 'Format')
    }
  }

  /** All rows; the statement has a LIMIT, since they are all in memory at once. */
  rows(sql: string, ...parameters: readonly Parameter[]): Row[] {
    try {
      return this.#statement(sql).all(...parameters) as Row[]
    } catch (cause) {
      throw fromSqlite(cause, action, 'Format')
    }
  }

  /** As {@link rows}, with integers as numbers, at half the cost: those over 2^53 are not exact, and must be refused. */
  numberRows(sql: string, ...parameters: readonly Parameter[]): NumberRow[] {
    try {
      return this.#prepared(this.#numberStatements, sql, (statement) => statement.raw()).all(
        ...parameters,
      ) as NumberRow[]
    } catch (cause) {
      throw fromSqlite(cause, action, 'Format')
    }
  }

  /**
   * Looks for structural damage and values of wrong types, once; aggregates over whole tables are safe after it.
   * @throws LmzError `Format`
   */
  checkStructure(): void {
    if (this.#isChecked) return
    this.#pragmaMustBeOk('main.quick_check(1)')
    this.#isChecked = true
  }

  /** Checks everything SQLite can check. @throws LmzError `Format` */
  checkIntegrity(): void {
    this.#pragmaMustBeOk('main.integrity_check(1)')
  }

  close(): void {
    this.#statements.clear()
    this.#numberStatements.clear()
    this.#database.close()
  }

  #statement(sql: string): Database.Statement {
    return this.#prepared(this.#statements, sql, (statement) => statement.raw().safeIntegers())
  }

  #prepared(
    cache: Map<string, Database.Statement>,
    sql: string,
    setUp: (statement: Database.Statement) => Database.Statement,
  ): Database.Statement {
    const known = cache.get(sql)
    if (known !== undefined) return known
    const statement = setUp(this.#database.prepare(sql))
    cache.set(sql, statement)
    return statement
  }

  #harden(): void {
    for (const setting of ['trusted_schema = OFF', 'cell_size_check = ON', 'main.cache_size = -32768']) {
      this.#database.pragma(setting)
    }
    // One read transaction for good: otherwise every query would lock the file and look for journals anew.
    this.#database.exec('BEGIN')
  }

  #pragmaMustBeOk(pragma: string): void {
    let result: unknown
    try {
      result = this.#database.pragma(pragma, { simple: true })
    } catch (cause) {
      throw fromSqlite(cause, action, 'Format')
    }
    if (result !== 'ok') throw new LmzError('Format', `${action}: ${String(result)}.`)
  }
}

/** Fields of the first page that may differ: the page count, checked by itself, and traces of SQLite's own work. */
const freeFields = [
  headerFields.changeCounter,
  headerFields.pageCount,
  headerFields.versionValidFor,
  headerFields.sqliteVersion,
]

/** @throws LmzError `Format`, `Unsupported` */
function checkFirstPage(firstPage: Uint8Array, length: number): void {
  const fault = (reason: string) => new LmzError('Format', `${action}: ${reason}.`)
  const page = Buffer.from(firstPage)
  if (page.length < pageSize) throw fault('it is too short')
  if (page.toString('latin1', 0, 16) !== 'SQLite format 3\0') throw fault('it is not a database')
  if (page.readUInt32BE(headerFields.applicationId) !== applicationId) throw fault('it is another kind of database')
  const version = page.readUInt32BE(headerFields.userVersion)
  if (version > schemaVersion) {
    throw new LmzError(
      'Unsupported',
      `${action}: it has version ${version}, and this lmz reads up to ${schemaVersion}.`,
    )
  }
  const expected = Buffer.from(emptyIndexBytes(version).subarray(0, pageSize))
  for (const field of freeFields) page.copy(expected, field, field, field + 4)
  if (!page.equals(expected)) throw fault('its tables are not those of an index')
  const pages = page.readUInt32BE(headerFields.pageCount)
  const isComplete = length === pages * pageSize && length >= emptyIndexBytes(version).length
  if (!isComplete) throw fault(`its ${length} bytes are not the ${pages} pages it should have`)
}

function readFirstPage(path: string): { readonly firstPage: Uint8Array; readonly length: number } {
  try {
    const file = openSync(path, 'r')
    try {
      const firstPage = Buffer.alloc(pageSize)
      const bytesRead = readSync(file, firstPage, 0, pageSize, 0)
      return { firstPage: firstPage.subarray(0, bytesRead), length: fstatSync(file).size }
    } finally {
      closeSync(file)
    }
  } catch (cause) {
    throw toLmzError(cause, action, path)
  }
}

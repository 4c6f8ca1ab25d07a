import Database from 'better-sqlite3'
import type { Row } from './sqlite-value'
import { fromSqlite } from './sqlite-error'

export type ScratchValue = bigint | number | string | Uint8Array | null | undefined

/**
 * A database of our own that nobody else sees: SQLite keeps it in its page cache and spills what does not fit to a file
 * without a name. Everything runs in one long transaction without a journal, since after a failure it is thrown away.
 */
export class ScratchDatabase {
  readonly #database: Database.Database
  readonly #statements = new Map<string, Database.Statement>()
  readonly #action: string

  /**
   * @param action the start of error messages: "Cannot write the index"
   * @param cacheKibibytes for each of the main and the `temp` schema
   */
  constructor(action: string, cacheKibibytes: number) {
    this.#action = action
    try {
      this.#database = new Database('')
      for (const schema of ['main', 'temp']) {
        for (const setting of [
          'page_size = 4096',
          `cache_size = -${cacheKibibytes}`,
          'journal_mode = OFF',
          'synchronous = OFF',
        ]) {
          this.#database.pragma(`${schema}.${setting}`)
        }
      }
      this.#database.pragma('locking_mode = EXCLUSIVE')
      this.#database.exec('BEGIN')
    } catch (cause) {
      throw fromSqlite(cause, action)
    }
  }

  /** Runs statements without parameters. */
  execute(sql: string): void {
    this.#guard(() => this.#database.exec(sql))
  }

  /** @returns how many rows changed */
  run(sql: string, ...parameters: readonly ScratchValue[]): number {
    try {
      return this.#statement(sql).run(...parameters).changes
    } catch (cause) {
      throw fromSqlite(cause, this.#action)
    }
  }

  /** Integers come as bigint. */
  row(sql: string, ...parameters: readonly ScratchValue[]): Row | undefined {
    return this.#guard(() => this.#reader(sql).get(...parameters) as Row | undefined)
  }

  /** Integers come as bigint. */
  rows(sql: string, ...parameters: readonly ScratchValue[]): Row[] {
    return this.#guard(() => this.#reader(sql).all(...parameters) as Row[])
  }

  /** Ends the transaction, for what cannot run inside one, and begins the next. */
  betweenTransactions<T>(work: (database: Database.Database) => T): T {
    return this.#guard(() => {
      this.#database.exec('COMMIT')
      try {
        return work(this.#database)
      } finally {
        this.#database.exec('BEGIN')
      }
    })
  }

  /** Bytes of the main schema. */
  get length(): number {
    return Number(this.#database.pragma('main.page_count', { simple: true })) * 4096
  }

  close(): void {
    this.#statements.clear()
    this.#database.close()
  }

  #statement(sql: string): Database.Statement {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const statement = this.#database.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }

  #reader(sql: string): Database.Statement {
    return this.#statements.get(sql) ?? this.#statement(sql).raw().safeIntegers()
  }

  #guard<T>(work: () => T): T {
    try {
      return work()
    } catch (cause) {
      throw fromSqlite(cause, this.#action)
    }
  }
}

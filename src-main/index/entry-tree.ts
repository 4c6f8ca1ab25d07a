import type { Entry } from '../contract/entry'
import { LmzError } from '../contract/error'
import { compareNames } from './name-order'
import type { UntrustedDatabase } from './open'
import type { Row } from './sqlite-value'
import {
  bounded,
  checkExact,
  entryColumns,
  entryJoins,
  entryOf,
  entryTables,
  fault,
  integer,
  type RowLimits,
  text,
} from './rows'
import { deepestPath, longestName, nameFault } from './rules'

/** What a path is made of: where an entry hangs, and by what name. */
export interface EntryName {
  readonly id: number
  readonly parent: number
  readonly name: string
}

const pageLength = 512
/** A depth-first walk holds one page for each level; deep down they are shorter. */
const deepPageLength = 16
const deepLevel = 16
const mostCachedNames = 16_384

/**
 * Children come from the list of names, and each from the row of its id: in a malformed tree, what was met on the way through
 * the table may not be what its id leads to.
 */
const childrenOf = `SELECT i.name, ${entryColumns} FROM temp.entry_by_parent AS i
  LEFT JOIN entry AS e ON e.id = i.id ${entryJoins} WHERE i.parent = +?`

const selectName = `SELECT id, parent, ${bounded('name', longestName)} FROM entry`

/** The tree of entries. All ways out of it check what they give away. */
export class EntryTree {
  readonly #database: UntrustedDatabase
  readonly #limits: RowLimits
  readonly #names = new Map<number, EntryName>()

  constructor(database: UntrustedDatabase, limits: RowLimits) {
    this.#database = database
    this.#limits = limits
  }

  /** @throws LmzError `Format` */
  get(id: number): Entry | undefined {
    const row = this.#database.row(`SELECT ${entryColumns} FROM ${entryTables} WHERE e.id = +?`, id)
    return row === undefined ? undefined : this.#entryOf(row)
  }

  /** @throws LmzError `Format` */
  child(parent: number, name: string): Entry | undefined {
    // A string that cannot be a name must not reach SQLite, which would look for another one.
    if (nameFault(name) !== undefined) return undefined
    const row = this.#database.row(`${childrenOf} AND i.name = +?`, parent, name)
    return row === undefined ? undefined : this.#childOf(row, parent)
  }

  /** All entries in order of their ids, so parents before children. @throws LmzError `Format` */
  *all(): Generator<Entry> {
    const sql = `SELECT ${entryColumns} FROM ${entryTables} WHERE e.id >= ? ORDER BY e.id LIMIT ${pageLength}`
    let next = 0
    for (;;) {
      const rows = this.#database.rows(sql, next === 0 ? -(2n ** 63n) : next)
      for (const row of rows) {
        const entry = this.#entryOf(row)
        if (entry.id < next) throw fault(`entry ${entry.id}`, 'the entries are not in order')
        next = entry.id + 1
        yield entry
      }
      if (rows.length < pageLength) return
    }
  }

  /**
   * The children of a directory, sorted by the bytes of their names.
   * @param after only those behind this name
   * @throws LmzError `Format`
   */
  *children(parent: number, after?: string): Generator<Entry> {
    let last = after
    for (;;) {
      const page = this.#childrenPage(parent, last, pageLength)
      yield* page
      if (page.length < pageLength) return
      last = page.at(-1)?.name
    }
  }

  /**
   * Everything below a directory (0: all), depth-first, parents before their children, by name.
   * @throws LmzError `Format`; `Limit` below 2,000 levels
   */
  *descendants(id: number): Generator<Entry> {
    const startDepth = id === 0 ? 0 : this.path(id).length
    const levels = [this.children(id)]
    while (levels.length > 0) {
      const next = levels.at(-1)?.next()
      if (next === undefined || next.done === true) {
        levels.pop()
        continue
      }
      yield next.value
      if (next.value.kind !== 'directory') continue
      if (startDepth + levels.length >= deepestPath) this.#refuseBelow(next.value.id)
      levels.push(levels.length < deepLevel ? this.children(next.value.id) : this.#childrenSparingly(next.value.id))
    }
  }

  /** The names from the top level to an entry. @throws LmzError `Format`; `Limit` for more than 2,000 */
  path(id: number): string[] {
    const path: string[] = []
    for (let at = id; at !== 0;) {
      if (path.length === deepestPath) throw tooDeep(id)
      const { name, parent } = this.nameOf(at)
      path.push(name)
      at = parent
    }
    return path.reverse()
  }

  /** Names and parents of all entries by id, read from the table at little cost. @throws LmzError `Format` */
  *allNames(): Generator<EntryName> {
    const sql = `${selectName} WHERE id >= ? ORDER BY id LIMIT ${pageLength}`
    let next = 1
    for (;;) {
      const rows = this.#database.rows(sql, next)
      for (const row of rows) {
        const found = this.#nameOf(row)
        if (found.id < next) throw fault(`entry ${found.id}`, 'the entries are not in order')
        next = found.id + 1
        yield found
      }
      if (rows.length < pageLength) return
    }
  }

  /** @throws LmzError `Format` when there is no such entry or its name breaks a rule */
  nameOf(id: number): EntryName {
    const known = this.#names.get(id)
    if (known !== undefined) return known
    const row = this.#database.row(`${selectName} WHERE id = ?`, id)
    if (row === undefined) throw fault(`entry ${id}`, 'there is no such entry')
    const found = this.#nameOf(row)
    if (this.#names.size >= mostCachedNames) this.#names.clear()
    this.#names.set(id, found)
    return found
  }

  #childrenSparingly(parent: number): Generator<Entry> {
    const page = (after: string | undefined) => this.#childrenPage(parent, after, deepPageLength)
    return (function* () {
      for (let last: string | undefined; ;) {
        const entries = page(last)
        yield* entries
        if (entries.length < deepPageLength) return
        last = entries.at(-1)?.name
      }
    })()
  }

  #childrenPage(parent: number, after: string | undefined, limit: number): Entry[] {
    const rows =
      after === undefined
        ? this.#database.rows(`${childrenOf} ORDER BY i.name LIMIT ${limit}`, parent)
        : this.#database.rows(`${childrenOf} AND i.name > ? ORDER BY i.name LIMIT ${limit}`, parent, after)
    let last = after
    return rows.map((row) => {
      const entry = this.#childOf(row, parent)
      if (last !== undefined && compareNames(last, entry.name) >= 0) {
        throw fault(`entry ${entry.id}`, 'the names are not in order')
      }
      last = entry.name
      return entry
    })
  }

  #childOf(row: Row, parent: number): Entry {
    const [listedName, ...columns] = row
    if (columns[0] === null) throw fault(`entry ${parent}`, 'it lists a child that does not exist')
    const entry = this.#entryOf(columns)
    if (entry.parent !== parent || entry.name !== listedName) {
      throw fault(`entry ${entry.id}`, 'it is not the one that the list of names says it is')
    }
    return entry
  }

  #refuseBelow(id: number): void {
    if (!this.children(id).next().done) throw tooDeep(id)
  }

  #entryOf(row: Row): Entry {
    return entryOf(row, this.#limits, (id, column) => {
      return this.#database.row(`SELECT CAST(${column} AS BLOB) FROM entry WHERE id = ?`, id)?.[0]
    })
  }

  #nameOf(row: Row): EntryName {
    const id = integer(row[0], 1, Number.MAX_SAFE_INTEGER, 'entry', 'id')
    const label = `entry ${id}`
    const name = text(row[2], label, 'name')
    const reason = nameFault(name)
    if (reason !== undefined) throw fault(label, reason)
    const bytes = () => this.#database.row('SELECT CAST(name AS BLOB) FROM entry WHERE id = ?', id)?.[0]
    checkExact(name, bytes, label, 'name')
    return { id, parent: integer(row[1], 0, id - 1, label, 'parent'), name }
  }
}

function tooDeep(id: number): LmzError {
  return new LmzError('Limit', `The archive has folders more than ${deepestPath} levels deep.`, {
    subject: `entry ${id}`,
  })
}

import { entryKinds } from '../contract/entry'
import { fault } from './rows'
import { nameFault } from './rules'
import type { UntrustedDatabase } from './open'
import { isNatural } from './sqlite-value'

/** What a list of all entries needs to know of one. */
export interface EntryFacts {
  readonly id: number
  readonly parent: number
  readonly name: string
  /** Number of its kind, see {@link entryKinds}. */
  readonly kind: number
  readonly mtimeMs: number
  /** Of a file: its content, 0 if that is missing. */
  readonly content: number
}

const pageLength = 1024
/** Milliseconds are enough for a list, and unlike nanoseconds they are exact as a number. */
const sql = `SELECT id, parent, name, kind, mtime_ns / 1000000, iif(kind = ${entryKinds.file}, ifnull(content, 0), 0)
  FROM entry WHERE id >= ? ORDER BY id LIMIT ${pageLength}`

/**
 * All entries in the order of their ids, a page at a time: at under 1 µs each a tenth of what complete entries cost.
 * @throws LmzError `Format`
 */
export function* entryFacts(database: UntrustedDatabase): Generator<readonly EntryFacts[]> {
  let next = 0
  for (;;) {
    const rows = database.numberRows(sql, next)
    yield rows.map((row) => {
      const [id, parent, name, kind, mtimeMs, content] = row
      if (!isNatural(id) || id < Math.max(next, 1)) throw fault(`entry ${String(id)}`, 'the entries are not in order')
      next = id + 1
      const label = `entry ${id}`
      if (!isNatural(parent) || parent >= id) throw fault(label, `its parent is ${String(parent)}`)
      if (!isNatural(kind) || kind > entryKinds.hardLink) throw fault(label, `its kind is ${String(kind)}`)
      if (!isNatural(content)) throw fault(label, `its content is ${String(content)}`)
      if (typeof mtimeMs !== 'number') throw fault(label, 'its mtime is not an integer')
      const reason = typeof name === 'string' ? nameFault(name) : 'its name is of a wrong type'
      if (typeof name !== 'string' || reason !== undefined) throw fault(label, reason ?? '')
      return { id, parent, name, kind, mtimeMs, content }
    })
    if (rows.length < pageLength) return
  }
}

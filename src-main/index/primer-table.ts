import type { UntrustedDatabase } from './open'
import type { Parameter } from './sqlite-value'
import { fault, frameEnd, primerColumns, primerOf, type PrimerRow, type RowLimits } from './rows'

const selectPrimer = `SELECT ${primerColumns} FROM primer`
const pageLength = 512

/** Where primers lie. */
export class PrimerTable {
  readonly #database: UntrustedDatabase
  readonly #limits: RowLimits

  constructor(database: UntrustedDatabase, limits: RowLimits) {
    this.#database = database
    this.#limits = limits
  }

  /** @throws LmzError `Format` for a primer that is not there or breaks a rule */
  get(id: number): PrimerRow {
    const row = this.#database.row(`${selectPrimer} WHERE id = ?`, id)
    const primer = row === undefined ? undefined : primerOf(row, this.#limits)
    if (primer?.id !== id) throw fault(`primer ${id}`, 'there is no such primer')
    return primer
  }

  /** All primers, in order of their places in the file. @throws LmzError `Format` */
  *all(): Generator<PrimerRow> {
    let previous: PrimerRow | undefined
    for (;;) {
      const from: Parameter = previous === undefined ? -(2n ** 63n) : previous.id + 1
      const rows = this.#database.rows(`${selectPrimer} WHERE id >= ? ORDER BY id LIMIT ${pageLength}`, from)
      for (const row of rows) {
        const primer = primerOf(row, this.#limits)
        if (previous !== undefined) checkNext(previous, primer)
        previous = primer
        yield primer
      }
      if (rows.length < pageLength) return
    }
  }
}

function checkNext(previous: PrimerRow, primer: PrimerRow): void {
  if (previous.id >= primer.id) throw fault(`primer ${primer.id}`, 'the primers are not in order')
  if (frameEnd(previous) > primer.position) throw fault(`primer ${primer.id}`, `it overlaps primer ${previous.id}`)
}

import { groupFields } from './dependency'
import { countFields } from './rows'

/** Rows of one number of fields. */
export interface Table {
  /** For each column how many fields next to each other it holds. */
  readonly columns: readonly number[]
}

export interface Plan {
  readonly delimiter: number
  readonly tables: readonly Table[]
  /** For each row the number of its table, from 1; 0 for rows that are kept whole. */
  readonly kinds: Uint8Array
}

const delimiters = [0x2c, 0x09, 0x3b, 0x7c]
export const mostTables = 8
export const mostColumns = 1024
/** A table of fewer rows is not worth its columns' start-up; nor one of far more columns than rows. */
const fewestRows = 16
const fewestRowsPerColumn = 0.25
/** Of the bytes of a block. */
const enoughCoverage = 0.8

/** @returns `undefined` where the block is not made of tables */
export function planColumns(raw: Uint8Array, rows: Int32Array): Plan | undefined {
  const rowCount = rows.length - 1
  if (rowCount < fewestRows) return undefined
  let best: Plan | undefined
  let bestFields = 1
  for (const delimiter of delimiters) {
    const counts = countFields(raw, rows, delimiter)
    const sizes = frequentCounts(counts)
    const kinds = new Uint8Array(rowCount)
    let covered = 0
    let fields = 0
    for (let row = 0; row < rowCount; row++) {
      const kind = sizes.indexOf(counts[row] ?? 0) + 1
      kinds[row] = kind
      if (kind === 0) continue
      covered += (rows[row + 1] ?? 0) - (rows[row] ?? 0)
      fields += counts[row] ?? 0
    }
    if (covered < enoughCoverage * raw.length || fields <= bestFields) continue
    bestFields = fields
    best = { delimiter, kinds, tables: sizes.map((size) => ({ columns: new Array<number>(size).fill(1) })) }
  }
  if (best === undefined) return undefined
  const { delimiter, kinds, tables } = best
  const merged = tables.map(({ columns }, index) => ({
    columns: groupFields(raw, rows, kinds, index + 1, delimiter, columns.length),
  }))
  return { delimiter, kinds, tables: merged }
}

/** The numbers of fields that many rows have, most frequent first. */
function frequentCounts(counts: Int32Array): readonly number[] {
  const rowsBySize = new Map<number, number>()
  for (const size of counts) if (size > 1 && size <= mostColumns) rowsBySize.set(size, (rowsBySize.get(size) ?? 0) + 1)
  return [...rowsBySize]
    .filter(([size, count]) => count >= Math.max(fewestRows, size * fewestRowsPerColumn))
    .sort(([sizeA, countA], [sizeB, countB]) => countB - countA || sizeA - sizeB)
    .slice(0, mostTables)
    .map(([size]) => size)
}

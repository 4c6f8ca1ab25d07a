import { decimals } from '../decimals/decimals'
import { HeaderReader, HeaderWriter } from '../header'
import type { Transform } from '../transform'
import { columns } from './columns'

/**
 * Columns of slowly changing decimal numbers: `columns`, and then `decimals` on its result, where a number's predecessor is
 * the one in the row above.
 *
 * Layout: length of what `columns` made (LEB128), then what `decimals` made of it.
 */
export const decimalColumns: Transform = { number: 4, name: 'decimal-columns', forward, inverse }

function forward(raw: Uint8Array): Uint8Array | undefined {
  const byColumn = columns.forward(raw)
  if (byColumn === undefined) return undefined
  const differences = decimals.forward(byColumn)
  if (differences === undefined) return undefined
  const header = new HeaderWriter()
  header.number(byColumn.length)
  const transformed = new Uint8Array(header.length + differences.length)
  header.copyTo(transformed)
  transformed.set(differences, header.length)
  return transformed
}

/** Beside the block and one byte a row: the header of `columns` at its longest. */
const longestHeader = 2048

function inverse(transformed: Uint8Array, rawLength: number): Uint8Array {
  const header = new HeaderReader(transformed, 'decimal-columns')
  const length = header.number(2 * (rawLength + 1) + longestHeader)
  return columns.inverse(decimals.inverse(header.rest(), length), rawLength)
}

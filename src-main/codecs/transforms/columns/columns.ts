import { HeaderReader, HeaderWriter } from '../header'
import type { Transform } from '../transform'
import { mostColumns, mostTables, planColumns } from './plan'
import { endOfField, findRows, lineFeed } from './rows'

/**
 * Tables in text form, column by column.
 *
 * Layout: the delimiter (one byte), the number of tables, for each its number of columns, the number of rows (all LEB128); then
 * one byte for each row, the number of its table or 0; then the rows of table 0, whole; then each table's columns one after the
 * other. Rows and fields end with a line feed, also the last row of the block, which has none. A row is made again by
 * joining its fields with the delimiter; which delimiters divide fields is up to the writer.
 */
export const columns: Transform = { number: 3, name: 'columns', forward, inverse }

function forward(raw: Uint8Array): Uint8Array | undefined {
  const rows = findRows(raw)
  const plan = planColumns(raw, rows)
  if (plan === undefined) return undefined
  const { delimiter, tables, kinds } = plan
  const header = new HeaderWriter()
  header.byte(delimiter)
  header.number(tables.length)
  for (const table of tables) header.number(table.columns.length)
  header.number(kinds.length)
  const transformed = new Uint8Array(header.length + kinds.length + raw.length + 1)
  header.copyTo(transformed)
  transformed.set(kinds, header.length)
  let write = header.length + kinds.length
  const cursors = rows.slice(0, kinds.length)
  for (let kind = 0; kind <= tables.length; kind++) {
    // Rows of no table are one column.
    const widths = kind === 0 ? [0] : (tables[kind - 1]?.columns ?? [])
    for (let column = 0; column < widths.length; column++) {
      const isLast = column === widths.length - 1
      const width = widths[column] ?? 1
      for (let row = 0; row < kinds.length; row++) {
        if (kinds[row] !== kind) continue
        const rowEnd = (rows[row + 1] ?? 0) - 1
        const start = cursors[row] ?? 0
        let end = start - 1
        if (isLast) end = rowEnd
        else for (let field = 0; field < width; field++) end = endOfField(raw, end + 1, rowEnd, delimiter)
        for (let at = start; at < end; at++) transformed[write++] = raw[at] ?? 0
        transformed[write++] = lineFeed
        cursors[row] = end + 1
      }
    }
  }
  return transformed
}

function inverse(transformed: Uint8Array, rawLength: number): Uint8Array {
  const header = new HeaderReader(transformed, 'columns')
  const delimiter = header.byte()
  const tableCount = header.number(mostTables)
  const columnCounts = new Int32Array(tableCount + 1)
  columnCounts[0] = 1
  for (let table = 1; table <= tableCount; table++) {
    columnCounts[table] = header.number(mostColumns)
    if (columnCounts[table] === 0) throw header.corrupt()
  }
  const rowCount = header.number(rawLength + 1)
  const rest = header.rest()
  if (rest.length !== rowCount + rawLength + 1) throw header.corrupt()
  const kinds = rest.subarray(0, rowCount)
  const rowsByKind = new Int32Array(256)
  for (let row = 0; row < rowCount; row++) rowsByKind[kinds[row] ?? 0] = (rowsByKind[kinds[row] ?? 0] ?? 0) + 1

  // What each table's columns start at, so that all of a row's can be read at once.
  const body = rest.subarray(rowCount)
  const firstColumn = new Int32Array(tableCount + 2)
  let columnTotal = 0
  for (let kind = 0; kind <= tableCount; kind++) {
    firstColumn[kind] = columnTotal
    columnTotal += columnCounts[kind] ?? 0
  }
  const cursors = new Int32Array(columnTotal)
  let at = 0
  for (let kind = 0; kind <= tableCount; kind++) {
    const rowsOfKind = rowsByKind[kind] ?? 0
    for (let column = 0; column < (columnCounts[kind] ?? 0); column++) {
      cursors[(firstColumn[kind] ?? 0) + column] = at
      let left = rowsOfKind
      while (left > 0 && at < body.length) if (body[at++] === lineFeed) left--
      if (left > 0) throw header.corrupt()
    }
  }
  if (at !== body.length) throw header.corrupt()

  const raw = new Uint8Array(rawLength)
  let write = 0
  for (let row = 0; row < rowCount; row++) {
    const kind = kinds[row] ?? 0
    if (kind > tableCount) throw header.corrupt()
    const first = firstColumn[kind] ?? 0
    const last = first + (columnCounts[kind] ?? 0) - 1
    for (let column = first; column <= last; column++) {
      let read = cursors[column] ?? 0
      for (let byte = body[read++]; byte !== lineFeed && byte !== undefined; byte = body[read++]) raw[write++] = byte
      cursors[column] = read
      // Behind the last row there is nothing.
      if (column < last) raw[write++] = delimiter
      else if (row < rowCount - 1) raw[write++] = lineFeed
    }
  }
  if (write !== rawLength) throw header.corrupt()
  return raw
}

/** Rows of a block and how their fields are told apart. */

export const lineFeed = 0x0a
const quote = 0x22

/** The offset of each row's first byte, and one more: one past the end of the last row, counting a line feed that is not there. */
export function findRows(raw: Uint8Array): Int32Array {
  let count = 2
  for (let at = 0; at < raw.length; at++) if (raw[at] === lineFeed) count++
  const starts = new Int32Array(count)
  let row = 1
  for (let at = 0; at < raw.length; at++) if (raw[at] === lineFeed) starts[row++] = at + 1
  starts[row] = raw.length + 1
  return starts
}

/** The offset of the first delimiter outside quotes from `at` on, or `end`. */
export function endOfField(raw: Uint8Array, at: number, end: number, delimiter: number): number {
  let isQuoted = false
  for (let place = at; place < end; place++) {
    const byte = raw[place]
    if (byte === quote) isQuoted = !isQuoted
    else if (byte === delimiter && !isQuoted) return place
  }
  return end
}

/** How many fields each row has. */
export function countFields(raw: Uint8Array, rows: Int32Array, delimiter: number): Int32Array {
  const counts = new Int32Array(rows.length - 1)
  for (let row = 0; row < counts.length; row++) {
    const end = (rows[row + 1] ?? 0) - 1
    let fields = 1
    let isQuoted = false
    for (let place = rows[row] ?? 0; place < end; place++) {
      const byte = raw[place]
      if (byte === quote) isQuoted = !isQuoted
      else if (byte === delimiter && !isQuoted) fields++
    }
    counts[row] = fields
  }
  return counts
}

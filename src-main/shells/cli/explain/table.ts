const barWidth = 24

/** A bar of up to 24 characters for a part of a whole. */
export function bar(part: number, whole: number): string {
  const share = whole <= 0 ? 0 : Math.min(1, Math.max(0, part / whole))
  const eighths = Math.round(share * barWidth * 8)
  const rest = eighths % 8
  const partial = rest === 0 ? '' : String.fromCodePoint(0x2590 - rest)
  return '█'.repeat(eighths >> 3) + partial
}

/** Rows in columns that are aligned: the first to the left, the others to the right but for the last, where bars stand. */
export function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  // Not as arguments of one call: a large file has more blocks than a call takes.
  const most = (lengthOf: (row: readonly string[]) => number): number =>
    rows.reduce((longest, row) => Math.max(longest, lengthOf(row)), 0)
  const columns = most((row) => row.length)
  const widths = Array.from({ length: columns }, (_nothing, column) => most((row) => (row[column] ?? '').length))
  return rows.map((row) =>
    row
      .map((cell, column) => {
        if (column === 0) return cell.padEnd(widths[0] ?? 0)
        return column === columns - 1 ? cell : cell.padStart(widths[column] ?? 0)
      })
      .join('  ')
      .trimEnd(),
  )
}

/** "12,345": sums can be checked by whoever reads them. */
export function whole(count: number): string {
  return count.toLocaleString('en')
}

/** "61.8 %". */
export function percent(part: number, all: number): string {
  return all === 0 ? '' : `${((part / all) * 100).toFixed(1)} %`
}

/** Bits for each byte, or nothing where there are none. */
export function bitsPerByte(storedBytes: number, rawBytes: number): string {
  return rawBytes === 0 ? '' : ((storedBytes * 8) / rawBytes).toFixed(3)
}

/** "3 ms", "0.4 s", "12 s". */
export function seconds(value: number): string {
  if (value < 0.1) return `${Math.max(1, Math.round(value * 1000))} ms`
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} s`
}

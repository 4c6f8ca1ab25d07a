/*
 * Which rows of a list are selected, as ranges of row numbers: a million selected rows are one range, and no row has to be
 * loaded to be selected. The lead is the row the keyboard is at; the anchor is where a Shift selection starts from.
 */

/** Rows from `first` up to, and with, `last`. */
export interface RowRange {
  readonly first: number
  readonly last: number
}

export interface Selection {
  /** In order, without overlaps. */
  readonly ranges: readonly RowRange[]
  /** -1 for none. */
  readonly lead: number
  readonly anchor: number
}

export const nothingSelected: Selection = { ranges: [], lead: -1, anchor: -1 }

/** This row alone. */
export function selectOnly(row: number): Selection {
  return { ranges: [{ first: row, last: row }], lead: row, anchor: row }
}

/** All rows of a list; the keyboard stays where it is. */
export function selectAll(selection: Selection, total: number): Selection {
  if (total === 0) return nothingSelected
  const lead = Math.max(0, selection.lead)
  return { ranges: [{ first: 0, last: total - 1 }], lead, anchor: lead }
}

/** Moves the keyboard's place and leaves what is selected as it is. */
export function moveLead(selection: Selection, row: number): Selection {
  return { ...selection, lead: row }
}

/** Selects the row beside the others, or takes it out. */
export function toggleRow(selection: Selection, row: number): Selection {
  const ranges = isSelected(selection, row)
    ? without(selection.ranges, row)
    : joined([...selection.ranges, single(row)])
  return { ranges, lead: row, anchor: row }
}

/**
 * From the anchor to a row.
 * @param keepOthers whether what was selected elsewhere stays so (Ctrl+Shift)
 */
export function extendTo(selection: Selection, row: number, keepOthers = false): Selection {
  const anchor = selection.anchor < 0 ? row : selection.anchor
  const range = { first: Math.min(anchor, row), last: Math.max(anchor, row) }
  return { ranges: keepOthers ? joined([...selection.ranges, range]) : [range], lead: row, anchor }
}

/** These rows, for example those of the same names in a list that was read again. */
export function selectRows(rows: readonly number[], lead: number): Selection {
  return { ranges: joined(rows.map(single)), lead, anchor: lead }
}

export function isSelected({ ranges }: Selection, row: number): boolean {
  let low = 0
  let high = ranges.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const range = ranges[middle]
    if (range === undefined) return false
    if (row < range.first) high = middle - 1
    else if (row > range.last) low = middle + 1
    else return true
  }
  return false
}

export function countSelected({ ranges }: Selection): number {
  return ranges.reduce((count, { first, last }) => count + last - first + 1, 0)
}

/** The numbers of the selected rows, in order. */
export function* selectedRows({ ranges }: Selection): Generator<number> {
  for (const { first, last } of ranges) for (let row = first; row <= last; row++) yield row
}

function single(row: number): RowRange {
  return { first: row, last: row }
}

function without(ranges: readonly RowRange[], row: number): RowRange[] {
  return ranges.flatMap(({ first, last }) => {
    if (row < first || row > last) return [{ first, last }]
    return [
      { first, last: row - 1 },
      { first: row + 1, last },
    ].filter((part) => part.first <= part.last)
  })
}

function joined(ranges: readonly RowRange[]): RowRange[] {
  const result: { first: number; last: number }[] = []
  for (const { first, last } of ranges.toSorted((one, other) => one.first - other.first)) {
    const before = result.at(-1)
    if (before !== undefined && first <= before.last + 1) before.last = Math.max(before.last, last)
    else result.push({ first, last })
  }
  return result
}

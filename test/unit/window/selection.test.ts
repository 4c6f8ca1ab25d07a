import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  countSelected,
  extendTo,
  isSelected,
  nothingSelected,
  type Selection,
  selectAll,
  selectedRows,
  selectOnly,
  selectRows,
  toggleRow,
} from '../../../src-renderer/archive/list/selection'

// If this fails, the user extracts or removes other files than those that are marked.
describe('selection', () => {
  it('extends from the anchor in both directions, and lets go of what was beyond', () => {
    const down = extendTo(selectOnly(5), 9)
    expect([...selectedRows(down)]).toEqual([5, 6, 7, 8, 9])
    const up = extendTo(down, 3)
    expect([...selectedRows(up)]).toEqual([3, 4, 5])
    expect(up.lead).toBe(3)
  })

  it('keeps what is selected elsewhere with Ctrl+Shift', () => {
    const apart = toggleRow(selectOnly(1), 6)
    expect([...selectedRows(extendTo(apart, 8, true))]).toEqual([1, 6, 7, 8])
    expect([...selectedRows(extendTo(apart, 8))]).toEqual([6, 7, 8])
  })

  it('selects a million rows as one range', () => {
    const all = selectAll(selectOnly(3), 1_000_000)
    expect(all.ranges).toHaveLength(1)
    expect(countSelected(all)).toBe(1_000_000)
    expect(countSelected(toggleRow(all, 500))).toBe(999_999)
    expect(all.lead).toBe(3)
  })

  it('has nothing to select in an empty list', () => {
    expect(selectAll(selectOnly(0), 0)).toEqual(nothingSelected)
  })

  it('does the same as a set of row numbers', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('toggle' as const), row: fc.nat(30) }),
      fc.record({ do: fc.constant('extend' as const), row: fc.nat(30), keep: fc.boolean() }),
      fc.record({ do: fc.constant('rows' as const), rows: fc.array(fc.nat(30), { minLength: 1 }) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let selection: Selection = nothingSelected
        let model = new Set<number>()
        for (const each of steps) {
          if (each.do === 'toggle') {
            selection = toggleRow(selection, each.row)
            if (!model.delete(each.row)) model.add(each.row)
          } else if (each.do === 'extend') {
            const anchor = selection.anchor < 0 ? each.row : selection.anchor
            selection = extendTo(selection, each.row, each.keep)
            if (!each.keep) model = new Set()
            for (let row = Math.min(anchor, each.row); row <= Math.max(anchor, each.row); row++) model.add(row)
          } else {
            selection = selectRows(each.rows, each.rows[0] ?? 0)
            model = new Set(each.rows)
          }
        }
        expect([...selectedRows(selection)]).toEqual([...model].toSorted((one, other) => one - other))
        expect(countSelected(selection)).toBe(model.size)
        for (let row = 0; row <= 30; row++) expect(isSelected(selection, row)).toBe(model.has(row))
        // Neighbouring ranges are one: what is selected has one form only.
        selection.ranges.reduce((before, range) => (expect(range.first).toBeGreaterThan(before.last + 1), range), {
          first: -3,
          last: -3,
        })
      }),
    )
  })
})

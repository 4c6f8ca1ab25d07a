import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  rowsOfPage,
  scrolledHeight,
  scrollTopToShow,
  windowAt,
} from '../../../src-renderer/archive/list/window-of-rows'

const measures = fc.record({
  total: fc.oneof(fc.nat(500), fc.nat(3_000_000)),
  rowHeight: fc.constantFrom(28, 32),
  viewport: fc.integer({ min: 40, max: 2000 }),
})

// If this fails, rows at the end of a long folder cannot be reached, or the screen is blank there.
describe('window of rows', () => {
  it('is never higher than browsers allow', () => {
    fc.assert(
      fc.property(measures, (list) => {
        expect(scrolledHeight(list)).toBeLessThan(17_895_697)
      }),
    )
  })

  it('covers the visible part wherever it is scrolled to', () => {
    fc.assert(
      fc.property(measures, fc.double({ min: 0, max: 1, noNaN: true }), (list, part) => {
        const way = Math.max(0, scrolledHeight(list) - list.viewport)
        const scrollTop = part * way
        const { first, end, top } = windowAt(list, scrollTop)
        expect(top).toBeLessThanOrEqual(scrollTop + 0.001)
        const bottom = top + (end - first) * list.rowHeight
        expect(bottom).toBeGreaterThanOrEqual(Math.min(scrollTop + list.viewport, scrolledHeight(list)) - 0.001)
        expect(end - first).toBeLessThan(list.viewport / list.rowHeight + 30)
      }),
    )
  })

  it('reaches the last row at the end of the scroll bar', () => {
    const list = { total: 1_000_000, rowHeight: 32, viewport: 640 }
    const scrollTop = scrolledHeight(list) - list.viewport
    const { first, end, top } = windowAt(list, scrollTop)
    expect(end).toBe(1_000_000)
    expect(top + (end - first) * 32).toBeCloseTo(scrolledHeight(list), 3)
  })

  it('scrolls to a row so that it can be seen whole, and no further', () => {
    fc.assert(
      fc.property(measures, fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (list, pick, part) => {
        if (list.total === 0) return
        const row = pick % list.total
        const from = part * Math.max(0, scrolledHeight(list) - list.viewport)
        const scrollTop = scrollTopToShow(list, from, row)
        const { first, top } = windowAt(list, scrollTop)
        const rowTop = top + (row - first) * list.rowHeight - scrollTop
        expect(rowTop).toBeGreaterThanOrEqual(-0.01)
        expect(rowTop + list.rowHeight).toBeLessThanOrEqual(Math.max(list.viewport, list.rowHeight) + 0.01)
        expect(scrollTopToShow(list, scrollTop, row)).toBeCloseTo(scrollTop, 6)
      }),
    )
  })

  it('leaves a row in sight when it turns a page', () => {
    expect(rowsOfPage({ total: 100, rowHeight: 32, viewport: 640 })).toBe(19)
    expect(rowsOfPage({ total: 100, rowHeight: 32, viewport: 20 })).toBe(1)
  })
})

import { describe, expect, test } from 'vitest'
import { axisMarks, logarithmicScale } from '../../../src-renderer/archive/insight/chart-scale'

describe('the axis of a chart', () => {
  test.each([
    [
      [5.02, 4.98, 4.95],
      [4.8, 5, 5.2],
    ],
    [
      [0.78, 1.2, 2.7],
      [0, 2, 4],
    ],
    [[3], [3, 3.1]],
    [
      [0, 0],
      [0, 1],
    ],
  ])('of %j has round marks that take all of it in: %j', (values, marks) => {
    const found = axisMarks(values)
    expect(found.length).toBe(marks.length)
    found.forEach((mark, at) => expect(mark).toBeCloseTo(marks[at] ?? NaN, 9))
  })

  test('has no marks closer than what can be read', () => {
    expect(axisMarks([0.0212, 0.0234], 0.01).map((mark) => mark.toFixed(2))).toEqual(['0.02', '0.03'])
  })

  test('shows equal factors as equal lengths', () => {
    const scale = logarithmicScale(64, 4096, 0, 60)
    expect([64, 512, 4096].map((value) => Math.round(scale(value)))).toEqual([0, 30, 60])
  })
})

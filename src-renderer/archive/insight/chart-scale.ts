/** Where a value lies between two others, in pixels of a chart. */
export type Scale = (value: number) => number

export function linearScale(from: number, to: number, first: number, last: number): Scale {
  const width = to - from
  return (value) => (width === 0 ? (first + last) / 2 : first + ((value - from) / width) * (last - first))
}

/** For positive values that differ by factors. */
export function logarithmicScale(from: number, to: number, first: number, last: number): Scale {
  const scale = linearScale(Math.log(from), Math.log(to), first, last)
  return (value) => scale(Math.log(value))
}

/** An SVG path through points. */
export function linePath(points: readonly { readonly x: number; readonly y: number }[]): string {
  return points.map(({ x, y }, at) => `${at === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('')
}

/** The next round number above: 1, 2, 2.5 or 5 times a power of ten. */
export function roundedUp(value: number): number {
  if (value <= 0) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  const step = [1, 2, 2.5, 5].find((each) => each * power >= value) ?? 10
  return step * power
}

/** Of the largest value: what an axis spans at least. */
const leastReach = 0.05

/**
 * Round values for the marks of an axis, from below the smallest value to above the largest: close around them, so that differences
 * are seen, but no closer than a twentieth of the largest, so that hardly any do not look like many. Where the smallest is less than half of
 * the largest, from 0.
 * @param leastStep between marks, so that no two read the same
 */
export function axisMarks(values: readonly number[], leastStep = 0): readonly number[] {
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const start = least < most / 2 ? 0 : least
  const step = roundedUp(Math.max((most - start) / 2, (most * leastReach) / 2, leastStep))
  // A hair's breadth is for what binary fractions cannot say exactly.
  const first = Math.floor(start / step + 1e-9)
  const last = Math.max(first + 1, Math.ceil(most / step - 1e-9))
  return Array.from({ length: last - first + 1 }, (_, at) => (first + at) * step)
}

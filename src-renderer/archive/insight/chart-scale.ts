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

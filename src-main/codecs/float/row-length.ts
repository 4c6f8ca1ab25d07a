import type { FloatKernel } from '../../kernels/float-kernel'

/** Bytes that are compared with those before them, and how far before. */
const comparedLength = 4096
const farthest = 8192
/** Of shorter rows the neighbours would be each other. */
export const shortestRow = 4
/** How many standard deviations a distance must stand out by. */
const clearness = 4
/** Of what the best distance gains, a part of it must gain this much to be the row. */
const likeTheBest = 0.6

/**
 * Lengths that rows of a matrix may have, in elements: distances at which the highest bytes are alike, since the numbers of a column are of
 * one size more often than others. The best one, and the shortest one that divides it and is nearly as good.
 * @param plane address of the highest bytes; behind `scratch` there is room for 32 KiB
 */
export function likelyRows(kernel: FloatKernel, plane: number, elements: number, scratch: number): readonly number[] {
  const compared = Math.min(comparedLength, elements >> 2) & ~15
  const most = Math.min(farthest, elements - compared, kernel.mostColumns)
  if (compared < 256 || most < 2 * shortestRow) return []
  const from = Math.max(most, Math.floor((elements - compared) / 2))
  kernel.measureDistances(plane + from, compared, most, scratch)
  const sums = new Uint32Array(kernel.memory().buffer, scratch, most).slice()
  const candidates = sums.subarray(shortestRow - 1)
  const mean = candidates.reduce((sum, one) => sum + one, 0) / candidates.length
  const variance = candidates.reduce((sum, one) => sum + (one - mean) ** 2, 0) / candidates.length
  const at = (distance: number): number => sums[distance - 1] ?? Infinity
  let best = shortestRow
  for (let distance = shortestRow; distance <= most; distance++) if (at(distance) < at(best)) best = distance
  if (mean - at(best) < clearness * Math.sqrt(variance)) return []
  for (let row = shortestRow; row < best; row++) {
    if (best % row === 0 && mean - at(row) > likeTheBest * (mean - at(best))) return [row, best]
  }
  return [best]
}

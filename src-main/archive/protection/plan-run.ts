import type { ProtectionLevel } from '../../contract/protection'
import { ParityRun, type RunDescription, unitCells } from '../../format/parity/run'

interface Level {
  /** The most cells of an XOR group: so many are read to repair one. */
  readonly groupCells: number
  /** Wide cells, as a share of the cells. */
  readonly wideShare: number
}

const levels: Readonly<Record<ProtectionLevel, Level>> = {
  light: { groupCells: 64, wideShare: 1 / 64 },
  normal: { groupCells: 32, wideShare: 1 / 32 },
  strong: { groupCells: 16, wideShare: 1 / 16 },
}

/** Wide cells of a segment, at most: the memory that computing them takes is three times that, 100 MB with the largest cells. */
const mostWide = 512
/** With a single wide cell, it would be the XOR of all cells: the same as the one XOR cell. */
const leastWide = 2

const kibibyte = 1024
/** From so many bytes of a run on, cells have so many bytes: large ones cost less, small ones protect small archives. */
const cellSteps = [
  [64 * kibibyte * kibibyte, 64 * kibibyte],
  [16 * kibibyte * kibibyte, 16 * kibibyte],
  [kibibyte * kibibyte, 4 * kibibyte],
  [64 * kibibyte, kibibyte],
] as const
const shortestCell = 512

/** What the next parity frame of an archive is to cover, from the end of the one before, and in what way. */
export type RunRange = Pick<RunDescription, 'archiveId' | 'from' | 'position' | 'previous'>

/**
 * Decides how a run is cut into cells, groups and segments.
 * @param cellLength only to try out what large archives are like on small ones
 */
export function planRun(
  range: RunRange,
  level: ProtectionLevel,
  cellLength: number = cellLengthFor(range.position - range.from),
): ParityRun {
  const { groupCells, wideShare } = levels[level]
  const cells = Math.ceil((range.position - range.from) / cellLength)
  const units = Math.ceil(cells / unitCells)
  const segments = Math.ceil(units / (mostWide / wideShare / unitCells))
  const mostCells = Math.min(cells, Math.ceil(units / segments) * unitCells)
  return new ParityRun({
    ...range,
    cellLength,
    segments,
    // An odd number: groups in step with the code's chunks make bursts unsolvable (docs/repair.md).
    groups: Math.ceil(mostCells / groupCells) | 1,
    wide: Math.max(leastWide, Math.ceil(mostCells * wideShare)),
  })
}

function cellLengthFor(length: number): number {
  return cellSteps.find(([from]) => length >= from)?.[1] ?? shortestCell
}

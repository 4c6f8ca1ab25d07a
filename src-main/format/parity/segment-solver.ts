import { WideFactors } from './field'
import { levelsFor, type SegmentCode } from './segment-code'

/** Equations beyond the number of unknowns that are taken along at first, so that dependent ones can be passed over. */
const spareRows = 4

/** A parity cell as it was found; undefined for one that is lost. */
export type StoredCell = (number: number) => Uint8Array | undefined

/** What a segment's lost cells are computed from. */
export interface Losses {
  /** Numbers of the lost cells, rising. They were left out when the others were put in. */
  readonly lost: readonly number[]
  readonly xorCell: StoredCell
  readonly wideCell: StoredCell
}

export interface Solution {
  /** The lost cells that could be computed. */
  readonly cells: ReadonlyMap<number, Uint8Array>
  /** Whether more equations held than were needed: then even a cell without a recorded hash is known to be right. */
  readonly isProven: boolean
}

/**
 * Solves for the lost cells of a segment. Each XOR cell that is left says one of its group's lost cells in terms of the others; what
 * remains unknown is solved for by elimination with the wide cells that are left. If these are too few, cells that are alone in
 * their groups are still found.
 *
 * A segment of 1 GiB with 512 unknown cells takes some ten seconds; this yields between cells.
 * @param code holds the segment's other cells; used up by this
 */
export function* solveSegment(code: SegmentCode, { lost, xorCell, wideCell }: Losses): Generator<void, Solution> {
  const { shape } = code
  const { groups } = shape
  const byGroup = new Map<number, number[]>()
  for (const cell of lost) byGroup.set(cell % groups, [...(byGroup.get(cell % groups) ?? []), cell])

  /** By cell: the sum of all lost cells of its group. */
  const bound = new Map<number, Uint8Array>()
  const unknown: number[] = []
  for (const [group, [first = 0, ...others]] of byGroup) {
    const stored = xorCell(group)
    if (stored === undefined) unknown.push(first)
    else bound.set(first, sumOf(code.xorCell(group), stored))
    unknown.push(...others)
  }
  if (unknown.length === 0) return { cells: bound, isProven: false }

  // Putting a group's sum in the place of its bound cell leaves only the unknown ones to the wide cells.
  code.startAgain()
  for (const cell of [...bound.keys()].sort((left, right) => left - right)) {
    const sum = bound.get(cell)
    if (sum !== undefined) code.put(cell, sum)
  }
  code.finish()
  const rows: number[] = []
  for (let row = 0; row < shape.wide; row++) {
    const stored = wideCell(row)
    if (stored === undefined) continue
    addTo(code.wideCell(row), stored)
    rows.push(row)
  }
  const boundOf = new Map([...bound.keys()].map((cell) => [cell % groups, cell]))
  const solved = yield* solve(code, rows, unknown, boundOf)
  if (solved === undefined) return { cells: alone(bound, byGroup), isProven: false }
  const cells = new Map(bound)
  for (const [cell, bytes] of solved.cells) {
    cells.set(cell, bytes)
    const partner = boundOf.get(cell % groups)
    const sum = partner === undefined ? undefined : cells.get(partner)
    if (sum !== undefined) addTo(sum, bytes)
  }
  return { cells, isProven: solved.isProven }
}

/** Bound cells that have no unknown one beside them. */
function alone(bound: ReadonlyMap<number, Uint8Array>, byGroup: ReadonlyMap<number, readonly number[]>) {
  const single = new Set([...byGroup.values()].flatMap((cells) => (cells.length === 1 ? cells : [])))
  return new Map([...bound].filter(([cell]) => single.has(cell)))
}

function* solve(
  code: SegmentCode,
  rows: readonly number[],
  unknown: readonly number[],
  boundOf: ReadonlyMap<number, number>,
): Generator<void, Solution | undefined> {
  if (rows.length < unknown.length) return undefined
  const few = rows.slice(0, unknown.length + spareRows)
  const solved = yield* solveWith(code, few, unknown, boundOf)
  if (solved !== undefined || few.length === rows.length) return solved
  return yield* solveWith(code, rows, unknown, boundOf)
}

/** @returns undefined if the rows do not determine the unknown cells, or contradict each other */
function* solveWith(
  code: SegmentCode,
  rows: readonly number[],
  unknown: readonly number[],
  boundOf: ReadonlyMap<number, number>,
): Generator<void, Solution | undefined> {
  const { kernel, shape } = code
  const { cellLength, groups } = shape
  const factors = new WideFactors(2 ** levelsFor(shape.wide), shape.cells)
  const width = paddedTo32((unknown.length + rows.length) * 2)
  const matrix = code.end
  const result = matrix + rows.length * width
  kernel.reserve(result + cellLength)
  const memory = kernel.memory()
  memory.fill(0, matrix, result)
  rows.forEach((row, at) => {
    const start = matrix + at * width
    unknown.forEach((cell, column) => {
      const partner = boundOf.get(cell % groups)
      const ofPartner = partner === undefined ? 0 : factors.at(row, partner)
      setElement(memory, start, column, factors.at(row, cell) ^ ofPartner)
    })
    setElement(memory, start, unknown.length + at, 1)
  })
  if (kernel.eliminate(matrix, rows.length, unknown.length, width) === 0) return undefined
  const combine = (at: number): Uint8Array => {
    memory.fill(0, result, result + cellLength)
    rows.forEach((row, from) => {
      const factor = elementAt(memory, matrix + at * width, unknown.length + from)
      if (factor !== 0) kernel.multiplyAdd(result, code.wideAddress(row), cellLength, factor)
    })
    return memory.slice(result, result + cellLength)
  }
  // Rows beyond the unknowns have become sums that must come out as zero.
  for (let at = unknown.length; at < rows.length; at++) if (combine(at).some((byte) => byte !== 0)) return undefined
  const cells = new Map<number, Uint8Array>()
  for (const [at, cell] of unknown.entries()) {
    cells.set(cell, combine(at))
    yield
  }
  return { cells, isProven: rows.length > unknown.length }
}

function paddedTo32(length: number): number {
  return Math.ceil(length / 32) * 32
}

/** Elements lie as in cells: 16 low bytes, then their 16 high bytes. */
function placeOf(row: number, column: number): number {
  return row + (column >> 4) * 32 + (column & 15)
}

function setElement(memory: Uint8Array, row: number, column: number, value: number): void {
  memory[placeOf(row, column)] = value & 255
  memory[placeOf(row, column) + 16] = value >> 8
}

function elementAt(memory: Uint8Array, row: number, column: number): number {
  return (memory[placeOf(row, column)] ?? 0) | ((memory[placeOf(row, column) + 16] ?? 0) << 8)
}

function sumOf(left: Uint8Array, right: Uint8Array): Uint8Array {
  const sum = Uint8Array.from(left)
  addTo(sum, right)
  return sum
}

function addTo(target: Uint8Array, added: Uint8Array): void {
  for (let at = 0; at < target.length; at++) target[at] = (target[at] ?? 0) ^ (added[at] ?? 0)
}

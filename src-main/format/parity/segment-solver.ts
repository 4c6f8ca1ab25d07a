import { multiply, WideFactors } from './field'
import { elementAt, setElement } from './elements'
import { wrongSuspects } from './find-wrong'
import { levelsFor, type SegmentCode } from './segment-code'

/** Equations beyond the number of unknowns that are taken along at first, so that dependent ones can be passed over. */
const spareRows = 4
/** The same, to find out which of the cells without a hash are wrong: one more than there are such. */
const spareRowsForSuspects = 40

/**
 * Wide cells of a segment that are made use of. lmz writes 512 at most; the format allows more, but elimination takes time with the third
 * power of their number and memory with the second, and a file can be made to ask for it.
 */
const mostRows = 1024
/** Steps that finding wrong suspects may take; some seconds. */
const mostSuspectSteps = 1e9

/** A parity cell as it was found; undefined for one that is lost. */
export type StoredCell = (number: number) => Uint8Array | undefined

/** What a segment's lost cells are computed from. */
export interface Losses {
  /** Numbers of the lost cells, rising. They were left out when the others were put in. */
  readonly lost: readonly number[]
  /** Cells whose hashes are lost. They were put in as they are, and may be wrong. */
  readonly suspects?: readonly number[] | undefined
  readonly xorCell: StoredCell
  readonly wideCell: StoredCell
}

export interface Solution {
  /** The lost cells that could be computed. */
  readonly cells: ReadonlyMap<number, Uint8Array>
  /** Whether more equations held than were needed: then even a cell without a recorded hash is known to be right. */
  readonly isProven: boolean
  /** Suspects that are wrong: to be left out as lost in another attempt. */
  readonly wrong: readonly number[]
}

/**
 * Solves for the lost cells of a segment. Each XOR cell that is left says one of its group's lost cells in terms of the others; what
 * remains unknown is solved for by elimination with the wide cells that are left. If these are too few, cells that are alone in
 * their groups are still found.
 *
 * A segment of 1 GiB with 512 unknown cells takes some ten seconds; this yields between cells.
 * @param code holds the segment's other cells; used up by this
 */
export function* solveSegment(code: SegmentCode, losses: Losses): Generator<void, Solution> {
  const { lost, suspects = [], xorCell, wideCell } = losses
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
  if (unknown.length === 0 && suspects.length === 0) return { cells: bound, isProven: false, wrong: [] }
  const checks = groupChecks(code, suspects, byGroup, xorCell)

  // Putting a group's sum in the place of its bound cell leaves only the unknown ones to the wide cells.
  code.startAgain()
  for (const cell of [...bound.keys()].sort((left, right) => left - right)) {
    const sum = bound.get(cell)
    if (sum !== undefined) code.put(cell, sum)
  }
  code.finish()
  const rows: number[] = []
  for (let row = 0; row < shape.wide && rows.length < mostRows; row++) {
    const stored = wideCell(row)
    if (stored === undefined) continue
    addTo(code.wideCell(row), stored)
    rows.push(row)
  }
  const boundOf = new Map([...bound.keys()].map((cell) => [cell % groups, cell]))
  const solved = yield* solve({ code, rows, unknown, boundOf, suspects, checks })
  if (solved === undefined || solved.wrong.length > 0) {
    return { cells: alone(bound, byGroup), isProven: false, wrong: solved?.wrong ?? [] }
  }
  const cells = new Map(bound)
  for (const [cell, bytes] of solved.cells) {
    cells.set(cell, bytes)
    const partner = boundOf.get(cell % groups)
    const sum = partner === undefined ? undefined : cells.get(partner)
    if (sum !== undefined) addTo(sum, bytes)
  }
  return { cells, isProven: solved.isProven, wrong: [] }
}

/** What must come out as zero: the difference of an XOR cell from what its group says it is. */
export interface GroupCheck {
  readonly group: number
  readonly difference: Uint8Array
}

/** Of groups of suspects alone, from which nothing else is computed. */
function groupChecks(
  code: SegmentCode,
  suspects: readonly number[],
  byGroup: ReadonlyMap<number, unknown>,
  xorCell: StoredCell,
): GroupCheck[] {
  const groups = new Set(suspects.map((cell) => cell % code.shape.groups))
  return [...groups].flatMap((group) => {
    const stored = byGroup.has(group) ? undefined : xorCell(group)
    return stored === undefined ? [] : [{ group, difference: sumOf(code.xorCell(group), stored) }]
  })
}

/** Bound cells that have no unknown one beside them. */
function alone(bound: ReadonlyMap<number, Uint8Array>, byGroup: ReadonlyMap<number, readonly number[]>) {
  const single = new Set([...byGroup.values()].flatMap((cells) => (cells.length === 1 ? cells : [])))
  return new Map([...bound].filter(([cell]) => single.has(cell)))
}

interface Equations {
  /** Its wide cells are the differences of what is stored from what was put in. */
  readonly code: SegmentCode
  /** Of the wide cells that are left. */
  readonly rows: readonly number[]
  readonly unknown: readonly number[]
  /** By group: the cell that stands for the sum of all unknown ones. */
  readonly boundOf: ReadonlyMap<number, number>
  readonly suspects: readonly number[]
  readonly checks: readonly GroupCheck[]
}

function* solve(equations: Equations): Generator<void, Solution | undefined> {
  const { rows, unknown, suspects } = equations
  if (rows.length < unknown.length) return undefined
  const few = rows.slice(0, unknown.length + (suspects.length > 0 ? spareRowsForSuspects : spareRows))
  const solved = yield* solveWith({ ...equations, rows: few })
  if (solved !== undefined || few.length === rows.length) return solved
  return yield* solveWith(equations)
}

/** @returns undefined if the rows do not determine the unknown cells, or contradict each other */
function* solveWith(equations: Equations): Generator<void, Solution | undefined> {
  const { code, rows, unknown, boundOf, suspects, checks } = equations
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
  /** How much of each row is in what has become of a row. */
  const weight = (at: number, from: number): number => elementAt(memory, matrix + at * width, unknown.length + from)
  const combine = (at: number): Uint8Array => {
    memory.fill(0, result, result + cellLength)
    rows.forEach((row, from) => {
      const factor = weight(at, from)
      if (factor !== 0) kernel.multiplyAdd(result, code.wideAddress(row), cellLength, factor)
    })
    return memory.slice(result, result + cellLength)
  }
  // Rows beyond the unknowns have become sums that must come out as zero.
  const spare = Array.from({ length: rows.length - unknown.length }, (_, at) => at + unknown.length)
  const residues = [...spare.map(combine), ...checks.map(({ difference }) => difference)]
  if (residues.some((residue) => residue.some((byte) => byte !== 0))) {
    // Each is a row and what elimination added to it: few of all.
    const sums = spare.map((at) =>
      rows.flatMap((row, from) => {
        const factor = weight(at, from)
        return factor === 0 ? [] : [{ row, factor }]
      }),
    )
    const steps = suspects.length * sums.reduce((sum, parts) => sum + parts.length, 0)
    if (steps > mostSuspectSteps) return undefined
    const columnOf = (cell: number): number[] => [
      ...sums.map((parts) => parts.reduce((sum, { row, factor }) => sum ^ multiply(factor, factors.at(row, cell)), 0)),
      ...checks.map(({ group }) => (cell % groups === group ? 1 : 0)),
    ]
    const wrong = wrongSuspects(residues, suspects, columnOf)
    return wrong.length === 0 ? undefined : { cells: new Map(), isProven: false, wrong }
  }
  const cells = new Map<number, Uint8Array>()
  for (const [at, cell] of unknown.entries()) {
    cells.set(cell, combine(at))
    yield
  }
  return { cells, isProven: residues.length > 0, wrong: [] }
}

function paddedTo32(length: number): number {
  return Math.ceil(length / 32) * 32
}

function sumOf(left: Uint8Array, right: Uint8Array): Uint8Array {
  const sum = Uint8Array.from(left)
  addTo(sum, right)
  return sum
}

/** target += added. */
export function addTo(target: Uint8Array, added: Uint8Array): void {
  for (let at = 0; at < target.length; at++) target[at] = (target[at] ?? 0) ^ (added[at] ?? 0)
}

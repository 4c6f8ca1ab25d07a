import type { ByteSource } from '../../format/byte-source'
import { equalBytes } from '../../format/frame'
import { cellHash } from '../../format/parity/record'
import { type ParityRun, unitCells } from '../../format/parity/run'
import { SegmentCode } from '../../format/parity/segment-code'
import { type ParityKernel, startParityKernel } from '../../kernels/parity-kernel'
import { addTo, type Solution, solveSegment } from '../../format/parity/segment-solver'
import { CellReader, type FoundCell } from './cell-reader'
import type { HealedCells } from './healed-cells'

/** What is known of a cell that was not simply whole at its place. */
export type CellState =
  | { readonly kind: 'healed'; readonly offset: number }
  | { readonly kind: 'moved'; readonly shift: number }
  | { readonly kind: 'lost' }
  /** All copies of its hash are lost. It may well be right: whoever reads it has hashes of their own. */
  | { readonly kind: 'unknown' }

/**
 * Heals the cells of one run: first from the other cells of their XOR group, and when that does not do, the whole segment at once with
 * its wide cells. Nothing passes for healed that does not match its recorded hash; where that is lost, equations to spare must prove it.
 */
export class RunHealer {
  readonly run: ParityRun
  readonly cells: CellReader
  readonly #kept: HealedCells
  readonly #states = new Map<number, CellState>()
  /** A bit for each cell that was found whole at its place. */
  readonly #isWhole: Uint8Array
  readonly #solvedSegments = new Set<number>()
  /** Of about 100 MB with the largest cells; whoever takes it brings it back. */
  #kernel: ParityKernel | undefined

  constructor(source: ByteSource, run: ParityRun, shifts: readonly number[], kept: HealedCells) {
    this.run = run
    this.cells = new CellReader(source, run, shifts)
    this.#kept = kept
    this.#isWhole = new Uint8Array(Math.ceil(run.cells / 8))
  }

  /** What is known of a cell; undefined for one that is whole at its place, or has not been looked at. */
  stateOf(cell: number): CellState | undefined {
    return this.#states.get(cell)
  }

  /** All cells that were not whole at their place, so far. */
  states(): ReadonlyMap<number, CellState> {
    return this.#states
  }

  /**
   * Looks at cells, and heals what is not whole. Yields now and then.
   * @param end behind the last one
   */
  *heal(first: number, end: number): Generator<void> {
    for (let cell = first; cell < end; cell++) {
      if (this.#isSettled(cell)) continue
      if (this.#look(cell) === undefined && !this.#states.has(cell)) yield* this.#healCell(cell)
      if (cell % unitCells === 0) yield
    }
  }

  /** Reads all parity of the run. Yields now and then. @returns how many of its records and pieces are damaged or missing */
  *checkParity(): Generator<void, number> {
    const { segments, groups, wide } = this.run.description
    let damaged = this.cells.damagedDescriptions()
    for (let segment = 0; segment < segments; segment++) {
      for (let group = 0; group < groups; group++) {
        if (this.cells.xorCell(segment, group) === undefined) damaged++
        for (const place of this.run.pieceCopies(segment, group)) {
          if (!this.cells.isPieceAt(segment, group, place)) damaged++
        }
        yield
      }
      for (let row = 0; row < wide; row++) {
        if (this.cells.wideCell(segment, row) === undefined) damaged++
        yield
      }
    }
    return damaged
  }

  /** The bytes of a cell as far as they are known to be right. */
  bytesOf(cell: number): Uint8Array | undefined {
    const state = this.#states.get(cell)
    if (state === undefined || state.kind === 'moved') return this.#look(cell)
    if (state.kind === 'healed') return this.#kept.read(state.offset, this.run.description.cellLength)
    return undefined
  }

  #isSettled(cell: number): boolean {
    return this.#states.has(cell) || ((this.#isWhole[cell >> 3] ?? 0) & (1 << (cell & 7))) !== 0
  }

  #look(cell: number): Uint8Array | undefined {
    const found = this.cells.find(cell)
    if (found !== undefined) this.#noteFound(cell, found)
    else if (this.cells.hashOf(cell) === undefined && !this.#states.has(cell))
      this.#states.set(cell, { kind: 'unknown' })
    return found?.bytes
  }

  #noteFound(cell: number, { shift }: FoundCell): void {
    if (shift === 0) this.#isWhole[cell >> 3] = (this.#isWhole[cell >> 3] ?? 0) | (1 << (cell & 7))
    else this.#states.set(cell, { kind: 'moved', shift })
  }

  *#healCell(cell: number): Generator<void> {
    const { segment, index } = this.run.placeOf(cell)
    if (this.#solvedSegments.has(segment)) {
      this.#states.set(cell, { kind: 'lost' })
      return
    }
    const healed = this.#fromGroup(cell, segment, index % this.run.description.groups)
    if (healed !== undefined) this.#noteHealed(cell, healed)
    else yield* this.#healSegment(segment)
  }

  /** The sum of the XOR cell and the group's other cells, if all of them are whole. */
  #fromGroup(cell: number, segment: number, group: number): Uint8Array | undefined {
    const stored = this.cells.xorCell(segment, group)
    if (stored === undefined) return undefined
    const sum = Uint8Array.from(stored)
    for (const member of this.run.membersOf(segment, group)) {
      if (member === cell) continue
      const bytes = this.bytesOf(member)
      if (bytes === undefined) return undefined
      addTo(sum, bytes)
    }
    return this.#isRight(cell, sum) ? sum : undefined
  }

  *#healSegment(segment: number): Generator<void> {
    const kernel = this.#kernel ?? startParityKernel()
    this.#kernel = undefined
    let attempt = yield* this.#solve(segment, kernel, new Set())
    const { wrong } = attempt.solution
    if (wrong.length > 0) attempt = yield* this.#solve(segment, kernel, new Set(wrong))
    this.#kernel = kernel
    const { looked, solution } = attempt
    for (const index of looked) {
      this.#noteSolved(this.run.cellAt({ segment, index }), solution.cells.get(index), solution.isProven)
    }
    this.#solvedSegments.add(segment)
  }

  /**
   * @param wrong cells that are known to be damaged although their hashes are lost
   * @returns what was computed, and the numbers of all cells that are damaged or without a hash
   */
  *#solve(
    segment: number,
    kernel: ParityKernel,
    wrong: ReadonlySet<number>,
  ): Generator<void, { readonly looked: readonly number[]; readonly solution: Solution }> {
    const { run } = this
    const code = new SegmentCode(run.shapeOf(segment), kernel)
    const lost: number[] = []
    const suspects: number[] = []
    for (let index = 0; index < code.shape.cells; index++) {
      const cell = run.cellAt({ segment, index })
      const bytes = this.bytesOf(cell)
      if (bytes !== undefined) code.put(index, bytes)
      else if (this.#states.get(cell)?.kind !== 'unknown' || wrong.has(index)) lost.push(index)
      else {
        suspects.push(index)
        code.put(index, this.cells.raw(cell))
      }
      if (index % unitCells === 0) yield
    }
    const solution = yield* solveSegment(code, {
      lost,
      suspects,
      xorCell: (group) => this.cells.xorCell(segment, group),
      wideCell: (row) => this.cells.wideCell(segment, row),
    })
    return { looked: [...lost, ...suspects], solution }
  }

  /** @param bytes undefined for a cell that could not be computed, or that was put in without a hash */
  #noteSolved(cell: number, bytes: Uint8Array | undefined, isProven: boolean): void {
    const hash = this.cells.hashOf(cell)
    if (hash === undefined) {
      if (!isProven) return
      if (bytes === undefined) this.#states.delete(cell)
      else this.#noteHealed(cell, bytes)
    } else if (bytes !== undefined && equalBytes(cellHash(bytes), hash)) this.#noteHealed(cell, bytes)
    else this.#states.set(cell, { kind: 'lost' })
  }

  #isRight(cell: number, bytes: Uint8Array): boolean {
    const hash = this.cells.hashOf(cell)
    return hash !== undefined && equalBytes(cellHash(bytes), hash)
  }

  #noteHealed(cell: number, bytes: Uint8Array): void {
    this.#states.set(cell, { kind: 'healed', offset: this.#kept.keep(bytes) })
  }
}

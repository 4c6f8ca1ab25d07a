import type { ByteSource } from '../../format/byte-source'
import type { FoundRuns } from './find-runs'
import { HealedCells } from './healed-cells'
import type { Patch } from './patch'
import { type CellState, RunHealer } from './run-healer'

/** A stretch of bytes of the archive. */
export interface Stretch {
  readonly position: number
  readonly length: number
}

/**
 * Finds and undoes damage of an archive in memory, as far as it is covered by parity. The file itself is only read.
 */
export class Healer {
  readonly runs: readonly RunHealer[]
  readonly tailShift: number
  readonly #descriptor: number
  readonly #fileSize: number
  readonly #kept = new HealedCells()

  /** @param descriptor of the archive's file, for {@link patches} */
  constructor(source: ByteSource, descriptor: number, { runs, shifts, tailShift }: FoundRuns) {
    this.tailShift = tailShift
    this.#descriptor = descriptor
    this.#fileSize = source.size
    this.runs = runs.map((run) => new RunHealer(source, run, shifts, this.#kept))
  }

  /** Where the newest parity frame begins: what stands before it is covered, but for the frames before. */
  get coveredEnd(): number {
    return this.runs.at(-1)?.run.description.position ?? 0
  }

  /** Looks at all cells that a stretch touches, and heals them. Yields now and then. */
  *heal(position: number, length: number): Generator<void> {
    for (const healer of this.runs) {
      const range = cellsIn(healer, position, length)
      if (range !== undefined) yield* healer.heal(range.first, range.end)
    }
  }

  /** Heals everything that is covered. Yields now and then. */
  *healAll(): Generator<void> {
    for (const healer of this.runs) yield* healer.heal(0, healer.run.cells)
  }

  /** Reads all parity. Yields now and then. @returns how many of its records and pieces are damaged or missing */
  *checkParity(): Generator<void, number> {
    let damaged = 0
    for (const healer of this.runs) damaged += yield* healer.checkParity()
    return damaged
  }

  /** What a reader of a stretch must take from elsewhere, as far as it is known; nothing of what is lost. */
  patches(position: number, length: number): Patch[] {
    const patches: Patch[] = []
    for (const healer of this.runs) {
      const range = cellsIn(healer, position, length)
      if (range === undefined || healer.states().size === 0) continue
      for (let cell = range.first; cell < range.end; cell++) {
        const patch = this.#patchOf(healer, cell)
        if (patch !== undefined) patches.push(patch)
      }
    }
    if (this.tailShift !== 0) patches.push(...this.#tailPatch(position, position + length))
    return patches
  }

  /** What stands behind all that is covered has moved as a whole. */
  #tailPatch(from: number, to: number): Patch[] {
    const position = Math.max(from, this.coveredEnd, -this.tailShift)
    const end = Math.min(to, this.#fileSize - this.tailShift)
    if (position >= end) return []
    const offset = position + this.tailShift
    return [{ position, length: end - position, descriptor: this.#descriptor, offset }]
  }

  #patchOf(healer: RunHealer, cell: number): Patch | undefined {
    const state = healer.stateOf(cell)
    const place = stretchOf(healer, cell)
    if (state?.kind === 'healed') return { ...place, descriptor: this.#kept.descriptor, offset: state.offset }
    if (state?.kind === 'moved') return { ...place, descriptor: this.#descriptor, offset: place.position + state.shift }
    return undefined
  }

  /** Cells in a state, merged where they follow each other. */
  stretches(kind: CellState['kind']): Stretch[] {
    const stretches: { position: number; length: number }[] = []
    for (const healer of this.runs) {
      const cells = [...healer.states()].filter(([, state]) => state.kind === kind).map(([cell]) => cell)
      for (const cell of cells.sort((left, right) => left - right)) {
        const { position, length } = stretchOf(healer, cell)
        const last = stretches.at(-1)
        if (last !== undefined && last.position + last.length === position) last.length += length
        else stretches.push({ position, length })
      }
    }
    return stretches
  }

  close(): void {
    this.#kept.close()
  }
}

function cellsIn({ run }: RunHealer, position: number, length: number) {
  const { from, position: end, cellLength } = run.description
  const start = Math.max(position, from)
  const stop = Math.min(position + length, end)
  if (start >= stop) return undefined
  return { first: Math.floor((start - from) / cellLength), end: Math.ceil((stop - from) / cellLength) }
}

/** The covered bytes of a cell. */
function stretchOf({ run }: RunHealer, cell: number): Stretch {
  const { cellLength, position: end } = run.description
  const position = run.positionOf(cell)
  return { position, length: Math.min(cellLength, end - position) }
}

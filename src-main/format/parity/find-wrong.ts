import { elementAt } from './elements'
import { divide, multiply } from './field'

/**
 * Finds out which of some cells are wrong, from equations that do not come out as zero. Each wrong cell adds to all residues its error times
 * the cell's own column of factors; so at every place of the cells, the residues are a sum of the columns of the wrong cells. Unless errors are
 * multiples of each other, these sums span the same space as the columns, and only the columns of wrong cells lie in it.
 *
 * @param residues of each equation, as long as a cell
 * @param columnOf the factors of a cell in the equations
 * @returns the wrong cells; none if it cannot be told which they are
 */
export function wrongSuspects(
  residues: readonly Uint8Array[],
  suspects: readonly number[],
  columnOf: (cell: number) => readonly number[],
): readonly number[] {
  const space = new Space()
  const elements = (residues[0]?.length ?? 0) / 2
  for (let at = 0; at < elements; at++) {
    space.add(residues.map((residue) => elementAt(residue, 0, at)))
    // With as many wrong cells as equations, any column would lie in the space.
    if (space.size >= residues.length) return []
  }
  const wrong = suspects.filter((cell) => space.has(columnOf(cell)))
  return wrong.length === space.size ? wrong : []
}

/** What vectors over GF(2^16) span. */
class Space {
  /** Each has 1 at its own place, where those before it are already 0. */
  readonly #basis: { readonly place: number; readonly vector: readonly number[] }[] = []

  get size(): number {
    return this.#basis.length
  }

  add(vector: readonly number[]): void {
    const rest = this.#rest(vector)
    const place = rest.findIndex((value) => value !== 0)
    if (place === -1) return
    const scale = rest[place] ?? 1
    this.#basis.push({ place, vector: rest.map((value) => divide(value, scale)) })
  }

  has(vector: readonly number[]): boolean {
    return this.#rest(vector).every((value) => value === 0)
  }

  #rest(vector: readonly number[]): readonly number[] {
    let rest = vector
    for (const { place, vector: one } of this.#basis) {
      const factor = rest[place] ?? 0
      if (factor !== 0) rest = rest.map((value, at) => value ^ multiply(one[at] ?? 0, factor))
    }
    return rest
  }
}

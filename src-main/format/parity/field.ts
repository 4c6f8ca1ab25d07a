/*
 * GF(2^16), polynomials over GF(2) modulo x^16 + x^12 + x^3 + x + 1 (x generates all elements but 0), one element at a time. Cells are
 * multiplied by the kernel; this gives the coefficients of the code.
 */

const modulus = 0x1100b
const order = 65_535

interface Tables {
  /** Powers of x, twice over, so that a sum of two logarithms needs no reduction. */
  readonly powers: Uint16Array
  readonly logarithms: Uint16Array
}

let tables: Tables | undefined

function fieldTables(): Tables {
  if (tables !== undefined) return tables
  const powers = new Uint16Array(order * 2)
  const logarithms = new Uint16Array(order + 1)
  for (let power = 0, element = 1; power < order; power++) {
    powers[power] = powers[power + order] = element
    logarithms[element] = power
    element <<= 1
    if (element > order) element ^= modulus
  }
  tables = { powers, logarithms }
  return tables
}

export function multiply(left: number, right: number): number {
  if (left === 0 || right === 0) return 0
  const { powers, logarithms } = fieldTables()
  return powers[(logarithms[left] ?? 0) + (logarithms[right] ?? 0)] ?? 0
}

/** @param divisor not 0 */
export function divide(dividend: number, divisor: number): number {
  if (dividend === 0) return 0
  const { powers, logarithms } = fieldTables()
  return powers[(logarithms[dividend] ?? 0) + order - (logarithms[divisor] ?? 0)] ?? 0
}

/** The product of (x + v) for v from 0 up to `count`, exclusive; count is a power of two. */
function subspaceProduct(x: number, count: number): number {
  let product = 1
  for (let v = 0; v < count; v++) product = multiply(product, x ^ v)
  return product
}

/**
 * The factors by which the cells of a segment enter its wide cells (docs/format.md, "The code"): wide cell `row` is the sum over all cells
 * of cell * factor. Chunks of `width` cells, a power of two, stand for as many elements from (chunk + 1) * width on.
 */
export class WideFactors {
  readonly #width: number
  /** By chunk: what is common to its cells. */
  readonly #scales: readonly number[]

  constructor(width: number, cells: number) {
    this.#width = width
    let others = 1
    for (let v = 1; v < width; v++) others = multiply(others, v)
    const chunks = Math.ceil(cells / width)
    this.#scales = Array.from({ length: chunks }, (_, chunk) =>
      divide(subspaceProduct((chunk + 1) * width, width), others),
    )
  }

  /** @param row of the wide cell, below the width */
  at(row: number, cell: number): number {
    const scale = this.#scales[Math.floor(cell / this.#width)] ?? 0
    return divide(scale, row ^ (cell + this.#width))
  }
}

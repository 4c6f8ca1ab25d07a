import { LmzError } from '../../contract/error'
import { type EffectiveRank, largestMatrixSide, mostMatrixElements, type TensorType } from '../../contract/tensor'
import { elementValues } from './element-values'
import { eigenvalues } from './eigenvalues'

/** Singular values that are told. */
const mostTold = 256

/** The sides of the matrix that a tensor is taken for. @throws LmzError `Unsupported` for what is none, or too large */
export function matrixSides(shape: readonly number[]): { readonly rows: number; readonly columns: number } {
  const [rows = 0, ...others] = shape
  const columns = others.reduce((product, side) => product * side, 1)
  if (others.length === 0 || rows < 2 || columns < 2) {
    throw new LmzError('Unsupported', 'Only a matrix has a rank: this tensor has one dimension that counts.')
  }
  if (Math.min(rows, columns) > largestMatrixSide || rows * columns > mostMatrixElements) {
    throw new LmzError('Unsupported', `The effective rank of ${rows} x ${columns} would take too long.`)
  }
  return { rows, columns }
}

/**
 * The effective rank (Roy and Vetterli, EUSIPCO 2007): exp of the entropy of the singular values, each divided by their sum. They are
 * the roots of the eigenvalues of the Gram matrix, which has the smaller of the two sides; what that loses, singular values of less than
 * 1e-8 of the largest, counts for nothing in the entropy. A matrix of 2048 x 2048 takes some 9 s.
 * @throws LmzError `Unsupported` for types without values, for what {@link matrixSides} refuses, and where a value is not finite
 */
export function effectiveRank(
  type: TensorType,
  shape: readonly number[],
  bytes: Uint8Array,
  { isBigEndian = false, isColumnMajor = false } = {},
): EffectiveRank {
  const { rows, columns } = matrixSides(shape)
  if (type === 'C64' || type === 'C128')
    throw new LmzError('Unsupported', 'The rank of complex matrices is not computed.')
  const elements = new Float64Array(rows * columns)
  elementValues(type, bytes, isBigEndian).read(0, elements)
  const largest = elements.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  if (!Number.isFinite(largest))
    throw new LmzError('Unsupported', 'A matrix with values that are not finite has no rank.')
  if (largest === 0) return { rows, columns, rank: 0, singularValues: [0] }
  // The squares of very large or small values would not be finite, or 0.
  for (let at = 0; at < elements.length; at++) elements[at] = (elements[at] ?? 0) / largest
  const [high, wide] = isColumnMajor ? [columns, rows] : [rows, columns]
  const side = Math.min(rows, columns)
  const gram =
    high <= wide ? rowProducts(elements, high, wide) : rowProducts(transposed(elements, high, wide), wide, high)
  const singular = eigenvalues(gram, side).map((value) => Math.sqrt(Math.max(value, 0)) * largest)
  singular.sort((left, right) => right - left)
  return { rows, columns, rank: Math.exp(entropyOf(singular)), singularValues: evenlyPicked(singular) }
}

/** In nats, of values by their share of the sum. */
function entropyOf(values: Float64Array): number {
  const sum = values.reduce((total, value) => total + value, 0)
  return values.reduce((entropy, value) => (value > 0 ? entropy - (value / sum) * Math.log(value / sum) : entropy), 0)
}

function evenlyPicked(values: Float64Array): readonly number[] {
  if (values.length <= mostTold) return [...values]
  return Array.from(
    { length: mostTold },
    (_none, at) => values[Math.round((at * (values.length - 1)) / (mostTold - 1))] ?? 0,
  )
}

function transposed(elements: Float64Array, rows: number, columns: number): Float64Array {
  const turned = new Float64Array(elements.length)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) turned[column * rows + row] = elements[row * columns + column] ?? 0
  }
  return turned
}

/** Every row times every row: a symmetric matrix with `rows` sides. */
function rowProducts(elements: Float64Array, rows: number, columns: number): Float64Array {
  const products = new Float64Array(rows * rows)
  // Rows of some tiles stay in the cache while each is multiplied with each.
  const tile = Math.max(1, Math.floor(16_384 / columns))
  for (let top = 0; top < rows; top += tile) {
    for (let left = 0; left <= top; left += tile) {
      for (let row = top; row < Math.min(top + tile, rows); row++) {
        for (let other = left; other < Math.min(left + tile, row + 1); other++) {
          const product = dotProduct(elements, row * columns, other * columns, columns)
          products[row * rows + other] = product
          products[other * rows + row] = product
        }
      }
    }
  }
  return products
}

function dotProduct(elements: Float64Array, left: number, right: number, length: number): number {
  let [even, odd] = [0, 0]
  let at = 0
  for (; at + 1 < length; at += 2) {
    even += (elements[left + at] ?? 0) * (elements[right + at] ?? 0)
    odd += (elements[left + at + 1] ?? 0) * (elements[right + at + 1] ?? 0)
  }
  if (at < length) even += (elements[left + at] ?? 0) * (elements[right + at] ?? 0)
  return even + odd
}

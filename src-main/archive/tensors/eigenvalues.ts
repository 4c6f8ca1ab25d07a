/**
 * All eigenvalues of a symmetric matrix, in no order: Householder's reduction to tridiagonal form (Golub and Van Loan, Matrix
 * Computations, section 8.3.1), then implicit QL steps with Wilkinson's shift (section 8.3.3). Takes 4/3 side^3 operations.
 * @param matrix row by row, its lower half is used and overwritten
 */
export function eigenvalues(matrix: Float64Array, side: number): Float64Array {
  const { diagonal, beside } = tridiagonal(matrix, side)
  diagonalise(diagonal, beside)
  return diagonal
}

interface Tridiagonal {
  readonly diagonal: Float64Array
  /** The number at `n` stands between the diagonal's `n` and `n + 1`; the last is 0. */
  readonly beside: Float64Array
}

function tridiagonal(matrix: Float64Array, side: number): Tridiagonal {
  const diagonal = new Float64Array(side)
  const beside = new Float64Array(side)
  const vector = new Float64Array(side)
  const product = new Float64Array(side)
  // The last row goes first, so that what is left is always the upper left part, whose rows are short.
  for (let row = side - 1; row > 0; row--) {
    const start = row * side
    let squares = 0
    for (let at = 0; at < row; at++) squares += (matrix[start + at] ?? 0) ** 2
    const last = matrix[start + row - 1] ?? 0
    diagonal[row] = matrix[start + row] ?? 0
    const length = Math.sqrt(squares)
    beside[row - 1] = last > 0 ? -length : length
    const rest = squares - last * last
    if (row === 1 || rest <= 0) {
      beside[row - 1] = last
      continue
    }
    // The reflection that turns this row into one number: I - v v^T / half.
    for (let at = 0; at < row; at++) vector[at] = matrix[start + at] ?? 0
    vector[row - 1] = last - (beside[row - 1] ?? 0)
    const half = (rest + (vector[row - 1] ?? 0) ** 2) / 2
    multiply(matrix, side, row, vector, product)
    let inner = 0
    for (let at = 0; at < row; at++) {
      product[at] = (product[at] ?? 0) / half
      inner += (product[at] ?? 0) * (vector[at] ?? 0)
    }
    const share = inner / (2 * half)
    for (let at = 0; at < row; at++) product[at] = (product[at] ?? 0) - share * (vector[at] ?? 0)
    for (let at = 0; at < row; at++) {
      const [ofVector, ofProduct] = [vector[at] ?? 0, product[at] ?? 0]
      const line = at * side
      for (let column = 0; column <= at; column++) {
        matrix[line + column] =
          (matrix[line + column] ?? 0) - ofVector * (product[column] ?? 0) - ofProduct * (vector[column] ?? 0)
      }
    }
  }
  diagonal[0] = matrix[0] ?? 0
  return { diagonal, beside }
}

/** The upper left part of the matrix, of which the lower half is there, times a vector. */
function multiply(
  matrix: Float64Array,
  side: number,
  count: number,
  vector: Float64Array,
  product: Float64Array,
): void {
  product.fill(0, 0, count)
  for (let row = 0; row < count; row++) {
    const line = row * side
    const factor = vector[row] ?? 0
    let sum = 0
    for (let column = 0; column < row; column++) {
      const element = matrix[line + column] ?? 0
      sum += element * (vector[column] ?? 0)
      product[column] = (product[column] ?? 0) + element * factor
    }
    product[row] = (product[row] ?? 0) + sum + (matrix[line + row] ?? 0) * factor
  }
}

/** Steps for one eigenvalue, at most; two or three are usual. */
const mostSteps = 60

function diagonalise(diagonal: Float64Array, beside: Float64Array): void {
  const side = diagonal.length
  for (let first = 0; first < side; first++) {
    for (let step = 0; step < mostSteps; step++) {
      const end = endOfPart(diagonal, beside, first)
      if (end === first) break
      stepOf(diagonal, beside, first, end)
    }
  }
}

/** Where the part that begins at `first` ends: behind it, the number beside the diagonal is as good as 0. */
function endOfPart(diagonal: Float64Array, beside: Float64Array, first: number): number {
  let end = first
  for (; end < diagonal.length - 1; end++) {
    const near = Math.abs(diagonal[end] ?? 0) + Math.abs(diagonal[end + 1] ?? 0)
    if (Math.abs(beside[end] ?? 0) <= Number.EPSILON * near) break
  }
  return end
}

/** One implicit QL step on the part from `first` to `end`. */
function stepOf(diagonal: Float64Array, beside: Float64Array, first: number, end: number): void {
  const corner = beside[first] ?? 0
  const slope = ((diagonal[first + 1] ?? 0) - (diagonal[first] ?? 0)) / (2 * corner)
  const root = Math.hypot(slope, 1)
  const shift = (diagonal[first] ?? 0) - corner / (slope + (slope < 0 ? -root : root))
  let [sine, cosine, passed] = [1, 1, 0]
  let bulge = (diagonal[end] ?? 0) - shift
  for (let at = end - 1; at >= first; at--) {
    const across = sine * (beside[at] ?? 0)
    const along = cosine * (beside[at] ?? 0)
    const length = Math.hypot(across, bulge)
    beside[at + 1] = length
    if (length === 0) {
      // The part falls into two: the rest is for the next step.
      diagonal[at + 1] = (diagonal[at + 1] ?? 0) - passed
      beside[end] = 0
      return
    }
    sine = across / length
    cosine = bulge / length
    const above = (diagonal[at + 1] ?? 0) - passed
    const turned = ((diagonal[at] ?? 0) - above) * sine + 2 * cosine * along
    passed = sine * turned
    diagonal[at + 1] = above + passed
    bulge = cosine * turned - along
  }
  diagonal[first] = (diagonal[first] ?? 0) - passed
  beside[first] = bulge
  beside[end] = 0
}

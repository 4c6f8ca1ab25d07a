/**
 * Gauss-Jordan elimination over GF(2^16). Rows lie one after the other, `width` bytes each (a multiple of 32), their elements laid out as
 * in cells. The first `columns` columns of the first `columns` rows become the unit matrix; what stands to the right of them is
 * transformed with them.
 */
import { inverseOf } from './field'
import { addInto, multiplyAdd } from './products'

@inline
function element(row: usize, column: usize): u32 {
  const at = row + ((column >> 4) << 5) + (column & 15)
  return (load<u8>(at) as u32) | ((load<u8>(at, 16) as u32) << 8)
}

/** @returns whether the columns are independent; if not, the matrix is left half done */
export function eliminate(matrix: usize, rows: usize, columns: usize, width: usize): bool {
  for (let column: usize = 0; column < columns; column++) {
    // To the left of the column, the rows at hand hold nothing but zeros.
    const from = (column >> 4) << 5
    const length = width - from
    const own = matrix + column * width
    let pivot = own
    const end = matrix + rows * width
    while (pivot < end && element(pivot, column) === 0) pivot += width
    if (pivot === end) return false
    // Adding a row to another, instead of swapping the two, keeps the right side consistent just as well.
    if (pivot !== own) addInto(own + from, pivot + from, length)
    const value = element(own, column)
    // own * inverse = own + own * (inverse + 1)
    if (value !== 1) scale(own + from, length, inverseOf(value))
    for (let row = matrix; row < end; row += width) {
      const factor = element(row, column)
      if (row !== own && factor !== 0) multiplyAdd(row + from, own + from, length, factor)
    }
  }
  return true
}

function scale(row: usize, length: usize, c: u32): void {
  // In place: each 32 bytes are read before they are written.
  multiplyAdd(row, row, length, c ^ 1)
}

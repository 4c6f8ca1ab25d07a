/**
 * The additive Fourier transform of Lin, Chung and Han (FOCS 2014, section III) on cells: from the values of a polynomial at the
 * elements offset, offset + 1, ... offset + 2^levels - 1 to its coefficients in their basis, and back. The offset is a multiple of their
 * number. Cells stand `cellLength` bytes apart; they are done in stripes that stay in the processor's cache through all levels.
 */
import { subspaceAt } from './field'
import { butterfly, inverseButterfly } from './products'

const STRIPE: usize = 2048

@inline
function transform(cells: usize, levels: usize, cellLength: usize, offset: u32, isInverse: bool): void {
  const end = cells + cellLength
  for (let stripe = cells; stripe < end; stripe += STRIPE) {
    const length = min<usize>(STRIPE, end - stripe)
    for (let done: usize = 0; done < levels; done++) {
      const level = isInverse ? done : levels - 1 - done
      const half = (1 as usize) << level
      for (let block: usize = 0; block < (1 as usize) << levels; block += half * 2) {
        const c = subspaceAt(level, offset + (block as u32))
        const first = stripe + block * cellLength
        const second = first + half * cellLength
        for (let at: usize = 0; at < half * cellLength; at += cellLength) {
          if (isInverse) inverseButterfly(first + at, second + at, length, c)
          else butterfly(first + at, second + at, length, c)
        }
      }
    }
  }
}

/** From values to coefficients. */
export function inverse(cells: usize, levels: usize, cellLength: usize, offset: u32): void {
  transform(cells, levels, cellLength, offset, true)
}

/** From coefficients to values. */
export function forward(cells: usize, levels: usize, cellLength: usize, offset: u32): void {
  transform(cells, levels, cellLength, offset, false)
}

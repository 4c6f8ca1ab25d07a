/**
 * Arithmetic of parity cells (docs/format.md, "The code"): XOR, multiples over GF(2^16), the additive Fourier transform that computes all
 * wide cells of a segment at once, and the elimination that solves for lost cells. Callers lay out the memory behind `free`.
 */
import { initialise } from './parity/field'
import { FREE } from './parity/memory'

export { addInto, multiplyAdd } from './parity/products'
export { forward, inverse } from './parity/transform'
export { eliminate } from './parity/eliminate'

export const free: usize = FREE

/** Makes room up to this address. */
export function reserve(end: usize): void {
  const missing = ((end + 65535) / 65536) as i32 - memory.size()
  if (missing > 0) memory.grow(missing)
}

initialise()

/**
 * GF(2^16) as polynomials over GF(2) modulo x^16 + x^12 + x^3 + x + 1, in which x generates all elements but 0. Products of single
 * elements are needed seldom; whole cells are multiplied by tables (products.ts).
 */
import { LEVELS, SUBSPACES } from './memory'

const MODULUS: u32 = 0x1100b

export function multiply(a: u32, b: u32): u32 {
  let product: u32 = 0
  for (; b !== 0; b >>= 1) {
    if (b & 1) product ^= a
    a <<= 1
    if (a & 0x10000) a ^= MODULUS
  }
  return product
}

/** The element that gives 1 with `a`, which is not 0: its power of 2^16 - 2. */
export function inverseOf(a: u32): u32 {
  let result: u32 = 1
  let square = a
  for (let bit = 1; bit < 16; bit++) {
    square = multiply(square, square)
    result = multiply(result, square)
  }
  return result
}

/**
 * The subspace polynomials of Lin, Chung and Han ("Novel polynomial basis and its application to Reed-Solomon erasure codes", FOCS 2014,
 * section II): s_0(x) = x, s_{j+1}(x) = s_j(x) * s_j(x + 2^j) = s_j(x) * (s_j(x) + s_j(2^j)), each divided by its value at 2^j. They are
 * linear, so their values at the powers of two tell all others.
 */
export function initialise(): void {
  const raw = SUBSPACES + LEVELS * 32
  for (let bit: usize = 0; bit < 16; bit++) store<u16>(raw + bit * 2, ((1 as u32) << (bit as u32)) as u16)
  for (let level: usize = 0; level < LEVELS; level++) {
    const own = load<u16>(raw + level * 2) as u32
    const scale = inverseOf(own)
    for (let bit: usize = 0; bit < 16; bit++) {
      const value = load<u16>(raw + bit * 2) as u32
      store<u16>(SUBSPACES + level * 32 + bit * 2, multiply(value, scale) as u16)
      store<u16>(raw + bit * 2, multiply(value, value ^ own) as u16)
    }
  }
}

/** The normalised subspace polynomial of a level at an element. */
export function subspaceAt(level: usize, element: u32): u32 {
  let value: u32 = 0
  for (let at = SUBSPACES + level * 32; element !== 0; element >>= 1, at += 2) if (element & 1) value ^= load<u16>(at)
  return value
}

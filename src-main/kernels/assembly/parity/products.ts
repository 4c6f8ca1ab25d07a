/**
 * Cells hold 16 elements in each 32 bytes: their low bytes, then their high bytes. A product with a constant is linear in the
 * four nibbles of an element, so eight tables of 16 bytes and as many look-ups give 16 products (Plank, Greenan, Miller: "Screaming fast
 * Galois field arithmetic using Intel SIMD instructions", FAST 2013). Indices are below 16, where relaxed swizzles agree everywhere.
 */

/** Multiples of the constant by 1, x, x^2, ... x^15, one a bit of what it is multiplied by. */
let p0: u32 = 0
let p1: u32 = 0
let p2: u32 = 0
let p3: u32 = 0

let constant: u32 = 0

/** Makes the tables' next four multiples. */
@inline
function nextFour(): void {
  let c = constant
  p0 = c
  c = (c << 1) ^ ((0 - ((c >> 15) & 1)) & 0x1100b)
  p1 = c
  c = (c << 1) ^ ((0 - ((c >> 15) & 1)) & 0x1100b)
  p2 = c
  c = (c << 1) ^ ((0 - ((c >> 15) & 1)) & 0x1100b)
  p3 = c
  constant = (c << 1) ^ ((0 - ((c >> 15) & 1)) & 0x1100b)
}

/** For each value of a nibble the low (shift 0) or high (shift 8) byte of the product. */
@inline
function table(shift: u32): v128 {
  const bit0 = v128.and(i16x8.splat(0xff00 as i16), i8x16.splat((p0 >> shift) as i8))
  const bit1 = v128.and(i32x4.splat(0xffff0000), i8x16.splat((p1 >> shift) as i8))
  const bit2 = v128.and(i64x2.splat(0xffffffff00000000), i8x16.splat((p2 >> shift) as i8))
  const bit3 = v128.and(i64x2(0, -1), i8x16.splat((p3 >> shift) as i8))
  return v128.xor(v128.xor(bit0, bit1), v128.xor(bit2, bit3))
}

/**
 * first += second * c, for lengths that are multiples of 32; and, before or after it, second += first. Which of these is known where this
 * is inlined.
 */
@inline
function addProduct(first: usize, second: usize, length: usize, c: u32, addsBefore: bool, addsAfter: bool): void {
  constant = c
  nextFour()
  const low0 = table(0)
  const high0 = table(8)
  nextFour()
  const low1 = table(0)
  const high1 = table(8)
  nextFour()
  const low2 = table(0)
  const high2 = table(8)
  nextFour()
  const low3 = table(0)
  const high3 = table(8)
  const mask = i8x16.splat(15)
  const end = second + length
  for (; second < end; second += 32, first += 32) {
    let firstLow = v128.load(first)
    let firstHigh = v128.load(first, 16)
    let low = v128.load(second)
    let high = v128.load(second, 16)
    if (addsBefore) {
      low = v128.xor(low, firstLow)
      high = v128.xor(high, firstHigh)
    }
    const n0 = v128.and(low, mask)
    const n1 = i8x16.shr_u(low, 4)
    const n2 = v128.and(high, mask)
    const n3 = i8x16.shr_u(high, 4)
    const productLow = v128.xor(
      v128.xor(i8x16.relaxed_swizzle(low0, n0), i8x16.relaxed_swizzle(low1, n1)),
      v128.xor(i8x16.relaxed_swizzle(low2, n2), i8x16.relaxed_swizzle(low3, n3)),
    )
    const productHigh = v128.xor(
      v128.xor(i8x16.relaxed_swizzle(high0, n0), i8x16.relaxed_swizzle(high1, n1)),
      v128.xor(i8x16.relaxed_swizzle(high2, n2), i8x16.relaxed_swizzle(high3, n3)),
    )
    firstLow = v128.xor(firstLow, productLow)
    firstHigh = v128.xor(firstHigh, productHigh)
    v128.store(first, firstLow)
    v128.store(first, firstHigh, 16)
    if (addsBefore || addsAfter) {
      v128.store(second, addsAfter ? v128.xor(low, firstLow) : low)
      v128.store(second, addsAfter ? v128.xor(high, firstHigh) : high, 16)
    }
  }
}

/** target += source * c; both may be the same. */
export function multiplyAdd(target: usize, source: usize, length: usize, c: u32): void {
  addProduct(target, source, length, c, false, false)
}

/** first += second * c, then second += first. */
export function butterfly(first: usize, second: usize, length: usize, c: u32): void {
  if (c === 0) addInto(second, first, length)
  else addProduct(first, second, length, c, false, true)
}

/** second += first, then first += second * c: undoes {@link butterfly}. */
export function inverseButterfly(first: usize, second: usize, length: usize, c: u32): void {
  if (c === 0) addInto(second, first, length)
  else addProduct(first, second, length, c, true, false)
}

/** target += source, for lengths that are multiples of 32. */
export function addInto(target: usize, source: usize, length: usize): void {
  const end = source + length
  for (; source < end; source += 32, target += 32) {
    v128.store(target, v128.xor(v128.load(target), v128.load(source)))
    v128.store(target, v128.xor(v128.load(target, 16), v128.load(source, 16)), 16)
  }
}

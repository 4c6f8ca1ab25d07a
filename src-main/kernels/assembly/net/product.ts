/**
 * Matrix products of signed 7-bit weights (63 at most) and unsigned 7-bit activations, added up in 16 bits as long as they fit. The relaxed
 * dot product is one instruction on each processor, and gives the same on all of them for values like these.
 */
import { PRODUCT_OFFSET, PRODUCT_SCALE, PRODUCT_WEIGHT } from './memory'

let sums0: v128 = i64x2.splat(0)
let sums1: v128 = i64x2.splat(0)
let sums2: v128 = i64x2.splat(0)
let sums3: v128 = i64x2.splat(0)

/** Four products of each output: at most 4 * 127 * 63 = 32,004. */
@inline
function four(weights: usize, x: v128, y: v128): v128 {
  const one = i16x8.relaxed_dot_i8x16_i7x16_s(v128.load(weights), x)
  return i32x4.extadd_pairwise_i16x8_s(i16x8.add(one, i16x8.relaxed_dot_i8x16_i7x16_s(v128.load(weights, 64), y)))
}

/** Sums of 16 outputs. Inputs are a multiple of 8. @returns the weights of the next 16 */
@inline
function sum16(weights: usize, input: usize, inputs: usize): usize {
  let a = i64x2.splat(0)
  let b = a
  let c = a
  let d = a
  const end = input + inputs
  for (let at = input; at < end; at += 8) {
    const x = v128.load32_splat(at)
    const y = v128.load32_splat(at, 4)
    a = i32x4.add(a, four(weights, x, y))
    b = i32x4.add(b, four(weights + 16, x, y))
    c = i32x4.add(c, four(weights + 32, x, y))
    d = i32x4.add(d, four(weights + 48, x, y))
    weights += 128
  }
  sums0 = a
  sums1 = b
  sums2 = c
  sums3 = d
  return weights
}

/** floor(sum * scale + offset) of four outputs: exact, since scales are powers of two and offsets whole multiples of them. */
@inline
function rescaled(sums: v128, scale: usize, offset: usize): v128 {
  return f32x4.floor(f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(sums), v128.load(scale)), v128.load(offset)))
}

/** result = product, or += it; f32 an output. Outputs are a multiple of 16. */
export function productInto(result: usize, input: usize, product: usize, inputs: usize, outputs: usize, adds: bool): void {
  let weights = load<u32>(product, PRODUCT_WEIGHT) as usize
  let scale = load<u32>(product, PRODUCT_SCALE) as usize
  let offset = load<u32>(product, PRODUCT_OFFSET) as usize
  const end = result + outputs * 4
  for (; result < end; result += 64) {
    weights = sum16(weights, input, inputs)
    let a = rescaled(sums0, scale, offset)
    let b = rescaled(sums1, scale + 16, offset + 16)
    let c = rescaled(sums2, scale + 32, offset + 32)
    let d = rescaled(sums3, scale + 48, offset + 48)
    if (adds) {
      a = f32x4.add(a, v128.load(result))
      b = f32x4.add(b, v128.load(result, 16))
      c = f32x4.add(c, v128.load(result, 32))
      d = f32x4.add(d, v128.load(result, 48))
    }
    v128.store(result, a)
    v128.store(result, b, 16)
    v128.store(result, c, 32)
    v128.store(result, d, 48)
    scale += 64
    offset += 64
  }
}

@inline
function limited(values: v128, low: v128, high: v128): v128 {
  return i32x4.trunc_sat_f32x4_s(f32x4.pmin(f32x4.pmax(values, low), high))
}

/** i32 an output, between its limits. */
export function clippedProduct(
  result: usize,
  input: usize,
  product: usize,
  inputs: usize,
  outputs: usize,
  low: usize,
  high: usize,
): void {
  let weights = load<u32>(product, PRODUCT_WEIGHT) as usize
  let scale = load<u32>(product, PRODUCT_SCALE) as usize
  let offset = load<u32>(product, PRODUCT_OFFSET) as usize
  const end = result + outputs * 4
  for (; result < end; result += 64) {
    weights = sum16(weights, input, inputs)
    v128.store(result, limited(rescaled(sums0, scale, offset), v128.load(low), v128.load(high)))
    v128.store(result, limited(rescaled(sums1, scale + 16, offset + 16), v128.load(low, 16), v128.load(high, 16)), 16)
    v128.store(result, limited(rescaled(sums2, scale + 32, offset + 32), v128.load(low, 32), v128.load(high, 32)), 32)
    v128.store(result, limited(rescaled(sums3, scale + 48, offset + 48), v128.load(low, 48), v128.load(high, 48)), 48)
    scale += 64
    offset += 64
    low += 64
    high += 64
  }
}

/** i16 a byte: the head's product, within -2048..2047. */
export function logitsOf(result: usize, input: usize, product: usize, inputs: usize): void {
  let weights = load<u32>(product, PRODUCT_WEIGHT) as usize
  let scale = load<u32>(product, PRODUCT_SCALE) as usize
  let offset = load<u32>(product, PRODUCT_OFFSET) as usize
  const low = f32x4.splat(-2048)
  const high = f32x4.splat(2047)
  const end = result + 512
  for (; result < end; result += 32) {
    weights = sum16(weights, input, inputs)
    const a = limited(rescaled(sums0, scale, offset), low, high)
    const b = limited(rescaled(sums1, scale + 16, offset + 16), low, high)
    const c = limited(rescaled(sums2, scale + 32, offset + 32), low, high)
    const d = limited(rescaled(sums3, scale + 48, offset + 48), low, high)
    v128.store(result, i16x8.narrow_i32x4_s(a, b))
    v128.store(result, i16x8.narrow_i32x4_s(c, d), 16)
    scale += 64
    offset += 64
  }
}

/** u8 a channel: whole numbers in f32, clipped to 0..127. Channels are a multiple of 16. */
export function clipInto(result: usize, values: usize, count: usize): void {
  const low = f32x4.splat(0)
  const high = f32x4.splat(127)
  const end = result + count
  for (; result < end; result += 16) {
    const a = i16x8.narrow_i32x4_s(limited(v128.load(values), low, high), limited(v128.load(values, 16), low, high))
    const b = i16x8.narrow_i32x4_s(limited(v128.load(values, 32), low, high), limited(v128.load(values, 48), low, high))
    v128.store(result, i8x16.narrow_i16x8_u(a, b))
    values += 64
  }
}

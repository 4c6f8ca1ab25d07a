/**
 * Matrix products of signed 7-bit weights (63 at most) and unsigned 7-bit activations, added up in 16 bits as far as they fit. The relaxed
 * dot product is one instruction on each processor, and gives the same on all of them for values like these.
 */
import {
  ENTERING,
  ENTERING_STRIDE,
  GROUPS,
  GROUPS_STRIDE,
  INNER,
  INNER_STRIDE,
  LOGITS,
  LOGITS_STRIDE,
  PRODUCT_NARROW,
  PRODUCT_OFFSET,
  PRODUCT_SCALE,
  PRODUCT_WEIGHT,
  RESIDUAL,
  RESIDUAL_STRIDE,
} from './memory'

/** Ends a list of groups. */
const NO_GROUP: u32 = 0xffffffff

let sums0: v128 = i64x2.splat(0)
let sums1: v128 = i64x2.splat(0)
let sums2: v128 = i64x2.splat(0)
let sums3: v128 = i64x2.splat(0)

/** Products of a group with four outputs, added up two by two. */
@inline
function two(weights: usize, x: v128): v128 {
  return i16x8.relaxed_dot_i8x16_i7x16_s(v128.load(weights), x)
}

@inline
function widened(sums: v128): v128 {
  return i32x4.extadd_pairwise_i16x8_s(sums)
}

/** Products of two groups with each output, four by four: at most 4 * 127 * 63 = 32,004. */
@inline
function four(weights: usize, x: v128, y: v128): v128 {
  return i16x8.add(two(weights, x), two(weights + 64, y))
}

/** Sums of 16 outputs of one step. Inputs are a multiple of 16. */
@inline
function sum16(weights: usize, isNarrow: bool, input: usize, inputs: usize): void {
  let a = i64x2.splat(0)
  let b = a
  let c = a
  let d = a
  const end = input + inputs
  if (isNarrow) {
    for (; input < end; input += 16) {
      const all = v128.load(input)
      const x = v128.shuffle<i32>(all, all, 0, 0, 0, 0)
      const y = v128.shuffle<i32>(all, all, 1, 1, 1, 1)
      const z = v128.shuffle<i32>(all, all, 2, 2, 2, 2)
      const w = v128.shuffle<i32>(all, all, 3, 3, 3, 3)
      a = i32x4.add(a, widened(i16x8.add(four(weights, x, y), four(weights + 128, z, w))))
      b = i32x4.add(b, widened(i16x8.add(four(weights + 16, x, y), four(weights + 144, z, w))))
      c = i32x4.add(c, widened(i16x8.add(four(weights + 32, x, y), four(weights + 160, z, w))))
      d = i32x4.add(d, widened(i16x8.add(four(weights + 48, x, y), four(weights + 176, z, w))))
      weights += 256
    }
  } else {
    for (; input < end; input += 8) {
      const x = v128.load32_splat(input)
      const y = v128.load32_splat(input, 4)
      a = i32x4.add(a, widened(four(weights, x, y)))
      b = i32x4.add(b, widened(four(weights + 16, x, y)))
      c = i32x4.add(c, widened(four(weights + 32, x, y)))
      d = i32x4.add(d, widened(four(weights + 48, x, y)))
      weights += 128
    }
  }
  sums0 = a
  sums1 = b
  sums2 = c
  sums3 = d
}

/** Adds to the sums what the listed groups of inputs bring. */
@inline
function addGroups(weights: usize, input: usize, groups: usize): void {
  for (let group = load<u32>(groups); group != NO_GROUP; group = load<u32>((groups += 4))) {
    const x = v128.load32_splat(input + ((group as usize) << 2))
    const at = weights + ((group as usize) << 6)
    sums0 = i32x4.add(sums0, widened(two(at, x)))
    sums1 = i32x4.add(sums1, widened(two(at + 16, x)))
    sums2 = i32x4.add(sums2, widened(two(at + 32, x)))
    sums3 = i32x4.add(sums3, widened(two(at + 48, x)))
  }
}

/** Lists the groups of four inputs that are not all zero. */
export function listGroups(groups: usize, input: usize, from: usize, to: usize): void {
  for (let at = from; at < to; at += 4) {
    if (load<u32>(input + at) == 0) continue
    store<u32>(groups, (at >> 2) as u32)
    groups += 4
  }
  store<u32>(groups, NO_GROUP)
}

/** floor(sum * scale + offset) of four outputs: exact, since scales are powers of two and offsets whole multiples of them. */
@inline
function rescaled(sums: v128, scale: usize, offset: usize): v128 {
  return f32x4.floor(f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(sums), v128.load(scale)), v128.load(offset)))
}

@inline
function limited(values: v128, low: v128, high: v128): v128 {
  return i32x4.relaxed_trunc_f32x4_s(f32x4.pmin(f32x4.pmax(values, low), high))
}

/** What becomes of a product; known where {@link each} is inlined. */
const TO_RESIDUAL: i32 = 0
const ADDED_TO_RESIDUAL: i32 = 1
const TO_INNER: i32 = 2
const TO_LOGITS: i32 = 3

/**
 * The product of what enters, each step; outputs are a multiple of 16. Tiles go round outside of the steps: a tile's weights stay in the
 * nearest cache for all of them.
 * @param dense of the inputs; those behind them are listed if the product is added
 * @param low limits of the outputs, where they have some: f32 each
 */
@inline
function each(kind: i32, product: usize, dense: usize, inputs: usize, outputs: usize, steps: usize, low: usize, high: usize): void {
  let weights = load<u32>(product, PRODUCT_WEIGHT) as usize
  let scale = load<u32>(product, PRODUCT_SCALE) as usize
  let offset = load<u32>(product, PRODUCT_OFFSET) as usize
  let narrow = load<u32>(product, PRODUCT_NARROW) as usize
  for (let at: usize = 0; at < outputs * 4; at += 64) {
    const isNarrow: bool = load<u8>(narrow++) != 0
    for (let step: usize = 0; step < steps; step++) {
      const input = ENTERING + step * ENTERING_STRIDE
      sum16(weights, isNarrow, input, dense)
      if (kind == ADDED_TO_RESIDUAL) addGroups(weights, input, GROUPS + step * GROUPS_STRIDE)
      let a = rescaled(sums0, scale, offset)
      let b = rescaled(sums1, scale + 16, offset + 16)
      let c = rescaled(sums2, scale + 32, offset + 32)
      let d = rescaled(sums3, scale + 48, offset + 48)
      if (kind == TO_LOGITS) {
        const least = f32x4.splat(-2048)
        const most = f32x4.splat(2047)
        const result = LOGITS + step * LOGITS_STRIDE + (at >> 1)
        v128.store(result, i16x8.narrow_i32x4_s(limited(a, least, most), limited(b, least, most)))
        v128.store(result, i16x8.narrow_i32x4_s(limited(c, least, most), limited(d, least, most)), 16)
        continue
      }
      const result = (kind == TO_INNER ? INNER + step * INNER_STRIDE : RESIDUAL + step * RESIDUAL_STRIDE) + at
      if (kind == TO_INNER) {
        a = limited(a, v128.load(low), v128.load(high))
        b = limited(b, v128.load(low, 16), v128.load(high, 16))
        c = limited(c, v128.load(low, 32), v128.load(high, 32))
        d = limited(d, v128.load(low, 48), v128.load(high, 48))
      }
      if (kind == ADDED_TO_RESIDUAL) {
        a = f32x4.add(a, v128.load(result))
        b = f32x4.add(b, v128.load(result, 16))
        c = f32x4.add(c, v128.load(result, 32))
        d = f32x4.add(d, v128.load(result, 48))
      }
      v128.store(result, a)
      v128.store(result, b, 16)
      v128.store(result, c, 32)
      v128.store(result, d, 48)
    }
    weights += inputs * 16
    scale += 64
    offset += 64
    if (kind == TO_INNER) {
      low += 64
      high += 64
    }
  }
}

/** RESIDUAL = product: f32 an output. */
export function productInto(product: usize, inputs: usize, outputs: usize, steps: usize): void {
  each(TO_RESIDUAL, product, inputs, inputs, outputs, steps, 0, 0)
}

/** RESIDUAL += product of `dense` inputs and of those behind them that are listed. */
export function addProduct(product: usize, dense: usize, inputs: usize, outputs: usize, steps: usize): void {
  each(ADDED_TO_RESIDUAL, product, dense, inputs, outputs, steps, 0, 0)
}

/** INNER = product: i32 an output, between its limits. */
export function clippedProduct(product: usize, inputs: usize, outputs: usize, low: usize, high: usize, steps: usize): void {
  each(TO_INNER, product, inputs, inputs, outputs, steps, low, high)
}

/** LOGITS = the head's product: i16 a byte, within -2048..2047. */
export function logitsOf(product: usize, inputs: usize, steps: usize): void {
  each(TO_LOGITS, product, inputs, inputs, 256, steps, 0, 0)
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

/** From logits of bytes to odds of bits: the softmax of 2^(logit / 64), summed up over the tree of a byte's bits. */
import { LOGIT_LIMIT } from '../mix/memory'
import { LOGARITHM, SUMS, WEIGHT_OF } from './memory'

/** Sums up the weights of a byte's logits. */
export function spread(logits: usize): void {
  let most = v128.load(logits)
  for (let at: usize = 16; at < 512; at += 16) most = i16x8.max_s(most, v128.load(logits + at))
  most = i16x8.max_s(most, v128.shuffle<i16>(most, most, 4, 5, 6, 7, 0, 1, 2, 3))
  most = i16x8.max_s(most, v128.shuffle<i16>(most, most, 2, 3, 0, 1, 6, 7, 4, 5))
  most = i16x8.max_s(most, v128.shuffle<i16>(most, most, 1, 0, 3, 2, 5, 4, 7, 6))
  const largest = i16x8.extract_lane_s(most, 0) as i32
  for (let byte: usize = 0; byte < 256; byte++) {
    const distance = (largest - (load<i16>(logits + byte * 2) as i32)) as u32
    // Shifted by 20 and more, nothing is left of it.
    const weight = load<u32>(WEIGHT_OF + ((distance & 63) as usize) * 4) >> min<u32>(31, distance >> 6)
    store<u32>(SUMS + (256 + byte) * 4, max<u32>(1, weight))
  }
  // Four nodes at a time down to node 4; their sums lie behind what is read.
  for (let node: usize = 252; node >= 4; node -= 4) {
    const a = v128.load(SUMS + node * 8)
    const b = v128.load(SUMS + node * 8, 16)
    v128.store(SUMS + node * 4, i32x4.add(v128.shuffle<i32>(a, b, 0, 2, 4, 6), v128.shuffle<i32>(a, b, 1, 3, 5, 7)))
  }
  for (let node: usize = 3; node > 0; node--) {
    store<u32>(SUMS + node * 4, load<u32>(SUMS + node * 8) + load<u32>(SUMS + node * 8 + 4))
  }
}

/** The natural logarithm in 1/4096, of 1 and more. */
@inline
export function logarithm(value: u32): i32 {
  const zeros = clz<u32>(value)
  const mantissa = ((value << zeros) >> 21) & 1023
  // 4096 ln 2
  return (31 - (zeros as i32)) * 2839 + (load<u16>(LOGARITHM + (mantissa as usize) * 2) as i32)
}

/** ln(ones / zeros) in 1/256. */
@inline
export function logOdds(ones: u32, zeros: u32): i32 {
  return (logarithm(ones) - logarithm(zeros)) >> 4
}

/** What the net says of the bit after these, with a leading one: the logit of a one in 1/256. */
@inline
export function netLogit(prefix: u32): i32 {
  const pair = SUMS + (prefix as usize) * 8
  const logit = logOdds(load<u32>(pair, 4), load<u32>(pair))
  return min<i32>(LOGIT_LIMIT, max<i32>(-LOGIT_LIMIT, logit))
}

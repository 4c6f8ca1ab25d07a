/** One layer of the gated mixers: inputs times selected weights, in vectors of eight, and how the weights learn. */
import { CHOSEN, INPUT, INPUTS, LOGIT, LOGIT_LIMIT, SELECTIONS, SQUASH, WEIGHTS } from './memory'

/** How fast weights learn. */
let mixRate: i32 = 3

export function learnAtRate(rate: i32): void {
  mixRate = rate
}

@inline
function train(weights: usize, error: i32): void {
  const e = i16x8.splat(error as i16)
  v128.store(weights, i16x8.add_sat_s(v128.load(weights), i16x8.q15mulr_sat_s(v128.load(INPUT), e)))
  v128.store(weights, i16x8.add_sat_s(v128.load(weights, 16), i16x8.q15mulr_sat_s(v128.load(INPUT, 16), e)), 16)
}

/** Lets the weights that were chosen of a set learn the bit that came. */
@inline
export function trainSet(set: usize, bit: u32): void {
  const error = ((bit << 16) as i32) - (load<u16>(SQUASH + ((load<i32>(LOGIT + set * 4) + LOGIT_LIMIT) as usize) * 2) as i32)
  const scaled = (error * mixRate) >> 6
  // Smaller ones change no weight: |input| <= 2306, and 7 * 2306 < 2^14, which is rounded away.
  if (scaled > 7 || scaled < -7) train(load<u32>(CHOSEN + set * 4) as usize, scaled)
}

/** The inputs times the weights of set `set` chosen by `selection`, in four sums. */
@inline
export function weigh(set: usize, selection: u32, first: v128, second: v128): v128 {
  const weights = WEIGHTS + ((set * SELECTIONS + (selection as usize)) * INPUTS) * 2
  store<u32>(set * 4, weights as u32, CHOSEN)
  return i32x4.add(i32x4.dot_i16x8_s(first, v128.load(weights)), i32x4.dot_i16x8_s(second, v128.load(weights, 16)))
}

/** Half of each vector's sum, and the other half, of two vectors. */
@inline
export function halves(a: v128, b: v128): v128 {
  return i32x4.add(v128.shuffle<i32>(a, b, 0, 1, 4, 5), v128.shuffle<i32>(a, b, 2, 3, 6, 7))
}

/** Within what logits may be. */
@inline
export function limited(logits: v128): v128 {
  return i32x4.min_s(i32x4.splat(LOGIT_LIMIT), i32x4.max_s(i32x4.splat(-LOGIT_LIMIT), logits))
}

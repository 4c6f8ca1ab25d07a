/**
 * The last mixer: the net's logit of a bit and those of mix, weighed by sets of weights that small contexts choose, and corrected by
 * secondary estimation; as mix does with its contexts.
 */
import { keep } from '../mix/journal'
import { expected0, matchLength0 } from '../mix/matches'
import { LOGIT, LOGIT_LIMIT, SQUASH } from '../mix/memory'
import { bitCount, c0, c4, lengthBucket, mixedP } from '../mix/predictor'
import { squash } from '../mix/tables'
import {
  APM_ROWS,
  FINAL_APMS,
  FINAL_INPUT,
  FINAL_INPUTS,
  FINAL_SETS,
  LAST_POINTS,
  SET_WEIGHTS,
} from './memory'
import { logarithm, logOdds } from './spread'

let chosen0: usize = 0
let chosen1: usize = 0
let chosen2: usize = 0
let chosen3: usize = 0
let setLogits: v128 = i64x2.splat(0)
let apm0: usize = 0
let apm1: usize = 0
/** Logarithms of what mix gives a one and a zero, in 1/4096. */
let mixOne: i32 = 0
let mixZero: i32 = 0
/** What mix alone would have spent on the bits so far: natural units in 1/4096. */
let mixSpent: i64 = 0

/** ln 65536 in 1/4096. */
const LN_CERTAIN: i32 = 45426
/** Natural units of a byte of code, in 1/4096: 8 ln 2. */
const LN_BYTE: i64 = 22713

const RATE: i32 = 9

/** How long the code would be of mix alone, in bytes: what its probabilities come to, right to some bytes. */
export function mixLength(): u32 {
  return (mixSpent / LN_BYTE) as u32
}

/** Mix, which learns from the block, is believed more than the net. */
export function startFinal(): void {
  mixSpent = 0
  for (let i: usize = 0; i < FINAL_SETS * 256; i++) {
    const weights = SET_WEIGHTS + i * FINAL_INPUTS * 2
    memory.fill(weights, 0, FINAL_INPUTS * 2)
    store<i16>(weights, 3000)
    store<i16>(weights, 5200, 2)
  }
  for (let i: usize = 0; i < APM_ROWS; i++) {
    for (let j: usize = 0; j < LAST_POINTS; j++) {
      store<u16>(FINAL_APMS + (i * LAST_POINTS + j) * 2, squash((((j as i32) - 12) * 256) as i32) as u16)
    }
  }
}

@inline
function limited(x: i32): i32 {
  return min<i32>(LOGIT_LIMIT, max<i32>(-LOGIT_LIMIT, x))
}

@inline
function grade(x: i32): u32 {
  return ((x + 2816) as u32) / 353
}

@inline
function weights(set: usize, selection: u32): usize {
  return SET_WEIGHTS + (set * 256 + (selection as usize)) * FINAL_INPUTS * 2
}

@inline
function total(sums: v128): i32 {
  sums = i32x4.add(sums, v128.shuffle<i32>(sums, sums, 2, 3, 0, 1))
  sums = i32x4.add(sums, v128.shuffle<i32>(sums, sums, 1, 0, 3, 2))
  return i32x4.extract_lane(sums, 0)
}

/**
 * The probability that the next bit is one, in 1/65536.
 * @param p what mix says, likewise
 * @param net what the net says: a logit in 1/256
 */
export function finalPredict(p: u32, net: i32): u32 {
  mixOne = logarithm(p)
  mixZero = logarithm(65536 - p)
  const mix = limited((mixOne - mixZero) >> 4)
  let input = i16x8.splat(256)
  input = i16x8.replace_lane(input, 0, net as i16)
  input = i16x8.replace_lane(input, 1, mix as i16)
  input = i16x8.replace_lane(input, 2, load<i32>(LOGIT) as i16)
  input = i16x8.replace_lane(input, 3, load<i32>(LOGIT, 4) as i16)
  input = i16x8.replace_lane(input, 4, load<i32>(LOGIT, 8) as i16)
  input = i16x8.replace_lane(input, 5, load<i32>(LOGIT, 12) as i16)
  input = i16x8.replace_lane(input, 6, limited(logOdds(mixedP, 65536 - mixedP)) as i16)
  v128.store(FINAL_INPUT, input)
  const shift = 7 - bitCount
  let match: u32 = bitCount << 1
  if (expected0 != 0 && expected0 >> (shift + 1) == c0) match |= (lengthBucket(matchLength0) << 4) | ((expected0 >> shift) & 1)
  chosen0 = weights(0, (grade(net) << 4) | grade(mix))
  chosen1 = weights(1, c0)
  chosen2 = weights(2, match)
  chosen3 = weights(3, ((c4 & 0xffff) * 0x9e3779b1) >> 24)
  let logits = i32x4.splat(limited(total(i32x4.dot_i16x8_s(input, v128.load(chosen0))) >> 13))
  logits = i32x4.replace_lane(logits, 1, limited(total(i32x4.dot_i16x8_s(input, v128.load(chosen1))) >> 13))
  logits = i32x4.replace_lane(logits, 2, limited(total(i32x4.dot_i16x8_s(input, v128.load(chosen2))) >> 13))
  logits = i32x4.replace_lane(logits, 3, limited(total(i32x4.dot_i16x8_s(input, v128.load(chosen3))) >> 13))
  setLogits = logits
  // Weights for these would have to learn what a quarter each does as well: measured, they lose a thousandth.
  const x = limited(total(logits) >> 2)
  const mixed = load<u16>(SQUASH + ((x + LOGIT_LIMIT) as usize) * 2)

  const position = (x + 3072) as u32
  const low = (position >> 8) as usize
  const weight = position & 255
  const at0 = FINAL_APMS + (((match >> 4 != 0 ? 256 : 0) + (c0 as usize)) * LAST_POINTS + low) * 2
  const hash = ((c4 & 0xffff) * 0x9e3779b1 + c0 * 0x2c1b3c6d) >> 16
  const at1 = FINAL_APMS + ((1024 + (hash as usize)) * LAST_POINTS + low) * 2
  apm0 = at0 + (weight >> 7 << 1)
  apm1 = at1 + (weight >> 7 << 1)
  const p0 = (load<u16>(at0) * (256 - weight) + load<u16>(at0, 2) * weight) >> 8
  const p1 = (load<u16>(at1) * (256 - weight) + load<u16>(at1, 2) * weight) >> 8
  const result = (mixed + p0 + p1 * 2) >> 2
  return min<u32>(65535, max<u32>(1, result))
}

@inline
function train(at: usize, logit: i32, target: i32): void {
  const error = target - (load<u16>(SQUASH + ((logit + LOGIT_LIMIT) as usize) * 2) as i32)
  const scaled = i16x8.splat(((error * RATE) >> 6) as i16)
  v128.store(at, i16x8.add_sat_s(v128.load(at), i16x8.q15mulr_sat_s(v128.load(FINAL_INPUT), scaled)))
}

@inline
function adapt(at: usize, target: i32): void {
  const p = load<u16>(at) as i32
  store<u16>(at, p + ((target - p) >> 6))
}

/** Learns the bit that came; before mix does. */
export function finalUpdate(bit: u32): void {
  const target = (bit << 16) as i32
  mixSpent += (LN_CERTAIN - (bit ? mixOne : mixZero)) as i64
  train(chosen0, i32x4.extract_lane(setLogits, 0), target)
  train(chosen1, i32x4.extract_lane(setLogits, 1), target)
  train(chosen2, i32x4.extract_lane(setLogits, 2), target)
  train(chosen3, i32x4.extract_lane(setLogits, 3), target)
  adapt(apm0, bit ? 65535 : 0)
  adapt(apm1, bit ? 65535 : 0)
}

/** Keeps in the journal what {@link finalUpdate} will change. */
export function keepFinal(): void {
  keep(chosen0)
  keep(chosen1)
  keep(chosen2)
  keep(chosen3)
  keep(apm0)
  keep(apm1)
}

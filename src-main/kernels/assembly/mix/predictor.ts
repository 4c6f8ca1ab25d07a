/**
 * The probability of the next bit. Each context keeps a bit history for each prefix of the next nibble; adaptive
 * maps turn histories into probabilities; gated mixers weigh their logits; interpolated secondary estimation
 * corrects the sum. After lpaq and paq8 (Mahoney 2005-2009) and ZPAQ.
 */
import { aboveByte, BINARY, classes, contextSet, startContexts, TEXT, updateContexts } from './contexts'
import { countGains, gains } from './gains'
import { expected0, expected1, findMatches, matchLength0, matchLength1, startMatches } from './matches'
import {
  APM1,
  APM2,
  APM3,
  APM_POINTS,
  BYTES,
  CHOSEN,
  CONTEXTS,
  FINAL_WEIGHTS,
  FIRST,
  FOLLOWERS,
  HASH,
  HASHED,
  INPUT,
  INPUTS,
  LOGIT,
  LOGIT_LIMIT,
  MAPS,
  MATCHES,
  MATCH_BITS,
  MATCH_MAPS,
  NEXT,
  ORDER1,
  SELECTIONS,
  SETS,
  SLOT,
  STATE,
  STATE_END,
  STRETCH,
  TABLE,
  USED,
  WEIGHTS,
} from './memory'
import { findSlots, lines } from './slots'
import { squash, stretch } from './tables'

/** Bits of the current byte behind a leading one. */
let c0: u32 = 1
let c4: u32 = 0
let c8: u32 = 0
/** Behind the last whole byte. */
let end: usize = BYTES
let bitCount: u32 = 0
/** Node in the nibble's tree. */
let node: usize = 1

let matchUsed0: usize = 0
let matchUsed1: usize = 0

/** The estimators' rows are asked for ahead of use; kept, so that the compiler keeps asking. */
let touched: u32 = 0

let apmUsed1: usize = 0
let apmUsed2: usize = 0
let apmUsed3: usize = 0
let finalWeights: usize = FINAL_WEIGHTS
let mixedP: u32 = 32768

/** How far a map moves towards each bit: a part in 2^7. */
const MAP_RATE: u32 = 7
/** How fast weights learn; records change more than prose does. */
let mixRate: i32 = 3

/** The state of a model that has seen nothing. */
export function clearState(): void {
  memory.fill(TABLE, 0, lines * 64)
  memory.fill(STATE, 0, STATE_END - STATE)
  for (let i: usize = 0; i < CONTEXTS; i++) memory.copy(MAPS + i * 512, FIRST, 512)
  for (let i: usize = 0; i < 256; i++) store<u16>(MATCH_MAPS + i * 2, i & 1 ? 49152 : 16384)
  for (let i: usize = 0; i < SETS * SELECTIONS * INPUTS; i++) store<i16>(WEIGHTS + i * 2, 1300)
  for (let i: usize = 0; i < 256 * SETS; i++) store<i32>(FINAL_WEIGHTS + i * 4, 16384)
  for (let i: usize = 0; i < 4096 + 65536 * 2; i++) {
    for (let j: usize = 0; j < APM_POINTS; j++) {
      store<u16>(APM1 + (i * APM_POINTS + j) * 2, squash((((j as i32) - 12) * 256) as i32) as u16)
    }
  }
}

/** Starts a block behind `primed` bytes that the model has learnt, and whose traces are in memory. */
export function startBlock(set: u32, primed: usize): void {
  if (primed == 0) {
    memory.fill(MATCHES, 0, ((2 << MATCH_BITS) * 4) as usize)
    memory.fill(FOLLOWERS, 0, 65536 * 4)
  }
  end = BYTES + primed
  startContexts(set, end)
  mixRate = set == TEXT ? 3 : 6
  c0 = 1
  c4 = c8 = 0
  bitCount = 0
  node = 1
  startMatches()
  updateContexts(end, 0, 0)
  findSlots(0)
  store<u32>(SLOT + HASHED * 4, ORDER1 as u32)
}

@inline
function dot(weights: usize, first: v128, second: v128): i32 {
  let sum = i32x4.dot_i16x8_s(first, v128.load(weights))
  sum = i32x4.add(sum, i32x4.dot_i16x8_s(second, v128.load(weights, 16)))
  sum = i32x4.add(sum, v128.shuffle<i32>(sum, sum, 2, 3, 0, 1))
  return i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 1)
}

/** error: in 1/65536 times a rate */
@inline
function train(weights: usize, error: i32): void {
  const e = i16x8.splat(min<i32>(32767, max<i32>(-32767, error)) as i16)
  v128.store(weights, i16x8.add_sat_s(v128.load(weights), i16x8.q15mulr_sat_s(v128.load(INPUT), e)))
  v128.store(weights, i16x8.add_sat_s(v128.load(weights, 16), i16x8.q15mulr_sat_s(v128.load(INPUT, 16), e)), 16)
}

@inline
function trainSet(set: usize, bit: u32): void {
  const error = ((bit << 16) as i32) - (squash(load<i32>(LOGIT + set * 4)) as i32)
  train(load<u32>(CHOSEN + set * 4) as usize, (error * mixRate) >> 6)
}

/** Weighs the inputs with the weights of set `set` chosen by `selection`. */
@inline
function mix(set: usize, selection: u32, first: v128, second: v128): i32 {
  const weights = WEIGHTS + ((set * SELECTIONS + (selection as usize)) * INPUTS) * 2
  store<u32>(CHOSEN + set * 4, weights as u32)
  const x = min<i32>(LOGIT_LIMIT, max<i32>(-LOGIT_LIMIT, dot(weights, first, second) >> 13))
  store<i32>(LOGIT + set * 4, x)
  return x
}

@inline
function lengthBucket(length: u32): u32 {
  if (length == 0) return 0
  if (length < 16) return 1 + (length >> 2)
  if (length < 32) return 5 + ((length - 16) >> 3)
  return min<u32>(15, 7 + ((length - 32) >> 6))
}

/** Where the logit of context `i` stands for this bit. */
@inline
function logitOf(i: usize): usize {
  const state = load<u8>((load<u32>(SLOT + i * 4) as usize) + node) as usize
  const used = MAPS + i * 512 + state * 2
  store<u32>(USED + i * 4, used as u32)
  return STRETCH + ((load<u16>(used) >> 4) as usize) * 2
}

@inline
function learn(i: usize, next: usize, target: i32): void {
  const used = load<u32>(USED + i * 4) as usize
  adapt(used, target, MAP_RATE)
  store<u8>((load<u32>(SLOT + i * 4) as usize) + node, load<u8>(next + used - (MAPS + i * 512)))
}

/** The probability that the next bit is one, in 1/65536, from 1 to 65535. */
export function predict(): u32 {
  // The estimators' rows are asked for long before they are needed.
  const row2 = APM2 + ((c0 | ((c4 & 255) << 8)) as usize) * (APM_POINTS * 2)
  const hash = (load<u32>(HASH + (contextSet == TEXT ? 4 : 0)) + c0 * 0x2c1b3c6d) >> 16
  const row3 = APM3 + (hash as usize) * (APM_POINTS * 2)
  touched = load<u16>(row2) ^ load<u16>(row2, 46) ^ load<u16>(row3) ^ load<u16>(row3, 46)
  // Built in registers: a vector read right after stores to its parts would have to wait for them.
  let first = i64x2.splat(0)
  let second = i64x2.splat(0)
  first = v128.load_lane<i16>(logitOf(0), first, 0)
  first = v128.load_lane<i16>(logitOf(1), first, 1)
  first = v128.load_lane<i16>(logitOf(2), first, 2)
  first = v128.load_lane<i16>(logitOf(3), first, 3)
  first = v128.load_lane<i16>(logitOf(4), first, 4)
  first = v128.load_lane<i16>(logitOf(5), first, 5)
  first = v128.load_lane<i16>(logitOf(6), first, 6)
  first = v128.load_lane<i16>(logitOf(7), first, 7)
  second = v128.load_lane<i16>(logitOf(8), second, 0)
  second = v128.load_lane<i16>(logitOf(9), second, 1)
  second = v128.load_lane<i16>(logitOf(10), second, 2)
  const state = load<u8>((load<u32>(SLOT + HASHED * 4) as usize) + (c0 as usize)) as usize
  const used = MAPS + HASHED * 512 + state * 2
  store<u32>(USED + HASHED * 4, used as u32)
  second = v128.load_lane<i16>(STRETCH + ((load<u16>(used) >> 4) as usize) * 2, second, 3)
  const shift = 7 - bitCount
  matchUsed0 = 0
  matchUsed1 = 0
  let expectedBits: u32 = 0
  let bucket: u32 = 0
  let matchLogit: i32 = 0
  let matchBelief: i32 = 0
  let shortLogit: i32 = 0
  if (expected0 != 0 && expected0 >> (shift + 1) == c0) {
    const bit = (expected0 >> shift) & 1
    bucket = lengthBucket(matchLength0)
    matchUsed0 = MATCH_MAPS + ((min<u32>(matchLength0, 63) * 2 + bit) as usize) * 2
    const p = load<u16>(matchUsed0)
    matchLogit = stretch(p)
    matchBelief = ((p as i32) - 32768) >> 4
    expectedBits = 1 + bit
  }
  if (expected1 != 0 && expected1 >> (shift + 1) == c0) {
    const bit = (expected1 >> shift) & 1
    matchUsed1 = MATCH_MAPS + 256 + ((min<u32>(matchLength1, 63) * 2 + bit) as usize) * 2
    shortLogit = stretch(load<u16>(matchUsed1))
    if (expectedBits == 0) expectedBits = 3 + bit
  }
  second = i16x8.replace_lane(second, 4, matchLogit as i16)
  second = i16x8.replace_lane(second, 5, matchBelief as i16)
  second = i16x8.replace_lane(second, 6, shortLogit as i16)
  second = i16x8.replace_lane(second, 7, 256)
  v128.store(INPUT, first)
  v128.store(INPUT, second, 16)
  const x0 = mix(0, c0, first, second)
  const x1 = mix(1, c4 & 255, first, second)
  const x2 = mix(2, bucket * 16 + (expectedBits > 2 ? 8 : 0) + bitCount, first, second)
  const x3 = mix(3, contextSet == BINARY ? aboveByte : classes & 0xff, first, second)
  finalWeights = FINAL_WEIGHTS + (c0 as usize) * SETS * 4
  let x =
    (x0 * load<i32>(finalWeights) +
      x1 * load<i32>(finalWeights, 4) +
      x2 * load<i32>(finalWeights, 8) +
      x3 * load<i32>(finalWeights, 12)) >>
    16
  x = min<i32>(LOGIT_LIMIT, max<i32>(-LOGIT_LIMIT, x))
  mixedP = squash(x)

  const position = (x + 3072) as u32
  const low = (position >> 8) as usize
  const weight = position & 255
  const at1 = APM1 + (((expectedBits * 256 + c0) as usize) * APM_POINTS + low) * 2
  const at2 = row2 + low * 2
  const at3 = row3 + low * 2
  const p3 = (load<u16>(at3) * (256 - weight) + load<u16>(at3, 2) * weight) >> 8
  apmUsed3 = at3 + (weight >> 7 << 1)
  const p1 = (load<u16>(at1) * (256 - weight) + load<u16>(at1, 2) * weight) >> 8
  const p2 = (load<u16>(at2) * (256 - weight) + load<u16>(at2, 2) * weight) >> 8
  apmUsed1 = at1 + (weight >> 7 << 1)
  apmUsed2 = at2 + (weight >> 7 << 1)
  const p = (p1 + p2 * 2 + p3 * 5 + 4) >> 3
  return min<u32>(65535, max<u32>(1, p))
}

@inline
function adapt(at: usize, target: i32, rate: u32): void {
  const p = load<u16>(at) as i32
  store<u16>(at, p + ((target - p) >> rate))
}

/** Learns the bit that came. */
export function update(bit: u32): void {
  // One byte in four is sample enough.
  if (gains != 0 && (end & 3) == 0) countGains(bit)
  const target: i32 = bit ? 65535 : 0
  const next = NEXT + bit
  learn(0, next, target)
  learn(1, next, target)
  learn(2, next, target)
  learn(3, next, target)
  learn(4, next, target)
  learn(5, next, target)
  learn(6, next, target)
  learn(7, next, target)
  learn(8, next, target)
  learn(9, next, target)
  learn(10, next, target)
  {
    const used = load<u32>(USED + HASHED * 4) as usize
    adapt(used, target, MAP_RATE)
    const state = (used - (MAPS + HASHED * 512)) >> 1
    store<u8>((load<u32>(SLOT + HASHED * 4) as usize) + (c0 as usize), load<u8>(next + state * 2))
  }
  if (matchUsed0 != 0) adapt(matchUsed0, target, 6)
  if (matchUsed1 != 0) adapt(matchUsed1, target, 6)
  trainSet(0, bit)
  trainSet(1, bit)
  trainSet(2, bit)
  trainSet(3, bit)
  {
    const e = i32x4.splat((((bit << 16) as i32) - (mixedP as i32)) >> 4)
    const step = i32x4.shr_s(i32x4.add(i32x4.mul(v128.load(LOGIT), e), i32x4.splat(1 << 13)), 14)
    v128.store(finalWeights, i32x4.add(v128.load(finalWeights), step))
  }
  adapt(apmUsed1, target, 6)
  adapt(apmUsed2, target, 6)
  adapt(apmUsed3, target, 6)

  c0 = (c0 << 1) | bit
  node = (node << 1) | (bit as usize)
  bitCount++
  if (bitCount == 4) {
    findSlots(c0)
    node = 1
  } else if (bitCount == 8) {
    endByte()
  }
}

function endByte(): void {
  const c = c0 & 255
  store<u8>(end, c as u8)
  end++
  c8 = (c8 << 8) | (c4 >> 24)
  c4 = (c4 << 8) | c
  c0 = 1
  node = 1
  bitCount = 0
  findMatches(c, end)
  updateContexts(end, c4, c8)
  findSlots(0)
  store<u32>(SLOT + HASHED * 4, (ORDER1 + ((c as usize) << 8)) as u32)
}

/** One modelled bit: contexts and a match predict it, two sets of weights mix them, and all learn what came. */
import { decodeBit, encodeBit } from '../coding/arithmetic'
import {
  CONTEXTS,
  COSTS,
  HASHES,
  INPUTS,
  LINES,
  LOGIT_LIMIT,
  MATCH_MAPS,
  PACE,
  SQUASH,
  STRETCH,
  TABLE,
  WEIGHTS_BY_BITS,
  WEIGHTS_BY_MATCH,
} from './memory'
import { cost, squash, stretch } from './tables'

/** Each context has 2^lineBits lines. */
let lineBits: u32 = 10

export function setLineBits(bits: u32): void {
  lineBits = bits
}

const LEAST: u32 = 24
const RATE: i32 = 3
const MOST_SEEN: u32 = 1023

/** Finds the slots of each context for up to four bits: a line of sixteen, of which the bits so far of these four select one. */
@inline
export function startNibble(node: u32): void {
  const salt = node * 0x2545f491
  for (let j: usize = 0; j < CONTEXTS; j++) {
    const hash = ((load<u32>(HASHES + (j << 2)) ^ salt) * 0x9e3779b1) >> (32 - lineBits)
    store<u32>(LINES + (j << 2), (TABLE + (((j << lineBits) + (hash as usize)) << 6)) as u32)
  }
}

@inline
function slot(j: usize, at: usize): usize {
  return (load<u32>(LINES + (j << 2)) as usize) + at
}

/** Where the logit stands of what a slot with this value says. */
@inline
function logitAt(value: u32): usize {
  return STRETCH + (((value >> 20) << 1) as usize)
}

/** Where it stands how fast a slot with this value learns. */
@inline
function paceAt(value: u32): usize {
  return PACE + (((value & MOST_SEEN) << 1) as usize)
}

/** Moves probabilities towards the bit: by a lot where they have seen little, at last by a 1024th. */
@inline
function learned(values: v128, paces: v128, target: v128): v128 {
  const p = i32x4.shr_u(values, 10)
  const step = i32x4.shr_s(i32x4.mul(i32x4.shr_s(i32x4.sub(target, p), 6), paces), 9)
  const most = i32x4.splat(MOST_SEEN)
  const seen = i32x4.min_u(i32x4.add(v128.and(values, most), i32x4.splat(1)), most)
  return v128.or(i32x4.shl(i32x4.add(p, step), 10), seen)
}

@inline
function logitOf(weights: usize, input: v128): i32 {
  const four = i32x4.dot_i16x8_s(input, v128.load(weights))
  const two = i32x4.add(four, v128.shuffle<u32>(four, four, 2, 3, 0, 1))
  const sum = (i32x4.extract_lane(two, 0) + i32x4.extract_lane(two, 1)) >> 13
  return min<i32>(LOGIT_LIMIT, max<i32>(-LOGIT_LIMIT, sum))
}

@inline
function train(weights: usize, input: v128, logit: i32, bit: u32): void {
  const error = ((bit << 16) as i32) - (load<u16>(SQUASH + ((logit + LOGIT_LIMIT) as usize) * 2) as i32)
  const e = i16x8.splat(((error * RATE) >> 6) as i16)
  v128.store(weights, i16x8.add_sat_s(v128.load(weights), i16x8.q15mulr_sat_s(input, e)))
}

/**
 * Codes `bit`, or decodes one.
 * @param place number of the plane, 8 for the sign
 * @param node a one, then the bits of this plane so far
 * @param slotOf a one, then the bits of this nibble so far
 * @param says 0 or 1 where a match predicts this bit, else 2
 * @param matched how far it reaches back
 */
@inline
export function codedBit(
  place: u32,
  node: u32,
  slotOf: u32,
  bit: u32,
  says: u32,
  matched: u32,
  number: u32,
  isDecoding: bool,
): u32 {
  const at = (slotOf as usize) << 2
  const slot0 = slot(0, at)
  const slot1 = slot(1, at)
  const slot2 = slot(2, at)
  const slot3 = slot(3, at)
  const slot4 = slot(4, at)
  const slot5 = slot(5, at)
  const slot6 = slot(6, at)
  const value0 = load<u32>(slot0)
  const value1 = load<u32>(slot1)
  const value2 = load<u32>(slot2)
  const value3 = load<u32>(slot3)
  const value4 = load<u32>(slot4)
  const value5 = load<u32>(slot5)
  const value6 = load<u32>(slot6)
  const length = says < 2 ? 1 + matched : 0
  const map = MATCH_MAPS + ((length * 16 + place) as usize) * 2
  const trust = load<u16>(map) as u32
  const said = says < 2 ? stretch(trust) : 0
  let input = i16x8.replace_lane(i16x8.splat(0), 7, (says == 1 ? said : -said) as i16)
  input = v128.load16_lane(logitAt(value0), input, 0)
  input = v128.load16_lane(logitAt(value1), input, 1)
  input = v128.load16_lane(logitAt(value2), input, 2)
  input = v128.load16_lane(logitAt(value3), input, 3)
  input = v128.load16_lane(logitAt(value4), input, 4)
  input = v128.load16_lane(logitAt(value5), input, 5)
  input = v128.load16_lane(logitAt(value6), input, 6)
  const first = WEIGHTS_BY_BITS + ((place * 256 + node) as usize) * INPUTS * 2
  const second = WEIGHTS_BY_MATCH + ((length * 16 + place) as usize) * INPUTS * 2
  const a = logitOf(first, input)
  const b = logitOf(second, input)
  const p = min<u32>(65536 - LEAST, max<u32>(LEAST, squash((a + b) >> 1)))
  let came = bit
  if (isDecoding) came = decodeBit(p)
  else {
    encodeBit(p, bit)
    const sum = COSTS + ((number as usize) << 2)
    store<u32>(sum, load<u32>(sum) + cost(bit ? p : 65536 - p))
  }
  train(first, input, a, came)
  train(second, input, b, came)
  // Contexts learn side by side, four to a vector.
  const target = i32x4.splat(came ? 4194303 : 0)
  let values = i32x4.splat(value0)
  values = i32x4.replace_lane(values, 1, value1)
  values = i32x4.replace_lane(values, 2, value2)
  values = i32x4.replace_lane(values, 3, value3)
  let paces = v128.load16_lane(paceAt(value0), i32x4.splat(0), 0)
  paces = v128.load16_lane(paceAt(value1), paces, 2)
  paces = v128.load16_lane(paceAt(value2), paces, 4)
  paces = v128.load16_lane(paceAt(value3), paces, 6)
  values = learned(values, paces, target)
  v128.store32_lane(slot0, values, 0)
  v128.store32_lane(slot1, values, 1)
  v128.store32_lane(slot2, values, 2)
  v128.store32_lane(slot3, values, 3)
  values = i32x4.splat(value4)
  values = i32x4.replace_lane(values, 1, value5)
  values = i32x4.replace_lane(values, 2, value6)
  paces = v128.load16_lane(paceAt(value4), i32x4.splat(0), 0)
  paces = v128.load16_lane(paceAt(value5), paces, 2)
  paces = v128.load16_lane(paceAt(value6), paces, 4)
  values = learned(values, paces, target)
  v128.store32_lane(slot4, values, 0)
  v128.store32_lane(slot5, values, 1)
  v128.store32_lane(slot6, values, 2)
  if (says < 2) store<u16>(map, (trust + ((((says == came ? 65535 : 0) - (trust as i32)) >> 6) as u32)) as u16)
  return came
}

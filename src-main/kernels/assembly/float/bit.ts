/** One modelled bit: contexts and a match predict it, two sets of weights mix them, and all learn what came. */
import { decodeBit, encodeBit } from './coder'
import {
  CONTEXTS,
  COSTS,
  HASHES,
  INPUT,
  INPUTS,
  LINES,
  LOGIT_LIMIT,
  MATCH_MAPS,
  PACE,
  SQUASH,
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

@inline
function hear(j: usize, at: usize): void {
  store<i16>(INPUT + (j << 1), stretch(load<u32>(slot(j, at)) >> 16) as i16)
}

/** Moves a probability towards the bit: by a lot where it has seen little, at last by a 1024th. */
@inline
function learn(j: usize, at: usize, target: i32): void {
  const place = slot(j, at)
  const value = load<u32>(place)
  const seen = value & 1023
  const p = (value >> 10) as i32
  const moved = p + ((((target - p) >> 6) * (load<u16>(PACE + ((seen as usize) << 1)) as i32)) >> 9)
  store<u32>(place, ((moved as u32) << 10) | min<u32>(seen + 1, MOST_SEEN))
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
  hear(0, at)
  hear(1, at)
  hear(2, at)
  hear(3, at)
  hear(4, at)
  hear(5, at)
  hear(6, at)
  const length = says < 2 ? 1 + matched : 0
  const map = MATCH_MAPS + ((length * 16 + place) as usize) * 2
  const trust = load<u16>(map) as u32
  const heard = says < 2 ? stretch(trust) : 0
  store<i16>(INPUT + CONTEXTS * 2, (says == 1 ? heard : -heard) as i16)
  const input = v128.load(INPUT)
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
  const target: i32 = came ? 4194303 : 0
  learn(0, at, target)
  learn(1, at, target)
  learn(2, at, target)
  learn(3, at, target)
  learn(4, at, target)
  learn(5, at, target)
  learn(6, at, target)
  if (says < 2) store<u16>(map, (trust + ((((says == came ? 65535 : 0) - (trust as i32)) >> 6) as u32)) as u16)
  return came
}

/**
 * The probability of the next bit. Each context keeps a bit history for each prefix of the next nibble; adaptive
 * maps turn histories into probabilities; gated mixers weigh their logits; interpolated secondary estimation
 * corrects the sum. After lpaq and paq8 (Mahoney 2005-2009) and ZPAQ.
 */
import { aboveByte, BINARY, classes, contextSet, startContexts, TEXT, updateContexts } from './contexts'
import { countGains, gains } from './gains'
import {
  expected0,
  expected1,
  findMatches,
  matchLength0,
  matchLength1,
  placeMatches,
  startMatches,
  touchMatches,
} from './matches'
import {
  APM1,
  APM2,
  APM3,
  APM_POINTS,
  BYTES,
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
  PLAN,
  PLANS,
  PLAN_LENGTH,
  PLAN_ROWS,
  PLAN_SELECTION,
  SELECTIONS,
  SETS,
  SLOT,
  SQUASH,
  STATE,
  STATE_END,
  STRETCH,
  TABLE,
  USED,
  WEIGHTS,
} from './memory'
import { halves, learnAtRate, limited, trainSet, weigh } from './mixer'
import { findSlots, FIRST_NIBBLE, lines, placeSlots, SECOND_NIBBLE, touchSlots } from './slots'
import { squash, stretch } from './tables'

/** Bits of the current byte behind a leading one. */
export let c0: u32 = 1
export let c4: u32 = 0
let c8: u32 = 0
/** Behind the last whole byte. */
let end: usize = BYTES
export let bitCount: u32 = 0
/** Node in the nibble's tree. */
export let node: usize = 1

export let matchUsed0: usize = 0
export let matchUsed1: usize = 0

/** Of this byte: what selects weights of the last set, and rows of the estimators. */
let selection: u32 = 0
let rowHash: u32 = 0
let rows2: usize = APM2

/** The plan of this byte, and how many bytes are known from this one on. */
export let plan: usize = PLAN
let planned: usize = 0
/** What was asked for ahead of use goes here, so that the compiler keeps asking. */
let touched: u32 = 0

export let apmUsed1: usize = 0
export let apmUsed2: usize = 0
export let apmUsed3: usize = 0
export let finalWeights: usize = FINAL_WEIGHTS
export let mixedP: u32 = 32768

/** How far a map moves towards each bit: a part in 2^7. */
const MAP_RATE: u32 = 7
/** The state of a model that has seen nothing. */
export function clearState(): void {
  memory.fill(TABLE, 0, lines * 64)
  clearSmallState()
}

/** All of it but the table. */
export function clearSmallState(): void {
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
export function startBlock(set: u32, primed: usize, recordLength: u32): void {
  if (primed == 0) {
    memory.fill(MATCHES, 0, ((2 << MATCH_BITS) * 4) as usize)
    memory.fill(FOLLOWERS, 0, 65536 * 4)
  }
  end = BYTES + primed
  startContexts(set, end, recordLength)
  // Records change more than prose does.
  learnAtRate(set == TEXT ? 3 : 6)
  c0 = 1
  c4 = c8 = 0
  bitCount = 0
  node = 1
  startMatches()
  planned = 0
  plan = PLAN
  updateContexts(end, 0, 0)
  planByte(plan)
  startByte()
}

/** Plans the byte that begins, from its contexts. */
@inline
function planByte(at: usize): void {
  placeSlots(at + FIRST_NIBBLE, 0)
  store<u32>(at, contextSet == BINARY ? aboveByte : classes & 0xff, PLAN_SELECTION)
  // The last two bytes; three in prose.
  store<u32>(at, load<u32>(HASH + (contextSet == TEXT ? 4 : 0)), PLAN_ROWS)
}

@inline
function nextPlan(at: usize): usize {
  return PLAN + ((at - PLAN + PLAN_LENGTH) & (PLANS * PLAN_LENGTH - 1))
}

/**
 * Plans the next bytes, at most AHEAD, which stand in memory behind those that were read. A decoder cannot know them. Who knows them
 * can have all memory that they need asked for at once, which is most of what a bit costs; nothing else changes.
 */
export function lookAhead(count: usize): void {
  planned = count
  let at = plan
  let next4 = c4
  let next8 = c8
  for (let i: usize = 0; i < count; i++) {
    const byte = load<u8>(end + i) as u32
    placeSlots(at + SECOND_NIBBLE, 16 | (byte >> 4))
    next8 = (next8 << 8) | (next4 >> 24)
    next4 = (next4 << 8) | byte
    updateContexts(end + i + 1, next4, next8)
    at = nextPlan(at)
    planByte(at)
    placeMatches(at, end + i + 1)
  }
  // A loop of its own: the denser the requests, the more of them are answered at the same time.
  at = plan
  for (let i: usize = 0; i < count; i++) {
    let sink = touchSlots(at + SECOND_NIBBLE)
    const byte = 256 | (load<u8>(end + i) as u32)
    const hash = load<u32>(at, PLAN_ROWS)
    for (let bit: u32 = 0; bit < 8; bit++) sink ^= touchRow(rowOf(hash, byte >> (8 - bit)))
    at = nextPlan(at)
    touched = sink ^ touchSlots(at + FIRST_NIBBLE) ^ touchMatches(at)
  }
}

/** Starts the byte that is planned. */
@inline
function startByte(): void {
  findSlots(plan + FIRST_NIBBLE)
  selection = load<u32>(plan, PLAN_SELECTION)
  rowHash = load<u32>(plan, PLAN_ROWS)
  const last = (c4 & 255) as usize
  rows2 = APM2 + last * (256 * APM_POINTS * 2)
  store<u32>(SLOT + HASHED * 4, (ORDER1 + (last << 8)) as u32)
}

@inline
export function lengthBucket(length: u32): u32 {
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

@inline
function rowOf(hash: u32, prefix: u32): usize {
  return APM3 + (((hash + prefix * 0x2c1b3c6d) >> 16) as usize) * (APM_POINTS * 2)
}

/** Asks for a row of the estimators, which may lie in two cache lines. */
@inline
function touchRow(row: usize): u32 {
  return load<u16>(row) ^ load<u16>(row, APM_POINTS * 2 - 2)
}

/** The probability that the next bit is one, in 1/65536, from 1 to 65535. */
export function predict(): u32 {
  const row2 = rows2 + (c0 as usize) * (APM_POINTS * 2)
  const row3 = rowOf(rowHash, c0)
  // Long before they are needed.
  if (planned == 0) touched = touchRow(row2) ^ touchRow(row3)
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
  const sums01 = halves(weigh(0, c0, first, second), weigh(1, c4 & 255, first, second))
  const matched = bucket * 16 + (expectedBits > 2 ? 8 : 0) + bitCount
  const sums23 = halves(weigh(2, matched, first, second), weigh(3, selection, first, second))
  const sums = i32x4.add(v128.shuffle<i32>(sums01, sums23, 0, 2, 4, 6), v128.shuffle<i32>(sums01, sums23, 1, 3, 5, 7))
  const logits = limited(i32x4.shr_s(sums, 13))
  v128.store(LOGIT, logits)
  finalWeights = FINAL_WEIGHTS + (c0 as usize) * SETS * 4
  let total = i32x4.mul(logits, v128.load(finalWeights))
  total = i32x4.add(total, v128.shuffle<i32>(total, total, 2, 3, 0, 1))
  total = i32x4.add(total, v128.shuffle<i32>(total, total, 1, 0, 3, 2))
  const x = i32x4.extract_lane(limited(i32x4.shr_s(total, 16)), 0)
  mixedP = load<u16>(SQUASH + ((x + LOGIT_LIMIT) as usize) * 2)

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
    if (planned == 0) {
      placeSlots(plan + SECOND_NIBBLE, c0)
      touched = touchSlots(plan + SECOND_NIBBLE)
    }
    findSlots(plan + SECOND_NIBBLE)
    node = 1
  } else if (bitCount == 8) {
    endByte()
  }
}

/** Goes back in a byte, where its bits and node were these; what was learnt since is put back from a journal. */
export function returnTo(prefix: u32, nodeThere: usize, bits: u32): void {
  c0 = prefix
  node = nodeThere
  bitCount = bits
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
  if (planned == 0) {
    updateContexts(end, c4, c8)
    planByte(plan)
    touched = touchSlots(plan + FIRST_NIBBLE)
    placeMatches(plan, end)
  } else {
    planned--
    plan = nextPlan(plan)
  }
  findMatches(c, end, plan)
  startByte()
}

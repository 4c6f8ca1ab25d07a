/**
 * Asymmetric numeral systems (Duda 2013, range variant) for bytes with fixed shares of 4096. Eight states of 32 bits take turns, so that
 * a processor works at several symbols at once; a state below 2^16 takes in 16 bits (after Giesen, "Interleaved entropy coders", 2014).
 * A reader starts from the states and reads forwards; so a writer goes backwards.
 */
import { COUNTS, SHARES, SLOTS, STATE, STEPS } from './memory'

const SCALE_BITS: u32 = 12
const SCALE: u32 = 1 << SCALE_BITS
const LOWEST: u32 = 1 << 16
const STATES: usize = 8
/** x < share * 2^20 in every step, so x * ceil(2^44 / share) stays below 2^64 and its quotient is exact (share < 2^12). */
const RECIPROCAL_BITS: u64 = 44

/** Counts how often each byte comes; into COUNTS. */
export function count(at: usize, length: usize): void {
  memory.fill(COUNTS, 0, 4 * 256 * 4)
  const whole = length & ~(7 as usize)
  for (let i: usize = 0; i < whole; i += 8) {
    const x = load<u64>(at + i)
    tally(0, (x & 255) as usize)
    tally(1, ((x >> 8) & 255) as usize)
    tally(2, ((x >> 16) & 255) as usize)
    tally(3, ((x >> 24) & 255) as usize)
    tally(0, ((x >> 32) & 255) as usize)
    tally(1, ((x >> 40) & 255) as usize)
    tally(2, ((x >> 48) & 255) as usize)
    tally(3, (x >> 56) as usize)
  }
  for (let i = whole; i < length; i++) tally(0, load<u8>(at + i) as usize)
  for (let i: usize = 0; i < 1024; i += 16) {
    let sum = v128.load(COUNTS + i)
    sum = i32x4.add(sum, v128.load(COUNTS + 1024 + i))
    sum = i32x4.add(sum, v128.load(COUNTS + 2048 + i))
    v128.store(COUNTS + i, i32x4.add(sum, v128.load(COUNTS + 3072 + i)))
  }
}

@inline
function tally(table: usize, byte: usize): void {
  const at = COUNTS + table * 1024 + byte * 4
  store<u32>(at, load<u32>(at) + 1)
}

/** Makes the encoder's table of SHARES, which are below SCALE and sum up to it. */
export function prepareEncoder(): void {
  let first: u32 = 0
  for (let symbol: usize = 0; symbol < 256; symbol++) {
    const share = load<u16>(SHARES + symbol * 2) as u32
    const step = STEPS + symbol * 16
    if (share == 0) continue
    store<u64>(step, (((1 as u64) << RECIPROCAL_BITS) + (share as u64) - 1) / (share as u64))
    store<u32>(step + 8, share << 20)
    store<u16>(step + 12, (SCALE - share) as u16)
    store<u16>(step + 14, first as u16)
    first += share
  }
}

@inline
function stepOf(symbol: u64): usize {
  return STEPS + ((symbol & 255) as usize) * 16
}

/** Whether a state must give 16 bits to the code before it can take in a symbol: 1 or 0. */
@inline
function isFull(x: u32, step: usize): u32 {
  return x >= load<u32>(step + 8) ? 1 : 0
}

@inline
function grown(x: u32, step: usize, full: u32): u32 {
  const y = x >> (full << 4)
  const quotient = (((y as u64) * load<u64>(step)) >> RECIPROCAL_BITS) as u32
  return y + quotient * (load<u16>(step + 12) as u32) + (load<u16>(step + 14) as u32)
}

/**
 * Codes bytes, all of which have a share; the code ends before `end`. Whether a state is full is as good as random, so there are no
 * branches on it: its 16 bits are written always, and written over where they were not due.
 * @returns its first byte's address: eight states of four bytes, then words
 */
export function encode(at: usize, length: usize, end: usize): usize {
  let to = end - 2
  const states = STATE
  for (let k: usize = 0; k < STATES; k++) store<u32>(states + k * 4, LOWEST)
  let i = length
  while ((i & (STATES - 1)) != 0) {
    i--
    const state = states + (i & (STATES - 1)) * 4
    const x = load<u32>(state)
    const step = stepOf(load<u8>(at + i) as u64)
    const full = isFull(x, step)
    store<u16>(to, x as u16)
    to -= (full as usize) << 1
    store<u32>(state, grown(x, step, full))
  }
  let a = load<u32>(states)
  let b = load<u32>(states, 4)
  let c = load<u32>(states, 8)
  let d = load<u32>(states, 12)
  let e = load<u32>(states, 16)
  let f = load<u32>(states, 20)
  let g = load<u32>(states, 24)
  let h = load<u32>(states, 28)
  while (i > 0) {
    i -= STATES
    const bytes = load<u64>(at + i)
    const stepH = stepOf(bytes >> 56)
    const stepG = stepOf(bytes >> 48)
    const stepF = stepOf(bytes >> 40)
    const stepE = stepOf(bytes >> 32)
    const fullH = isFull(h, stepH)
    const fullG = isFull(g, stepG)
    const fullF = isFull(f, stepF)
    const fullE = isFull(e, stepE)
    const toG = to - ((fullH as usize) << 1)
    const toF = toG - ((fullG as usize) << 1)
    const toE = toF - ((fullF as usize) << 1)
    store<u16>(to, h as u16)
    store<u16>(toG, g as u16)
    store<u16>(toF, f as u16)
    store<u16>(toE, e as u16)
    h = grown(h, stepH, fullH)
    g = grown(g, stepG, fullG)
    f = grown(f, stepF, fullF)
    e = grown(e, stepE, fullE)
    const stepD = stepOf(bytes >> 24)
    const stepC = stepOf(bytes >> 16)
    const stepB = stepOf(bytes >> 8)
    const stepA = stepOf(bytes)
    const fullD = isFull(d, stepD)
    const fullC = isFull(c, stepC)
    const fullB = isFull(b, stepB)
    const fullA = isFull(a, stepA)
    const toD = toE - ((fullE as usize) << 1)
    const toC = toD - ((fullD as usize) << 1)
    const toB = toC - ((fullC as usize) << 1)
    const toA = toB - ((fullB as usize) << 1)
    store<u16>(toD, d as u16)
    store<u16>(toC, c as u16)
    store<u16>(toB, b as u16)
    store<u16>(toA, a as u16)
    to = toA - ((fullA as usize) << 1)
    d = grown(d, stepD, fullD)
    c = grown(c, stepC, fullC)
    b = grown(b, stepB, fullB)
    a = grown(a, stepA, fullA)
  }
  const start = to + 2 - STATES * 4
  store<u32>(start, a)
  store<u32>(start, b, 4)
  store<u32>(start, c, 8)
  store<u32>(start, d, 12)
  store<u32>(start, e, 16)
  store<u32>(start, f, 20)
  store<u32>(start, g, 24)
  store<u32>(start, h, 28)
  return start
}

/** Makes the decoder's table of SHARES, which are below SCALE and sum up to it. */
export function prepareDecoder(): void {
  let slot: usize = SLOTS
  for (let symbol: u32 = 0; symbol < 256; symbol++) {
    const share = load<u16>(SHARES + (symbol as usize) * 2) as u32
    for (let i: u32 = 0; i < share; i++, slot += 4) store<u32>(slot, symbol | (share << 8) | (i << 20))
  }
}

@inline
function slotOf(x: u32): u32 {
  return load<u32>(SLOTS + (((x & (SCALE - 1)) << 2) as usize))
}

@inline
function advanced(x: u32, slot: u32): u32 {
  return ((slot >> 8) & (SCALE - 1)) * (x >> SCALE_BITS) + (slot >> 20)
}

@inline
function isShort(x: u32): usize {
  return (x < LOWEST ? 1 : 0) as usize
}

@inline
function refilled(x: u32, from: usize): u32 {
  return x < LOWEST ? (x << 16) | (load<u16>(from) as u32) : x
}

/**
 * Decodes so many bytes. Behind the code there must be 16 bytes of memory.
 * @returns whether that took all of the code, and left every state where a writer begins
 */
export function decode(code: usize, codeLength: usize, target: usize, length: usize): bool {
  if (codeLength < STATES * 4) return false
  const end = code + codeLength
  let a = load<u32>(code)
  let b = load<u32>(code, 4)
  let c = load<u32>(code, 8)
  let d = load<u32>(code, 12)
  let e = load<u32>(code, 16)
  let f = load<u32>(code, 20)
  let g = load<u32>(code, 24)
  let h = load<u32>(code, 28)
  let at = code + STATES * 4
  const whole = length & ~(STATES - 1)
  let i: usize = 0
  for (; i < whole; i += STATES) {
    if (at > end) return false
    const sa = slotOf(a)
    const sb = slotOf(b)
    const sc = slotOf(c)
    const sd = slotOf(d)
    a = advanced(a, sa)
    b = advanced(b, sb)
    c = advanced(c, sc)
    d = advanced(d, sd)
    store<u32>(target + i, (sa & 255) | ((sb & 255) << 8) | ((sc & 255) << 16) | (sd << 24))
    const atB = at + (isShort(a) << 1)
    const atC = atB + (isShort(b) << 1)
    const atD = atC + (isShort(c) << 1)
    const atE = atD + (isShort(d) << 1)
    a = refilled(a, at)
    b = refilled(b, atB)
    c = refilled(c, atC)
    d = refilled(d, atD)
    const se = slotOf(e)
    const sf = slotOf(f)
    const sg = slotOf(g)
    const sh = slotOf(h)
    e = advanced(e, se)
    f = advanced(f, sf)
    g = advanced(g, sg)
    h = advanced(h, sh)
    store<u32>(target + i, (se & 255) | ((sf & 255) << 8) | ((sg & 255) << 16) | (sh << 24), 4)
    const atF = atE + (isShort(e) << 1)
    const atG = atF + (isShort(f) << 1)
    const atH = atG + (isShort(g) << 1)
    at = atH + (isShort(h) << 1)
    e = refilled(e, atE)
    f = refilled(f, atF)
    g = refilled(g, atG)
    h = refilled(h, atH)
  }
  // The last ones take their turns in memory.
  const states = STATE
  store<u32>(states, a)
  store<u32>(states, b, 4)
  store<u32>(states, c, 8)
  store<u32>(states, d, 12)
  store<u32>(states, e, 16)
  store<u32>(states, f, 20)
  store<u32>(states, g, 24)
  store<u32>(states, h, 28)
  for (; i < length; i++) {
    if (at > end) return false
    const state = states + (i & (STATES - 1)) * 4
    const x = load<u32>(state)
    const slot = slotOf(x)
    const y = advanced(x, slot)
    store<u8>(target + i, slot as u8)
    store<u32>(state, refilled(y, at))
    at += isShort(y) << 1
  }
  let isRight = at == end
  for (let k: usize = 0; k < STATES; k++) isRight = isRight && load<u32>(states + k * 4) == LOWEST
  return isRight
}

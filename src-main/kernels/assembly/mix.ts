/** Context mixing with an arithmetic coder: bytes in, fewer bytes out, and back. */
import { AHEAD, APM1, BYTES, BYTES_LIMIT, LOGIT_LIMIT, SEEN, SQUASH, STATE, STATE_END, STORED, STORED_LIMIT, TABLE } from './mix/memory'
import { clearSmallState, clearState, lookAhead, predict, startBlock, update } from './mix/predictor'
import { putTogether } from './mix/prior'
import { packTable, reserve, unpackTable } from './mix/slots'

export const bytes: usize = BYTES
export const bytesLimit: usize = BYTES_LIMIT
export const stored: usize = STORED
export const storedLimit: usize = STORED_LIMIT
export const state: usize = STATE
export const stateEnd: usize = STATE_END
/** The estimators are the last part of the state. */
export const estimators: usize = APM1
export const squash: usize = SQUASH
export const logitLimit: i32 = LOGIT_LIMIT
export const seen: usize = SEEN
export const table: usize = TABLE
export { clearSmallState, clearState, packTable, putTogether, reserve, startBlock, unpackTable }

let low: u32 = 0
let high: u32 = 0xffffffff
let code: u32 = 0
let at: usize = STORED
let limit: usize = STORED

@inline
function middle(p: u32): u32 {
  const range = high - low
  return low + (range >> 16) * p + (((range & 0xffff) * p) >> 16)
}

export function startEncoding(): void {
  low = 0
  high = 0xffffffff
  at = STORED
}

/**
 * Encodes bytes [from, to) of the block, which continue what was encoded before. The code ends early where it has become longer than any
 * block.
 */
export function encode(from: usize, to: usize): void {
  for (let i = from; i < to; i++) {
    if (at > STORED + STORED_LIMIT - 64) return
    if (((i - from) & (AHEAD - 1)) == 0) lookAhead(min<usize>(AHEAD, to - i))
    const byte = load<u8>(BYTES + i) as u32
    for (let shift: i32 = 7; shift >= 0; shift--) {
      const bit = (byte >> shift) & 1
      const m = middle(predict())
      high = bit ? m : high
      low = bit ? low : m + 1
      while ((low ^ high) >> 24 == 0) {
        store<u8>(at++, high >> 24)
        low <<= 8
        high = (high << 8) | 255
      }
      update(bit)
    }
  }
}

/** Ends the code. @returns its length in bytes */
export function finishEncoding(): u32 {
  store<u8>(at++, high >> 24)
  store<u8>(at++, (high >> 16) as u8)
  store<u8>(at++, (high >> 8) as u8)
  store<u8>(at++, high as u8)
  return (at - STORED) as u32
}

/** Reads bytes [from, to) as if they had been decoded. */
export function learn(from: usize, to: usize): void {
  for (let i = from; i < to; i++) {
    if (((i - from) & (AHEAD - 1)) == 0) lookAhead(min<usize>(AHEAD, to - i))
    const byte = load<u8>(BYTES + i) as u32
    for (let shift: i32 = 7; shift >= 0; shift--) {
      predict()
      update((byte >> shift) & 1)
    }
  }
}

@inline
function nextByte(): u32 {
  const byte: u32 = at < limit ? <u32>load<u8>(at) : 0
  at++
  return byte
}

/** Whether what was decoded took all of the code and nothing behind it. */
export function isConsumed(): bool {
  return at == limit
}

export function startDecoding(length: usize): void {
  low = 0
  high = 0xffffffff
  at = STORED
  limit = STORED + length
  code = 0
  for (let i = 0; i < 4; i++) code = (code << 8) | nextByte()
}

/** Decodes `count` bytes behind those that are there. */
export function decode(count: usize): void {
  for (let i: usize = 0; i < count * 8; i++) {
    const m = middle(predict())
    const bit: u32 = code <= m ? 1 : 0
    high = bit ? m : high
    low = bit ? low : m + 1
    while ((low ^ high) >> 24 == 0) {
      low <<= 8
      high = (high << 8) | 255
      code = (code << 8) | nextByte()
    }
    update(bit)
  }
}

/** The arithmetic coder: 32 bits, carryless, after lpaq (Mahoney 2007). Probabilities are those of a one, in 1/65536. */
import { STORED, STORED_LIMIT } from './memory'

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

export function startCoder(): void {
  low = 0
  high = 0xffffffff
  at = STORED
}

/** Whether the code has become longer than any block. */
@inline
export function isTooLong(): bool {
  return at > STORED + STORED_LIMIT - 64
}

@inline
export function encodeBit(p: u32, bit: u32): void {
  const m = middle(p)
  high = bit ? m : high
  low = bit ? low : m + 1
  while ((low ^ high) >> 24 == 0) {
    store<u8>(at++, high >> 24)
    low <<= 8
    high = (high << 8) | 255
  }
}

/** Of the code so far, in bytes: right to some of them. */
export function codeLength(): u32 {
  return (at - STORED) as u32
}

/** Ends the code. @returns its length in bytes */
export function finishCode(): u32 {
  store<u8>(at++, high >> 24)
  store<u8>(at++, (high >> 16) as u8)
  store<u8>(at++, (high >> 8) as u8)
  store<u8>(at++, high as u8)
  return (at - STORED) as u32
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

export function startDecoder(length: usize): void {
  low = 0
  high = 0xffffffff
  at = STORED
  limit = STORED + length
  code = 0
  for (let i = 0; i < 4; i++) code = (code << 8) | nextByte()
}

@inline
export function decodeBit(p: u32): u32 {
  const m = middle(p)
  const bit: u32 = code <= m ? 1 : 0
  high = bit ? m : high
  low = bit ? low : m + 1
  while ((low ^ high) >> 24 == 0) {
    low <<= 8
    high = (high << 8) | 255
    code = (code << 8) | nextByte()
  }
  return bit
}

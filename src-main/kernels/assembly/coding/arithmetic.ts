/** Binary arithmetic coder: 32 bits, carryless, after lpaq (Mahoney 2007). Probabilities are those of a one, in 1/65536. */
let low: u32 = 0
let high: u32 = 0xffffffff
let code: u32 = 0
let start: usize = 0
let at: usize = 0
let limit: usize = 0

@inline
function middle(p: u32): u32 {
  const range = high - low
  return low + (range >> 16) * p + (((range & 0xffff) * p) >> 16)
}

/** The code is written from `target` on, and is cut off at `end`: what gets so long is thrown away. */
export function startCoder(target: usize, end: usize): void {
  low = 0
  high = 0xffffffff
  start = target
  at = target
  limit = end
}

@inline
export function encodeBit(p: u32, bit: u32): void {
  const m = middle(p)
  high = bit ? m : high
  low = bit ? low : m + 1
  while ((low ^ high) >> 24 == 0) {
    put(high >> 24)
    low <<= 8
    high = (high << 8) | 255
  }
}

@inline
function put(byte: u32): void {
  if (at < limit) store<u8>(at, byte as u8)
  at++
}

/** Of the code so far, in bytes: right to some of them, and even where it was cut off. */
export function codeLength(): u32 {
  return (at - start) as u32
}

/** Whether the code was cut off. */
@inline
export function isTooLong(): bool {
  return at > limit
}

/** Ends the code. @returns its length in bytes, beyond the room where it was cut off */
export function finishCode(): u32 {
  put(high >> 24)
  put(high >> 16)
  put(high >> 8)
  put(high)
  return codeLength()
}

@inline
function nextByte(): u32 {
  const byte: u32 = at < limit ? <u32>load<u8>(at) : 0
  at++
  return byte
}

export function startDecoder(source: usize, length: usize): void {
  low = 0
  high = 0xffffffff
  at = source
  limit = source + length
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

/** Whether what was decoded took all of the code and nothing behind it. */
export function isConsumed(): bool {
  return at == limit
}

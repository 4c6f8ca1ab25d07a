/*
 * Bits, from the lowest of each byte up. The 16 bytes behind the last one that is written must be free, the 8 behind the last one that
 * is read must be readable.
 */
let pending: u64 = 0
let held: u64 = 0
let at: usize = 0
let end: usize = 0

export function startWriting(address: usize): void {
  at = address
  pending = 0
  held = 0
}

/** @param count at most 63 */
// @ts-ignore: decorator
@inline
export function writeBits(bits: u64, count: u64): void {
  pending |= bits << held
  const sum = held + count
  if (sum < 64) {
    held = sum
    return
  }
  store<u64>(at, pending)
  at += 8
  pending = bits >> (64 - held)
  held = sum - 64
}

/** @returns the address behind the last byte */
export function finishWriting(): usize {
  store<u64>(at, pending)
  return at + (((held + 7) >> 3) as usize)
}

export function startReading(address: usize, addressBehind: usize): void {
  at = address
  end = addressBehind
  pending = 0
  held = 0
}

/** The next bits, zeros behind the last one. @param count at most 63 */
// @ts-ignore: decorator
@inline
export function readBits(count: u64): u64 {
  if (count == 0) return 0
  const mask = ~(0 as u64) >> (64 - count)
  if (count <= held) {
    const bits = pending & mask
    pending >>= count
    held -= count
    return bits
  }
  const next: u64 = at < end ? load<u64>(at) : 0
  at += 8
  const bits = (pending | (next << held)) & mask
  const used = count - held
  pending = next >> used
  held = 64 - used
  return bits
}

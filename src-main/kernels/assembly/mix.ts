/** Context mixing with an arithmetic coder: bytes in, fewer bytes out, and back. */
import { decodeBit, encodeBit, finishCode, isConsumed, isTooLong, startCoder, startDecoder } from './mix/coder'
import { AHEAD, BYTES } from './mix/memory'
import { clearSmallState, clearState, lookAhead, predict, startBlock, update } from './mix/predictor'
import { putTogether } from './mix/prior'
import { packTable, reserve, unpackTable } from './mix/slots'

export { bytes, bytesLimit, estimators, logitLimit, seen, squash, state, stateEnd, stored, storedLimit, table } from './mix/addresses'
export { clearSmallState, clearState, isConsumed, packTable, putTogether, reserve, startBlock, unpackTable }

export function startEncoding(): void {
  startCoder()
}

/**
 * Encodes bytes [from, to) of the block, which continue what was encoded before. The code ends early where it has become longer than any
 * block.
 */
export function encode(from: usize, to: usize): void {
  for (let i = from; i < to; i++) {
    if (isTooLong()) return
    if (((i - from) & (AHEAD - 1)) == 0) lookAhead(min<usize>(AHEAD, to - i))
    const byte = load<u8>(BYTES + i) as u32
    for (let shift: i32 = 7; shift >= 0; shift--) {
      const bit = (byte >> shift) & 1
      encodeBit(predict(), bit)
      update(bit)
    }
  }
}

/** Ends the code. @returns its length in bytes */
export function finishEncoding(): u32 {
  return finishCode()
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

export function startDecoding(length: usize): void {
  startDecoder(length)
}

/** Decodes `count` bytes behind those that are there. */
export function decode(count: usize): void {
  for (let i: usize = 0; i < count * 8; i++) update(decodeBit(predict()))
}

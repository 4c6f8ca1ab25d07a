/**
 * Context mixing with an arithmetic coder: bytes in, fewer bytes out, and back. By itself, or with a net's prediction of each byte, which
 * a last mixer weighs against everything that the contexts know.
 */
import { codeLength, decodeBit, encodeBit, finishCode, isConsumed, isTooLong, startCoder, startDecoder } from './coding/arithmetic'
import { CHANCES, forecastByte } from './mix/forecast'
import { AHEAD, BYTES, STORED, STORED_LIMIT } from './mix/memory'
import { c0, clearSmallState, clearState, lookAhead, predict, startBlock, update } from './mix/predictor'
import { putTogether } from './mix/prior'
import { packTable, reserve as reserveTable, unpackTable } from './mix/slots'
import { finalPredict, finalUpdate, mixLength, startFinal } from './neural/final'
import { LOGITS, LOGITS_STRIDE, MOST_STEPS, placeFinal, SAID, SLICE } from './neural/memory'
import { netLogit, spread } from './neural/spread'

export { bytes, bytesLimit, estimators, logitLimit, seen, squash, state, stateEnd, stored, storedLimit, table } from './mix/addresses'
export { clearSmallState, clearState, codeLength, isConsumed, mixLength, packTable, putTogether, startBlock, unpackTable }

/** Gives the table 2^bits lines of 64 bytes, memory to count gains in, if asked for, and the last mixer its place behind; once, first. */
export function reserve(bits: u32, withGains: bool): void {
  placeFinal(reserveTable(bits, withGains))
}

export function startEncoding(): void {
  startCoder(STORED, STORED + STORED_LIMIT)
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
  startDecoder(STORED, length)
}

/** Decodes `count` bytes behind those that are there. */
export function decode(count: usize): void {
  for (let i: usize = 0; i < count * 8; i++) update(decodeBit(predict()))
}

export const sliceLength: usize = SLICE
export const mostSteps: usize = MOST_STEPS

/** Where the net's logits for the next bytes are put: i16 each, in 1/64 bit. */
export function logits(): usize {
  return LOGITS
}

/** Where what the net says of a slice's bits is put: i16 each, the logit of a one in 1/256. */
export function said(): usize {
  return SAID
}

/** Makes the last mixer ready for a block; after {@link startBlock}. */
export function startNet(): void {
  startFinal()
}

/** Reads off the logits that stand in memory what the net says of bytes [from, from + count), which are number `at` and on of a slice. */
export function say(from: usize, count: usize, at: usize): void {
  let said = SAID + at * 16
  for (let i: usize = 0; i < count; i++) {
    spread(LOGITS + i * LOGITS_STRIDE)
    const byte = (load<u8>(BYTES + from + i) as u32) | 256
    for (let bit: u32 = 8; bit > 0; bit--) {
      store<i16>(said, netLogit(byte >> bit) as i16)
      said += 2
    }
  }
}

/** As {@link encode}, with what the net says of these bytes: at most a slice of them. */
export function encodeWithNet(from: usize, to: usize): void {
  let said = SAID
  for (let i = from; i < to; i++) {
    if (((i - from) & (AHEAD - 1)) == 0) lookAhead(min<usize>(AHEAD, to - i))
    const byte = load<u8>(BYTES + i) as u32
    for (let shift: u32 = 8; shift > 0; ) {
      const bit = (byte >> --shift) & 1
      encodeBit(finalPredict(predict(), load<i16>(said)), bit)
      finalUpdate(bit)
      update(bit)
      said += 2
    }
  }
}

/** Decodes the next byte with the logits that stand in memory. */
export function decodeWithNet(): u32 {
  spread(LOGITS)
  let byte: u32 = 0
  for (let i = 0; i < 8; i++) {
    const bit = decodeBit(finalPredict(predict(), netLogit(c0)))
    finalUpdate(bit)
    update(bit)
    byte = (byte << 1) | bit
  }
  return byte
}

/**
 * Reads bytes [from, to) of the block as {@link encode} does, without a code: at most a slice of them. Leaves at the place of stored bytes
 * what each bit was given: u16, its probability in 1/65536, eight a byte.
 */
export function measure(from: usize, to: usize): void {
  let chances = STORED
  for (let i = from; i < to; i++) {
    if (((i - from) & (AHEAD - 1)) == 0) lookAhead(min<usize>(AHEAD, to - i))
    const byte = load<u8>(BYTES + i) as u32
    for (let shift: i32 = 7; shift >= 0; shift--) {
      const bit = (byte >> shift) & 1
      const p = predict()
      store<u16>(chances, bit ? p : 65536 - p)
      chances += 2
      update(bit)
    }
  }
}

/** As {@link measure}, with what the net says of these bytes. */
export function measureWithNet(from: usize, to: usize): void {
  let said = SAID
  let chances = STORED
  for (let i = from; i < to; i++) {
    if (((i - from) & (AHEAD - 1)) == 0) lookAhead(min<usize>(AHEAD, to - i))
    const byte = load<u8>(BYTES + i) as u32
    for (let shift: u32 = 8; shift > 0; ) {
      const bit = (byte >> --shift) & 1
      const p = finalPredict(predict(), load<i16>(said))
      store<u16>(chances, bit ? p : 65536 - p)
      chances += 2
      finalUpdate(bit)
      update(bit)
      said += 2
    }
  }
}

/** The probabilities of all 256 values of the next byte, f64 each. Changes nothing. @returns where they stand */
export function forecast(): usize {
  forecastByte(false)
  return CHANCES
}

/** As {@link forecast}, with the net's logits that stand in memory. */
export function forecastWithNet(): usize {
  spread(LOGITS)
  forecastByte(true)
  return CHANCES
}

/**
 * A net's prediction of each byte and everything that mix knows, in one mixer, with an arithmetic coder: bytes and the net's logits in, fewer
 * bytes out, and back.
 */
import { codeLength, startCoder, decodeBit, encodeBit, finishCode, isConsumed, startDecoder } from './mix/coder'
import { TABLE } from './mix/memory'
import { c0, clearSmallState, clearState, predict, startBlock, update } from './mix/predictor'
import { putTogether } from './mix/prior'
import { packTable, reserve as reserveTable, unpackTable } from './mix/slots'
import { LOGITS, placeFinal, SAID } from './neural/memory'
import { finalPredict, finalUpdate, mixLength, startFinal } from './neural/final'
import { netLogit, spread } from './neural/spread'

export { bytes, bytesLimit, estimators, logitLimit, seen, squash, state, stateEnd, stored, storedLimit, table } from './mix/addresses'
export { clearSmallState, clearState, codeLength, isConsumed, mixLength, packTable, putTogether, unpackTable }

/** Gives the table of mix 2^bits lines, and the final mixer its place behind it; once, first. */
export function reserve(bits: u32): void {
  reserveTable(bits, false)
  placeFinal(TABLE + ((64 as usize) << bits) + 64)
}

/** Where the net's logits for the next byte are put: i16 each, in 1/64 bit. */
export function logits(): usize {
  return LOGITS
}

/** Where what the net says of a byte's eight bits is put: i16 each, the logit of a one in 1/256. */
export function said(): usize {
  return SAID
}

/** As mix; the state is to be put in place before, with the traces of the primer that it has learnt. */
export function start(contextSet: u32, primed: usize, recordLength: u32): void {
  startBlock(contextSet, primed, recordLength)
  startFinal()
}

export function startEncoding(): void {
  startCoder()
}

export function startDecoding(length: usize): void {
  startDecoder(length)
}

/** Reads off the logits that stand in memory what the net says of the bits of a byte that is known. */
export function say(byte: u32): void {
  spread()
  for (let i: u32 = 0; i < 8; i++) store<i16>(SAID + (i as usize) * 2, netLogit((byte | 256) >> (8 - i)) as i16)
}

/** Encodes a byte with what the net says of its bits. */
export function encodeByte(byte: u32): void {
  for (let i: u32 = 0; i < 8; i++) {
    const bit = (byte >> (7 - i)) & 1
    encodeBit(finalPredict(predict(), load<i16>(SAID + (i as usize) * 2)), bit)
    finalUpdate(bit)
    update(bit)
  }
}

/** Ends the code. @returns its length in bytes */
export function finishEncoding(): u32 {
  return finishCode()
}

/** Decodes a byte with the logits that stand in memory. */
export function decodeByte(): u32 {
  spread()
  let byte: u32 = 0
  for (let i = 0; i < 8; i++) {
    const bit = decodeBit(finalPredict(predict(), netLogit(c0)))
    finalUpdate(bit)
    update(bit)
    byte = (byte << 1) | bit
  }
  return byte
}

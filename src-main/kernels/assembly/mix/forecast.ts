/**
 * What the model holds likely at a byte, before it comes: the probabilities of all 256, as the product of what would be predicted on the
 * way to each. The model learns with each bit, so every way is gone with learning, and all that it changes is put back from a journal.
 */
import { finalPredict, finalUpdate, keepFinal } from '../neural/final'
import { netLogit } from '../neural/spread'
import {
  CHOSEN,
  CONTEXTS,
  HASHED,
  NIBBLE_LENGTH,
  PLAN_LINES,
  SETS,
  SLOT,
  SPARE,
  STORED,
  USED,
} from './memory'
import { keep, restoreTo, startJournal } from './journal'
import {
  apmUsed1,
  apmUsed2,
  apmUsed3,
  bitCount,
  c0,
  finalWeights,
  matchUsed0,
  matchUsed1,
  node,
  plan,
  predict,
  returnTo,
  update,
} from './predictor'
import { placeSlots, SECOND_NIBBLE } from './slots'

/** f64 a byte: its probability. Stored bytes are neither read nor written meanwhile. */
export const CHANCES: usize = STORED
const JOURNAL: usize = CHANCES + 256 * 8

/**
 * The probabilities of the next byte, which must not have been planned ahead.
 * @param withNet whether a net's word counts too; its logits are spread then
 */
export function forecastByte(withNet: bool): void {
  startJournal(JOURNAL)
  walk(1, withNet)
}

/** Goes all ways on from the bits so far, which have a chance. */
function walk(chance: f64, withNet: bool): void {
  const prefix = c0
  const nodeHere = node
  const bits = bitCount
  for (let bit: u32 = 0; bit < 2; bit++) {
    // Anew for the second bit: the first way has used the same places.
    const mixed = predict()
    const p = withNet ? finalPredict(mixed, netLogit(prefix)) : mixed
    const own = (chance * ((bit ? p : 65536 - p) as f64)) / 65536.0
    if (bits == 7) {
      store<f64>(CHANCES + ((((prefix << 1) | bit) & 255) as usize) * 8, own)
      continue
    }
    const mark = keepAll(bit, withNet)
    if (withNet) finalUpdate(bit)
    update(bit)
    walk(own, withNet)
    restoreTo(mark)
    returnTo(prefix, nodeHere, bits)
  }
}

/** Keeps everything that learning this bit will change. @returns what to restore to */
function keepAll(bit: u32, withNet: bool): usize {
  let mark: usize = 0
  for (let i: usize = 0; i < CONTEXTS; i++) {
    const at = keep(load<u32>(USED + i * 4) as usize)
    if (i == 0) mark = at
    keep((load<u32>(SLOT + i * 4) as usize) + (i == HASHED ? (c0 as usize) : node))
  }
  if (matchUsed0 != 0) keep(matchUsed0)
  if (matchUsed1 != 0) keep(matchUsed1)
  for (let set: usize = 0; set < SETS; set++) {
    const weights = load<u32>(CHOSEN + set * 4) as usize
    keep(weights)
    keep(weights + 16)
  }
  keep(finalWeights)
  keep(apmUsed1)
  keep(apmUsed2)
  keep(apmUsed3)
  if (withNet) keepFinal()
  if (bitCount == 3) keepNibble((c0 << 1) | bit)
  return mark
}

/** Of the byte's second nibble: lines in which slots may be made, and where the first one's are. */
function keepNibble(first: u32): void {
  const nibble = plan + SECOND_NIBBLE
  placeSlots(nibble, first)
  for (let at: usize = 0; at < NIBBLE_LENGTH; at += 4) {
    const line = load<u32>(nibble + at, PLAN_LINES) as usize
    for (let part: usize = 0; part < 64; part += 16) keep(line + part)
  }
  for (let at: usize = 0; at < 64; at += 16) keep(SLOT + at)
  for (let at: usize = 0; at < HASHED * 16; at += 16) keep(SPARE + at)
}

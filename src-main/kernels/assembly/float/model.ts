/**
 * The thorough model: the bits of an element, sign first, then from the highest one on, are predicted by seven contexts and a match, and
 * mixed. Contexts are what stands beside the element: the one before (west), the one a row above (north), and their neighbours; and what
 * is known of it already. Elements lie in planes, as `split` leaves them; bits that are not modelled stand there before.
 */
import { codedBit, setLineBits, startNibble } from './bit'
import {
  COLUMNS,
  CONTEXTS,
  COSTS,
  HASHES,
  MATCH_BITS,
  MATCH_MAPS,
  MATCHES,
  MIXERS_END,
  PLANES,
  RANK,
  TABLE,
  VALUE,
  WEIGHTS_BY_BITS,
} from './memory'

/** Bytes of an element; how many bits of them are modelled, from the highest on; whether the lowest bit is a sign, which is too. */
let width: usize = 0
let depth: u32 = 0
let hasSign: bool = false
/** Bits of the highest plane: enough for the ranks of its values. */
let rankBits: u32 = 8
/** Elements of a row; without rows, others before the element stand for those above it. */
let row: usize = 0
/** Elements before this one are taken for zero. */
let origin: usize = 0

/** The match: number of the element that is expected, 0 for none, and how many before it were right. */
let expected: usize = 0
let matched: u32 = 0
/** Hashes of what is modelled of this element and of the one before. */
let known: u32 = 0
let knownBefore: u32 = 0
/** How many elements up to here are as those above. */
let runAbove: u32 = 0
/** Averages of the ranks of the highest bytes, in 1/256: of the last few elements, and of many. */
let recent: i32 = 0
let lasting: i32 = 0

/** What the neighbours make expect: their highest four bytes, continued; and how much of the element is known, likewise. */
let foreseen: u32 = 0
let reached: u32 = 0
let sign: u32 = 0
let isAsWest: bool = true
let isAsNorth: bool = true
let isAsMatch: bool = true

const UNSEEN: u64 = 0x8000000080000000
const HALF_TRUSTED: u64 = 0xc000c000c000c000
const FIRST_WEIGHT: u64 = 0x0a000a000a000a00
const SIGN: u32 = 8
const SIGN_NUMBER: u32 = 64

/** `lineBits` is up to MOST_LINE_BITS. RANK and VALUE, and the planes' addresses, stand already. */
export function startModel(bytes: usize, bits: u32, withSign: bool, ranks: u32, rowLength: usize, first: usize, lineBits: u32): void {
  width = bytes
  depth = bits
  hasSign = withSign
  rankBits = ranks
  row = rowLength
  origin = first
  expected = 0
  matched = 0
  known = 0
  knownBefore = 0
  runAbove = 0
  recent = 0
  lasting = 0
  memory.fill(COSTS, 0, 65 * 4)
  fill(MATCH_MAPS, WEIGHTS_BY_BITS, HALF_TRUSTED)
  fill(WEIGHTS_BY_BITS, MIXERS_END, FIRST_WEIGHT)
  memory.fill(COLUMNS, 0, TABLE - COLUMNS)
  setLineBits(lineBits)
  fill(TABLE, TABLE + CONTEXTS * ((64 as usize) << lineBits), UNSEEN)
}

function fill(from: usize, to: usize, value: u64): void {
  const vector = i64x2.splat(value as i64)
  for (let at = from; at < to; at += 16) v128.store(at, vector)
}

@inline
function plane(k: usize): usize {
  return load<u32>(PLANES + (k << 2)) as usize
}

/** A byte of an element so far before. */
@inline
function near(k: usize, i: usize, distance: usize): u32 {
  return i >= origin + distance ? <u32>load<u8>(plane(k) + i - distance) : 0
}

@inline
function rankNear(i: usize, distance: usize): u32 {
  return load<u8>(RANK + (near(0, i, distance) as usize))
}

@inline
function signNear(i: usize, distance: usize): u32 {
  return near(width - 1, i, distance) & 1
}

/** The highest four bytes of an element near by, as a number. */
function valueNear(i: usize, distance: usize): u32 {
  let value: u32 = 0
  for (let k: usize = 0; k < 4; k++) value = (value << 8) | (k < width ? near(k, i, distance) : 0)
  return value
}

@inline
function mixed(a: u32, b: u32): u32 {
  const hash = (a ^ (b + 1)) * 0x85ebca6b
  return hash ^ (hash >> 15)
}

@inline
function setHash(j: usize, hash: u32): void {
  store<u32>(HASHES + (j << 2), hash)
}

/** Codes, or decodes into the planes, elements `from` up to `to`. */
export function codeElements(from: usize, to: usize, isDecoding: bool): void {
  const up: usize = row > 0 ? row : 3
  for (let i = from; i < to; i++) {
    isAsWest = true
    isAsNorth = true
    isAsMatch = true
    known = 0
    sign = 0
    reached = 0
    if (hasSign) codeSign(i, up, isDecoding)
    foresee(i, up)
    let left = depth
    for (let k: usize = 0; left > 0; k++) {
      codePlane(i, k, up, left, isDecoding)
      left = left > 8 ? left - 8 : 0
    }
    learnElement(i, up)
  }
}

function codeSign(i: usize, up: usize, isDecoding: bool): void {
  const west = signNear(i, 1)
  const north = signNear(i, up)
  const northWest = signNear(i, up + 1)
  const before = signNear(i, 2)
  const base = mixed(0x51, 1)
  setHash(0, base)
  setHash(1, mixed(base, 2 + west * 2 + before))
  setHash(2, mixed(base, 8 + north))
  setHash(3, mixed(base, 16 + west * 2 + north))
  setHash(4, mixed(base, 32 + west * 8 + north * 4 + northWest * 2 + before))
  setHash(5, mixed(mixed(base, 64 + west), near(0, i, 1)))
  setHash(6, mixed(mixed(base, 128 + north), near(0, i, up)))
  const at = plane(width - 1) + i
  const stored = load<u8>(at)
  const says: u32 = expected > 0 ? <u32>load<u8>(plane(width - 1) + expected) & 1 : 2
  startNibble(1)
  sign = codedBit(SIGN, 1, 1, (stored as u32) & 1, says, matched, SIGN_NUMBER, isDecoding)
  if (isDecoding) store<u8>(at, (stored & 254) | (sign as u8))
  isAsWest = sign == west
  isAsNorth = sign == north
  isAsMatch = sign == says
  known = mixed(sign, 77)
}

/** A plane through the neighbours continues them; where there are no rows, a line. */
function foresee(i: usize, up: usize): void {
  const west = valueNear(i, 1)
  foreseen = row > 0 ? west + valueNear(i, up) - valueNear(i, up + 1) : west * 2 - valueNear(i, 2)
}

function codePlane(i: usize, k: usize, up: usize, left: u32, isDecoding: bool): void {
  const signBits: u32 = hasSign && k == width - 1 ? 1 : 0
  const isHighest = k == 0
  // From the top: bits that are modelled, then `shift` others.
  const bits = isHighest ? rankBits : min<u32>(left, 8 - signBits)
  const shift = isHighest ? 0 : 8 - bits
  const at = plane(k) + i
  const stored = load<u8>(at) as u32
  const west = near(k, i, 1) >> shift
  const north = near(k, i, up) >> shift
  if (isHighest) highestContexts(i, up)
  else lowerContexts(i, k, up, shift, west, north)
  let value: u32 = 0
  if (!isDecoding) value = isHighest ? <u32>load<u8>(RANK + (stored as usize)) : stored >> shift
  let hint: u32 = 0
  const isHinted = expected > 0 && isAsMatch
  if (isHinted) {
    const byte = load<u8>(plane(k) + expected)
    hint = isHighest ? <u32>load<u8>(RANK + (byte as usize)) : (byte as u32) >> shift
  }
  let node: u32 = 1
  let inNibble: u32 = 1
  for (let bit = bits; bit-- > 0; ) {
    const says: u32 = isHinted && node == ((hint | (1 << bits)) >> (bit + 1)) ? (hint >> bit) & 1 : 2
    const number = (k as u32) * 8 + (bits - 1 - bit)
    if (((bits - 1 - bit) & 3) == 0) {
      startNibble(node)
      inNibble = 1
    }
    const came = codedBit(k as u32, node, inNibble, (value >> bit) & 1, says, matched, number, isDecoding)
    node = (node << 1) | came
    inNibble = (inNibble << 1) | came
  }
  value = node ^ ((1 as u32) << bits)
  const top: u32 = isHighest ? <u32>load<u8>(VALUE + (value as usize)) : value
  if (isDecoding) {
    const rest = isHighest ? 0 : stored & (((1 as u32) << shift) - 1)
    store<u8>(at, ((top << shift) | rest) as u8)
  }
  isAsWest = isAsWest && top == west
  isAsNorth = isAsNorth && top == north
  isAsMatch = isHinted && value == hint
  known = mixed(known, top)
  reached = (reached << 8) | (top << shift)
}

/** Of the highest byte of a float, its exponent: how large the numbers around it are. */
function highestContexts(i: usize, up: usize): void {
  const west = rankNear(i, 1)
  const before = rankNear(i, 2)
  const north = rankNear(i, up)
  const around = west * 2 + before + rankNear(i, 3) + north * 2 + rankNear(i, up - 1) + rankNear(i, up + 1)
  const column = row > 0 ? <i32>load<u16>(COLUMNS + ((i - origin) % row) * 2) : lasting
  const continued = load<u8>(RANK + ((foreseen >> 24) as usize)) as u32
  setHash(0, mixed(1, sign))
  setHash(1, mixed(2, west))
  setHash(2, mixed(3, north))
  setHash(3, mixed(mixed(4, west), north))
  setHash(4, mixed(mixed(mixed(5, west), before), continued))
  setHash(5, mixed(6, around))
  setHash(6, mixed(mixed(7, (column >> 6) as u32), (recent >> 6) as u32))
}

function lowerContexts(i: usize, k: usize, up: usize, shift: u32, west: u32, north: u32): void {
  const base = mixed(known, k as u32)
  const place = mixed(9, k as u32)
  const highest = near(0, i, 0)
  const above = near(k - 1, i, 0)
  const agreeing = (isAsWest ? 1 : 0) | (isAsNorth ? 2 : 0)
  setHash(0, mixed(mixed(place, 10), highest))
  setHash(1, mixed(base, 11))
  setHash(2, mixed(mixed(base, 12), west | (isAsWest ? 256 : 0)))
  setHash(3, mixed(mixed(mixed(place, 13), north | (isAsNorth ? 256 : 0)), (above << 2) | min<u32>(runAbove, 3)))
  setHash(4, mixed(mixed(mixed(place, 14), west | (north << 8)), agreeing))
  // How far what is known lies from what was foreseen, and where that would be here.
  const fromTop = (k as u32) * 8
  let distance: i32 = 0
  let there: u32 = 0
  if (k < 4) {
    distance = (reached - (foreseen >> (32 - fromTop))) as i32
    there = ((foreseen << fromTop) >> 24) >> shift
  }
  setHash(5, mixed(mixed(mixed(place, 15), there), min<i32>(3, max<i32>(-3, distance)) as u32))
  setHash(6, mixed(mixed(place, 16), mixed(above, sign)))
}

function learnElement(i: usize, up: usize): void {
  runAbove = isAsNorth ? min<u32>(runAbove + 1, 255) : 0
  const rank = load<u8>(RANK + (load<u8>(plane(0) + i) as usize)) as i32
  if (i == origin) {
    recent = rank << 8
    lasting = rank << 8
  }
  recent += ((rank << 8) - recent) >> 4
  lasting += ((rank << 8) - lasting) >> 7
  if (row > 0) {
    const column = COLUMNS + ((i - origin) % row) * 2
    const average = load<u16>(column) as i32
    store<u16>(column, (i < origin + row ? rank << 8 : average + (((rank << 8) - average) >> 3)) as u16)
  }
  const place = MATCHES + ((mixed(known, knownBefore) >> (32 - MATCH_BITS)) as usize) * 4
  if (expected > 0 && isAsMatch) {
    expected++
    matched = min<u32>(matched + 1, 30)
  } else {
    expected = load<u32>(place) as usize
    matched = 0
  }
  store<u32>(place, (i + 1) as u32)
  knownBefore = known
}

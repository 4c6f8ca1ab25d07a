/**
 * The hashed table: lines of four slots, and where the histories of each context lie for the nibble that begins. Buckets of one
 * cache line with check bytes are those of lpaq (Mahoney 2007).
 */
import { countGainsAt, gainOf, gains } from './gains'
import { AGE, HASH, NIBBLE_LENGTH, PLAN_CHECKS, PLAN_LINES, SLOT, SPARE, TABLE } from './memory'

/** Number of the table's lines, and what of a hash selects one of the first in a page. */
export let lines: usize = 0
let pageMask: u32 = 0

/** Gives the table 2^bits lines; to be called once, first. @returns the address behind it */
export function reserve(bits: u32, withGains: bool): usize {
  lines = (1 as usize) << bits
  pageMask = ((1 as u32) << bits) - 64
  // Unpacking reads up to a line too far.
  const end = TABLE + lines * (withGains ? 80 : 64) + 64
  if (withGains) countGainsAt(TABLE + lines * 64)
  memory.grow((((end + 65535) / 65536) as i32) - memory.size())
  return end
}

/** Of a byte's two nibbles: where what is planned for each lies in the byte's plan. */
export const FIRST_NIBBLE: usize = 0
export const SECOND_NIBBLE: usize = NIBBLE_LENGTH

/**
 * Fills the table from its packed form: a byte a line at `occupancy`, how many slots it has; and at `slots` 16 bytes a slot, its check
 * byte and histories. These may stand at the table's very end: a line is never longer than what is still packed of it and those behind it.
 */
export function unpackTable(occupancy: usize, slots: usize): void {
  const zero = i64x2.splat(0)
  for (let number: usize = 0; number < lines; number++) {
    const line = TABLE + number * 64
    const count = min<usize>(4, load<u8>(occupancy + number))
    // All are read before any is written, since they may overlap.
    const slot0 = v128.load(slots)
    const slot1 = v128.load(slots, 16)
    const slot2 = v128.load(slots, 32)
    const slot3 = v128.load(slots, 48)
    v128.store(line, zero)
    v128.store(line, zero, 16)
    v128.store(line, zero, 32)
    v128.store(line, zero, 48)
    if (count > 0) unpackSlot(line, 0, slot0)
    if (count > 1) unpackSlot(line, 1, slot1)
    if (count > 2) unpackSlot(line, 2, slot2)
    if (count > 3) unpackSlot(line, 3, slot3)
    slots += count * 16
  }
}

@inline
function unpackSlot(line: usize, i: usize, slot: v128): void {
  store<u8>(line + i, i8x16.extract_lane_u(slot, 0))
  const histories = line + 4 + i * 15
  store<u64>(histories, i64x2.extract_lane(i64x2.shr_u(slot, 8), 0))
  store<u64>(histories, i64x2.extract_lane(slot, 1), 7)
}

/**
 * The inverse: the slots, packed, take the table's own place from its start.
 * @returns how many bytes they have
 */
export function packTable(occupancy: usize): usize {
  let slots: usize = TABLE
  for (let number: usize = 0; number < lines; number++) {
    const line = TABLE + number * 64
    let count: usize = 0
    // Slots are filled from the first on.
    while (count < 4 && load<u8>(line + count) != 0) count++
    const slot0 = packedSlot(line, 0)
    const slot1 = packedSlot(line, 1)
    const slot2 = packedSlot(line, 2)
    const slot3 = packedSlot(line, 3)
    if (count > 0) v128.store(slots, slot0)
    if (count > 1) v128.store(slots, slot1, 16)
    if (count > 2) v128.store(slots, slot2, 32)
    if (count > 3) v128.store(slots, slot3, 48)
    store<u8>(occupancy + number, count as u8)
    slots += count * 16
  }
  return slots - TABLE
}

@inline
function packedSlot(line: usize, i: usize): v128 {
  return i8x16.replace_lane(v128.load(line + 3 + i * 15), 0, load<u8>(line + i))
}

/** Whether the slot just found holds histories. */
let isKnown: bool = false

/** Node 0 of the slot: one byte before its 15 histories. */
@inline
function findSlot(nibble: usize, i: usize, mayMake: bool): void {
  const line = load<u32>(nibble + i * 4, PLAN_LINES) as usize
  const check = load<u32>(nibble + i * 4, PLAN_CHECKS)
  const difference = load<u32>(line) ^ (check * 0x01010101)
  const zero = (difference - 0x01010101) & ~difference & 0x80808080
  isKnown = zero != 0
  if (isKnown) {
    store<u32>(SLOT + i * 4, (line + 3 + (ctz<u32>(zero) >> 3) * 15) as u32)
    return
  }
  if (!mayMake) {
    const spare = SPARE + i * 16
    v128.store(spare, i64x2.splat(0))
    store<u32>(SLOT + i * 4, spare as u32)
    return
  }
  const age0 = (<u32>load<u8>(AGE + <usize>load<u8>(line, 4))) << 2
  const age1 = ((<u32>load<u8>(AGE + <usize>load<u8>(line, 19))) << 2) | 1
  const age2 = ((<u32>load<u8>(AGE + <usize>load<u8>(line, 34))) << 2) | 2
  const age3 = ((<u32>load<u8>(AGE + <usize>load<u8>(line, 49))) << 2) | 3
  const victim = (min<u32>(min<u32>(age0, age1), min<u32>(age2, age3)) & 3) as usize
  store<u8>(line + victim, check as u8)
  const slot = line + 3 + victim * 15
  store<u64>(slot, 0, 1)
  store<u64>(slot, 0, 8)
  if (gains != 0) store<i32>(gainOf(slot), 0)
  store<u32>(SLOT + i * 4, slot as u32)
}

/**
 * Where the line of context `i` lies, and its check byte. The one for a byte's second nibble lies in the same 4 KiB as that for the
 * first, so that it costs no second look-up of the page.
 */
@inline
function place(nibble: usize, i: usize, salt: u32): void {
  const hash = load<u32>(i * 4, HASH)
  let h = (hash + salt) * 0x2c1b3c6d
  h ^= h >> 15
  store<u32>(nibble + i * 4, TABLE + (((hash & pageMask) | (h & 63)) as usize) * 64, PLAN_LINES)
  store<u32>(nibble + i * 4, max<u32>(1, h >> 24), PLAN_CHECKS)
}

/** Finds the lines of all hashed contexts for a nibble; `first` is the byte's first nibble, with a leading one, or 0. */
export function placeSlots(nibble: usize, first: u32): void {
  const salt = first * 0x3d4d51cb
  place(nibble, 0, salt)
  place(nibble, 1, salt)
  place(nibble, 2, salt)
  place(nibble, 3, salt)
  place(nibble, 4, salt)
  place(nibble, 5, salt)
  place(nibble, 6, salt)
  place(nibble, 7, salt)
  place(nibble, 8, salt)
  place(nibble, 9, salt)
  place(nibble, 10, salt)
}

@inline
function touch(at: usize): u32 {
  return load<u32>(load<u32>(at, PLAN_LINES) as usize)
}

/** Asks for all lines of a nibble at once, so that the memory answers once, not eleven times. */
@inline
export function touchSlots(nibble: usize): u32 {
  let sink = touch(nibble)
  sink ^= touch(nibble + 4)
  sink ^= touch(nibble + 8)
  sink ^= touch(nibble + 12)
  sink ^= touch(nibble + 16)
  sink ^= touch(nibble + 20)
  sink ^= touch(nibble + 24)
  sink ^= touch(nibble + 28)
  sink ^= touch(nibble + 32)
  sink ^= touch(nibble + 36)
  sink ^= touch(nibble + 40)
  return sink
}

/** Finds the histories of all hashed contexts in the lines that have been placed, for the nibble that begins. */
export function findSlots(nibble: usize): void {
  // Training makes a slot for a longer context only when the shorter one has been seen: most contexts come once in hundreds of
  // megabytes, and would push out those that come again.
  const always = gains == 0
  findSlot(nibble, 0, true)
  findSlot(nibble, 1, always || isKnown)
  const isOrder3Known = always || isKnown
  findSlot(nibble, 2, isOrder3Known)
  const isOrder4Known = isKnown
  findSlot(nibble, 3, always || isOrder4Known)
  // A longer context that begins now says nothing that a shorter one, which begins now too, does not.
  findSlot(nibble, 4, isOrder4Known && (always || isKnown))
  findSlot(nibble, 5, isOrder3Known)
  findSlot(nibble, 6, always || isKnown)
  findSlot(nibble, 7, isOrder3Known)
  findSlot(nibble, 8, isOrder3Known)
  findSlot(nibble, 9, isOrder3Known)
  findSlot(nibble, 10, isOrder3Known)
}

/**
 * The hashed table: lines of four slots, and where the histories of each context lie for the nibble that begins. Buckets of one
 * cache line with check bytes are those of lpaq (Mahoney 2007).
 */
import { countGainsAt, gainOf, gains } from './gains'
import { AGE, HASH, SLOT, SPARE, TABLE, USED } from './memory'

/** Number of the table's lines, and what of a hash selects one of the first in a page. */
export let lines: usize = 0
let pageMask: u32 = 0

/** Gives the table 2^bits lines; to be called once, first. */
export function reserve(bits: u32, withGains: bool): void {
  lines = (1 as usize) << bits
  pageMask = ((1 as u32) << bits) - 64
  const end = TABLE + lines * (withGains ? 80 : 64)
  if (withGains) countGainsAt(TABLE + lines * 64)
  memory.grow((((end + 65535) / 65536) as i32) - memory.size())
}

/** What was asked for ahead of use goes here, so that the compiler keeps asking. */
let touched: u32 = 0

/**
 * Fills the table from its packed form at `packed`: a byte a line, how many slots it has, then 16 bytes a slot, its check byte and histories.
 */
export function unpackTable(packed: usize): void {
  const zero = i64x2.splat(0)
  let slot = packed + lines
  for (let number: usize = 0; number < lines; number++) {
    const line = TABLE + number * 64
    v128.store(line, zero)
    v128.store(line, zero, 16)
    v128.store(line, zero, 32)
    v128.store(line, zero, 48)
    const count = min<usize>(4, load<u8>(packed + number))
    for (let i: usize = 0; i < count; i++) {
      store<u8>(line + i, load<u8>(slot))
      const histories = line + 4 + i * 15
      store<u64>(histories, load<u64>(slot, 1))
      store<u64>(histories, load<u64>(slot, 8), 7)
      slot += 16
    }
  }
}

/** Whether the slot just found holds histories. */
let isKnown: bool = false

/** Node 0 of the slot: one byte before its 15 histories. */
@inline
function findSlot(i: usize, hash: u32, mayMake: bool): void {
  const line = load<u32>(SLOT + i * 4) as usize
  const check = max<u32>(1, hash >> 24)
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
 * Asks for the line of context `i`. The one for a byte's second nibble lies in the same 4 KiB as that for the first, so that
 * it costs no second look-up of the page.
 */
@inline
function touch(i: usize, salt: u32): u32 {
  const hash = load<u32>(HASH + i * 4)
  let h = (hash + salt) * 0x2c1b3c6d
  h ^= h >> 15
  const line = TABLE + (((hash & pageMask) | (h & 63)) as usize) * 64
  store<u32>(SLOT + i * 4, line as u32)
  store<u32>(USED + i * 4, h)
  return load<u32>(line)
}

/** Finds the histories of all hashed contexts for the nibble that begins; `first` is the byte's first nibble, with a leading one, or 0. */
export function findSlots(first: u32): void {
  const salt = first * 0x3d4d51cb
  // All lines are asked for before any is looked at, so that the memory answers once, not fourteen times.
  let sink: u32 = 0
  sink ^= touch(0, salt)
  sink ^= touch(1, salt)
  sink ^= touch(2, salt)
  sink ^= touch(3, salt)
  sink ^= touch(4, salt)
  sink ^= touch(5, salt)
  sink ^= touch(6, salt)
  sink ^= touch(7, salt)
  sink ^= touch(8, salt)
  sink ^= touch(9, salt)
  sink ^= touch(10, salt)
  touched = sink
  // Training makes a slot for a longer context only when the shorter one has been seen: most contexts come once in hundreds of
  // megabytes, and would push out those that come again.
  const always = gains == 0
  findSlot(0, load<u32>(USED), true)
  findSlot(1, load<u32>(USED + 4), always || isKnown)
  const isOrder3Known = always || isKnown
  findSlot(2, load<u32>(USED + 8), isOrder3Known)
  const isOrder4Known = isKnown
  findSlot(3, load<u32>(USED + 12), always || isOrder4Known)
  // A longer context that begins now says nothing that a shorter one, which begins now too, does not.
  findSlot(4, load<u32>(USED + 16), isOrder4Known && (always || isKnown))
  findSlot(5, load<u32>(USED + 20), isOrder3Known)
  findSlot(6, load<u32>(USED + 24), always || isKnown)
  findSlot(7, load<u32>(USED + 28), isOrder3Known)
  findSlot(8, load<u32>(USED + 32), isOrder3Known)
  findSlot(9, load<u32>(USED + 36), isOrder3Known)
  findSlot(10, load<u32>(USED + 40), isOrder3Known)
}

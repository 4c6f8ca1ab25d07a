/** Whether numbers come again whole, as computed ones do and weights do not: seen from runs of bytes in a plane. */
import { SLOTS } from './memory'

/** Bytes one behind the other that make a run. */
const RUN: usize = 8
const TABLE_BITS: usize = 12

/**
 * How many of 1,024 runs of eight bytes have been seen before. Of all runs, those are looked at whose first bytes say so, about one of 32, for
 * then a run is looked at wherever it comes again (Manber 1994). The decoder's table is overwritten.
 */
export function repeats(at: usize, length: usize): u32 {
  memory.fill(SLOTS, 0, (4 as usize) << TABLE_BITS)
  const mask = i8x16.splat(31)
  const sign = i8x16.splat(9)
  let runs: u32 = 0
  let known: u32 = 0
  for (let i = at; i + 16 + RUN <= at + length; i += 16) {
    const sum = i8x16.add(v128.load(i), v128.xor(i8x16.shl(v128.load(i + 1), 1), i8x16.shl(v128.load(i + 2), 2)))
    let chosen = i8x16.bitmask(i8x16.eq(v128.and(sum, mask), sign)) as u32
    for (; chosen != 0; chosen &= chosen - 1) {
      const from = i + (ctz(chosen) as usize)
      const run = load<u64>(from)
      const place = SLOTS + (((run * 0x9e3779b97f4a7c15) >> (64 - (TABLE_BITS as u64))) as usize) * 4
      const before = load<u32>(place) as usize
      if (before != 0 && load<u64>(before) == run) known++
      store<u32>(place, from as u32)
      runs++
    }
  }
  return runs == 0 ? 0 : (known << 10) / runs
}

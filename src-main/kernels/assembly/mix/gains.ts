/**
 * Which slots are worth shipping, for training: for each slot, the bits that its predictions saved against those of a
 * shorter context, summed over its visits. The idea is that of pruning n-gram models by relative entropy (Stolcke 1998).
 */
import { COST, HASHED, SLOT, TABLE, USED } from './memory'

/** i32 a slot, in 1/256 bit; 0 when nothing is counted. */
export let gains: usize = 0

export function countGainsAt(address: usize): void {
  gains = address
}

/** Of a slot; `pointer` is one byte before its histories. */
@inline
export function gainOf(pointer: usize): usize {
  const offset = pointer - TABLE
  return gains + ((offset >> 6) * 4 + ((offset & 63) - 3) / 15) * 4
}

@inline
function costOf(context: usize, bit: u32): i32 {
  const p = (<usize>load<u16>(load<u32>(USED + context * 4) as usize)) >> 4
  return load<u16>(COST + (bit ? p : 4095 - p) * 2)
}

@inline
function count(context: usize, reference: usize, bit: u32): void {
  const pointer = load<u32>(SLOT + context * 4) as usize
  if (pointer < TABLE) return
  const at = gainOf(pointer)
  store<i32>(at, load<i32>(at) + costOf(reference, bit) - costOf(context, bit))
}

/** Counts for the bit that came, before the maps learn it. */
export function countGains(bit: u32): void {
  count(0, HASHED, bit)
  for (let i: usize = 1; i < 5; i++) count(i, i - 1, bit)
  count(5, 1, bit)
  count(6, 5, bit)
  for (let i: usize = 7; i < HASHED; i++) count(i, 1, bit)
}

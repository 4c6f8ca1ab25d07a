/** Arrays of numbers, for the codec float (docs/codecs.md): planes of bytes, and the coding of bytes by their frequencies. */
import { COSTS, COUNTS, MOST_COLUMNS, PLANES, RANK, SHARES, TABLES_END, VALUE } from './float/memory'

export { finishCode, isConsumed, startCoder, startDecoder } from './coding/arithmetic'
export { codeElements, startModel } from './float/model'
export { merge, split } from './float/planes'
export { repeats } from './float/repeats'
export { measureDistances, pack, unpack } from './float/rows'
export { surprise } from './float/surprise'
export { count, decode, encode, prepareDecoder, prepareEncoder } from './float/symbols'

export const counts: usize = COUNTS
export const shares: usize = SHARES
export const planes: usize = PLANES
export const rank: usize = RANK
export const value: usize = VALUE
export const costs: usize = COSTS
export const mostColumns: usize = MOST_COLUMNS
/** From here on memory is the caller's. */
export const free: usize = (TABLES_END + 63) & ~63

/** Makes room up to this address. */
export function reserve(end: usize): void {
  const missing = (((end + 65535) / 65536) as i32) - memory.size()
  if (missing > 0) memory.grow(missing)
}

/** Arrays of numbers, for the codec float (docs/codecs.md): planes of bytes, and the coding of bytes by their frequencies. */
import { COUNTS, PLANES, SHARES, TABLES_END } from './float/memory'

export { merge, split } from './float/planes'
export { surprise } from './float/surprise'
export { count, decode, encode, prepareDecoder, prepareEncoder } from './float/symbols'

export const counts: usize = COUNTS
export const shares: usize = SHARES
export const planes: usize = PLANES
/** From here on memory is the caller's. */
export const free: usize = (TABLES_END + 63) & ~63

/** Makes room up to this address. */
export function reserve(end: usize): void {
  const missing = (((end + 65535) / 65536) as i32) - memory.size()
  if (missing > 0) memory.grow(missing)
}

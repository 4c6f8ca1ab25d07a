/** The map of this module's linear memory: tables at fixed addresses, then what callers lay out themselves, from FREE on. */

/** Page 0 is left to the compiler's own static data. */
const BASE: usize = 65536

/** u32 by byte value: how often it comes. Four tables, which are added up in the first one. */
export const COUNTS: usize = BASE
/** u16 by symbol: its share of SCALE. */
export const SHARES: usize = COUNTS + 4 * 256 * 4
/** For the decoder, u32 by slot: symbol, its share, and the slot's distance from the symbol's first one. */
export const SLOTS: usize = SHARES + 256 * 2
/** u32 by state of the coder, for those that take their turns in memory. */
export const STATE: usize = SLOTS + 4096 * 4
/** For the encoder, 16 bytes a symbol: u64 reciprocal, u32 bound, u16 SCALE - share, u16 first slot. */
export const STEPS: usize = STATE + 8 * 4
/** u32 by plane, the highest bytes first: where it lies. */
export const PLANES: usize = STEPS + 256 * 16
/** Most elements of a sample. */
export const MOST_SAMPLED: usize = 4096
/** u32 by n up to MOST_SAMPLED: n log2(n) in 1/256 bit. */
export const WEIGHTS: usize = PLANES + 8 * 4
/** The planes of a sample. */
export const SAMPLE: usize = (WEIGHTS + (MOST_SAMPLED + 1) * 4 + 63) & ~63
export const TABLES_END: usize = SAMPLE + 8 * MOST_SAMPLED

/** For the tables; callers make room for the rest. */
memory.grow((((TABLES_END + 65535) / 65536) as i32) - memory.size())

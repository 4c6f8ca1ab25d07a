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

/** The model of the thorough way, as in mix: i16 by probability >> 4, ln(p / (1 - p)) in units of 1/256. */
export const STRETCH: usize = (SAMPLE + 8 * MOST_SAMPLED + 63) & ~63
/** u16 by logit + LOGIT_LIMIT: the probability, 16 bits. */
export const SQUASH: usize = STRETCH + 4096 * 2
export const LOGIT_LIMIT: i32 = 2815
/** u16 by probability >> 4: the cost of a one, in 1/256 bit. */
export const COST: usize = SQUASH + 8192 * 2
/** u16 by how often a context has been seen: what share of the way its probability moves, in 1/32768. */
export const PACE: usize = COST + 4096 * 2
/** u8 by value of the highest byte: its rank among those that come; and back. */
export const RANK: usize = PACE + 1024 * 2
export const VALUE: usize = RANK + 256
/** u32 by bit of an element, the highest first, and behind those the sign: what coding it cost, in 1/256 bit. */
export const COSTS: usize = VALUE + 256

/** Contexts of a bit. One more input is what a match predicts. */
export const CONTEXTS: usize = 7
export const INPUTS: usize = 8
/** u32 a context: its hash for this plane. */
export const HASHES: usize = (COSTS + 65 * 4 + 63) & ~63
/** u32 a context: where its slots for these four bits lie. */
export const LINES: usize = HASHES + 32
export const SCRATCH_END: usize = LINES + 32

/** From here to STATE_END everything is cleared for each stretch. u16: probability of what a match says, by its length and plane. */
export const MATCH_MAPS: usize = (SCRATCH_END + 63) & ~63
/** i16, 3.13: weights by plane and bits so far; and by match and plane. */
export const WEIGHTS_BY_BITS: usize = MATCH_MAPS + 32 * 16 * 2
export const WEIGHTS_BY_MATCH: usize = WEIGHTS_BY_BITS + 9 * 256 * INPUTS * 2
export const MIXERS_END: usize = WEIGHTS_BY_MATCH + 32 * 16 * INPUTS * 2
/** u16 a column: the average rank of its highest bytes, in 1/256. */
export const COLUMNS: usize = MIXERS_END
export const MOST_COLUMNS: usize = 16384
/** u32 by hash of two elements: the number of the one behind them. */
export const MATCH_BITS: u32 = 18
export const MATCHES: usize = COLUMNS + MOST_COLUMNS * 2
/** u32 a slot: probability (22 bits) and how often it was seen (10 bits); lines of sixteen, up to 2^17 a context. */
export const MOST_LINE_BITS: u32 = 17
export const TABLE: usize = (MATCHES + (4 << MATCH_BITS) + 63) & ~63
export const STATE_END: usize = TABLE + CONTEXTS * (64 << MOST_LINE_BITS)
export const TABLES_END: usize = STATE_END
/** For the tables that are filled at start; callers make room for the rest. */
memory.grow((((SCRATCH_END + 65535) / 65536) as i32) - memory.size())

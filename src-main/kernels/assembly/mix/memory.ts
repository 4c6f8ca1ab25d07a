/**
 * The one map of this module's linear memory. Every address is fixed. What a block starts from, and what therefore is saved
 * and restored, is two stretches: [STATE, STATE_END) and the table.
 */

/** Inputs of the mixers, in whole vectors of eight. */
export const INPUTS: usize = 16
/** Contexts whose bit histories lie in the hashed table. */
export const HASHED: usize = 11
/** The hashed ones, and the previous byte alone, which has a table without hashing. */
export const CONTEXTS: usize = HASHED + 1

/** Sets of weights, by what selects one in each. */
export const SETS: usize = 4
export const SELECTIONS: usize = 256

/** Page 0 is left to the compiler's own static data. */
const BASE: usize = 65536

/** i16 by probability >> 4: ln(p / (1 - p)) in units of 1/256. */
export const STRETCH: usize = BASE
/** u16 by logit + LOGIT_LIMIT: the probability, 16 bits. */
export const SQUASH: usize = STRETCH + 4096 * 2
export const LOGIT_LIMIT: i32 = 2815
/** u8 by state * 2 + bit: the next state. */
export const NEXT: usize = SQUASH + 8192 * 2
/** u8 by state: how many bits it has seen, for replacement. */
export const AGE: usize = NEXT + 512
/** u8 by state: bit 0 where it has seen a zero, bit 1 where it has seen a one. */
export const SEEN: usize = AGE + 256
/** u16 by state: the probability to begin with. */
export const FIRST: usize = SEEN + 256

/** u16 by probability >> 4: the cost of a one in 1/256 bit. For training. */
export const COST: usize = FIRST + 512

/** u32 a hashed context: its hash at the byte's start. */
export const HASH: usize = COST + 4096 * 2
/** u32 a context: where its histories for this nibble lie. */
export const SLOT: usize = HASH + 16 * 4
/** u32 a context: where the probability it used for this bit lies. */
export const USED: usize = SLOT + 16 * 4
/** i16 an input, aligned. */
export const INPUT: usize = (USED + 16 * 4 + 63) & ~63
/** u32 a set: the weights that this bit uses. */
export const CHOSEN: usize = INPUT + INPUTS * 2
/** i32 a set: its logit for this bit. */
export const LOGIT: usize = CHOSEN + 4 * 4
/** Column starts of this line's fields and of the last one's, 256 u32 each. */
export const FIELDS: usize = (LOGIT + 4 * 4 + 63) & ~63
/** 16 bytes a context: a slot for histories that are not kept. */
export const SPARE: usize = FIELDS + 2 * 256 * 4
/** Bytes of a block that are planned together where they are known; and what is planned for each, a power of two of plans in a ring. */
export const AHEAD: usize = 8
export const PLANS: usize = 2 * AHEAD
export const PLAN: usize = (SPARE + 16 * 16 + 255) & ~255
export const PLAN_LENGTH: usize = 256
/** In a plan: u32 a nibble and hashed context, its line of the table. Nibbles stand at NIBBLE_LENGTH bytes. */
export const PLAN_LINES: usize = 0
export const NIBBLE_LENGTH: usize = HASHED * 4
/** In a plan: u32 a nibble and hashed context, its check byte. */
export const PLAN_CHECKS: usize = PLAN_LINES + 2 * NIBBLE_LENGTH
/** In a plan: u32, what selects weights of the last set. */
export const PLAN_SELECTION: usize = PLAN_CHECKS + 2 * NIBBLE_LENGTH
/** In a plan: u32, the hash that selects rows of the third estimator. */
export const PLAN_ROWS: usize = PLAN_SELECTION + 4
/** In a plan: u32, where the match models look for the bytes before it. */
export const PLAN_LONG: usize = PLAN_ROWS + 4
export const PLAN_SHORT: usize = PLAN_LONG + 4
export const SCRATCH_END: usize = PLAN + PLANS * PLAN_LENGTH

/** The smaller part of the adaptive state; the larger one is the table. */
export const STATE: usize = (SCRATCH_END + 4095) & ~4095
/** u8 by previous byte and prefix of this one. */
export const ORDER1: usize = STATE
/** u16 a context and state: the probability of a one. */
export const MAPS: usize = ORDER1 + 65536
/** u16 by match and expected bit. */
export const MATCH_MAPS: usize = MAPS + CONTEXTS * 512
/** i16: SETS x SELECTIONS x INPUTS, 3.13. */
export const WEIGHTS: usize = (MATCH_MAPS + 2 * 128 * 2 + 63) & ~63
/** i32: 256 x SETS, 16.16. */
export const FINAL_WEIGHTS: usize = WEIGHTS + SETS * SELECTIONS * INPUTS * 2
/** u16: two tables of 65536 contexts x 24 points. */
export const APM_POINTS: usize = 24
export const APM1: usize = FINAL_WEIGHTS + 256 * SETS * 4
export const APM2: usize = APM1 + 4096 * APM_POINTS * 2
export const APM3: usize = APM2 + 65536 * APM_POINTS * 2
export const STATE_END: usize = APM3 + 65536 * APM_POINTS * 2

/** u32 by hash of the last bytes: position behind them. Two tables, for long and for short matches. Cleared for each block. */
export const MATCH_BITS: u32 = 18
export const MATCHES: usize = (STATE_END + 4095) & ~4095
/** u32 by previous two bytes (hashed to 16 bits): the last bytes that followed. */
export const FOLLOWERS: usize = MATCHES + (2 << MATCH_BITS) * 4
/** The bytes of the block, behind those of the primer. */
export const BYTES: usize = FOLLOWERS + 65536 * 4
export const BYTES_LIMIT: usize = 21 << 20
/** Stored bytes, in or out. */
export const STORED: usize = BYTES + BYTES_LIMIT + 64
export const STORED_LIMIT: usize = 17 << 20

/**
 * Lines of 64 bytes, each with four check bytes and four slots of 15 histories, one for each prefix of a nibble. It is the last of all,
 * because training takes a larger one than use.
 */
export const TABLE: usize = (STORED + STORED_LIMIT + 65535) & ~65535

/** For the constant tables; the rest comes with the table. */
memory.grow((((STATE + 65535) / 65536) as i32) - memory.size())

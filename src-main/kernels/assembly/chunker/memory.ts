/**
 * The one map of this module's linear memory. Every address is fixed: nothing is allocated, so nothing can leak and
 * two calls never share state except through what the caller copies in.
 */

export const MEBIBYTE: usize = 1 << 20

/** The longest input of one call. */
export const INPUT_LIMIT: usize = 8 * MEBIBYTE
/** A chunk is at least this long, which bounds the tables of ends and hashes. The same length as a leaf of BLAKE3. */
export const CHUNK_FLOOR: usize = 1024
const ITEMS: usize = INPUT_LIMIT / CHUNK_FLOOR

/** Four lanes are compressed at once even where three are left; the fourth reads and writes this far past the end. */
const OVERRUN: usize = 4096

/** Page 0 is left to the compiler's own static data. */
const BASE: usize = 65536

/** Sixteen message words, each for four lanes. */
export const LANE_MESSAGE: usize = BASE
/** Byte orders that rotate each u32 of a vector right by 16 and by 8 bits. */
export const ROTATE_16: usize = LANE_MESSAGE + 256
export const ROTATE_8: usize = ROTATE_16 + 16
/** 7 rounds of 16 bytes: byte offset in LANE_MESSAGE of the word that each step of the round adds. */
export const LANE_SCHEDULE: usize = ROTATE_8 + 16
/** 7 rounds of 16 bytes: byte offset in a block of the word that each lane of each half step adds. */
export const ROW_SCHEDULE: usize = LANE_SCHEDULE + 128
/** A last, short block with zeros behind it. */
export const SHORT_BLOCK: usize = ROW_SCHEDULE + 128
/** The 32-byte result of a call. */
export const OUTPUT: usize = SHORT_BLOCK + 64
/** 256 u64 of the gear hash, and the same doubled. */
export const GEAR: usize = OUTPUT + 64
export const GEAR_DOUBLED: usize = GEAR + 2048
/** Chaining values (32 bytes) of the leaves, then of each level of the tree above them. */
export const CHAINING_VALUES: usize = GEAR_DOUBLED + 2048
/** u32 end offset of each chunk. */
export const ENDS: usize = CHAINING_VALUES + ITEMS * 32 + OVERRUN
/** 32-byte hash of each chunk. */
export const HASHES: usize = ENDS + ITEMS * 4
export const INPUT: usize = HASHES + ITEMS * 32

const PAGES: usize = (INPUT + INPUT_LIMIT + OVERRUN + 65535) / 65536

memory.grow((PAGES as i32) - memory.size())

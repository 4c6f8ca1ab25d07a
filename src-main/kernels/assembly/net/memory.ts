/**
 * The map of the net's memory. What a model consists of is put behind it by its loader (models/net), which writes the addresses here:
 * u32 each.
 */

/** Page 0 is left to the compiler's own static data. */
export const MODEL: usize = 65536
export const ORDERS: usize = MODEL
/** Bytes of a row of the table. */
export const ROW_WIDTH: usize = MODEL + 4
/** Of the residual stream. */
export const WIDTH: usize = MODEL + 8
export const BLOCKS: usize = MODEL + 12
export const TABLE: usize = MODEL + 16
/** By order from 0: 2^bits rows; the first has 256 and needs no hash. */
export const ORDER_BITS: usize = MODEL + 20
/** A product: weights in groups of 16 outputs by 4 inputs, and f32 an output: scale and offset. */
export const PRODUCT_WEIGHT: usize = 0
export const PRODUCT_SCALE: usize = 4
export const PRODUCT_OFFSET: usize = 8
export const ENTRY: usize = MODEL + 52
export const HEAD: usize = ENTRY + 12

/** Each block's fields, from here on. */
export const BLOCK: usize = HEAD + 12
export const BLOCK_FIELDS: usize = 11
export const BLOCK_RECURRENT: usize = 0
export const BLOCK_SQUARES: usize = 4
export const BLOCK_STATE: usize = 8
/** f32 an output of the inner product: its limits. */
export const BLOCK_LOW: usize = 12
export const BLOCK_HIGH: usize = 16
export const BLOCK_INNER: usize = 20
export const BLOCK_OUTER: usize = 32

/** u32 an order. */
export const ROWS: usize = MODEL + 1024
/** i16 a byte, in 1/64 bit. */
export const LOGITS: usize = ROWS + 64
/** f32 a channel, whole numbers. */
export const WIDEST: usize = 1024
export const RESIDUAL: usize = LOGITS + 512
/** u8: what enters the next product. Sums of more products could reach 2^24. */
export const MOST_ENTERING: usize = 1040
export const ENTERING: usize = RESIDUAL + WIDEST * 4
/** i32: what came out of a block's inner product. */
export const MOST_INNER: usize = 8192
export const INNER: usize = (ENTERING + MOST_ENTERING + 63) & ~63
export const PARTS: usize = INNER + MOST_INNER * 4

memory.grow((((PARTS + 65535) / 65536) as i32) - memory.size())

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
/**
 * A product: weights in groups of 16 outputs by 4 inputs; f32 an output: scale and offset; u8 a tile of 16 outputs: whether sums of
 * eight products fit 16 bits, whatever enters.
 */
export const PRODUCT_WEIGHT: usize = 0
export const PRODUCT_SCALE: usize = 4
export const PRODUCT_OFFSET: usize = 8
export const PRODUCT_NARROW: usize = 12
export const PRODUCT_FIELDS: usize = 4
export const ENTRY: usize = MODEL + 52
export const HEAD: usize = ENTRY + PRODUCT_FIELDS * 4

/** Each block's fields, from here on. */
export const BLOCK: usize = HEAD + PRODUCT_FIELDS * 4
export const BLOCK_FIELDS: usize = 5 + 2 * PRODUCT_FIELDS
export const BLOCK_RECURRENT: usize = 0
export const BLOCK_SQUARES: usize = 4
export const BLOCK_STATE: usize = 8
/** f32 an output of the inner product: its limits. */
export const BLOCK_LOW: usize = 12
export const BLOCK_HIGH: usize = 16
export const BLOCK_INNER: usize = 20
export const BLOCK_OUTER: usize = BLOCK_INNER + PRODUCT_FIELDS * 4

/** Bytes of a text that is known can be read so many at a time: a product's weights then come out of the far caches once for all. */
export const MOST_STEPS: usize = 8
/** u8 a step: the bytes to be read. */
export const BYTES: usize = MODEL + 1024
/** u32 an order; each step has its own, as of all that follows. */
export const ROWS: usize = BYTES + 64
export const ROWS_STRIDE: usize = 64
/** i16 a byte, in 1/64 bit. */
export const LOGITS: usize = ROWS + MOST_STEPS * ROWS_STRIDE
export const LOGITS_STRIDE: usize = 512
/** f32 a channel, whole numbers. Strides leave a line between steps, so that these don't meet in one set of the nearest cache. */
export const WIDEST: usize = 1024
export const RESIDUAL: usize = LOGITS + MOST_STEPS * LOGITS_STRIDE
export const RESIDUAL_STRIDE: usize = WIDEST * 4 + 64
/** u8: what enters the next product. Sums of more products could reach 2^24. */
export const MOST_ENTERING: usize = 1040
export const ENTERING: usize = RESIDUAL + MOST_STEPS * RESIDUAL_STRIDE
export const ENTERING_STRIDE: usize = (MOST_ENTERING + 127) & ~63
/** u32: which groups of four of what enters sparsely have something in them, and a bound behind them. */
export const GROUPS: usize = ENTERING + MOST_STEPS * ENTERING_STRIDE
export const GROUPS_STRIDE: usize = MOST_ENTERING + 64 - (MOST_ENTERING & 63)
/** i32: what came out of a block's inner product. */
export const MOST_INNER: usize = 8192
export const INNER: usize = GROUPS + MOST_STEPS * GROUPS_STRIDE
export const INNER_STRIDE: usize = MOST_INNER * 4 + 64
export const PARTS: usize = INNER + MOST_STEPS * INNER_STRIDE

memory.grow((((PARTS + 65535) / 65536) as i32) - memory.size())

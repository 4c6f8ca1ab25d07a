/**
 * One step of a byte-level recurrent net, in whole numbers: the last bytes in, 256 logits of the next one out. Arithmetic and layout are those
 * of docs/models.md: every sum is below 2^24, so that float32 holds each value exactly and no order of additions changes one.
 */
import {
  BLOCK,
  BLOCK_FIELDS,
  BLOCK_HIGH,
  BLOCK_INNER,
  BLOCK_LOW,
  BLOCK_OUTER,
  BLOCK_RECURRENT,
  BLOCK_SQUARES,
  BLOCK_STATE,
  BLOCKS,
  ENTERING,
  ENTRY,
  HEAD,
  INNER,
  LOGITS,
  MODEL,
  MOST_ENTERING,
  MOST_INNER,
  ORDER_BITS,
  ORDERS,
  PARTS,
  RESIDUAL,
  ROW_WIDTH,
  ROWS,
  TABLE,
  WIDEST,
  WIDTH,
} from './net/memory'
import { clipInto, clippedProduct, logitsOf, productInto } from './net/product'

export const model: usize = MODEL
export const rows: usize = ROWS
export const logits: usize = LOGITS
/** Where a model's parts may begin, and how many values of each sort there is room for. */
export const parts: usize = PARTS
export const widest: usize = WIDEST
export const mostEntering: usize = MOST_ENTERING
export const mostInner: usize = MOST_INNER

/** The last eight bytes, the latest lowest; zero before the start. */
let history: u64 = 0

/** Makes room up to this address; to be called once, first. */
export function reserve(end: usize): void {
  memory.grow((((end + 65535) / 65536) as i32) - memory.size())
}

/** The state before the first byte. The logits are those of that byte. */
export function start(): void {
  history = 0
  const blocks = load<u32>(BLOCKS)
  for (let i: u32 = 0; i < blocks; i++) {
    const block = BLOCK + (i as usize) * BLOCK_FIELDS * 4
    memory.fill(load<u32>(block, BLOCK_STATE), 0, ((load<u32>(block, BLOCK_RECURRENT) as usize) * 4))
  }
  placeRows()
  run()
}

/** Takes in the byte that came; the logits are those of the next one. */
export function step(byte: u32): void {
  history = (history << 8) | byte
  placeRows()
  run()
}

/** The row of each order: the last byte itself, and hashes of it and those before. */
function placeRows(): void {
  const orders = load<u32>(ORDERS)
  const last = (history as u32) & 255
  store<u32>(ROWS, last)
  let hash = (last + 1) * 0x9e3779b1
  hash ^= hash >> 15
  let first: u32 = 256
  for (let order: u32 = 1; order < orders; order++) {
    const bits = load<u32>(ORDER_BITS + (order as usize) * 4)
    const byte = ((history >> (order * 8)) as u32) & 255
    hash = (hash ^ (byte + 1)) * 0x85ebca6b
    hash ^= hash >> 13
    const row = order == 1 && bits == 16 ? (byte << 8) | last : hash >> (32 - bits)
    store<u32>(ROWS + (order as usize) * 4, first + row)
    first += (1 as u32) << bits
  }
}

/** From the rows that stand in memory to logits. */
export function run(): void {
  const width = load<u32>(WIDTH) as usize
  gather()
  productInto(RESIDUAL, ENTERING, ENTRY, (load<u32>(ORDERS) * load<u32>(ROW_WIDTH)) as usize, width, false)
  const blocks = load<u32>(BLOCKS)
  for (let i: u32 = 0; i < blocks; i++) {
    const block = BLOCK + (i as usize) * BLOCK_FIELDS * 4
    const recurrent = load<u32>(block, BLOCK_RECURRENT) as usize
    const squares = load<u32>(block, BLOCK_SQUARES) as usize
    clipInto(ENTERING, RESIDUAL, width)
    const low = load<u32>(block, BLOCK_LOW) as usize
    const high = load<u32>(block, BLOCK_HIGH) as usize
    clippedProduct(INNER, ENTERING, block + BLOCK_INNER, width, recurrent * 3 + squares, low, high)
    cell(load<u32>(block, BLOCK_STATE) as usize, recurrent, squares)
    productInto(RESIDUAL, ENTERING, block + BLOCK_OUTER, recurrent + squares, width, true)
  }
  clipInto(ENTERING, RESIDUAL, width)
  logitsOf(LOGITS, ENTERING, HEAD, width)
}

/** The embeddings of the rows, side by side. */
function gather(): void {
  const rowWidth = load<u32>(ROW_WIDTH) as usize
  const table = load<u32>(TABLE) as usize
  const orders = load<u32>(ORDERS) as usize
  for (let order: usize = 0; order < orders; order++) {
    memory.copy(ENTERING + order * rowWidth, table + (load<u32>(ROWS + order * 4) as usize) * rowWidth, rowWidth)
  }
}

/** INNER holds forget gates, candidates, output gates and roots: h = c + ((f (h - c)) >> 8), and o h and g^2 enter the next product. */
function cell(state: usize, recurrent: usize, squares: usize): void {
  const gates = INNER + recurrent * 4
  const outputs = gates + recurrent * 4
  const roots = outputs + recurrent * 4
  const zero = i32x4.splat(64)
  for (let i: usize = 0; i < recurrent; i += 4) {
    const candidate = i32x4.shl(v128.load(gates + i * 4), 4)
    const change = i32x4.mul(v128.load(INNER + i * 4), i32x4.sub(v128.load(state + i * 4), candidate))
    const next = i32x4.add(candidate, i32x4.shr_s(change, 8))
    v128.store(state + i * 4, next)
    storeBytes(ENTERING + i, i32x4.add(i32x4.shr_s(i32x4.mul(v128.load(outputs + i * 4), next), 16), zero))
  }
  for (let i: usize = 0; i < squares; i += 4) {
    const root = v128.load(roots + i * 4)
    storeBytes(ENTERING + recurrent + i, i32x4.shr_s(i32x4.mul(root, root), 8))
  }
}

@inline
function storeBytes(at: usize, values: v128): void {
  const pairs = i16x8.narrow_i32x4_s(values, values)
  v128.store_lane<u32>(at, i8x16.narrow_i16x8_u(pairs, pairs), 0)
}

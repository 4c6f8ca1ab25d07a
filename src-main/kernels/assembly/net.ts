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
  BYTES,
  ENTERING,
  ENTERING_STRIDE,
  ENTRY,
  GROUPS,
  GROUPS_STRIDE,
  HEAD,
  INNER,
  INNER_STRIDE,
  LOGITS,
  MODEL,
  MOST_ENTERING,
  MOST_INNER,
  MOST_STEPS,
  ORDER_BITS,
  ORDERS,
  PARTS,
  RESIDUAL,
  RESIDUAL_STRIDE,
  ROW_WIDTH,
  ROWS,
  ROWS_STRIDE,
  TABLE,
  WIDEST,
  WIDTH,
} from './net/memory'
import { addProduct, clipInto, clippedProduct, listGroups, logitsOf, productInto } from './net/product'

export const model: usize = MODEL
export const rows: usize = ROWS
export const bytes: usize = BYTES
export const mostSteps: usize = MOST_STEPS
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
  placeRows(ROWS)
  run()
}

/** Takes in the byte that came; the logits are those of the next one. */
export function step(byte: u32): void {
  history = (history << 8) | byte
  placeRows(ROWS)
  run()
}

/** Takes in as many of the bytes that stand in memory; the logits of the byte after each. */
export function read(count: usize): void {
  for (let i: usize = 0; i < count; i++) {
    history = (history << 8) | (load<u8>(BYTES + i) as u64)
    placeRows(ROWS + i * ROWS_STRIDE)
  }
  steps(count)
}

/** The row of each order: the last byte itself, and hashes of it and those before. */
function placeRows(at: usize): void {
  const orders = load<u32>(ORDERS)
  const last = (history as u32) & 255
  store<u32>(at, last)
  let hash = (last + 1) * 0x9e3779b1
  hash ^= hash >> 15
  let first: u32 = 256
  for (let order: u32 = 1; order < orders; order++) {
    const bits = load<u32>(ORDER_BITS + (order as usize) * 4)
    const byte = ((history >> (order * 8)) as u32) & 255
    hash = (hash ^ (byte + 1)) * 0x85ebca6b
    hash ^= hash >> 13
    const row = order == 1 && bits == 16 ? (byte << 8) | last : hash >> (32 - bits)
    store<u32>(at + (order as usize) * 4, first + row)
    first += (1 as u32) << bits
  }
}

/** From the rows that stand in memory to logits: one step. */
export function run(): void {
  steps(1)
}

/**
 * From the rows of some steps to their logits. Gates see only what enters their block, so a block takes all steps through each product
 * before the next one; its cells take them one after the other.
 */
function steps(count: usize): void {
  const width = load<u32>(WIDTH) as usize
  for (let i: usize = 0; i < count; i++) gather(ROWS + i * ROWS_STRIDE, ENTERING + i * ENTERING_STRIDE)
  productInto(ENTRY, (load<u32>(ORDERS) * load<u32>(ROW_WIDTH)) as usize, width, count)
  const blocks = load<u32>(BLOCKS)
  for (let i: u32 = 0; i < blocks; i++) {
    const block = BLOCK + (i as usize) * BLOCK_FIELDS * 4
    const recurrent = load<u32>(block, BLOCK_RECURRENT) as usize
    const squares = load<u32>(block, BLOCK_SQUARES) as usize
    const state = load<u32>(block, BLOCK_STATE) as usize
    const low = load<u32>(block, BLOCK_LOW) as usize
    const high = load<u32>(block, BLOCK_HIGH) as usize
    clip(width, count)
    clippedProduct(block + BLOCK_INNER, width, recurrent * 3 + squares, low, high, count)
    for (let j: usize = 0; j < count; j++) {
      const entering = ENTERING + j * ENTERING_STRIDE
      cell(INNER + j * INNER_STRIDE, entering, state, recurrent, squares)
      // Few squares are more than zero.
      listGroups(GROUPS + j * GROUPS_STRIDE, entering, recurrent, recurrent + squares)
    }
    addProduct(block + BLOCK_OUTER, recurrent, recurrent + squares, width, count)
  }
  clip(width, count)
  logitsOf(HEAD, width, count)
}

function clip(width: usize, count: usize): void {
  for (let i: usize = 0; i < count; i++) clipInto(ENTERING + i * ENTERING_STRIDE, RESIDUAL + i * RESIDUAL_STRIDE, width)
}

/** The embeddings of the rows, side by side; rows are a multiple of 16 wide. */
function gather(rows: usize, entering: usize): void {
  const rowWidth = load<u32>(ROW_WIDTH) as usize
  const table = load<u32>(TABLE) as usize
  const end = rows + ((load<u32>(ORDERS) as usize) << 2)
  for (; rows < end; rows += 4) {
    const row = table + (load<u32>(rows) as usize) * rowWidth
    for (let at: usize = 0; at < rowWidth; at += 16) v128.store(entering + at, v128.load(row + at))
    entering += rowWidth
  }
}

/** `inner` holds forget gates, candidates, output gates and roots: h = c + ((f (h - c)) >> 8), and o h and g^2 enter the next product. */
function cell(inner: usize, entering: usize, state: usize, recurrent: usize, squares: usize): void {
  const gates = inner + recurrent * 4
  const outputs = gates + recurrent * 4
  const roots = outputs + recurrent * 4
  const zero = i32x4.splat(64)
  for (let i: usize = 0; i < recurrent; i += 4) {
    const candidate = i32x4.shl(v128.load(gates + i * 4), 4)
    const change = i32x4.mul(v128.load(inner + i * 4), i32x4.sub(v128.load(state + i * 4), candidate))
    const next = i32x4.add(candidate, i32x4.shr_s(change, 8))
    v128.store(state + i * 4, next)
    storeBytes(entering + i, i32x4.add(i32x4.shr_s(i32x4.mul(v128.load(outputs + i * 4), next), 16), zero))
  }
  for (let i: usize = 0; i < squares; i += 4) {
    const root = v128.load(roots + i * 4)
    storeBytes(entering + recurrent + i, i32x4.shr_s(i32x4.mul(root, root), 8))
  }
}

@inline
function storeBytes(at: usize, values: v128): void {
  const pairs = i16x8.narrow_i32x4_s(values, values)
  v128.store_lane<u32>(at, i8x16.narrow_i16x8_u(pairs, pairs), 0)
}

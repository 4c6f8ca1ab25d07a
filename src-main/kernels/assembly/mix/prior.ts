/** Puts a trained table together from the streams in which it is shipped: their order is that of models/prior-table.ts. */
import { SEEN } from './memory'

/** Where two u32 a stream lie: the address of its next byte, and its end. */
let streams: usize = 0
let isWhole: bool = true

const OCCUPANCY: usize = 0
const CHECKS: usize = 1
/** Those of the histories: of the roots, then two for each history that a parent may have. */
const ROOTS: usize = 2
const CHILDREN: usize = 3

@inline
function take(stream: usize): u32 {
  const place = streams + stream * 8
  const at = load<u32>(place)
  if (at >= load<u32>(place, 4)) {
    isWhole = false
    return 0
  }
  store<u32>(place, at + 1)
  return load<u8>(at as usize)
}

/** The histories of a slot from a node on; a child has one exactly where its parent has seen that bit. */
function walk(slot: usize, node: usize, stream: usize): void {
  const history = take(stream) as usize
  store<u8>(slot + node, history as u8)
  if (node > 7) return
  const seen = load<u8>(SEEN + history)
  if (seen & 1) walk(slot, node * 2, CHILDREN + history * 2)
  if (seen & 2) walk(slot, node * 2 + 1, CHILDREN + history * 2 + 1)
}

/**
 * @param at of the streams' addresses: occupancy, checks, histories
 * @param packed where the form goes that `unpackTable` reads
 * @returns its length in bytes; 0 if a stream ends too early
 */
export function putTogether(at: usize, lines: u32, packed: usize): u32 {
  streams = at
  isWhole = true
  let slot = packed + (lines as usize)
  for (let line: u32 = 0; line < lines && isWhole; line++) {
    const count = take(OCCUPANCY)
    store<u8>(packed + (line as usize), count as u8)
    let check: u32 = 0
    for (let i: u32 = 0; i < count && isWhole; i++) {
      check += take(CHECKS)
      store<u8>(slot, check as u8)
      store<u64>(slot, 0, 1)
      store<u64>(slot, 0, 8)
      walk(slot, 1, ROOTS)
      slot += 16
    }
  }
  return isWhole ? ((slot - packed) as u32) : 0
}

/**
 * BLAKE3 (O'Connor, Aumasson, Neves, Wilcox-O'Hearn: "BLAKE3: one function, fast everywhere", 2020), hash mode, 32 bytes
 * of output. The input is cut into leaves of 1024 bytes; each leaf gives a chaining value, and a binary tree whose left
 * subtrees are full joins them. Joining neighbours level by level, with an odd last one moving up as it is, builds
 * exactly that tree, and leaves four independent compressions to do at a time nearly everywhere.
 */
import { compressLanes } from './compress-lanes'
import { compressRows } from './compress-rows'
import { CHAINING_VALUES, LANE_SCHEDULE, ROW_SCHEDULE } from './memory'

/** Section 2.1 of the paper, table 3. */
const CHUNK_START: u32 = 1
const CHUNK_END: u32 = 2
const PARENT: u32 = 4
export const ROOT: u32 = 8

const LEAF: usize = 1024
const VALUE: usize = 32

/** The message permutation (table 2): nibble i is the word that moves to place i after each round. */
const PERMUTATION: u64 = 0x8fe95cb1d407a362
/** Nibble i: which of a round's 16 words lane i % 4 of half step i / 4 adds in compress-rows.ts. */
const ROW_ORDER: u64 = 0xdb9fca8e75316420

function nibble(list: u64, index: usize): usize {
  return ((list >> (index << 2)) & 15) as usize
}

function fillSchedules(): void {
  for (let i: usize = 0; i < 16; i++) store<u8>(LANE_SCHEDULE + i, (i * 16) as u8)
  for (let round = LANE_SCHEDULE; round < LANE_SCHEDULE + 6 * 16; round += 16) {
    for (let i: usize = 0; i < 16; i++) store<u8>(round + i, load<u8>(round + nibble(PERMUTATION, i)), 16)
  }
  for (let round: usize = 0; round < 7 * 16; round += 16) {
    for (let i: usize = 0; i < 16; i++) {
      const offset = load<u8>(LANE_SCHEDULE + round + nibble(ROW_ORDER, i))
      store<u8>(ROW_SCHEDULE + round + i, offset / 4)
    }
  }
}

fillSchedules()

/** Writes the chaining values of all leaves and returns how many there are. */
function hashLeaves(source: usize, length: usize, firstLeaf: u64): usize {
  let left = length
  let from = source
  let target = CHAINING_VALUES
  let counter = firstLeaf
  // Four lanes with one wasted still beat three compressions in a row. A piece starts at a multiple of four leaves, so
  // the low halves of the counters never carry within the four.
  while (left >= 3 * LEAF) {
    const taken = min<usize>(left / LEAF, 4)
    compressLanes(from, LEAF, 16, counter, 1, CHUNK_START, CHUNK_END, target)
    from += taken * LEAF
    left -= taken * LEAF
    target += taken * VALUE
    counter += taken
  }
  while (left > 0) {
    const size = min<usize>(left, LEAF)
    compressRows(from, size, counter, CHUNK_START, CHUNK_END, target)
    from += size
    left -= size
    target += VALUE
    counter++
  }
  return (target - CHAINING_VALUES) / VALUE
}

/** Joins neighbours of one level in place; `count` is at least 3, so none of them is the root. Returns the new count. */
function joinLevel(count: usize): usize {
  let pairs = count >> 1
  let from = CHAINING_VALUES
  let target = CHAINING_VALUES
  while (pairs >= 3) {
    const taken = min<usize>(pairs, 4)
    compressLanes(from, 2 * VALUE, 1, 0, 0, PARENT, 0, target)
    from += taken * 2 * VALUE
    target += taken * VALUE
    pairs -= taken
  }
  for (; pairs > 0; pairs--) {
    compressRows(from, 2 * VALUE, 0, PARENT, 0, target)
    from += 2 * VALUE
    target += VALUE
  }
  if (count & 1) memory.copy(target, from, VALUE)
  return (count + 1) >> 1
}

/**
 * Hashes a whole subtree.
 * @param length 0 to INPUT_LIMIT bytes; unless this is all of the input, a power of two of leaves
 * @param firstLeaf index of the first leaf within the whole input, a multiple of four
 * @param rootFlag ROOT if this is all of the input, so that the result is its hash; otherwise 0
 */
export function hashSubtree(source: usize, length: usize, firstLeaf: u64, rootFlag: u32, target: usize): void {
  if (length <= LEAF) {
    compressRows(source, length, firstLeaf, CHUNK_START, CHUNK_END | rootFlag, target)
    return
  }
  let count = hashLeaves(source, length, firstLeaf)
  while (count > 2) count = joinLevel(count)
  joinPair(CHAINING_VALUES, rootFlag, target)
}

/** The parent of two chaining values that lie one behind the other. */
export function joinPair(source: usize, rootFlag: u32, target: usize): void {
  compressRows(source, 2 * VALUE, 0, PARENT, rootFlag, target)
}

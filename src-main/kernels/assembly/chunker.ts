/**
 * Content-defined chunks and their BLAKE3 hashes from one copy of the bytes into linear memory. Callers put their
 * bytes at `input`, call, and read `output`, or `ends` and `hashes`; no call leaves state behind for another.
 */
import { hashSubtree, joinPair, ROOT } from './chunker/blake3'
import { cut } from './chunker/fastcdc'
import { CHUNK_FLOOR, ENDS, GEAR, GEAR_DOUBLED, HASHES, INPUT, INPUT_LIMIT, OUTPUT } from './chunker/memory'

export const input: usize = INPUT
export const inputLimit: usize = INPUT_LIMIT
export const output: usize = OUTPUT
export const ends: usize = ENDS
export const hashes: usize = HASHES
export const chunkFloor: usize = CHUNK_FLOOR
/** 256 u64, and the same shifted left by one: callers may put numbers of their own there. */
export const gear: usize = GEAR
export const gearDoubled: usize = GEAR_DOUBLED

/** BLAKE3 of the input. */
export function hash(length: usize): void {
  hashSubtree(INPUT, length, 0, ROOT, OUTPUT)
}

/** Chaining value of the input as a subtree of something larger; `firstLeaf` is a double, to spare the caller a BigInt. */
export function subtree(length: usize, firstLeaf: f64): void {
  hashSubtree(INPUT, length, firstLeaf as u64, 0, OUTPUT)
}

/** Chaining value, or as `root` the hash, of the parent of the two chaining values at the input. */
export function parent(root: bool): void {
  joinPair(INPUT, root ? ROOT : 0, OUTPUT)
}

/** Fills `ends` and `hashes` and returns the number of chunks. */
export function chunk(length: usize, minimum: usize, average: usize, maximum: usize): u32 {
  const end = INPUT + length
  let start = INPUT
  let count: usize = 0
  while (start < end) {
    const next = cut(start, end, minimum, average, maximum)
    store<u32>(ENDS + count * 4, (next - INPUT) as u32)
    hashSubtree(start, next - start, 0, ROOT, HASHES + count * 32)
    start = next
    count++
  }
  return count as u32
}

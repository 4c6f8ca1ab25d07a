/**
 * FastCDC (Xia, Zou, Jiang, Zhou, Liu, Feng: "The Design of Fast Content-Defined Chunking for Data Deduplication Based
 * Storage Systems", IEEE TPDS 31, 2020): a gear hash, h = 2 h + gear[byte] mod 2^64, runs over the bytes; where some of
 * its bits are all zero, a chunk ends before that byte. Three things make it fast and its chunks even in size:
 * no chunk ends in its first `minimum` bytes, which are skipped; up to `average` bytes two more bits than
 * log2(average) must be zero, after that two fewer (normalised chunking, level 2); and two bytes are rolled at a time.
 *
 * gear[i] is the first 8 bytes, little-endian, of the BLAKE3 hash of the single byte i, unless the caller has put another table there.
 * The bits that must be zero are
 * the highest ones below bit 63: they depend on the most bytes, and bit 63 has to stay free for the doubled form of the
 * hash between two bytes. Unlike in the paper, the hash starts not at the minimum but 64 bytes before it, as many as it
 * remembers, so that nothing but the last 64 bytes decides about a place, wherever its chunk began.
 */
import { hashSubtree, ROOT } from './blake3'
import { GEAR, GEAR_DOUBLED, INPUT, OUTPUT } from './memory'

function fillGear(): void {
  for (let i: usize = 0; i < 256; i++) {
    store<u8>(INPUT, i as u8)
    hashSubtree(INPUT, 1, 0, ROOT, OUTPUT)
    const gear = load<u64>(OUTPUT)
    store<u64>(GEAR + i * 8, gear)
    store<u64>(GEAR_DOUBLED + i * 8, gear << 1)
  }
}

fillGear()

/** After this many bytes, the first one is shifted out of the hash. */
const MEMORY: usize = 64

/** The gear hash at the place where the scan goes on. */
let rolling: u64 = 0

function gearHash(position: usize, end: usize): u64 {
  let hash: u64 = 0
  for (; position < end; position++) hash = (hash << 1) + load<u64>((<usize>load<u8>(position)) << 3, GEAR)
  return hash
}

/** The `bits` highest bits below bit 63. */
function maskOf(bits: u32): u64 {
  return (((1 as u64) << bits) - 1) << (63 - bits)
}

/** Rolls from `position` to `end`; returns the first place where the masked bits are zero, or `end`. */
function scan(position: usize, end: usize, mask: u64): usize {
  const doubledMask = mask << 1
  let hash = rolling
  for (; position + 1 < end; position += 2) {
    hash = (hash << 2) + load<u64>((<usize>load<u8>(position)) << 3, GEAR_DOUBLED)
    if (!(hash & doubledMask)) return position
    hash += load<u64>((<usize>load<u8>(position, 1)) << 3, GEAR)
    if (!(hash & mask)) return position + 1
  }
  if (position < end) {
    hash = (hash << 1) + load<u64>((<usize>load<u8>(position)) << 3, GEAR)
    if (!(hash & mask)) return position
  }
  rolling = hash
  return end
}

/**
 * The end of the chunk that starts at `start`.
 * @param end end of the input, always a boundary
 * @param average a power of two; 64 <= minimum <= average <= maximum
 */
export function cut(start: usize, end: usize, minimum: usize, average: usize, maximum: usize): usize {
  const length = end - start
  if (length <= minimum) return end
  const limit = start + min<usize>(length, maximum)
  const normal = min<usize>(limit, start + average)
  const bits = ctz<u32>(average as u32)
  rolling = gearHash(start + minimum - MEMORY, start + minimum)
  const early = scan(start + minimum, normal, maskOf(bits + 2))
  return early < normal ? early : scan(normal, limit, maskOf(bits - 2))
}

/**
 * BLAKE3's compression of one input: the 4 x 4 state is held as four row vectors, so that one vector step is the four
 * column steps of a round, and again, with rows a, c and d turned, its four diagonal steps. Row b is the last one to be
 * ready, so it is the one that stays where it is. For the ends of inputs, which have no three companions.
 */
import { ROW_SCHEDULE, SHORT_BLOCK } from './memory'

// Unlike in compress-lanes.ts, registers are left over here, so the byte orders are constants and stay in them.
function xorRotate16(a: v128, b: v128): v128 {
  return i8x16.swizzle(v128.xor(a, b), i8x16(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13))
}

function xorRotate12(a: v128, b: v128): v128 {
  const x = v128.xor(a, b)
  return v128.or(i32x4.shr_u(x, 12), i32x4.shl(x, 20))
}

function xorRotate8(a: v128, b: v128): v128 {
  return i8x16.swizzle(v128.xor(a, b), i8x16(1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12))
}

function xorRotate7(a: v128, b: v128): v128 {
  const x = v128.xor(a, b)
  return v128.or(i32x4.shr_u(x, 7), i32x4.shl(x, 25))
}

/** The four words of the block that `schedule` names. The sum waits for nothing but the block: it is off the critical path. */
function words(block: usize, schedule: usize): v128 {
  let gathered = v128.load32_zero(block + load<u8>(schedule))
  gathered = v128.load32_lane(block + load<u8>(schedule, 1), gathered, 1)
  gathered = v128.load32_lane(block + load<u8>(schedule, 2), gathered, 2)
  return v128.load32_lane(block + load<u8>(schedule, 3), gathered, 3)
}

/**
 * Compresses `length` bytes (0 to 1024) block by block from the standard initial value.
 * @param firstFlags flags of the first block, @param lastFlags added to those of the last
 * @param target the chaining value, 32 bytes; of a root, the hash
 */
export function compressRows(
  source: usize,
  length: usize,
  counter: u64,
  firstFlags: u32,
  lastFlags: u32,
  target: usize,
): void {
  let upper = i32x4(0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a)
  let lower = i32x4(0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19)
  let flags = firstFlags
  let left = length
  let block = source
  for (;;) {
    const size = min<usize>(left, 64)
    left -= size
    if (left == 0) flags |= lastFlags
    if (size < 64) {
      memory.fill(SHORT_BLOCK, 0, 64)
      memory.copy(SHORT_BLOCK, block, size)
      block = SHORT_BLOCK
    }
    let a = upper
    let b = lower
    let c = i32x4(0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a)
    let d = i64x2.splat(counter)
    d = i32x4.replace_lane(d, 2, size as u32)
    d = i32x4.replace_lane(d, 3, flags)
    for (let round = ROW_SCHEDULE; round < ROW_SCHEDULE + 7 * 16; round += 16) {
      a = i32x4.add(i32x4.add(a, words(block, round)), b)
      d = xorRotate16(d, a)
      c = i32x4.add(c, d)
      b = xorRotate12(b, c)
      a = i32x4.add(i32x4.add(a, words(block, round + 4)), b)
      d = xorRotate8(d, a)
      c = i32x4.add(c, d)
      b = xorRotate7(b, c)
      a = v128.shuffle<i32>(a, a, 3, 0, 1, 2)
      c = v128.shuffle<i32>(c, c, 1, 2, 3, 0)
      d = v128.shuffle<i32>(d, d, 2, 3, 0, 1)
      a = i32x4.add(i32x4.add(a, words(block, round + 8)), b)
      d = xorRotate16(d, a)
      c = i32x4.add(c, d)
      b = xorRotate12(b, c)
      a = i32x4.add(i32x4.add(a, words(block, round + 12)), b)
      d = xorRotate8(d, a)
      c = i32x4.add(c, d)
      b = xorRotate7(b, c)
      a = v128.shuffle<i32>(a, a, 1, 2, 3, 0)
      c = v128.shuffle<i32>(c, c, 3, 0, 1, 2)
      d = v128.shuffle<i32>(d, d, 2, 3, 0, 1)
    }
    upper = v128.xor(a, c)
    lower = v128.xor(b, d)
    if (left == 0) break
    flags = 0
    block += 64
  }
  v128.store(target, upper)
  v128.store(target, lower, 16)
}

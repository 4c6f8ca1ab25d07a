/** What the thorough way needs beside its model: how alike bytes are at each distance, and bits that are packed as they are. */

/**
 * For each distance from 1 to `most`, the sum of |a - b| over `count` bytes (a multiple of 16) from `at` on and those so far before, each
 * difference counted as 16 at most: rows of a matrix show as distances at which bytes are alike. Into u32 at `sums`.
 */
export function measureDistances(at: usize, count: usize, most: usize, sums: usize): void {
  const limit = i8x16.splat(16)
  for (let distance: usize = 1; distance <= most; distance++) {
    let sum = i32x4.splat(0)
    for (let i: usize = 0; i < count; i += 16) {
      const a = v128.load(at + i)
      const b = v128.load(at + i - distance)
      const difference = i8x16.min_u(limit, i8x16.sub(i8x16.max_u(a, b), i8x16.min_u(a, b)))
      sum = i32x4.add(sum, i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(difference)))
    }
    const two = i32x4.add(sum, v128.shuffle<u32>(sum, sum, 2, 3, 0, 1))
    store<u32>(sums + (distance - 1) * 4, i32x4.extract_lane(two, 0) + i32x4.extract_lane(two, 1))
  }
}

/** Puts bits [shift, shift + bits) of each byte one behind the other, the lowest bit first. @returns the length in bytes */
export function pack(at: usize, count: usize, shift: u32, bits: u32, target: usize): usize {
  let to = target
  let held: u32 = 0
  let some: u32 = 0
  const mask = ((1 as u32) << bits) - 1
  for (let i: usize = 0; i < count; i++) {
    held |= (((load<u8>(at + i) as u32) >> shift) & mask) << some
    some += bits
    while (some >= 8) {
      store<u8>(to++, held as u8)
      held >>= 8
      some -= 8
    }
  }
  if (some > 0) store<u8>(to++, held as u8)
  return to - target
}

/** The inverse; the other bits of each byte become zero. */
export function unpack(from: usize, count: usize, shift: u32, bits: u32, target: usize): void {
  let at = from
  let held: u32 = 0
  let some: u32 = 0
  const mask = ((1 as u32) << bits) - 1
  for (let i: usize = 0; i < count; i++) {
    while (some < bits) {
      held |= (load<u8>(at++) as u32) << some
      some += 8
    }
    store<u8>(target + i, ((held & mask) << shift) as u8)
    held >>= bits
    some -= bits
  }
}

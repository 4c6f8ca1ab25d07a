/*
 * A folded difference is a token and some bits behind it. Token 0 is 0, token 1 is 1; a number of n + 1 bits, n from 1 on, has token
 * 2n and its second bit, and then n - 1 bits.
 */
export const tokens: i32 = 128

// @ts-ignore: decorator
@inline
export function lengthOf(folded: u64): i32 {
  return 64 - (clz(folded) as i32)
}

// @ts-ignore: decorator
@inline
export function tokenOf(folded: u64): i32 {
  if (folded < 2) return folded as i32
  const n = 63 - (clz(folded) as i32)
  return (n << 1) | (((folded >> ((n - 1) as u64)) & 1) as i32)
}

/** How many bits stand behind a token. */
// @ts-ignore: decorator
@inline
export function restLength(token: i32): i32 {
  return token < 2 ? 0 : (token >> 1) - 1
}

/** The number a token stands for when the bits behind it are zeros. */
// @ts-ignore: decorator
@inline
export function floorOf(token: i32): u64 {
  if (token < 2) return token as u64
  return ((2 | (token & 1)) as u64) << (((token >> 1) - 1) as u64)
}

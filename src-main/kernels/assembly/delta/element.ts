/** An element of `width` bytes (1, 2, 4 or 8) as a number without sign. */
// @ts-ignore: decorator
@inline
export function readElement(at: usize, width: i32): u64 {
  if (width == 4) return load<u32>(at) as u64
  if (width == 2) return load<u16>(at) as u64
  if (width == 8) return load<u64>(at)
  return load<u8>(at) as u64
}

// @ts-ignore: decorator
@inline
export function writeElement(at: usize, value: u64, width: i32): void {
  if (width == 4) store<u32>(at, value as u32)
  else if (width == 2) store<u16>(at, value as u16)
  else if (width == 8) store<u64>(at, value)
  else store<u8>(at, value as u8)
}

/*
 * How elements of one type are compared. The bits of a float, ones' complement if it is negative and with the sign bit set if it is not,
 * are an unsigned integer that is greater for the greater float, and one more for the next float: so a difference counts the floats between.
 */
let isFloat: bool = false
let sign: u64 = 0
let mask: u64 = 0
let mantissaBits: u64 = 0
let exponentMask: u64 = 0

/** @param exponentBits 0 for integers */
export function useElement(width: i32, exponentBits: i32): void {
  const bits = (width * 8) as u64
  isFloat = exponentBits > 0
  sign = (1 as u64) << (bits - 1)
  mask = ~(0 as u64) >> (64 - bits)
  mantissaBits = bits - 1 - (exponentBits as u64)
  exponentMask = ((1 as u64) << (exponentBits as u64)) - 1
}

// @ts-ignore: decorator
@inline
function inOrder(bits: u64): u64 {
  if (!isFloat) return bits
  return (bits & sign) != 0 ? ~bits & mask : bits | sign
}

// @ts-ignore: decorator
@inline
function outOfOrder(ordered: u64): u64 {
  if (!isFloat) return ordered
  return (ordered & sign) != 0 ? ordered ^ sign : ~ordered & mask
}

/** The exponent field, that of subnormals as that of the smallest others; 0 for integers. */
// @ts-ignore: decorator
@inline
export function exponentOf(bits: u64): i32 {
  if (!isFloat) return 0
  const field = ((bits >> mantissaBits) & exponentMask) as i32
  return field == 0 ? 1 : field
}

/** Small numbers for small differences either way: 0, 1 up, 1 down, 2 up and so on as 0, 2, 1, 4. */
// @ts-ignore: decorator
@inline
export function foldedDifference(value: u64, base: u64): u64 {
  const difference = (inOrder(value) - inOrder(base)) & mask
  return ((difference << 1) ^ ((difference & sign) != 0 ? mask : 0)) & mask
}

/** The element that differs so from its base. */
// @ts-ignore: decorator
@inline
export function differing(folded: u64, base: u64): u64 {
  const difference = (folded >> 1) ^ ((folded & 1) != 0 ? mask : 0)
  return outOfOrder((inOrder(base) + difference) & mask)
}

/** Whether no element can differ so. */
// @ts-ignore: decorator
@inline
export function isTooLarge(folded: u64): bool {
  return (folded & ~mask) != 0
}

/**
 * How long the next difference is likely to be in bits. A training step moves weights by amounts of one order of magnitude in a
 * neighbourhood, whatever their size: so what the lengths of differences plus the exponents they count from come to is followed, and the
 * exponent of the element at hand taken off.
 */
export const contexts: i32 = 64

/** Of the average, for each of its steps. */
const fraction: i32 = 8

let average: i32 = 0
let isFirst: bool = true
let rate: i32 = 5
let shift: i32 = 7

export function startExpecting(newRate: i32, newShift: i32): void {
  isFirst = true
  rate = newRate
  shift = newShift
}

// @ts-ignore: decorator
@inline
export function contextOf(exponent: i32): i32 {
  if (isFirst) {
    isFirst = false
    average = (exponent + 4) << fraction
  }
  const expected = (average - (exponent << fraction)) >> shift
  return expected < 0 ? 0 : expected >= contexts ? contexts - 1 : expected
}

// @ts-ignore: decorator
@inline
export function learn(length: i32, exponent: i32): void {
  average += (((length + exponent) << fraction) - average) >> rate
}

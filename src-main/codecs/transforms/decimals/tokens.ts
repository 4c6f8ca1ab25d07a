import { largestValue, mostPlaces, notation, powersOfTen } from './layout'

/** The decimal numbers of a block in the order they stand in; `count` of the arrays' places are used. */
export interface DecimalTokens {
  readonly count: number
  /** Offset of the first byte, the sign if there is one. */
  readonly starts: Int32Array
  /** Bytes. */
  readonly lengths: Uint8Array
  /** All digits as one integer, with the sign. */
  readonly digits: Float64Array
  /** Digits behind the point. */
  readonly places: Uint8Array
}

const point = 0x2e
const minus = 0x2d
const zero = 0x30

/**
 * Finds numbers with a point: `-12.5`, not `1.2.3`, `v1.2`, `1.5e7` or `01.5`.
 * @returns `undefined` where there are no points worth looking at
 */
export function findDecimals(raw: Uint8Array, fewest: number): DecimalTokens | undefined {
  let points = 0
  for (let at = 0; at < raw.length; at++) if (raw[at] === point) points++
  if (points < fewest) return undefined
  // Three bytes at least and one between two.
  const most = Math.min(points, Math.ceil(raw.length / 4))
  const starts = new Int32Array(most)
  const lengths = new Uint8Array(most)
  const digits = new Float64Array(most)
  const places = new Uint8Array(most)
  let count = 0
  let at = 0
  while (at < raw.length) {
    if (!isDigit(raw[at])) {
      at++
      continue
    }
    const first = at
    let value = 0
    while (isDigit(raw[at])) value = value * 10 + (raw[at++] ?? 0) - zero
    if (raw[at] !== point) continue
    const whole = at - first
    at++
    while (isDigit(raw[at])) value = value * 10 + (raw[at++] ?? 0) - zero
    const fraction = at - first - whole - 1
    if (fraction === 0 || fraction > mostPlaces || whole + fraction > 15) continue
    if ((whole > 1 && raw[first] === zero) || joins[raw[at] ?? 0] === 1) continue
    const isNegative = first > 0 && raw[first - 1] === minus
    const start = isNegative ? first - 1 : first
    if (start > 0 && (joins[raw[start - 1] ?? 0] === 1 || raw[start - 1] === minus)) continue
    if (value === 0 && isNegative) continue
    starts[count] = start
    lengths[count] = at - start
    digits[count] = isNegative ? -value : value
    places[count] = fraction
    count++
  }
  return { count, starts, lengths, digits, places }
}

/** The units of the last place that the number at `index` stands for; NaN where it cannot be written that way. */
export function valueOf(tokens: DecimalTokens, index: number, scale: number, zeros: number): number {
  const digits = tokens.digits[index] ?? 0
  const places = tokens.places[index] ?? 0
  if (places > scale) return NaN
  if (zeros === notation.fixed) return places === scale ? digits : NaN
  if (places > 1 && digits % 10 === 0) return NaN
  const value = digits * (powersOfTen[scale - places] ?? 0)
  return Math.abs(value) < largestValue ? value : NaN
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= zero && byte <= zero + 9
}

/** Bytes that make a number part of something longer. */
const joins = new Uint8Array(256)
joins[point] = 1
joins[0x5f] = 1
joins.fill(1, zero, zero + 10)
joins.fill(1, 0x41, 0x5b)
joins.fill(1, 0x61, 0x7b)

import { longestPeriod, mostPlaces, notation, powersOfTen } from './layout'
import { valueOf, type DecimalTokens } from './tokens'

export interface Parameters {
  /** Decimal places. */
  readonly scale: number
  /** One of `notation`. */
  readonly zeros: number
  readonly period: number
}

/** Less than this share of a block in numbers, and there is little to gain. */
const enoughShare = 0.1
/** Places that more numbers need than this share are not cut off. */
const outlierShare = 0.02
/** Numbers looked at to choose a period. */
const sampleSize = 4096
/** Bits a number that differences must save by the estimate below: under 0.7 they did not pay where it was tried, over 1.5 they did. */
const enoughSaving = 1.25
/** And as a share of the cost as digits, since long numbers make the estimate less certain. */
const enoughSavingShare = 0.08

/** @returns `undefined` where differences would not be much shorter than the digits that a good model has to guess */
export function chooseParameters(tokens: DecimalTokens, rawLength: number): Parameters | undefined {
  const scale = commonScale(tokens)
  const shortest = replaceableBytes(tokens, scale, notation.shortest)
  const fixed = replaceableBytes(tokens, scale, notation.fixed)
  const zeros = fixed > shortest ? notation.fixed : notation.shortest
  if (Math.max(fixed, shortest) < enoughShare * rawLength) return undefined
  const values = allValues(tokens, scale, zeros)
  const period = choosePeriod(values.subarray(0, sampleSize))
  const { digits, differences } = estimateCosts(values, period)
  const saving = digits - differences
  return saving > enoughSaving * values.length && saving > enoughSavingShare * digits
    ? { scale, zeros, period }
    : undefined
}

function commonScale(tokens: DecimalTokens): number {
  const byPlaces = new Array<number>(mostPlaces + 1).fill(0)
  for (let index = 0; index < tokens.count; index++) {
    const places = tokens.places[index] ?? 0
    byPlaces[places] = (byPlaces[places] ?? 0) + 1
  }
  let scale = mostPlaces
  for (let left = tokens.count * outlierShare; scale > 1; scale--) {
    left -= byPlaces[scale] ?? 0
    if (left < 0) break
  }
  return scale
}

/** How many bytes of the block can be replaced. */
function replaceableBytes(tokens: DecimalTokens, scale: number, zeros: number): number {
  let bytes = 0
  for (let index = 0; index < tokens.count; index++) {
    if (!Number.isNaN(valueOf(tokens, index, scale, zeros))) bytes += tokens.lengths[index] ?? 0
  }
  return bytes
}

function allValues(tokens: DecimalTokens, scale: number, zeros: number): Float64Array {
  const values = new Float64Array(tokens.count)
  let count = 0
  for (let index = 0; index < tokens.count; index++) {
    const value = valueOf(tokens, index, scale, zeros)
    if (!Number.isNaN(value)) values[count++] = value
  }
  return values.subarray(0, count)
}

/** The period with the shortest differences. */
function choosePeriod(values: Float64Array): number {
  let period = 1
  let best = Infinity
  for (let candidate = 1; candidate <= longestPeriod; candidate++) {
    let bits = 0
    for (let index = longestPeriod; index < values.length; index++) {
      bits += Math.log2(1 + Math.abs((values[index] ?? 0) - (values[index - candidate] ?? 0)))
    }
    // A longer period must earn its place: multiples of the true one do as well as it, but for chance.
    bits *= 1 + 0.001 * candidate
    if (bits < best) {
      best = bits
      period = candidate
    }
  }
  return period
}

/** Bits that a model needs to find a value again that it has seen, and to say that it does not. */
const repeatBits = 8
const noveltyBits = 2
const digitBits = Math.log2(10)
const seenSlots = 1 << 14

/**
 * Bits for all numbers, roughly: as digits (a value seen before is found again, of another one the digits that differ from
 * its reference must be guessed) and as differences.
 */
function estimateCosts(
  values: Float64Array,
  period: number,
): { readonly digits: number; readonly differences: number } {
  const seen = new Float64Array(seenSlots).fill(NaN)
  let digits = 0
  let differences = 0
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? 0
    const reference = index < period ? 0 : (values[index - period] ?? 0)
    if (value === reference) continue
    differences += noveltyBits + Math.log2(1 + Math.abs(value - reference))
    const slot = Math.abs(value) % (seenSlots - 3)
    const guessed = noveltyBits + digitBits * differingDigits(value, reference)
    digits += seen[slot] === value ? Math.min(repeatBits, guessed) : guessed
    seen[slot] = value
  }
  return { digits, differences }
}

/** Digits behind the last that the two have in common, less the zeros at the end. */
function differingDigits(value: number, reference: number): number {
  let unit = 1
  let zeros = 0
  for (let place = 0; place < powersOfTen.length; place++) {
    if (value % (unit * 10) === 0) zeros = place + 1
    if (Math.trunc(value / unit) === Math.trunc(reference / unit)) return Math.max(1, place - zeros)
    unit *= 10
  }
  return powersOfTen.length
}

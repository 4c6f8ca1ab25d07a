import type {
  ExponentStatistics,
  Histogram,
  TensorStatistics,
  TensorType,
  TensorTypeFacts,
} from '../../contract/tensor'
import { tensorTypes } from '../../contract/tensor'
import { type ElementValues, elementValues, exponentBias } from './element-values'

const binCount = 64
/** Values that are taken at once. */
const stride = 16_384

/**
 * What the values of a tensor, or of a part of it, are like. Takes two passes over the bytes, some 20 ns a value.
 * @param bytes as {@link elementValues} takes them
 * @throws LmzError `Unsupported` for quantised types
 */
export function valueStatistics(type: TensorType, bytes: Uint8Array, isBigEndian: boolean): TensorStatistics {
  const values = elementValues(type, bytes, isBigEndian)
  const seen = { nans: 0, infinities: 0, zeros: 0 }
  let [minimum, maximum, sum] = [Infinity, -Infinity, 0]
  for (const part of partsOf(values)) {
    for (const value of part) {
      if (value !== value) seen.nans++
      else if (value === Infinity || value === -Infinity) seen.infinities++
      else {
        if (value === 0) seen.zeros++
        if (value < minimum) minimum = value
        if (value > maximum) maximum = value
        sum += value
      }
    }
  }
  const finite = values.count - seen.nans - seen.infinities
  const counted = { values: values.count, ...seen, exponents: exponentStatistics(type, values) }
  if (finite === 0) return counted
  const mean = sum / finite
  const { histogram, deviation } = spreadOf(values, { minimum, maximum, mean, finite })
  return { ...counted, minimum, maximum, mean: finiteOrNone(mean), deviation: finiteOrNone(deviation), histogram }
}

/** The empirical entropy of the exponents alone, in bits an element; undefined for types that are no floats. @throws as {@link valueStatistics} */
export function exponentEntropy(type: TensorType, bytes: Uint8Array, isBigEndian: boolean): number | undefined {
  return exponentStatistics(type, elementValues(type, bytes, isBigEndian))?.entropy
}

function* partsOf(values: ElementValues): Generator<Float64Array> {
  const part = new Float64Array(stride)
  for (let start = 0; start < values.count; start += stride) yield part.subarray(0, values.read(start, part))
}

function spreadOf(
  values: ElementValues,
  { minimum, maximum, mean, finite }: { minimum: number; maximum: number; mean: number; finite: number },
): { readonly histogram: Histogram; readonly deviation: number } {
  const counts = new Array<number>(binCount).fill(0)
  // Halves, since the distance of two doubles may be more than a double holds.
  const width = maximum / 2 - minimum / 2
  let squares = 0
  for (const part of partsOf(values)) {
    for (const value of part) {
      if (!Number.isFinite(value)) continue
      const share = width === 0 ? 0 : (value / 2 - minimum / 2) / width
      const bin = Math.min(Math.floor(share * binCount), binCount - 1)
      counts[bin] = (counts[bin] ?? 0) + 1
      squares += (value - mean) ** 2
    }
  }
  return { histogram: { from: minimum, to: maximum, counts }, deviation: Math.sqrt(squares / finite) }
}

function finiteOrNone(number: number): number | undefined {
  return Number.isFinite(number) ? number : undefined
}

function exponentStatistics(type: TensorType, values: ElementValues): ExponentStatistics | undefined {
  const { float }: TensorTypeFacts = tensorTypes[type]
  const { count, exponentOf } = values
  if (float === undefined || exponentOf === undefined || count === 0) return undefined
  const counts = new Float64Array(2 ** float.exponent)
  for (let at = 0; at < count; at++) {
    const exponent = exponentOf(at)
    counts[exponent] = (counts[exponent] ?? 0) + 1
  }
  let entropy = 0
  for (const each of counts) if (each > 0) entropy -= (each / count) * Math.log2(each / count)
  const first = counts.findIndex((each) => each > 0)
  const last = counts.findLastIndex((each) => each > 0)
  // -0 of a single exponent is 0.
  const bits = float.exponent
  return {
    entropy: Math.max(entropy, 0),
    bits,
    first: first - exponentBias(type),
    counts: [...counts.subarray(first, last + 1)],
  }
}

import type { KernelFacts, KernelScale } from './kernel-facts'

/*
 * The smaller state as two sections. Maps and weights: 16-bit differences to the untrained state, small ones of both signs
 * near 0, first all low bytes, then all high ones. Estimators, nine tenths of it: the difference in steps of
 * an eighth of a nat, a signed byte each; that is as exact as they need to be, and a quarter of the size.
 */

const largestDifference = 127

export function packSmall(small: Uint8Array, facts: KernelFacts): readonly [Uint8Array, Uint8Array] {
  const { estimators } = facts
  const [values, references] = [words(small), words(facts.small)]
  const wordCount = estimators / 2
  const planes = new Uint8Array(estimators)
  for (let at = 0; at < wordCount; at++) {
    const difference = (((values[at] ?? 0) - (references[at] ?? 0)) << 16) >> 16
    const folded = (difference << 1) ^ (difference >> 31)
    planes[at] = folded
    planes[wordCount + at] = folded >> 8
  }
  const steps = new Uint8Array(values.length - wordCount)
  for (let at = 0; at < steps.length; at++) {
    const value = stepOf(values[wordCount + at] ?? 0, facts.scale)
    const difference = value - stepOf(references[wordCount + at] ?? 0, facts.scale)
    steps[at] = Math.max(-largestDifference, Math.min(largestDifference, difference))
  }
  return [planes, steps]
}

/**
 * Turns the untrained state, in place, into the trained one.
 * @param small the state as the kernel clears it
 * @returns whether the sections fit the kernel; if not, nothing has changed
 */
export function unpackSmall(
  [planes, steps]: readonly [Uint8Array, Uint8Array],
  small: Uint8Array,
  { estimators, scale }: KernelScale,
): boolean {
  const values = words(small)
  const wordCount = estimators / 2
  if (planes.length !== estimators || steps.length * 2 !== small.length - estimators) return false
  for (let at = 0; at < wordCount; at++) {
    const folded = (planes[at] ?? 0) | ((planes[wordCount + at] ?? 0) << 8)
    values[at] = (values[at] ?? 0) + ((folded >>> 1) ^ -(folded & 1))
  }
  let [lastValue, lastStep] = [-1, 0]
  for (let at = 0; at < steps.length; at++) {
    const difference = ((steps[at] ?? 0) << 24) >> 24
    // What has not been touched stays exactly what it is.
    if (difference === 0) continue
    const value = values[wordCount + at] ?? 0
    if (value !== lastValue) [lastValue, lastStep] = [value, stepOf(value, scale)]
    values[wordCount + at] = scale[Math.max(0, Math.min(scale.length - 1, lastStep + difference))] ?? 0
  }
  return true
}

/** The state's numbers all are 16 bits, or pairs of them. */
function words(small: Uint8Array): Uint16Array {
  return new Uint16Array(small.buffer, small.byteOffset, small.length / 2)
}

/** The step of the scale that is nearest to a probability. */
function stepOf(probability: number, scale: Uint16Array): number {
  let [low, high] = [0, scale.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((scale[middle] ?? 0) < probability) low = middle + 1
    else high = middle
  }
  const above = scale[low] ?? 0
  const below = scale[low - 1] ?? -Infinity
  return probability - below < above - probability ? low - 1 : low
}

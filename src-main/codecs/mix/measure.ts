import { setImmediate as letOthersRun } from 'node:timers/promises'
import type { MixKernel } from '../../kernels/mix-kernel'

/** By probability in 1/65536: what a bit that was given it costs, in bits. */
const costs = Float64Array.from({ length: 65_536 }, (_zero, chance) => -Math.log2(Math.max(1, chance) / 65_536))

/**
 * What bytes cost in bits: -log2 of the probability that each was given, slice by slice.
 * @param length bytes, which the kernel has
 * @param measure measures those from `at` to `to`: at most a slice
 */
export async function measureSlices(
  kernel: MixKernel,
  length: number,
  measure: (at: number, to: number) => void,
): Promise<Float64Array> {
  const { memory, stored, sliceLength } = kernel
  const bits = new Float64Array(length)
  for (let at = 0; at < length; at += sliceLength) {
    if (at > 0) await letOthersRun()
    const to = Math.min(length, at + sliceLength)
    measure(at, to)
    sumUp(new Uint16Array(memory.buffer, stored, (to - at) * 8), bits.subarray(at, to))
  }
  return bits
}

/** @param chances of the bits, eight a byte */
function sumUp(chances: Uint16Array, bits: Float64Array): void {
  for (let at = 0; at < bits.length; at++) {
    let cost = 0
    for (let bit = at * 8; bit < at * 8 + 8; bit++) cost += costs[chances[bit] ?? 0] ?? 0
    bits[at] = cost
  }
}

/** A copy of the probabilities of all bytes that stand at an address. */
export function chancesAt(kernel: MixKernel, address: number): Float64Array {
  return new Float64Array(kernel.memory.slice(address, address + 256 * 8).buffer)
}

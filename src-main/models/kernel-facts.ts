import { startMixKernel } from '../kernels/mix-kernel'
import type { SeenBits } from './history-tree'

/** What the kernel knows without training, and files need not say. */
export interface KernelFacts {
  readonly seen: SeenBits
  /** The smaller state of a model that has seen nothing. */
  readonly small: Uint8Array
  /** Where in it the estimators begin; they go to its end. */
  readonly estimators: number
  /** Ascending probabilities, 16 bits, at steps of an eighth in logit. */
  readonly scale: Uint16Array
}

const unitsPerStep = 32

export function kernelFacts(): KernelFacts {
  const kernel = startMixKernel(6)
  kernel.clearState()
  const { memory, squash, logitLimit } = kernel
  const largest = Math.floor(logitLimit / unitsPerStep)
  const all = new Uint16Array(memory.buffer, squash, 2 * logitLimit + 1)
  return {
    seen: memory.slice(kernel.seen, kernel.seen + 256),
    small: memory.slice(kernel.state, kernel.stateEnd),
    estimators: kernel.estimators - kernel.state,
    scale: Uint16Array.from(
      { length: 2 * largest + 1 },
      (_none, step) => all[logitLimit + (step - largest) * unitsPerStep] ?? 0,
    ),
  }
}

import type { StateKernel } from '../kernels/mix-kernel'
import type { SeenBits } from './history-tree'

/** How the numbers of the smaller state are to be read. */
export interface KernelScale {
  /** Where in it the estimators begin; they go to its end. */
  readonly estimators: number
  /** Ascending probabilities, 16 bits, at steps of an eighth in logit. */
  readonly scale: Uint16Array
}

/** What the kernel knows without training, and files need not say. */
export interface KernelFacts extends KernelScale {
  readonly seen: SeenBits
  /** The smaller state of a model that has seen nothing. */
  readonly small: Uint8Array
}

const unitsPerStep = 32

export function kernelScale({ memory, squash, logitLimit, estimators, state }: StateKernel): KernelScale {
  const largest = Math.floor(logitLimit / unitsPerStep)
  const all = new Uint16Array(memory.buffer, squash, 2 * logitLimit + 1)
  return {
    estimators: estimators - state,
    scale: Uint16Array.from(
      { length: 2 * largest + 1 },
      (_none, step) => all[logitLimit + (step - largest) * unitsPerStep] ?? 0,
    ),
  }
}

/** Clears the kernel's smaller state. */
export function kernelFacts(kernel: StateKernel): KernelFacts {
  kernel.clearSmallState()
  const { memory, seen, state, stateEnd } = kernel
  return { ...kernelScale(kernel), seen: memory.slice(seen, seen + 256), small: memory.slice(state, stateEnd) }
}

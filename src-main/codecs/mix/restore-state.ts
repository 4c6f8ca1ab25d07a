import type { StateKernel } from '../../kernels/mix-kernel'
import { loadPrior, type PriorName } from '../../models/prior'
import type { PriorState } from '../../models/prior-file'

/** The state after a primer. */
export interface Primed extends PriorState {
  readonly key: string
  readonly length: number
  readonly contextSet: number
  readonly recordLength: number
  readonly prior: PriorName | undefined
  /** Traces of the primer that lie outside of the state: where its strings stand, and its bytes. */
  readonly traces: Uint8Array
}

/** Puts the kernel into the state of a prior, or of a model that has seen nothing. What stands at the block's place is gone. */
export function restorePrior(kernel: StateKernel, prior: PriorName | undefined): void {
  if (prior === undefined) kernel.clearState()
  else restoreState(kernel, loadPrior(prior, kernel))
}

/** Puts the kernel into the state of a prior, or of one that has learnt a primer, whose traces are put in place too. */
export function restoreStart(kernel: StateKernel, prior: PriorName | undefined, primed: Primed | undefined): void {
  if (primed === undefined) {
    restorePrior(kernel, prior)
    return
  }
  restoreState(kernel, primed)
  kernel.memory.set(primed.traces, kernel.stateEnd)
}

function restoreState(kernel: StateKernel, { table, small }: PriorState): void {
  const { memory, bytes, state, lines, tableEnd, unpackTable } = kernel
  const slots = table.subarray(lines)
  memory.set(table.subarray(0, lines), bytes)
  memory.set(slots, tableEnd - slots.length)
  unpackTable(bytes, tableEnd - slots.length)
  memory.set(small, state)
}

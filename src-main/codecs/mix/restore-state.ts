import type { StateKernel } from '../../kernels/mix-kernel'
import { loadPrior, type PriorName } from '../../models/prior'
import type { PriorState } from '../../models/prior-file'

/** Puts the kernel into the state of a prior, or of a model that has seen nothing. What stands at the block's place is gone. */
export function restorePrior(kernel: StateKernel, prior: PriorName | undefined): void {
  if (prior === undefined) kernel.clearState()
  else restoreState(kernel, loadPrior(prior, kernel))
}

export function restoreState(kernel: StateKernel, { table, small }: PriorState): void {
  const { memory, bytes, state, lines, tableEnd, unpackTable } = kernel
  const slots = table.subarray(lines)
  memory.set(table.subarray(0, lines), bytes)
  memory.set(slots, tableEnd - slots.length)
  unpackTable(bytes, tableEnd - slots.length)
  memory.set(small, state)
}

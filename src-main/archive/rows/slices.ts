import { setImmediate as letOthersRun } from 'node:timers/promises'

/** Milliseconds of work after which others get their turn: well under what a person notices. */
const longestSlice = 12

/**
 * Goes through the steps of long work in slices, between which messages, timers and other work get their turn.
 * @param check called before each slice; what it throws ends the work
 */
export async function inSlices<Result>(steps: Iterator<unknown, Result>, check?: () => void): Promise<Result> {
  for (;;) {
    check?.()
    const end = performance.now() + longestSlice
    do {
      const step = steps.next()
      if (step.done === true) return step.value
    } while (performance.now() < end)
    await letOthersRun()
  }
}

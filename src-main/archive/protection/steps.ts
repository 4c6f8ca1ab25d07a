import { setImmediate as letOthersRun } from 'node:timers/promises'

/** Milliseconds of work after which others get their turn. */
const longestStretch = 20

/** Goes through steps without a pause. */
export function runSteps<Result>(steps: Generator<void, Result>): Result {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

/** Goes through steps, and lets others run now and then. @param between may throw to end the work */
export async function runStepsInTurns<Result>(
  steps: Generator<void, Result>,
  between?: () => Promise<void>,
): Promise<Result> {
  let stretchStart = performance.now()
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
    if (performance.now() - stretchStart < longestStretch) continue
    await letOthersRun()
    await between?.()
    stretchStart = performance.now()
  }
}

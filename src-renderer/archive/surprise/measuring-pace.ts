import type { SurpriseModel } from '../../../src-main/contract/insight'

/** Seconds below which an answer was known already, or took as long as starting a thread. */
const leastSeconds = 0.5

/** How fast blocks were measured so far, by model: what a new one takes is not guessed, but told by those before. */
export class MeasuringPace {
  readonly #bytesASecond = new Map<SurpriseModel, number>()

  note(model: SurpriseModel, bytes: number, seconds: number): void {
    if (seconds >= leastSeconds && bytes > 0) this.#bytesASecond.set(model, bytes / seconds)
  }

  /** Seconds that a block will take; undefined while no block was measured by this model. */
  secondsFor(model: SurpriseModel, bytes: number): number | undefined {
    const bytesASecond = this.#bytesASecond.get(model)
    return bytesASecond === undefined ? undefined : bytes / bytesASecond
  }
}

/** Of this window. */
export const measuringPace = new MeasuringPace()

import type { JobState } from '../../contract/engine-api'
import { LmzError } from '../../contract/error'

/**
 * All jobs of a shell's life under numbers of its own: an engine numbers from 1 again when another process takes the place of one
 * that crashed, and windows go on knowing the jobs of before.
 *
 * An engine tells of a job for the first time before it answers the call that brought it. Calls are worked off in order, so
 * the first number not heard before belongs to the oldest call that has not been told of.
 */
export class JobBook {
  readonly #states = new Map<number, JobState>()
  readonly #ownByEngine = new Map<number, number>()
  readonly #engineByOwn = new Map<number, number>()
  #awaited: number[] = []
  #last = 0

  states(): readonly JobState[] {
    return [...this.#states.values()]
  }

  state(own: number): JobState | undefined {
    return this.#states.get(own)
  }

  /** To be called in the same turn in which the job is sent to the engine. @returns its own number */
  expect(own = ++this.#last): number {
    this.#awaited.push(own)
    return own
  }

  /** The engine would not have the job. */
  withdraw(own: number): void {
    this.#awaited = this.#awaited.filter((one) => one !== own)
  }

  /** Notes what an engine tells. @returns the same under the own number */
  note(told: JobState): JobState {
    const own = this.own(told.id) ?? this.#awaited.shift()
    if (own === undefined) throw new LmzError('Usage', `The engine told of job ${told.id}, which nobody asked for.`)
    this.#ownByEngine.set(told.id, own)
    this.#engineByOwn.set(own, told.id)
    return this.put({ ...told, id: own })
  }

  put(state: JobState): JobState {
    this.#states.set(state.id, state)
    return state
  }

  own(engineNumber: number): number | undefined {
    return this.#ownByEngine.get(engineNumber)
  }

  /** The engine's number of a job; undefined where the engine that had it is gone. @throws LmzError `Usage` for a job that never was */
  engineNumber(own: number): number | undefined {
    if (!this.#states.has(own)) throw new LmzError('Usage', `There is no job ${own}.`)
    return this.#engineByOwn.get(own)
  }

  /** The engine is gone: its numbers mean nothing any more. @returns the jobs it had not ended */
  forgetEngine(): readonly JobState[] {
    this.#ownByEngine.clear()
    this.#engineByOwn.clear()
    this.#awaited = []
    return this.states().filter(isUnderWay)
  }
}

export function isUnderWay({ status }: JobState): boolean {
  return status === 'queued' || status === 'running' || status === 'paused'
}

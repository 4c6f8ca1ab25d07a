import { SvelteMap } from 'svelte/reactivity'
import type { JobState } from '../../src-main/contract/engine-api'
import type { JobRequest } from '../../src-main/contract/job'
import type { JobSecrets } from '../../src-main/contract/password'
import type { Problem } from '../../src-main/contract/problem'
import type { OverwriteAnswer, OverwriteQuestion } from '../../src-main/contract/question'
import type { Bridge } from '../bridge'

export interface OpenQuestion {
  readonly id: number
  readonly job: number
  readonly detail: OverwriteQuestion
}

export function isUnderWay({ status }: JobState): boolean {
  return status === 'queued' || status === 'running' || status === 'paused'
}

/** More are counted, but not kept: a list this long is read by nobody. */
const mostProblemsKept = 1000

/** The engine's jobs as this window knows them: states come whole from the engine, and nothing is worked out here. */
export class Jobs {
  /** In the order they were asked for. */
  readonly #states = new SvelteMap<number, JobState>()
  readonly #problems = new SvelteMap<number, readonly Problem[]>()
  /** Ended jobs that the user has put away. */
  readonly #dismissed = new SvelteMap<number, true>()
  readonly #waiting = new Map<number, ((state: JobState) => void)[]>()
  readonly #bridge: Pick<Bridge, 'engine' | 'events'>
  questions = $state.raw<readonly OpenQuestion[]>([])

  constructor(bridge: Pick<Bridge, 'engine' | 'events'>) {
    this.#bridge = bridge
    const { events } = bridge
    events.on('jobChanged', (job) => this.#changed(job))
    events.on('problem', (job, problem) => {
      const known = this.#problems.get(job) ?? []
      if (known.length < mostProblemsKept) this.#problems.set(job, [...known, problem])
    })
    events.on('question', (id, job, detail) => {
      if (!this.questions.some((question) => question.id === id)) {
        this.questions = [...this.questions, { id, job, detail }]
      }
    })
  }

  /** Learns of the jobs that were there before this window. */
  async load(): Promise<void> {
    for (const job of await this.#bridge.engine.jobs()) {
      if (!this.#states.has(job.id)) this.#changed(job)
      // What ended before this window was opened is not its news.
      if (!isUnderWay(job)) this.#dismissed.set(job.id, true)
    }
  }

  /** All but estimates and what was put away: what a person thinks of as jobs. */
  get shown(): readonly JobState[] {
    return [...this.#states.values()].filter((job) => job.request.verb !== 'estimate' && !this.#dismissed.has(job.id))
  }

  get underWay(): readonly JobState[] {
    return this.shown.filter(isUnderWay)
  }

  /** Whether it waits for the user. */
  isAsking(job: JobState): boolean {
    return this.questions.some((question) => question.job === job.id)
  }

  state(id: number): JobState | undefined {
    return this.#states.get(id)
  }

  /** Per-entry problems: those of the report once there is one, for it has them all. */
  problemsOf(job: JobState): readonly Problem[] {
    return job.report?.problems ?? this.#problems.get(job.id) ?? []
  }

  /** @returns the job's id, once the engine has taken it */
  run(request: JobRequest, secrets?: JobSecrets): Promise<number> {
    return this.#bridge.engine.submit(request, secrets)
  }

  /** Resolves with the last state of a job; at once if it has ended already. */
  settled(id: number): Promise<JobState> {
    const known = this.#states.get(id)
    if (known !== undefined && !isUnderWay(known)) return Promise.resolve(known)
    return new Promise((resolve) => {
      this.#waiting.set(id, [...(this.#waiting.get(id) ?? []), resolve])
    })
  }

  pause(id: number): Promise<void> {
    return this.#bridge.engine.pause(id)
  }

  resume(id: number): Promise<void> {
    return this.#bridge.engine.resume(id)
  }

  cancel(id: number): Promise<void> {
    return this.#bridge.engine.cancel(id)
  }

  async answer(id: number, answer: OverwriteAnswer): Promise<void> {
    this.questions = this.questions.filter((question) => question.id !== id)
    await this.#bridge.engine.answer(id, answer)
  }

  dismiss(id: number): void {
    this.#dismissed.set(id, true)
  }

  #changed(job: JobState): void {
    this.#states.set(job.id, job)
    if (isUnderWay(job)) return
    this.questions = this.questions.filter((question) => question.job !== job.id)
    for (const resolve of this.#waiting.get(job.id) ?? []) resolve(job)
    this.#waiting.delete(job.id)
  }
}

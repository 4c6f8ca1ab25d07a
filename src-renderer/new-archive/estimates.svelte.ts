import { SvelteMap } from 'svelte/reactivity'
import type { JobState } from '../../src-main/contract/engine-api'
import type { LmzErrorData } from '../../src-main/contract/error'
import type { PresetEstimate } from '../../src-main/contract/estimate'
import { type PresetName, presetNames } from '../../src-main/contract/preset'
import type { EstimateReport } from '../../src-main/contract/report'
import type { Jobs } from '../jobs/jobs.svelte'

/** What is to be packed, as far as it decides what comes out. */
export interface PackWish {
  readonly sources: readonly string[]
  readonly exclude: readonly string[]
  readonly preset: PresetName
  /** Bytes; the preset's own if not given. */
  readonly blockSize: number | undefined
}

export interface Counts {
  readonly files: number
  readonly bytes: number
}

interface Question {
  readonly key: string
  readonly preset: PresetName
  readonly wish: PackWish
}

type JobsForEstimates = Pick<Jobs, 'run' | 'cancel' | 'settled' | 'state'>

/**
 * Asks the engine what packing would give: one preset at a time, the chosen one first, and only what is not known yet. An answer
 * that nobody wants any more is broken off.
 */
export class Estimates {
  readonly #jobs: JobsForEstimates
  readonly #answers = new SvelteMap<string, PresetEstimate | LmzErrorData>()
  #wanted: readonly Question[] = []
  #asking: { readonly key: string; job: number | undefined } | undefined = $state.raw()
  #counts = new SvelteMap<string, Counts>()

  constructor(jobs: JobsForEstimates) {
    this.#jobs = jobs
  }

  /** Tells what is to be known from now on. */
  want(wish: PackWish): void {
    const order = [wish.preset, ...presetNames.filter((name) => name !== wish.preset)]
    this.#wanted = order.map((preset) => ({ key: keyOf(wish, preset), preset, wish }))
    const { key, job } = this.#asking ?? {}
    // The chosen preset is not kept waiting for the others.
    const [first] = this.#wanted
    const isUrgent = first !== undefined && !this.#answers.has(first.key) && key !== first.key
    if (key !== undefined && (isUrgent || !this.#wanted.some((question) => question.key === key))) this.#breakOff(job)
    if (this.#asking === undefined) void this.#askNext()
  }

  /** To be called when nothing is to be known any more. */
  stop(): void {
    this.#wanted = []
    if (this.#asking !== undefined) this.#breakOff(this.#asking.job)
  }

  estimate(wish: PackWish, preset: PresetName = wish.preset): PresetEstimate | undefined {
    const answer = this.#answers.get(keyOf(wish, preset))
    return answer === undefined || 'code' in answer ? undefined : answer
  }

  failure(wish: PackWish): LmzErrorData | undefined {
    const answer = this.#answers.get(keyOf(wish, wish.preset))
    return answer !== undefined && 'code' in answer ? answer : undefined
  }

  /** Files and bytes that would go in; undefined until they have been counted. */
  counts(wish: PackWish): Counts | undefined {
    return this.#counts.get(contentKeyOf(wish))
  }

  /** The job that is looking now. */
  get job(): JobState | undefined {
    return this.#asking?.job === undefined ? undefined : this.#jobs.state(this.#asking.job)
  }

  #breakOff(job: number | undefined): void {
    // Where the engine has not even answered with the job's number, #ask does it; one that is gone has broken off everything.
    if (job !== undefined) void this.#jobs.cancel(job).catch(() => undefined)
  }

  async #askNext(): Promise<void> {
    for (;;) {
      const next = this.#wanted.find(({ key }) => !this.#answers.has(key))
      if (next === undefined) return
      this.#asking = { key: next.key, job: undefined }
      try {
        await this.#ask(next)
      } finally {
        this.#asking = undefined
      }
    }
  }

  async #ask({ key, preset, wish }: Question): Promise<void> {
    const { sources, exclude, blockSize } = wish
    let state: JobState
    try {
      const job = await this.#jobs.run({
        verb: 'estimate',
        paths: [...sources],
        preset,
        exclude: [...exclude],
        ...(blockSize === undefined ? {} : { blockSize }),
      })
      this.#asking = { key, job }
      if (!this.#wanted.some((question) => question.key === key)) this.#breakOff(job)
      state = await this.#jobs.settled(job)
    } catch (thrown) {
      this.#answers.set(key, { code: 'Io', message: String(thrown) })
      return
    }
    // Broken off because something else is wanted first: it stays open, and is asked again if it is still wanted.
    if (state.status === 'cancelled') return
    if (state.status === 'failed') {
      this.#answers.set(key, state.error ?? { code: 'Io', message: '' })
      return
    }
    const { presets, files, rawBytes } = state.report as EstimateReport
    this.#counts.set(contentKeyOf(wish), { files, bytes: rawBytes })
    const answer = presets.find((estimate) => estimate.preset === preset)
    this.#answers.set(key, answer ?? { code: 'Io', message: '' })
  }
}

function contentKeyOf({ sources, exclude }: PackWish): string {
  return JSON.stringify([sources, exclude])
}

function keyOf(wish: PackWish, preset: PresetName): string {
  return JSON.stringify([wish.sources, wish.exclude, wish.blockSize ?? 0, preset])
}

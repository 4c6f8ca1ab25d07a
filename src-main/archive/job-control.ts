import { setImmediate as letOthersRun } from 'node:timers/promises'
import { LmzError } from '../contract/error'
import type { OnProblem, Problem } from '../contract/problem'
import type { OnProgress, Progress } from '../contract/progress'
import type { PasswordOptions } from '../contract/password'
import type { OverwriteAnswer, OverwriteQuestion } from '../contract/question'

/** What a caller of a verb may follow and decide. Everything is optional; unanswered questions are answered safely. */
export interface JobOptions extends PasswordOptions {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: OnProgress | undefined
  readonly onProblem?: OnProblem | undefined
  readonly ask?: ((question: OverwriteQuestion) => Promise<OverwriteAnswer>) | undefined
  readonly pause?: PauseGate | undefined
}

/** Holds a job between two units of work while it is closed. */
export class PauseGate {
  #opened: Promise<void> | undefined
  #open: (() => void) | undefined

  get isClosed(): boolean {
    return this.#opened !== undefined
  }

  close(): void {
    this.#opened ??= new Promise((resolve) => (this.#open = resolve))
  }

  open(): void {
    this.#open?.()
    this.#opened = undefined
  }

  async passed(): Promise<void> {
    while (this.#opened !== undefined) await this.#opened
  }
}

const progressInterval = 100
/** Milliseconds of work after which signals, messages and timers get their turn. */
const longestStretch = 20

/** The running side of {@link JobOptions}: verbs report to it and stop where it says so. */
export class JobControl {
  readonly problems: Problem[] = []
  readonly #notices = new Set<string>()
  readonly #options: JobOptions
  #lastProgress = 0
  #stretchStart = performance.now()

  constructor(options: JobOptions) {
    this.#options = options
  }

  get signal(): AbortSignal | undefined {
    return this.#options.signal
  }

  /** How the password of an archive is had. */
  get unlock(): PasswordOptions {
    return this.#options
  }

  get ask(): JobOptions['ask'] {
    return this.#options.ask
  }

  /** @throws LmzError `Cancelled` */
  throwIfCancelled(): void {
    if (this.signal?.aborted === true) throw new LmzError('Cancelled', 'Cancelled. Nothing was changed.')
  }

  /** Called between units of work: waits while the job is paused. @throws LmzError `Cancelled` */
  async checkpoint(): Promise<void> {
    // Awaiting what is already there lets nobody else run: in a long loop of it, not even a signal would arrive.
    if (performance.now() - this.#stretchStart > longestStretch) {
      await letOthersRun()
      this.#stretchStart = performance.now()
    }
    this.throwIfCancelled()
    const gate = this.#options.pause
    if (gate?.isClosed !== true) return
    await Promise.race([gate.passed(), aborted(this.signal)])
    this.throwIfCancelled()
  }

  /** Whether a report would be passed on now: what is costly to tell need not be found out otherwise. */
  get isProgressDue(): boolean {
    return performance.now() - this.#lastProgress >= progressInterval
  }

  /** Reports progress at most ten times a second; the first report of a phase and the last are the caller's to force. */
  progress(progress: Progress, force = false): void {
    if (!force && !this.isProgressDue) return
    this.#lastProgress = performance.now()
    this.#options.onProgress?.(progress)
  }

  /** Reports at intervals until the work has ended: what threads are at counts too, long before any of it is done. */
  async reporting<Result>(report: () => void, work: () => Promise<Result>): Promise<Result> {
    const timer = setInterval(() => {
      if (this.#options.pause?.isClosed !== true) report()
    }, progressInterval)
    try {
      return await work()
    } finally {
      clearInterval(timer)
    }
  }

  /** Sentences about the job as a whole, for its report. */
  get notices(): readonly string[] {
    return [...this.#notices]
  }

  /** Adds a notice, unless there is the same already. */
  notice(sentence: string): void {
    this.#notices.add(sentence)
  }

  problem(problem: Problem): void {
    this.problems.push(problem)
    this.#options.onProblem?.(problem)
  }
}

function aborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }))
}

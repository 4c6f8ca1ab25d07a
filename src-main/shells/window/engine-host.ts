import type { EngineEvents, JobState } from '../../contract/engine-api'
import { LmzError } from '../../contract/error'
import type { JobRequest, JobVerb } from '../../contract/job'
import type { JobSecrets } from '../../contract/password'
import type { OverwriteAnswer, OverwriteQuestion } from '../../contract/question'
import { connectEngine, type RemoteEngine } from '../../engine/channel'
import type { EngineProcess, StartEngine } from './engine-process'
import { isUnderWay, JobBook } from './job-book'

export interface HostEvents extends EngineEvents {
  /** All archives that were open are not any more. */
  engineRestarted(): void
}

interface OpenQuestion {
  readonly engineNumber: number
  readonly job: number
  readonly detail: OverwriteQuestion
}

/** An engine that ends sooner than this after its start has something wrong with it that another start will not cure. */
const shortLifeMs = 2000
/** After this many short lives in a row, starts are this far apart. */
const mostShortLives = 3
const restartPauseMs = 5000
/** The engine gives itself five seconds to tidy up. */
const longestFarewellMs = 7000

/**
 * Keeps an engine process running for the windows of a shell. When it ends unexpectedly, the job it was at fails with the reason,
 * another engine is started, and the jobs that were still waiting go to that one.
 */
export class EngineHost {
  readonly #start: StartEngine
  readonly #listeners = new Set<HostEvents>()
  readonly #jobs = new JobBook()
  readonly #questions = new Map<number, OpenQuestion>()
  /** Jobs the user has cancelled. */
  readonly #cancelled = new Set<number>()
  /** Of jobs that have not ended: one that waits may have to be handed to another engine. */
  readonly #secrets = new Map<number, JobSecrets>()
  #process: EngineProcess
  #engine: RemoteEngine
  #startedAt = 0
  #shortLives = 0
  #lastQuestion = 0
  #lastHandle = 0
  #threads = 0
  #ended: Promise<void> = Promise.resolve()
  #isClosing = false

  constructor(start: StartEngine) {
    this.#start = start
    ;({ process: this.#process, engine: this.#engine } = this.#launch())
  }

  /** The engine of now, for everything but jobs. Its calls fail with `EngineEnded` once it is gone. */
  get engine(): RemoteEngine {
    return this.#engine
  }

  /** @returns how to unsubscribe */
  subscribe(listener: HostEvents): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** A number for an archive that no other window and no earlier engine ever had. */
  newHandle(): number {
    return ++this.#lastHandle
  }

  jobs(): readonly JobState[] {
    return this.#jobs.states()
  }

  get hasJobsUnderWay(): boolean {
    return this.jobs().some(isUnderWay)
  }

  /** @param request one that its schema has let through */
  async submit(request: JobRequest, secrets?: JobSecrets): Promise<number> {
    const own = this.#jobs.expect()
    if (secrets !== undefined) this.#secrets.set(own, secrets)
    try {
      await this.#engine.submit(request, secrets)
    } catch (error) {
      // The engine may have taken the job and ended before it could answer; then it is among those dealt with below.
      if (this.#jobs.state(own) !== undefined) return own
      this.#jobs.withdraw(own)
      this.#secrets.delete(own)
      throw error
    }
    return own
  }

  async cancel(job: number): Promise<void> {
    const number = this.#jobs.engineNumber(job)
    this.#cancelled.add(job)
    if (number !== undefined) return this.#engine.cancel(number)
    const state = this.#jobs.state(job)
    // Waiting for an engine to be there again.
    if (state !== undefined && isUnderWay(state)) this.#tellOfJob({ ...state, status: 'cancelled' })
  }

  async pause(job: number): Promise<void> {
    const number = this.#jobs.engineNumber(job)
    if (number !== undefined) await this.#engine.pause(number)
  }

  async resume(job: number): Promise<void> {
    const number = this.#jobs.engineNumber(job)
    if (number !== undefined) await this.#engine.resume(number)
  }

  /** An answer to a question that is no longer open is too late, and nothing comes of it. */
  async answer(question: number, answer: OverwriteAnswer): Promise<void> {
    const open = this.#questions.get(question)
    this.#questions.delete(question)
    if (open !== undefined) await this.#engine.answer(open.engineNumber, answer)
  }

  /** Tells a window that comes late of what the others have been asked already. */
  tellOpenQuestions(listener: Pick<EngineEvents, 'question'>): void {
    for (const [number, { job, detail }] of this.#questions) listener.question(number, job, detail)
  }

  /** Worker threads of jobs that begin from now on, in every engine to come too; 0 for what suits the computer. */
  useThreads(count: number): void {
    this.#threads = count
    // An engine that is gone has no more jobs, and the next one is told when it starts.
    void this.#engine.useThreads(count).catch(() => undefined)
  }

  /** Breaks off all jobs and ends the engine; resolves when its process has ended. */
  async close(): Promise<void> {
    this.#isClosing = true
    this.#process.stop()
    const kill = setTimeout(() => this.#process.kill(), longestFarewellMs)
    await this.#ended
    clearTimeout(kill)
  }

  #launch(): { readonly process: EngineProcess; readonly engine: RemoteEngine } {
    this.#startedAt = performance.now()
    const process = this.#start()
    // What arrives from an engine that has been given up is about numbers that mean nothing any more.
    const isCurrent = (): boolean => this.#process === process
    const engine = connectEngine(process.channel, {
      jobChanged: (told) => {
        if (isCurrent()) this.#tellOfJob(this.#jobs.note(told))
      },
      problem: (number, problem) => {
        const job = this.#jobs.own(number)
        if (isCurrent() && job !== undefined) this.#tell((listener) => listener.problem(job, problem))
      },
      question: (number, engineJob, detail) => {
        const job = this.#jobs.own(engineJob)
        if (!isCurrent() || job === undefined) return
        const own = ++this.#lastQuestion
        this.#questions.set(own, { engineNumber: number, job, detail })
        this.#tell((listener) => listener.question(own, job, detail))
      },
    })
    this.#ended = new Promise((resolve) => {
      process.onEnd((reason) => {
        resolve()
        if (!this.#isClosing) this.#replace(reason)
      })
    })
    return { process, engine }
  }

  #replace(reason: string): void {
    const lived = performance.now() - this.#startedAt
    this.#shortLives = lived < shortLifeMs ? this.#shortLives + 1 : 0
    const underWay = this.#jobs.forgetEngine()
    const waiting = underWay.filter((job) => {
      const isCancelled = this.#cancelled.has(job.id)
      if (job.status === 'queued' && !isCancelled) return true
      const status = isCancelled ? 'cancelled' : 'failed'
      this.#tellOfJob({ ...job, status, error: engineEnded(reason, status).toData() })
      return false
    })
    this.#questions.clear()
    const start = (): void => {
      if (this.#isClosing) return
      ;({ process: this.#process, engine: this.#engine } = this.#launch())
      this.useThreads(this.#threads)
      for (const job of underWay) if (!waiting.includes(job)) this.#tidyUpAfter(job)
      this.#tell((listener) => listener.engineRestarted())
      for (const { id, request } of waiting) {
        if (this.#jobs.state(id)?.status !== 'queued') continue
        this.#jobs.expect(id)
        // If this engine ends too, the job is still in the book and goes to the next one.
        void this.#engine.submit(request, this.#secrets.get(id)).catch(() => undefined)
      }
    }
    if (this.#shortLives < mostShortLives) start()
    else setTimeout(start, restartPauseMs).unref()
  }

  /** Before the jobs that waited: one of them may be about the same archive. */
  #tidyUpAfter({ request }: JobState): void {
    const written = 'target' in request ? request.target : readingVerbs.has(request.verb) ? undefined : request.archive
    // What cannot be removed only takes room.
    if (written !== undefined) void this.#engine.tidyUp(written).catch(() => undefined)
  }

  #tellOfJob(state: JobState): void {
    this.#jobs.put(state)
    if (!isUnderWay(state)) {
      this.#dropQuestionsOf(state.id)
      this.#secrets.delete(state.id)
    }
    this.#tell((listener) => listener.jobChanged(state))
  }

  #dropQuestionsOf(job: number): void {
    for (const [number, question] of this.#questions) if (question.job === job) this.#questions.delete(number)
  }

  #tell(event: (listener: HostEvents) => void): void {
    for (const listener of this.#listeners) event(listener)
  }
}

/** Jobs that leave their archive alone. */
const readingVerbs: ReadonlySet<JobVerb> = new Set(['estimate', 'extract', 'verify'])

function engineEnded(reason: string, status: 'failed' | 'cancelled'): LmzError {
  const whole = 'No archive is damaged by that: each is as it was before the job or as it is after it.'
  // Whoever cancelled has what he wanted, and another engine too.
  if (status === 'cancelled')
    return new LmzError('Cancelled', `Cancelled. The engine ended on the way (${reason}). ${whole}`)
  return new LmzError(
    'EngineEnded',
    `The engine ended unexpectedly (${reason}) while it was at this job, and another one has been started. ` +
      `${whole} The job can be started again.`,
  )
}

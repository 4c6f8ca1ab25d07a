import { PauseGate } from '../archive/job-control'
import type { EngineEvents, JobState, JobStatus } from '../contract/engine-api'
import { LmzError, toLmzError } from '../contract/error'
import type { JobRequest } from '../contract/job'
import type { JobSecrets } from '../contract/password'
import type { OverwriteAnswer, OverwriteQuestion } from '../contract/question'
import type { Report } from '../contract/report'
import { JobPace } from './job-pace'
import { runJob } from './run-job'

interface Job {
  readonly id: number
  readonly request: JobRequest
  /** Told nobody, and gone when the job has ended. */
  secrets: JobSecrets
  readonly abort: AbortController
  readonly gate: PauseGate
  status: JobStatus
  readonly pace: JobPace
  problemCount: number
  report: Report | undefined
  error: LmzError | undefined
}

/** Milliseconds between two states of a running job: smooth to the eye, and nothing to a processor. */
const tellEvery = 100

/** Runs jobs one after the other and tells the shell of every change. Finished jobs stay listed until the engine ends. */
export class JobQueue {
  readonly #events: EngineEvents
  readonly #jobs: Job[] = []
  readonly #questions = new Map<number, (answer: OverwriteAnswer) => void>()
  #nextQuestion = 1
  /** Settles when no job is left that could run; undefined when none is. */
  #running: Promise<void> | undefined

  constructor(events: EngineEvents) {
    this.#events = events
  }

  states(): readonly JobState[] {
    return this.#jobs.map(stateOf)
  }

  submit(request: JobRequest, secrets: JobSecrets = {}): number {
    const job: Job = {
      id: this.#jobs.length + 1,
      request,
      secrets,
      abort: new AbortController(),
      gate: new PauseGate(),
      status: 'queued',
      pace: new JobPace(),
      problemCount: 0,
      report: undefined,
      error: undefined,
    }
    this.#jobs.push(job)
    this.#changed(job)
    this.#running ??= this.#runAll()
    return job.id
  }

  cancel(id: number): void {
    const job = this.#find(id)
    job.abort.abort()
    if (job.status !== 'queued') return
    job.secrets = {}
    this.#change(job, 'cancelled')
  }

  pause(id: number): void {
    const job = this.#find(id)
    if (job.status !== 'running') return
    job.gate.close()
    job.pace.pause(performance.now())
    this.#change(job, 'paused')
  }

  resume(id: number): void {
    const job = this.#find(id)
    if (job.status !== 'paused') return
    job.gate.open()
    job.pace.resume(performance.now())
    this.#change(job, 'running')
  }

  answer(question: number, answer: OverwriteAnswer): void {
    this.#questions.get(question)?.(answer)
    this.#questions.delete(question)
  }

  /** Cancels all jobs and waits until they have tidied up. */
  async close(): Promise<void> {
    for (const { id } of this.#jobs) this.cancel(id)
    await this.#running
  }

  async #runAll(): Promise<void> {
    for (let job = this.#nextQueued(); job !== undefined; job = this.#nextQueued()) await this.#run(job)
    this.#running = undefined
  }

  #nextQueued(): Job | undefined {
    return this.#jobs.find(({ status }) => status === 'queued')
  }

  async #run(job: Job): Promise<void> {
    this.#change(job, 'running')
    // Blocks take their time, and what is left of it should be seen to become less meanwhile.
    const heartbeat = setInterval(() => job.status === 'running' && this.#changed(job), tellEvery)
    let phase: string | undefined
    try {
      job.report = await runJob(job.request, {
        ...job.secrets,
        signal: job.abort.signal,
        pause: job.gate,
        onProgress: (progress) => {
          job.pace.report(progress, performance.now())
          if (progress.phase !== phase) this.#changed(job)
          phase = progress.phase
        },
        onProblem: (problem) => {
          job.problemCount++
          this.#events.problem(job.id, problem)
        },
        ask: (question) => this.#ask(job, question),
      })
      this.#change(job, 'done')
    } catch (cause) {
      job.error = toLmzError(cause, 'The job failed')
      this.#change(job, job.error.code === 'Cancelled' ? 'cancelled' : 'failed')
    } finally {
      job.secrets = {}
      clearInterval(heartbeat)
    }
  }

  #ask(job: Job, detail: OverwriteQuestion): Promise<OverwriteAnswer> {
    const id = this.#nextQuestion++
    return new Promise((resolve, reject) => {
      const { signal } = job.abort
      const withdraw = (): void => {
        this.#questions.delete(id)
        reject(new LmzError('Cancelled', 'Cancelled. Nothing was changed.'))
      }
      if (signal.aborted) {
        withdraw()
        return
      }
      signal.addEventListener('abort', withdraw, { once: true })
      this.#questions.set(id, (answer) => {
        signal.removeEventListener('abort', withdraw)
        resolve(answer)
      })
      this.#events.question(id, job.id, detail)
    })
  }

  #find(id: number): Job {
    const job = this.#jobs[id - 1]
    if (job === undefined) throw new LmzError('Usage', `There is no job ${id}.`)
    return job
  }

  #change(job: Job, status: JobStatus): void {
    job.status = status
    this.#changed(job)
  }

  #changed(job: Job): void {
    this.#events.jobChanged(stateOf(job))
  }
}

function stateOf(job: Job): JobState {
  const { id, request, status, pace, problemCount, report, error } = job
  const progress = status === 'done' ? pace.finished() : pace.progress(performance.now())
  return { id, request, status, progress, problemCount, report, error: error?.toData() }
}

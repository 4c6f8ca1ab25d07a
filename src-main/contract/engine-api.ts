import type { ArchiveInfo } from './archive-info'
import type { Entry } from './entry'
import type { LmzErrorData } from './error'
import type { JobRequest } from './job'
import type { Problem } from './problem'
import type { Progress } from './progress'
import type { OverwriteAnswer, OverwriteQuestion } from './question'
import type { Report } from './report'

export type JobStatus = 'queued' | 'running' | 'paused' | 'done' | 'failed' | 'cancelled'

/** A job as shells see it: the whole state each time, so that nothing has to be pieced together. */
export interface JobState {
  readonly id: number
  readonly request: JobRequest
  readonly status: JobStatus
  readonly progress?: Progress | undefined
  readonly problemCount: number
  readonly report?: Report | undefined
  readonly error?: LmzErrorData | undefined
}

/** What a shell can ask of the engine. Every call fails with {@link LmzErrorData} as data, never with a foreign error. */
export interface EngineApi {
  /** Puts a job at the end of the queue; one runs at a time, since each uses all cores. @returns the job's id */
  submit(request: JobRequest): number
  /** Takes effect within half a second and leaves nothing behind. */
  cancel(job: number): void
  pause(job: number): void
  resume(job: number): void
  /** Answers a question event. */
  answer(question: number, answer: OverwriteAnswer): void
  jobs(): readonly JobState[]

  /** Opens an archive for looking around. @returns a handle for the calls below */
  openArchive(path: string): Promise<{ readonly handle: number; readonly info: ArchiveInfo }>
  closeArchive(handle: number): void
  /** Entries of a directory (0: the top level) sorted by name. */
  children(handle: number, directory: number, page: Page): readonly Entry[]
  /** Entries whose name, or path if the pattern has a "/", matches. */
  search(handle: number, pattern: string, page: Page): readonly Entry[]
  pathOf(handle: number, entry: number): readonly string[]
  /** Bytes of a file; decodes only the blocks they lie in. */
  read(handle: number, entry: number, offset: number, length: number): Uint8Array
}

export interface Page {
  /** How many to pass over. */
  readonly offset: number
  readonly limit: number
}

/** What the engine tells shells without being asked. */
export interface EngineEvents {
  jobChanged(job: JobState): void
  problem(job: number, problem: Problem): void
  question(question: number, job: number, detail: OverwriteQuestion): void
}

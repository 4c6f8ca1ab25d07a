import type { LmzErrorData } from './error'

/** Something that went wrong with one entry while the job as a whole went on. */
export interface Problem {
  /** The source path or the archive path, "/"-separated, as the user would recognise it. */
  readonly path: string
  readonly error: LmzErrorData
  /** What was done about it: "left out", "not written", "restored without its permissions"... */
  readonly outcome: string
}

/** Called once for each problem; the caller decides whether to show, collect or abort (through its signal). */
export type OnProblem = (problem: Problem) => void

import type { LmzError, LmzErrorCode } from '../../contract/error'

export const exitCodes = {
  done: 0,
  /** Done, but some entries had problems; each was named. */
  problems: 1,
  usage: 2,
  /** The archive is damaged or is not an archive. */
  damaged: 3,
  /** Refused for safety or limits, or stopped by the system; what was there is untouched. */
  refused: 4,
  cancelled: 130,
} as const

const codeByError: Readonly<Record<LmzErrorCode, number>> = {
  Format: exitCodes.damaged,
  Corrupt: exitCodes.damaged,
  Repaired: exitCodes.problems,
  Auth: exitCodes.refused,
  Limit: exitCodes.refused,
  UnsafePath: exitCodes.refused,
  Collision: exitCodes.refused,
  ModelMissing: exitCodes.refused,
  NoSpace: exitCodes.refused,
  Io: exitCodes.refused,
  Busy: exitCodes.refused,
  Unsupported: exitCodes.refused,
  NotFound: exitCodes.usage,
  SourceChanged: exitCodes.problems,
  Usage: exitCodes.usage,
  EngineEnded: exitCodes.refused,
  Cancelled: exitCodes.cancelled,
}

export function exitCodeOf(error: LmzError): number {
  if (error.reason === 'damaged') return exitCodes.damaged
  return codeByError[error.code]
}

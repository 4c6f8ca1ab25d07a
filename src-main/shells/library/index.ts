/**
 * lmz as a library: the verbs of the command line, each `(input, options)`. Options carry an AbortSignal, callbacks for
 * progress and problems, and a way to answer questions. See docs/library.md.
 */
export {
  addToArchive,
  changePasswords,
  compactArchive,
  createArchive,
  estimateArchive,
  extractArchive,
  removeFromArchive,
  renameInArchive,
  salvageArchive,
  verifyArchive,
  type AddOptions,
  type CreateOptions,
  type EstimateOptions,
  type ExtractOptions,
} from './verbs'
export { openArchive, type OpenedArchive } from './opened-archive'
export { PauseGate, type JobOptions } from '../../archive/job-control'
export { LmzError, type LmzErrorCode } from '../../contract/error'
export type { ArchiveInfo } from '../../contract/archive-info'
export type { Entry, EntryKind } from '../../contract/entry'
export type { Expected, PresetEstimate } from '../../contract/estimate'
export type { PasswordChange, PasswordOptions, PasswordQuestion } from '../../contract/password'
export type { PresetName } from '../../contract/preset'
export type { Problem } from '../../contract/problem'
export type { Progress } from '../../contract/progress'
export type { OverwriteAnswer, OverwritePolicy, OverwriteQuestion } from '../../contract/question'
export type {
  EstimateReport,
  ExtractReport,
  PackReport,
  PasswordReport,
  SalvageReport,
  VerifyReport,
} from '../../contract/report'

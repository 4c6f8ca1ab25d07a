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
  protectArchive,
  removeFromArchive,
  renameInArchive,
  repairArchive,
  salvageArchive,
  verifyArchive,
  type AddOptions,
  type CreateOptions,
  type EstimateOptions,
  type ExtractOptions,
  type ProtectOptions,
} from './verbs'
export { openArchive, type OpenedArchive } from './opened-archive'
export { explainFile, type ExplainFileOptions } from '../../archive/insight/explain-file'
export { PauseGate, type JobOptions } from '../../archive/job-control'
export { LmzError, type LmzErrorCode } from '../../contract/error'
export type { ArchiveInfo } from '../../contract/archive-info'
export type { Entry, EntryKind } from '../../contract/entry'
export type { Expected, PresetEstimate } from '../../contract/estimate'
export type {
  ArchiveAccount,
  BlockContest,
  BlockSizeTrial,
  ByteForecast,
  FileAccount,
  FileExplanation,
  SurpriseMap,
} from '../../contract/insight'
export type { PasswordChange, PasswordOptions, PasswordQuestion } from '../../contract/password'
export type { PresetName } from '../../contract/preset'
export type { Problem } from '../../contract/problem'
export type { Progress } from '../../contract/progress'
export type { ProtectionLevel } from '../../contract/protection'
export type { TensorRow, TensorType } from '../../contract/tensor'
export type { OverwriteAnswer, OverwritePolicy, OverwriteQuestion } from '../../contract/question'
export type {
  EstimateReport,
  ExtractReport,
  PackReport,
  PasswordReport,
  ProtectionHealth,
  RepairReport,
  SalvageReport,
  VerifyReport,
} from '../../contract/report'

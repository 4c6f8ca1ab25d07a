/**
 * lmz as a library. The same verbs as the command line, each `(input, options)`; options carry an AbortSignal, progress and
 * problem callbacks, and a way to answer questions. See docs/library.md.
 */
export { createArchive, type CreateOptions } from '../../archive/create'
export { addToArchive, type AddOptions } from '../../archive/add'
export { compactArchive, removeFromArchive } from '../../archive/rewrite'
export { extractArchive, type ExtractOptions } from '../../archive/extract'
export { verifyArchive } from '../../archive/verify'
export { salvageArchive } from '../../archive/salvage'
export { openArchive, type OpenedArchive } from './opened-archive'
export { PauseGate, type JobOptions } from '../../archive/job-control'
export { LmzError, type LmzErrorCode } from '../../contract/error'
export type { ArchiveInfo } from '../../contract/archive-info'
export type { Entry, EntryKind } from '../../contract/entry'
export type { Problem } from '../../contract/problem'
export type { Progress } from '../../contract/progress'
export type { OverwriteAnswer, OverwritePolicy, OverwriteQuestion } from '../../contract/question'
export type { ExtractReport, PackReport, SalvageReport, VerifyReport } from '../../contract/report'

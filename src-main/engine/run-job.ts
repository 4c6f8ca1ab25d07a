import * as v from 'valibot'
import { addToArchive } from '../archive/add'
import { changePasswords, type ChangePasswordsOptions } from '../archive/encryption/change-passwords'
import { createArchive } from '../archive/create'
import { estimateArchive } from '../archive/estimate/estimate'
import { extractArchive } from '../archive/extraction/extract'
import type { JobOptions } from '../archive/job-control'
import { protectArchive } from '../archive/protection/protect'
import { repairArchive } from '../archive/protection/repair'
import { renameInArchive } from '../archive/rename'
import { compactArchive, removeFromArchive } from '../archive/rewrite'
import { salvageArchive } from '../archive/salvage/salvage'
import { extractTensor } from '../archive/tensors/extract-tensor'
import { verifyArchive } from '../archive/verify'
import { LmzError } from '../contract/error'
import { type JobRequest, type JobRequestOf, type JobVerb, jobRequestSchema } from '../contract/job'
import type { ReportOf } from '../contract/report'

type Runners = {
  readonly [Verb in JobVerb]: (request: JobRequestOf<Verb>, options: RunOptions) => Promise<ReportOf[Verb]>
}

/** What a job may ask and tell while it runs, and the passwords it needs. */
export type RunOptions = JobOptions & Pick<ChangePasswordsOptions, 'newPassword' | 'askNewPassword'>

const runners: Runners = {
  create: ({ archive, paths, ...options }, job) => createArchive(archive, paths, { ...options, ...job }),
  estimate: ({ paths, ...options }, job) => estimateArchive(paths, { ...options, ...job }),
  add: ({ archive, paths, ...options }, job) => addToArchive(archive, paths, { ...options, ...job }),
  remove: ({ archive, entries }, job) => removeFromArchive(archive, entries, job),
  rename: ({ archive, entry, name }, job) => renameInArchive(archive, entry, name, job),
  compact: ({ archive }, job) => compactArchive(archive, job),
  extract: ({ archive, entries, destination, tensor, ...options }, job) =>
    tensor === undefined
      ? extractArchive(archive, entries, destination, { ...options, ...job })
      : extractTensor(archive, onlyEntry(entries), tensor, destination, { ...options, ...job }),
  verify: ({ archive }, job) => verifyArchive(archive, job),
  protect: ({ archive, level }, job) => protectArchive(archive, { level, ...job }),
  repair: ({ archive, target }, job) => repairArchive(archive, target, job),
  salvage: ({ archive, target }, job) => salvageArchive(archive, target, job),
  password: ({ archive, change }, job) => changePasswords(archive, { ...job, change }),
}

/** @throws LmzError `Usage` unless there is exactly one */
function onlyEntry(entries: readonly string[]): string {
  const [entry, ...others] = entries
  if (entry === undefined || others.length > 0) throw new LmzError('Usage', 'A tensor is taken out of a single file.')
  return entry
}

/** A request that came from outside, once it is found to be one. @throws LmzError `Usage` */
export function checkedRequest(request: unknown): JobRequest {
  const parsed = v.safeParse(jobRequestSchema, request)
  if (!parsed.success) throw new LmzError('Usage', `Not a job: ${v.summarize(parsed.issues)}`)
  return parsed.output
}

/**
 * Runs one job to its end.
 * @throws LmzError; whatever the job was changing is as it was before
 */
export async function runJob<Verb extends JobVerb>(
  request: JobRequestOf<Verb>,
  options: RunOptions,
): Promise<ReportOf[Verb]> {
  // The table's type ties verb, request and report; indexing by a union loses that tie.
  const run = runners[request.verb]
  try {
    return await run(request, options)
  } catch (cause) {
    // Which of its parts noticed the cancel first is nothing a user wants to know.
    if (cause instanceof LmzError && cause.code === 'Cancelled') {
      throw new LmzError('Cancelled', 'Cancelled. Nothing was changed.', { cause })
    }
    throw cause
  }
}

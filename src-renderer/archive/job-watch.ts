import type { JobState } from '../../src-main/contract/engine-api'
import type { JobVerb } from '../../src-main/contract/job'
import type { VerifyReport } from '../../src-main/contract/report'
import type { Bridge } from '../bridge'
import type { ArchiveModel } from './archive-model.svelte'

interface Watcher {
  onverified(report: VerifyReport): void
  /** A job with the archive has ended, in whatever way. */
  onended(job: JobState): void
  /** The archive was changed and is being opened again. */
  onchanged(): void
}

const changing: ReadonlySet<JobVerb> = new Set(['create', 'add', 'remove', 'rename', 'compact', 'protect', 'password'])

/**
 * Keeps the view true to its archive: after a job has changed it, and after the engine was started anew, it is opened again.
 * @returns ends it
 */
export function followJobs(bridge: Bridge, model: ArchiveModel, watcher: Watcher): () => void {
  /** The last state of a job may be told more than once. */
  const ended = new Set<number>()

  const jobChanged = (job: JobState): void => {
    const { request, status } = job
    const isOver = status === 'done' || status === 'failed' || status === 'cancelled'
    if (!isOver || ended.has(job.id) || !('archive' in request) || request.archive !== model.path) return
    ended.add(job.id)
    watcher.onended(job)
    if (request.verb === 'verify' && status === 'done') watcher.onverified(job.report as VerifyReport)
    // What failed half-way may have changed it too.
    if (!changing.has(request.verb)) return
    watcher.onchanged()
    void model.reopen()
  }

  const stops = [
    bridge.events.on('jobChanged', jobChanged),
    bridge.events.on('engineRestarted', () => {
      // The numbers of jobs start anew.
      ended.clear()
      void model.reopen()
    }),
  ]
  return () => stops.forEach((stop) => stop())
}

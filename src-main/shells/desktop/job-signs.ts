import { BrowserWindow, Notification, powerSaveBlocker } from 'electron'
import { basename } from 'node:path'
import type { JobState } from '../../contract/engine-api'
import type { EngineHost } from '../window/engine-host'
import { isUnderWay } from '../window/job-book'
import { text } from './texts'

/** What the system shows of jobs: progress on the task bar or in the dock, a notice at the end; and the computer stays awake. */
export function showJobSigns(host: EngineHost, comeForward: (archive: string | undefined) => void): void {
  let awake: number | undefined
  const refresh = (): void => {
    const running = host.jobs().filter((job) => job.status === 'running' && isRealWork(job))
    if (running.length > 0) awake ??= powerSaveBlocker.start('prevent-app-suspension')
    else if (awake !== undefined) {
      powerSaveBlocker.stop(awake)
      awake = undefined
    }
    const shown = running[0] ?? host.jobs().find((job) => job.status === 'paused')
    for (const window of BrowserWindow.getAllWindows()) showProgress(window, shown)
  }
  host.subscribe({
    jobChanged: (job) => {
      refresh()
      // Whoever looks at a window sees it there.
      const isWatched = BrowserWindow.getFocusedWindow() !== null
      if (isEnd(job) && isRealWork(job) && !isWatched) notify(job, comeForward)
    },
    problem: () => undefined,
    question: () => undefined,
    engineRestarted: refresh,
  })
}

/** Whether there is work that would be lost by quitting. */
export function hasRealWork(host: EngineHost): boolean {
  return host.jobs().some((job) => isUnderWay(job) && isRealWork(job))
}

function isRealWork({ request }: JobState): boolean {
  return request.verb !== 'estimate'
}

function isEnd({ status }: JobState): boolean {
  return status === 'done' || status === 'failed'
}

function showProgress(window: Electron.BrowserWindow, job: JobState | undefined): void {
  if (window.isDestroyed()) return
  if (job === undefined) window.setProgressBar(-1)
  else if (job.status === 'paused') window.setProgressBar(fraction(job) ?? 0, { mode: 'paused' })
  else {
    const done = fraction(job)
    // More than 1 stands for "some time".
    if (done === undefined) window.setProgressBar(2, { mode: 'indeterminate' })
    else window.setProgressBar(done, { mode: 'normal' })
  }
}

function fraction({ progress }: JobState): number | undefined {
  if (progress?.bytesTotal === undefined || progress.bytesTotal === 0) return undefined
  return Math.min(1, progress.bytes / progress.bytesTotal)
}

function notify(job: JobState, comeForward: (archive: string | undefined) => void): void {
  if (!Notification.isSupported()) return
  const { archive } = job.request
  const name = archive === undefined ? 'lmz' : basename(archive)
  const isDone = job.status === 'done'
  const problems = job.report?.problems.length ?? 0
  const outcome = problems === 0 ? text('job.fine') : text('job.problems', { count: problems })
  const notice = new Notification({
    title: text(isDone ? `job.${job.request.verb}` : 'job.failed', { name }),
    body: isDone ? outcome : (job.error?.message ?? ''),
  })
  notice.on('click', () => comeForward(archive))
  notice.show()
}

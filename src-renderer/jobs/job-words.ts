import { escapeForDisplay } from '../../src-main/contract/display-name'
import type { JobState } from '../../src-main/contract/engine-api'
import type {
  ExtractReport,
  PackReport,
  RepairReport,
  SalvageReport,
  VerifyReport,
} from '../../src-main/contract/report'
import { say, t } from '../i18n/text.svelte'
import { baseName, type Separator } from '../state/paths'

/** The archive a job is about, as it may be shown. */
export function archiveNameOf({ request }: JobState, separator: Separator): string {
  const path = 'archive' in request ? (request.archive ?? '') : ''
  return escapeForDisplay(baseName(path, separator))
}

/** What a job is, or how it ended, in one line: "Making Project.lmz", "Project.lmz is ready: 288 MB, 22 % of 1.31 GB". */
export function jobTitle(job: JobState, separator: Separator): string {
  const { verb } = job.request
  const archive = archiveNameOf(job, separator)
  switch (job.status) {
    case 'queued':
    case 'running':
    case 'paused':
      return t(`jobs.${verb}`, { archive })
    case 'failed':
      return t(`jobs.failed.${verb}`, { archive })
    case 'cancelled':
      return t(`jobs.cancelled.${verb}`, { archive })
    case 'done':
      return doneTitle(job, archive, separator)
  }
}

function doneTitle({ request, report }: JobState, archive: string, separator: Separator): string {
  switch (request.verb) {
    case 'create': {
      const { archiveBytes, rawBytes } = report as PackReport
      const size = say.size(archiveBytes)
      // A small archive can be larger than what it holds; a share would say so in a silly way.
      if (archiveBytes >= rawBytes) return t('jobs.done.createSmall', { archive, size })
      return t('jobs.done.create', {
        archive,
        size,
        share: say.share(archiveBytes / rawBytes),
        raw: say.size(rawBytes),
      })
    }
    case 'add':
    case 'compact':
      return t(`jobs.done.${request.verb}`, { archive, size: say.size((report as PackReport).archiveBytes) })
    case 'extract':
      return extractedTitle(report as ExtractReport)
    case 'verify': {
      const { damagedFiles, uncheckedFiles, files } = report as VerifyReport
      if (damagedFiles > 0) return t('jobs.done.verifyDamaged', { archive, count: damagedFiles })
      if (isRepairable(report as VerifyReport)) return t('jobs.done.verifyRepairable', { archive })
      if (uncheckedFiles > 0) return t('jobs.done.verifyUnchecked', { archive, count: uncheckedFiles })
      return t('jobs.done.verify', { archive, files: t('common.files', { count: files }) })
    }
    case 'salvage': {
      const { files, target } = report as SalvageReport
      const targetName = escapeForDisplay(baseName(target, separator))
      return t('jobs.done.salvage', { files: t('common.files', { count: files }), target: targetName })
    }
    case 'protect':
      return t('jobs.done.protect', { archive, size: say.size((report as PackReport).archiveBytes) })
    case 'repair': {
      const { target, lostFiles } = report as RepairReport
      const targetName = escapeForDisplay(baseName(target, separator))
      if (lostFiles > 0) return t('jobs.done.repairLost', { target: targetName, count: lostFiles })
      return t('jobs.done.repair', { target: targetName })
    }
    case 'password':
      return t(`jobs.done.password.${request.change}`, { archive })
    case 'estimate':
      return t('jobs.estimate')
    default:
      return t(`jobs.done.${request.verb}`, { archive })
  }
}

function extractedTitle(report: ExtractReport): string {
  const { files, directories, links, bytes } = report
  if (nothingWasWritten(report)) return t('jobs.done.extractNothing')
  if (files + links === 0 && directories > 0) {
    return t('jobs.done.extractFolders', { folders: t('common.folders', { count: directories }) })
  }
  return t('jobs.done.extract', { files: t('common.files', { count: files }), size: say.size(bytes) })
}

function nothingWasWritten({ files, links, problems, condition, notices }: ExtractReport): boolean {
  // Of a whole archive there is nothing to note but that something was left alone.
  return files + links === 0 && problems.length === 0 && condition === 'intact' && notices.length > 0
}

/** Whether a job had nothing to extract, since all of it was there already. */
export function isAllThere({ request, status, report }: JobState): boolean {
  return request.verb === 'extract' && status === 'done' && nothingWasWritten(report as ExtractReport)
}

/** Where the result of a job lies, if it left one. */
export function resultOf({
  request,
  report,
  status,
}: JobState): { readonly path: string; readonly isArchive: boolean } | undefined {
  if (status !== 'done') return undefined
  switch (request.verb) {
    case 'create':
    case 'add':
      return { path: request.archive, isArchive: true }
    case 'salvage':
    case 'repair':
      return { path: request.target, isArchive: true }
    case 'extract':
      return { path: (report as ExtractReport).destination, isArchive: false }
    default:
      return undefined
  }
}

/** 0 to 1; undefined while nobody knows how much there is. */
export function shareDone({ progress, status }: JobState): number | undefined {
  if (status === 'done') return 1
  if (progress === undefined || progress.phase === 'scan') return undefined
  const { share, bytes, bytesTotal, entries, entriesTotal } = progress
  if (share !== undefined) return Math.min(1, Math.max(0, share))
  if (bytesTotal !== undefined && bytesTotal > 0) return Math.min(1, bytes / bytesTotal)
  if (entriesTotal !== undefined && entriesTotal > 0) return Math.min(1, entries / entriesTotal)
  return undefined
}

/** What a job counts beside bytes, and how far it is in that; undefined for one that counts nothing else. */
export function countOf({
  request,
  progress,
}: JobState): { readonly label: string; readonly value: string } | undefined {
  if (progress === undefined) return undefined
  const { entries, entriesTotal } = progress
  if (entriesTotal === undefined && entries === 0) return undefined
  const done = say.count(entries)
  return {
    label: t(request.verb === 'salvage' ? 'jobs.blocks' : 'jobs.entries'),
    value: entriesTotal === undefined ? done : t('jobs.ofTotal', { done, total: say.count(entriesTotal) }),
  }
}

/** Whether an archive was found damaged in a way that a repair undoes all of. */
export function isRepairable({ damagedFiles, protection }: VerifyReport): boolean {
  if (protection === undefined || damagedFiles > 0) return false
  const { repairableBytes, movedBytes, lostBytes, damagedParity } = protection
  return repairableBytes + movedBytes + lostBytes + damagedParity > 0
}

/** Whether an ended job deserves more than a glance. */
export function hasTrouble(job: JobState): boolean {
  const isDamaged =
    job.report !== undefined &&
    job.request.verb === 'verify' &&
    ((job.report as VerifyReport).damagedFiles > 0 || isRepairable(job.report as VerifyReport))
  return job.status === 'failed' || isDamaged || job.problemCount > 0
}

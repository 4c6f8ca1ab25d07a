import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import type { Entry } from '../contract/entry'
import { LmzError } from '../contract/error'
import type { SalvageReport } from '../contract/report'
import { carryMark } from '../outlet/download-mark/system-marks'
import { Archive } from './archive'
import { copyArchive } from './copy-archive'
import { JobControl, type JobOptions } from './job-control'
import { packReport } from './pack-report'
import { salvageBlocks } from './salvage-blocks'
import { displayPath } from './selection'
import { diskStorage, type Storage } from './storage'

/**
 * Copies what is whole in a damaged archive to a new one. With the help of the newest index that is left, files
 * keep their names; without any, the bytes of each intact block become one file. The damaged archive is only read.
 *
 * @throws LmzError `Collision` if something is at the target, `Format` if there is nothing of an archive, `Corrupt` if
 *   nothing could be saved, `NoSpace`, `Io`, `Cancelled`
 */
export async function salvageArchive(
  damaged: string,
  target: string,
  options: JobOptions = {},
  storage: Storage = diskStorage,
): Promise<SalvageReport> {
  const control = new JobControl(options)
  if (existsSync(target)) {
    throw new LmzError('Collision', `${basename(target)} already exists. Choose another name.`, { subject: target })
  }
  const archive = await openIfPossible(damaged, storage)
  if (archive === undefined) return salvageWithoutIndex(damaged, target, control, storage)
  let lostFiles = 0
  const onLost = (entry: Entry): void => {
    lostFiles++
    const path = displayPath(archive, entry.id)
    const error = new LmzError('Corrupt', `${path} is damaged or missing.`, { subject: path })
    control.problem({ path, error: error.toData(), outcome: 'left out' })
  }
  try {
    await copyArchive(archive, { target, mayReplace: false, keep: () => true, onLost }, control, storage)
    keepMark(damaged, target, control)
    const { files, rawBytes } = await packReport(target, control, 0, storage)
    const notices = [...archive.notices, ...control.notices]
    return { target, files, lostFiles, bytes: rawBytes, problems: control.problems, notices }
  } catch (cause) {
    if (!isFaultOfIndex(cause)) throw cause
    return await salvageWithoutIndex(damaged, target, control, storage)
  } finally {
    archive.close()
  }
}

async function salvageWithoutIndex(
  damaged: string,
  target: string,
  control: JobControl,
  storage: Storage,
): Promise<SalvageReport> {
  await salvageBlocks(damaged, target, control, storage)
  keepMark(damaged, target, control)
  const { files, rawBytes } = await packReport(target, control, 0, storage)
  const lost = `The list of files of ${basename(damaged)} is lost; each file holds the bytes of one block.`
  const notices = [lost, ...control.notices]
  return { target, files, lostFiles: -1, bytes: rawBytes, problems: control.problems, notices }
}

/** What was downloaded stays marked as such; a disk without marks is no reason to lose what was saved. */
function keepMark(damaged: string, target: string, control: JobControl): void {
  try {
    carryMark(damaged, target)
  } catch {
    control.notice(`${basename(target)} could not be marked as downloaded.`)
  }
}

/** @returns undefined if there is no list of files to go by */
async function openIfPossible(path: string, storage: Storage): Promise<Archive | undefined> {
  try {
    return await Archive.openForSalvage(path, storage)
  } catch (cause) {
    if (isFaultOfIndex(cause)) return undefined
    throw cause
  }
}

/** Whether it is the list of files that cannot be used, be it damaged or against the rules; blocks may still be whole. */
function isFaultOfIndex(thrown: unknown): boolean {
  return thrown instanceof LmzError && ['Corrupt', 'Format', 'Limit'].includes(thrown.code)
}

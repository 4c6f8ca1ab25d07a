import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import type { Entry } from '../../contract/entry'
import { isDamage, LmzError } from '../../contract/error'
import type { SalvageReport } from '../../contract/report'
import { Archive } from '../archive'
import { copyArchive } from '../copy-archive'
import { JobControl, type JobOptions } from '../job-control'
import { keepMark } from '../keep-mark'
import { packReport } from '../pack-report'
import { salvageBlocks } from './salvage-blocks'
import { displayPath } from '../selection'
import { diskStorage, type Storage } from '../storage'

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
  const archive = await openIfPossible(damaged, storage, control)
  if (archive === undefined) return salvageWithoutIndex(damaged, target, control, storage)
  let lostFiles = 0
  const onLost = (entry: Entry): void => {
    lostFiles++
    const path = displayPath(archive, entry.id)
    const error = new LmzError('Corrupt', `${path} is damaged or missing.`, { subject: path })
    control.problem({ path, error: error.toData(), outcome: 'left out' })
  }
  try {
    const masterKey = archive.encryption?.masterKey.renewed()
    await copyArchive(archive, { target, mayReplace: false, masterKey, keep: () => true, onLost }, control, storage)
    keepMark(damaged, target, control)
    const made = packReport(target, control, 0, storage, masterKey)
    const { files, rawBytes } = await made.finally(() => masterKey?.forget())
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
  const masterKey = await salvageBlocks(damaged, target, control, storage)
  keepMark(damaged, target, control)
  const made = packReport(target, control, 0, storage, masterKey)
  const { files, rawBytes } = await made.finally(() => masterKey?.forget())
  const lost = `The list of files of ${basename(damaged)} is lost; each file holds the bytes of one block.`
  const notices = [lost, ...control.notices]
  return { target, files, lostFiles: -1, bytes: rawBytes, problems: control.problems, notices }
}

/** @returns undefined if there is no list of files to go by */
async function openIfPossible(path: string, storage: Storage, control: JobControl): Promise<Archive | undefined> {
  try {
    return await Archive.openForSalvage(path, storage, control.unlock)
  } catch (cause) {
    if (isFaultOfIndex(cause)) return undefined
    throw cause
  }
}

/** Whether it is the list of files that cannot be used, be it damaged or against the rules; blocks may still be whole. */
function isFaultOfIndex(thrown: unknown): boolean {
  return isDamage(thrown) || (thrown instanceof LmzError && ['Format', 'Limit'].includes(thrown.code))
}

import { stat } from 'node:fs/promises'
import type { Entry } from '../contract/entry'
import { isDamage, LmzError } from '../contract/error'
import type { PackReport } from '../contract/report'
import { WriterLock } from '../index/writer-lock'
import { Archive } from './archive'
import { copyArchive } from './copy-archive'
import { JobControl, type JobOptions } from './job-control'
import { packReport } from './pack-report'
import { findEntry } from './selection'
import { diskStorage, removeUnfinished, type Storage } from './storage'

/**
 * Removes entries and everything below them. The archive is written anew without their bytes, every block of it is checked,
 * and then it takes the old one's place; until then the old one stands untouched.
 * @param paths entry paths such as "docs/readme.md"
 * @throws LmzError `NotFound` for a path that is not there, `Corrupt` if a block that must be kept is damaged, `Busy`,
 *   `NoSpace`, `Io`, `Cancelled`
 */
export async function removeFromArchive(
  path: string,
  paths: readonly string[],
  options: JobOptions = {},
  storage: Storage = diskStorage,
): Promise<PackReport> {
  return rewrite(path, options, storage, (archive) => {
    const removed = new Set(paths.map((entryPath) => findEntry(archive, entryPath).id))
    // Parents come before children, so one look at the parent is enough.
    return (entry) => {
      if (removed.has(entry.parent)) removed.add(entry.id)
      return !removed.has(entry.id)
    }
  })
}

/**
 * Rewrites an archive without earlier commits, unfinished changes and bytes no entry uses any more.
 * @throws LmzError as {@link removeFromArchive}
 */
export async function compactArchive(
  path: string,
  options: JobOptions = {},
  storage: Storage = diskStorage,
): Promise<PackReport> {
  return rewrite(path, options, storage, () => () => true)
}

async function rewrite(
  path: string,
  options: JobOptions,
  storage: Storage,
  choose: (archive: Archive) => (entry: Entry) => boolean,
): Promise<PackReport> {
  const control = new JobControl(options)
  const lock = WriterLock.acquire(path)
  try {
    removeUnfinished(lock.archivePath)
    const archive = await Archive.open(lock.archivePath, storage, control.unlock)
    const masterKey = archive.encryption?.masterKey.renewed()
    try {
      archive.refuseIfDegraded()
      const copy = { target: lock.archivePath, mayReplace: true, masterKey, keep: choose(archive) }
      await copyArchive(archive, copy, control, storage).catch((cause: unknown) => {
        throw withAdvice(cause, archive)
      })
    } finally {
      archive.close()
    }
    const { size } = await stat(lock.archivePath)
    return await packReport(lock.archivePath, control, size, storage, masterKey).finally(() => masterKey?.forget())
  } finally {
    lock.release()
  }
}

function withAdvice(cause: unknown, archive: Archive): unknown {
  if (!isDamage(cause)) return cause
  const advice = `Nothing was changed. To copy what is whole: lmz salvage ${archive.name} <new archive>`
  const { code, reason, message } = cause
  const detail = { subject: archive.path, cause, ...(reason === undefined ? {} : { reason }) }
  return new LmzError(code, `${message} ${advice}`, detail)
}

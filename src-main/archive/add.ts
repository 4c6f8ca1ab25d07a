import { basename } from 'node:path'
import { toLmzError } from '../contract/error'
import type { PackReport } from '../contract/report'
import { IndexWriter } from '../index/index-writer'
import { WriterLock } from '../index/writer-lock'
import { Archive } from './archive'
import { ArchiveWriter } from './archive-writer'
import { ChunkTable } from './chunk-table'
import { ContentLedger } from './content-ledger'
import type { CreateOptions } from './create'
import { JobControl } from './job-control'
import { packReport } from './pack-report'
import { packSources } from './pack-sources'
import { settingsOf } from './settings'
import { diskStorage, removeUnfinished, type Storage } from './storage'
import { StoredChunks } from './stored-chunks'

/** As for {@link CreateOptions}; preset and block size are the archive's own unless given. */
export type AddOptions = Omit<CreateOptions, 'replace'>

/**
 * Adds files and folders to an archive as one new commit behind its end; entries of the same path get the new content.
 * What was stored before is not touched, and stays readable if the change fails at any moment.
 *
 * @throws LmzError `NotFound`, `Busy` while another program writes, `Corrupt` for an archive that must be salvaged first,
 *   `NoSpace`, `Io`, `Cancelled`
 */
export async function addToArchive(
  path: string,
  paths: readonly string[],
  options: AddOptions = {},
  storage: Storage = diskStorage,
): Promise<PackReport> {
  const control = new JobControl(options)
  const lock = WriterLock.acquire(path)
  try {
    removeUnfinished(lock.archivePath)
    const archive = await Archive.open(lock.archivePath, storage)
    let startLength: number
    let endLength: number
    try {
      archive.refuseIfDegraded()
      const last = archive.footer
      if (last === undefined) throw new TypeError('an archive that is not degraded has a footer')
      const stored = settingsOf(archive)
      const settings = { preset: options.preset ?? stored.preset, blockSize: options.blockSize ?? stored.blockSize }
      const writer = await ArchiveWriter.append(lock.archivePath, storage, last)
      startLength = writer.position
      const index = IndexWriter.amend(archive.index)
      try {
        if (options.comment !== undefined) index.setSetting('comment', options.comment)
        const table = new ChunkTable()
        const ledger = new ContentLedger(index)
        const storedChunks = new StoredChunks(archive, table, ledger)
        await packSources(
          { writer, index, settings, control, table, ledger, storedChunks, archive, primers: options.primers },
          { roots: paths, exclude: options.exclude ?? [], skip: [lock.archivePath, lock.lockPath] },
        )
        endLength = writer.position
      } catch (cause) {
        await writer.abort()
        throw toLmzError(cause, `Cannot add to ${basename(path)}`, path)
      } finally {
        index.close()
      }
    } finally {
      archive.close()
    }
    return await packReport(lock.archivePath, control, endLength - startLength, storage)
  } finally {
    lock.release()
  }
}

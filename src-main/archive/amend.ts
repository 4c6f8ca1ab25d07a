import { basename } from 'node:path'
import { toLmzError } from '../contract/error'
import type { PackReport } from '../contract/report'
import { IndexWriter } from '../index/index-writer'
import { WriterLock } from '../index/writer-lock'
import { Archive } from './archive'
import { ArchiveWriter } from './archive-writer'
import type { JobControl } from './job-control'
import { enterLineage } from './encryption/lineage'
import type { MasterKey } from './encryption/master-key'
import { packReport } from './pack-report'
import { diskStorage, removeUnfinished, type Storage } from './storage'

/** An archive that is about to get one more commit. */
export interface Amendment {
  /** Its state so far. */
  readonly archive: Archive
  /** Appends behind its end. */
  readonly writer: ArchiveWriter
  /** Its index, to be changed. */
  readonly index: IndexWriter
  readonly lock: WriterLock
}

export interface AmendOptions {
  readonly control: JobControl
  /** The start of error messages: "Cannot add to photos.lmz". */
  readonly action: string
  readonly storage?: Storage | undefined
  /** Of an encrypted archive, if it is at hand already. */
  readonly masterKey?: MasterKey | undefined
}

/**
 * Changes an archive by a commit behind its end. What was stored before is not touched, and stays readable if the change
 * fails at any moment.
 * @param change makes the change and commits it; without a commit the archive stays as it is
 * @throws LmzError `NotFound`, `Busy` while another program writes, `Corrupt` for an archive that must be salvaged first,
 *   `NoSpace`, `Io`, `Cancelled`
 */
export async function amendArchive(
  path: string,
  { control, action, storage = diskStorage, masterKey: known }: AmendOptions,
  change: (amendment: Amendment) => Promise<void>,
): Promise<PackReport> {
  const lock = WriterLock.acquire(path)
  try {
    removeUnfinished(lock.archivePath)
    const archive = await Archive.open(lock.archivePath, storage, { ...control.unlock, masterKey: known })
    const masterKey = archive.encryption?.masterKey.copy()
    let writtenBytes: number
    try {
      archive.refuseIfDegraded()
      const last = archive.footer
      if (last === undefined) throw new TypeError('an archive that is not degraded has a footer')
      const writer = await ArchiveWriter.append(lock.archivePath, storage, last, archive.encryption)
      const start = writer.position
      let index: IndexWriter | undefined
      try {
        index = await amendedIndex(archive, control)
        if (writer.encryption !== undefined) enterLineage(index, archive.index.settings(), writer.lineage)
        await change({ archive, writer, index, lock })
        writtenBytes = writer.position - start
      } catch (cause) {
        await writer.abort()
        throw toLmzError(cause, `${action} ${basename(path)}`, path)
      } finally {
        index?.close()
      }
    } finally {
      archive.close()
    }
    return await packReport(lock.archivePath, control, writtenBytes, storage, masterKey).finally(() =>
      masterKey?.forget(),
    )
  } finally {
    lock.release()
  }
}

/** Seconds for a million entries: a cancel must not wait for them. */
async function amendedIndex(archive: Archive, control: JobControl): Promise<IndexWriter> {
  const steps = IndexWriter.amendInSteps(archive.index)
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
    try {
      await control.checkpoint()
    } catch (cause) {
      // Ends the steps, which close what they have made.
      steps.return(undefined as never)
      throw cause
    }
  }
}

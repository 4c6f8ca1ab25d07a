import { WriterLock } from '../index/writer-lock'
import { removeUnfinished } from './storage'

/**
 * Removes what a job that was killed left beside an archive it was writing: its unfinished successor, which may be large, and the
 * empty file of its lock. The next change of the archive would do so too, but there may never be one.
 * @throws LmzError `Busy` while somebody writes the archive, `NotFound`, `Io`
 */
export function tidyUpAfter(path: string): void {
  const lock = WriterLock.acquire(path)
  try {
    removeUnfinished(lock.archivePath)
  } finally {
    lock.release()
  }
}

import type { PackReport } from '../contract/report'
import { Archive } from './archive'
import type { JobControl } from './job-control'
import type { MasterKey } from './encryption/master-key'
import type { Storage } from './storage'

/** What the finished archive holds, read back from the archive itself: the first proof that it opens. */
export async function packReport(
  path: string,
  control: JobControl,
  writtenBytes: number,
  storage: Storage,
  masterKey?: MasterKey,
): Promise<PackReport> {
  const archive = await Archive.open(path, storage, { masterKey })
  try {
    const { entries, files, rawBytes, uniqueBytes } = archive.index.totals()
    const archiveBytes = archive.source.size
    const { problems } = control
    const notices = [...archive.notices, ...control.notices]
    return { archive: path, entries, files, rawBytes, uniqueBytes, archiveBytes, writtenBytes, problems, notices }
  } finally {
    archive.close()
  }
}

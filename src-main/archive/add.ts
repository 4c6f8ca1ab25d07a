import { LmzError } from '../contract/error'
import type { PackReport } from '../contract/report'
import { amendArchive } from './amend'
import type { Archive } from './archive'
import { ChunkTable } from './packing/chunk-table'
import { ContentLedger } from './packing/content-ledger'
import type { CreateOptions } from './create'
import { JobControl } from './job-control'
import { packSources } from './packing/pack-sources'
import { findEntry } from './selection'
import { settingsOf } from './settings'
import type { Storage } from './storage'
import { StoredChunks } from './packing/stored-chunks'

/** As for {@link CreateOptions}; preset and block size are the archive's own unless given. */
export interface AddOptions extends Omit<CreateOptions, 'replace' | 'protection'> {
  /** The folder of the archive to add to, such as "docs/images"; its top level if not given. */
  readonly into?: string | undefined
}

/**
 * Adds files and folders to an archive as one new commit behind its end; entries of the same path get the new content.
 * What was stored before is not touched, and stays readable if the change fails at any moment.
 *
 * @throws LmzError `NotFound` for a path, or a folder of the archive, that is not there; `Busy` while another program writes, `Corrupt` for an archive that must be salvaged first,
 *   `NoSpace`, `Io`, `Cancelled`
 */
export async function addToArchive(
  path: string,
  paths: readonly string[],
  options: AddOptions = {},
  storage?: Storage,
): Promise<PackReport> {
  const control = new JobControl(options)
  const amending = { control, action: 'Cannot add to', storage }
  return amendArchive(path, amending, async ({ archive, index, writer, lock }) => {
    const stored = settingsOf(archive)
    const settings = {
      preset: options.preset ?? stored.preset,
      blockSize: options.blockSize ?? stored.blockSize,
      protection: stored.protection,
    }
    if (options.comment !== undefined) index.setSetting('comment', options.comment)
    const table = new ChunkTable()
    const ledger = new ContentLedger(index)
    const storedChunks = new StoredChunks(archive, table, ledger)
    await packSources(
      { writer, index, settings, control, table, ledger, storedChunks, archive, primers: options.primers },
      {
        roots: paths,
        exclude: options.exclude ?? [],
        skip: [lock.archivePath, lock.lockPath],
        folder: folderOf(archive, options.into),
      },
    )
  })
}

/** @returns its entry; 0 for the top level */
function folderOf(archive: Archive, path: string | undefined): number {
  if (path === undefined || /^[./]*$/.test(path)) return 0
  const { id, kind } = findEntry(archive, path)
  if (kind === 'directory') return id
  throw new LmzError('NotFound', `${path} in ${archive.name} is no folder. Nothing was changed.`, { subject: path })
}

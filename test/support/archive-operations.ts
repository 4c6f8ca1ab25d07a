import { addToArchive } from '../../src-main/archive/add'
import { createArchive } from '../../src-main/archive/create'
import { protectArchive } from '../../src-main/archive/protection/protect'
import { renameInArchive } from '../../src-main/archive/rename'
import { compactArchive, removeFromArchive } from '../../src-main/archive/rewrite'
import type { Storage } from '../../src-main/archive/storage'

/** Where an operation finds an archive to change and a folder to pack. */
export interface Places {
  readonly archive: string
  /** A folder of files; the archive holds an earlier state of it, under the name `source`, with `source/file-2.txt` in it. */
  readonly source: string
}

export type ArchiveOperation = (places: Places, storage: Storage) => Promise<unknown>

/**
 * Everything that writes an archive, by name. Tests of faults and crashes go through this list: what changes archives in another way
 * gets a line here, and is tried in all of them.
 */
export const archiveOperations: Readonly<Record<string, ArchiveOperation>> = {
  add: ({ archive, source }, storage) => addToArchive(archive, [source], {}, storage),
  rename: ({ archive }, storage) => renameInArchive(archive, 'source/file-2.txt', 'renamed', {}, storage),
  remove: ({ archive }, storage) => removeFromArchive(archive, ['source/file-2.txt'], {}, storage),
  compact: ({ archive }, storage) => compactArchive(archive, {}, storage),
  protect: ({ archive }, storage) => protectArchive(archive, {}, storage),
  'create over an old one': ({ archive, source }, storage) =>
    createArchive(archive, [source], { replace: true, preset: 'fast' }, storage),
}

/** The same where there is no archive yet. */
export function create({ archive, source }: Places, storage: Storage): Promise<unknown> {
  return createArchive(archive, [source], { preset: 'fast' }, storage)
}

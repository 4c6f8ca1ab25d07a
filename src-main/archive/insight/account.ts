import type { ArchiveAccount } from '../../contract/insight'
import type { Archive } from '../archive'
import type { EntryTable } from '../rows/entry-table'
import { dataGroups } from './data-groups'
import { frameParts } from './frame-parts'
import { queryProfile } from './query-profile'
import { scoreOf } from './score'

/**
 * What an archive's bytes are spent on, from its index and the headers of its frames: nothing is decoded. Yields now and then.
 * @throws LmzError `Format`, `Io`, `ModelMissing`
 */
export function* accountOf(archive: Archive, table: EntryTable): Generator<void, ArchiveAccount> {
  const { index, source } = archive
  const { rawBytes, uniqueBytes } = index.totals()
  const parts = yield* frameParts(archive)
  const groups = yield* dataGroups(index)
  const sharedBytes = groups.models.reduce((sum, { bytes }) => sum + bytes, 0)
  return {
    archiveBytes: source.size,
    rawBytes,
    uniqueBytes,
    parts,
    score: scoreOf(source.size, rawBytes),
    scoreWithModels: scoreOf(source.size + sharedBytes, rawBytes),
    ...groups,
    query: yield* queryProfile(archive, table),
  }
}

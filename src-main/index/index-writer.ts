import type { Entry, EntryKind } from '../contract/entry'
import { entryKinds } from '../contract/entry'
import { LmzError } from '../contract/error'
import type { ArchiveIndex } from './archive-index'
import { DirectoryDepths } from './directory-depths'
import { copyRows } from './copy-rows'
import { frameEnd, type Block, entryColumns, entryOf, entryTables, type Run } from './rows'
import { entryFault, isLonger, largestBlockId, longestSettingKey, longestSettingValue, mostChunksInBlock } from './rules'
import { schemaVersion, schemaVersions } from './schema'
import { ScratchDatabase } from './scratch-database'
import { writeSnapshot, snapshotBytes } from './snapshot'
import { type IndexTotals, totalsOf } from './totals'

/** What can be said of an entry when it is added. */
export interface NewEntry {
  /** Id of its directory, 0 for the top level. */
  readonly parent: number
  readonly name: string
  readonly rawName?: Uint8Array | undefined
  readonly kind: EntryKind
  readonly mode: number
  readonly mtimeNs: bigint
  readonly content?: number | undefined
  readonly target?: string | undefined
  readonly link?: number | undefined
}

export interface NewChunk {
  /** First 8 bytes of its BLAKE3 as a little-endian signed integer. */
  readonly hash: bigint
  readonly length: number
}

export type NewBlock = Omit<Block, 'id' | 'firstChunk' | 'chunkCount'> & {
  /** Its number in its frame header; the one after the last block's if not given. */
  readonly id?: number
  readonly chunks: readonly NewChunk[]
}

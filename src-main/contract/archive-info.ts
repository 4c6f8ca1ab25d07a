import type { ProtectionLevel } from './protection'

/** What `lmz info` tells. All sizes in bytes. */
export interface ArchiveInfo {
  readonly path: string
  readonly formatVersion: string
  /** `torn`: an unfinished change lies behind the last commit. `degraded`: an older or partial state had to be used. */
  readonly condition: 'intact' | 'torn' | 'degraded'
  readonly notices: readonly string[]
  /** Whether it is damaged and shown as it was: it can be read and repaired, but not be added to. */
  readonly isRepaired: boolean
  readonly entries: number
  readonly files: number
  readonly directories: number
  readonly symlinks: number
  readonly hardLinks: number
  /** Sum of all file sizes. */
  readonly rawBytes: number
  /** What is left of them after deduplication. */
  readonly uniqueBytes: number
  readonly archiveBytes: number
  /** Payloads of the blocks. */
  readonly dataBytes: number
  /** Samples of the archive's own data that blocks start from; each pays for itself. */
  readonly primers: number
  readonly primerRawBytes: number
  /** Payloads of the primers: what describing the model costs, beside the data described with it. */
  readonly primerBytes: number
  /** Blocks that start from a primer, and their part of `dataBytes`. */
  readonly primedBlocks: number
  readonly primedDataBytes: number
  /** Blocks that are stored as the difference from another one, and their part of `dataBytes`. To read such a block, two are decoded: that other one has no base. */
  readonly basedBlocks: number
  readonly basedDataBytes: number
  /** Payload of the index in force. */
  readonly indexBytes: number
  /** How it is protected against damage; undefined if it is not. */
  readonly protection?: ProtectionLevel | undefined
  /** All parity frames. */
  readonly parityBytes: number
  /** Everything else: headers, footers, and what earlier commits left. */
  readonly overheadBytes: number
  /** Stored bits per raw byte; 8 for no compression. */
  readonly bitsPerByte: number
  readonly blocks: number
  readonly blocksByCodec: Readonly<Record<string, number>>
  readonly blockSize: number
  readonly preset: string
  readonly comment: string
  readonly creator: string
  /** How many passwords open it; 0 for an archive that is not encrypted. */
  readonly passwords: number
  readonly commits: number
  /** Time of each commit, newest first, in milliseconds since 1970. */
  readonly commitTimes: readonly number[]
}

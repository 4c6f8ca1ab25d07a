import type { ContentKind } from './content-kind'

/**
 * What an archive's bytes are spent on, as far as that can be told without decoding anything. The `parts` add up to `archiveBytes`, and
 * the groups of each list add up to the part "data", to the byte.
 */
export interface ArchiveAccount {
  readonly archiveBytes: number
  /** Sum of all file sizes; 8 bits each is what the archive is measured against. */
  readonly rawBytes: number
  /** What is left of them after deduplication. */
  readonly uniqueBytes: number
  readonly parts: readonly AccountPart[]
  readonly score: Score
  /** What its codecs know beforehand; ships with lmz and lies in no archive. */
  readonly models: readonly ModelShare[]
  /** As `score`, if these models are counted as part of the archive. */
  readonly scoreWithModels: Score
  readonly byKind: readonly DataGroup[]
  readonly byCodec: readonly DataGroup[]
  readonly byPrimer: readonly PrimerShare[]
  readonly query: QueryProfile
}

/** In the order in which they are shown. */
export const accountParts = [
  /** Payloads of the blocks. */
  'data',
  /** Payloads of the primers. */
  'primers',
  /** Payload of the index in force. */
  'index',
  /** The same index once more, where a protected commit repeats it. */
  'indexCopy',
  /** Payloads of indexes that were written in the middle of a job. */
  'checkpoints',
  /** Payloads of the indexes of earlier commits. */
  'olderIndexes',
  /** Parity frames, whole. */
  'parity',
  /** Hints of blocks, for finding equal data when something is added. */
  'hints',
  /** Key slots of an encrypted archive, whole frames and the gaps between them. */
  'keys',
  /** What sealing adds to frames: nonces, tags, headers and padding. */
  'seals',
  /** 64 bytes for each frame. */
  'frameHeaders',
  /** Payloads of the footers. */
  'footers',
  /** The first 64 bytes. */
  'header',
  /** Blocks and primers that nothing refers to any more, whole. */
  'unused',
  /** What belongs to no frame: left by a writer that was interrupted, or damaged. */
  'debris',
] as const

export type AccountPartName = (typeof accountParts)[number]

/** Parts without a byte are left out. */
export interface AccountPart {
  readonly name: AccountPartName
  readonly bytes: number
}

/** S0 = 8 bits for each raw byte, S what is stored, r = 1 - S/S0. */
export interface Score {
  /** S0. */
  readonly rawBits: number
  /** S. */
  readonly storedBits: number
  /** r; 0 for an archive without data, negative where more is stored than there was. */
  readonly saved: number
  /** Stored bits for each raw byte; 0 for an archive without data. */
  readonly bitsPerByte: number
}

export interface ModelShare {
  /** As in docs/models.md: "mix-1", "byte-1". */
  readonly id: string
  /** As lmz ships it. */
  readonly bytes: number
  /** Blocks that cannot be decoded without it. */
  readonly blocks: number
}

/** Blocks that have something in common. */
export interface DataGroup {
  /** A content kind, or the name of a codec. */
  readonly name: string
  readonly blocks: number
  readonly rawBytes: number
  /** Their payloads. */
  readonly storedBytes: number
}

export interface PrimerShare {
  readonly primer: number
  readonly kind: ContentKind
  /** What it tells about blocks, before it is coded. */
  readonly rawBytes: number
  /** What it costs: the term C(M) of the two-part code. */
  readonly storedBytes: number
  readonly blocks: number
  readonly blockRawBytes: number
  /** What is left to say when it is known: H(D|M). */
  readonly blockStoredBytes: number
}

/** What must be read and decoded to have one file, once the archive is open. */
export interface QueryCost {
  /** Frames of its blocks and of their primers. */
  readonly bytesRead: number
  readonly blocks: number
  readonly primers: number
  /** Raw bytes of these blocks and primers. */
  readonly bytesDecoded: number
  /** Expected on one core of a usual computer. */
  readonly seconds: number
}

/** The cost over all files that hold something. */
export interface QueryProfile {
  readonly files: number
  /** Bytes read once to open the archive: its end and its index. */
  readonly openingBytes: number
  /** Half of the files cost less, judged by the seconds; undefined without files. */
  readonly median?: QueryCost | undefined
  /** One file in twenty costs more. */
  readonly high?: QueryCost | undefined
  readonly worst?: (QueryCost & { readonly entry: number; readonly path: string }) | undefined
  /** Undefined where every block decodes alone. */
  readonly bases?: BaseUse | undefined
}

/** What is stored as the difference from other blocks, which are read and decoded with it. */
export interface BaseUse {
  /** Files that lie in such blocks, and the paths of the first three. */
  readonly files: number
  readonly firstPaths: readonly string[]
  /** All such blocks. */
  readonly blocks: number
  /** Blocks that one needs beside itself, at most: a base has none. */
  readonly longestChain: 1
}

/** What one file stands for in its archive. */
export interface FileAccount {
  readonly entry: number
  readonly rawBytes: number
  /** Its share of the part "data": all files of an archive add up to that to the byte. */
  readonly storedBytes: number
  readonly blocks: readonly BlockShare[]
  readonly query: QueryCost
}

export interface BlockAccount {
  readonly block: number
  readonly kind: ContentKind
  /** Name of its codec. */
  readonly codec: string
  readonly rawBytes: number
  /** Its payload. */
  readonly storedBytes: number
  readonly primer?: number | undefined
}

/** A block with a part of a file. */
export interface BlockShare extends BlockAccount {
  /** Where in the file its first byte lies that is in this block. */
  readonly fileOffset: number
  /** Bytes of the file that are in it. */
  readonly ownBytes: number
  /** The block it is stored as the difference from. */
  readonly base?: number | undefined
}

/** Blocks in the order of the archive. */
export interface BlockPage {
  /** Blocks there are in all. */
  readonly total: number
  readonly blocks: readonly BlockAccount[]
}

/** What each codec makes of a block: the shortest two-part code is the best explanation. */
export interface BlockContest extends BlockAccount {
  /** The shortest whole code first. */
  readonly contenders: readonly Contender[]
}

export interface Contender {
  /** "store", "zstd -3", "zstd -19", "mix", "neural", and other codecs by their names. */
  readonly name: string
  /** H(D|M) in bytes: the block's code. */
  readonly dataBytes: number
  /** C(M) in bytes: the block's share of its primer by raw bytes; 0 for what uses none. */
  readonly modelBytes: number
  /** Of shared models, which lie in no archive: not part of the code. */
  readonly sharedModelBytes: number
  /** Measured while encoding. */
  readonly seconds: number
  /** What the block is stored as: codec and length agree. */
  readonly isStored: boolean
}

/** What the archive's data would take in blocks of another size, by a sample that is coded anew. */
export interface BlockSizeTrial {
  readonly blockSize: number
  /** Raw bytes that were coded. */
  readonly triedBytes: number
  readonly storedBytes: number
  readonly bitsPerByte: number
  /** Measured: reading and decoding one of these blocks, for a small file. */
  readonly openSeconds: number
  readonly encodeSeconds: number
}

/** Models that tell what each byte cost: others code no bytes one by one. */
export const surpriseModels = ['mix', 'neural'] as const
export type SurpriseModel = (typeof surpriseModels)[number]

/** What the bytes of a stretch of a file cost. The stretch ends where its block does: ask on from there. */
export interface SurpriseMap {
  readonly offset: number
  readonly bytes: Uint8Array
  /** Bits that each byte cost: -log2 of the probability that it was given. Fixed point, in 1/1000 of a bit. */
  readonly milliBits: Uint32Array
  /** Whose predictions these are. */
  readonly model: SurpriseModel
  readonly block: BlockAccount
  /**
   * `stored`: these are the very bits of the archive. Otherwise why another code is looked at, of the raw bytes: under mix, or, where it is
   * `chosen`, under the model that was asked for.
   */
  readonly basis: 'stored' | 'transformed' | 'otherCodec' | 'chosen'
  /** The transform's name, where `basis` is `transformed`. */
  readonly transform?: string | undefined
  /** Sum over all bytes of the block, of which the stretch may be a part. */
  readonly blockBits: number
  /** What the coder adds to that in the archive: header, end of the code, rounding. Only where `basis` is `stored`. */
  readonly overheadBits?: number | undefined
}

/** What a model held likely at a byte, before it came. */
export interface ByteForecast {
  readonly offset: number
  readonly actual: number
  /** The probability that the byte which came had. */
  readonly probability: number
  /** The likeliest bytes, the likeliest first. All 256 add up to 1. */
  readonly likeliest: readonly { readonly byte: number; readonly probability: number }[]
  /** The entropy of all 256, in bits: how sure the model was. */
  readonly entropyBits: number
}

/** What lmz would make of a file that lies in no archive; as one of its own. */
export interface FileExplanation {
  readonly path: string
  readonly rawBytes: number
  readonly kind: ContentKind
  /** Which stretches were looked at: all of the file, or some blocks of it, evenly spread. */
  readonly blocks: readonly (BlockContest & { readonly offset: number })[]
  /** Bytes that were looked at. */
  readonly triedBytes: number
  /** Sums over these blocks, by name of the contender, the shortest first. */
  readonly totals: readonly { readonly name: string; readonly bytes: number; readonly bitsPerByte: number }[]
  /** Of the first block: what is known and what is not. */
  readonly surprise: SurpriseMap
  readonly dearest: readonly Stretch[]
  readonly cheapest: readonly Stretch[]
}

/** A few bytes, and what they cost. */
export interface Stretch {
  readonly offset: number
  readonly bytes: Uint8Array
  readonly bitsPerByte: number
}

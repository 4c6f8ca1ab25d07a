import type { Base, Primer } from '../../codecs/codec'
import type { LmzErrorData } from '../../contract/error'
import type { ContentKind } from '../../contract/content-kind'
import type { SurpriseModel } from '../../contract/insight'
import type { EffectiveRank, TensorStatistics, TensorType } from '../../contract/tensor'
import type { IngestRequest, IngestResult } from '../../intake/ingest'
import type { SampleRequest } from '../../intake/sample'
import type { findInFiles, WalkedFile } from '../../intake/tensors/find-in-files'
import type { DiskPath } from '../../outlet/disk-path'
import type { BlockLocation, LoneLocation } from '../block-reader'
import type { BlockTrial } from '../estimate/try-block'
import type { StretchCost } from '../../crypto/stretch'
import type { SealKey } from '../../format/seal'
import type { IndexedFrame } from '../indexed-frame'
import type { MeasuredBlock } from '../insight/measure-block'
import type { Segment } from '../primer/coverage'
import type { StoredPrimer } from '../primer/reader'
import type { Patch } from '../protection/patch'
import type { Sealing, sealRest } from '../encryption/sealed-rest'

/** A codec to try and its effort, as plain data. */
export interface CandidateChoice {
  readonly codec: number
  readonly effort: number
  readonly kinds?: readonly ContentKind[] | undefined
}

/** All a worker needs to read of an open archive by itself. */
export interface SourceToRead {
  /**
   * The same for what was read through one opening of a file, 0 for what is being written. A thread may read several archives; two files
   * of one archive, such as a damaged one and its copy, have the same tag and places, but not the same bytes.
   */
  readonly opening: number
  /** The archive's open file descriptor, shared by all threads. */
  readonly descriptor: number
  /** The archive's length when it was opened. */
  readonly fileSize: number
  readonly archiveTag: number
  /** What was repaired of it. */
  readonly patches?: readonly Patch[]
  /** Of an encrypted archive. */
  readonly sealKey?: SealKey | undefined
}

export interface BlockToRead extends SourceToRead {
  readonly block: BlockLocation
}

/** A block that another may be coded against. */
export interface BaseToRead extends SourceToRead {
  readonly block: LoneLocation
  /** Where in its raw bytes the counterpart of the other's first byte stands. May lie outside. */
  readonly offset: number
}

export interface PrimerToRead extends SourceToRead {
  readonly primer: IndexedFrame
}

/** The model to ask about a block's bytes; undefined for its own. */
interface AskedModel {
  readonly model?: SurpriseModel | undefined
}

export interface EncodeInput {
  /** Holds the raw bytes in front. */
  readonly buffer: SharedArrayBuffer
  readonly length: number
  readonly kind: number
  readonly candidates: readonly CandidateChoice[]
  /** What codecs that use a primer read first; in shared memory. */
  readonly primer?: Primer | undefined
  /** What codecs that can may code it against. */
  readonly base?: BaseToRead | undefined
  /** In an encrypted archive; the buffer has the {@link roomForSealing} then. */
  readonly sealing?: Sealing | undefined
}

export interface EncodeResult {
  readonly codec: number
  readonly kind: number
  readonly rawLength: number
  readonly contentHash: Uint8Array
  /** Whether it can only be decoded with the primer. */
  readonly isPrimed: boolean
  /** The stored bytes lie in front of the buffer, in place of the raw ones; of those that are sealed, see {@link sealRest}. */
  readonly storedLength: number
  readonly sealed?: ReturnType<typeof sealRest> | undefined
  /** Set when a codec failed to reproduce the block and was passed over. */
  readonly rejected?: LmzErrorData | undefined
}

export interface IngestInput {
  readonly requests: readonly IngestRequest[]
  /** The files' bytes are read into it. */
  readonly buffer: SharedArrayBuffer
  readonly chunking: ChunkSizes
}

export interface SampleInput {
  readonly requests: readonly SampleRequest[]
  /** The stretches are read into it, one behind the other. */
  readonly buffer: SharedArrayBuffer
}

export interface SegmentsInput {
  readonly sample: Uint8Array
  readonly pieces: readonly Segment[]
  readonly limit: number
}

export interface MeasureInput {
  /** Each is coded as a block of its own. */
  readonly blocks: readonly Uint8Array[]
  readonly kind: ContentKind
  readonly candidate: CandidateChoice
  readonly primer?: Primer | undefined
  readonly base?: Base | undefined
}

export interface TrialInput {
  readonly raw: Uint8Array
  readonly kind: ContentKind
  readonly candidates: readonly CandidateChoice[]
  readonly chunking: ChunkSizes
  /** Whether decoding is measured too. */
  readonly isDecoded: boolean
  readonly primer?: Primer | undefined
  readonly base?: Base | undefined
}

export interface ChunkSizes {
  readonly minimum: number
  readonly average: number
  readonly maximum: number
  /** For an encrypted archive: 256 numbers of 8 bytes that decide where chunks end. */
  readonly gearTable?: Uint8Array | undefined
}

export interface StretchInput {
  readonly password: string
  readonly salt: Uint8Array
  readonly cost: StretchCost
  /** Whether the user wants it though it is more than usual. */
  readonly allowCostly: boolean
}

/** A tensor, or a part of one. */
export interface ValuesInput {
  readonly type: TensorType
  readonly bytes: SharedArrayBuffer
  readonly isBigEndian: boolean
}

export interface MatrixForm {
  readonly shape: readonly number[]
  readonly isColumnMajor: boolean
}

/** Bytes of a block that go to a file in staging. */
export interface PieceToWrite {
  readonly path: DiskPath
  readonly displayPath: string
  readonly blockOffset: number
  readonly length: number
  /** For a file that lies in this block alone: it is created, written and finished in one go. */
  readonly whole?: { readonly mode: number; readonly mtimeNs: bigint }
  /** For a piece of a larger file, which exists already. */
  readonly fileOffset: number
}

/** The failure of a piece, by its place in the input; all others are written. */
export interface PieceFailure {
  readonly piece: number
  readonly error: LmzErrorData
}

/**
 * What worker threads do, by name. The large buffers that go back and forth while packing are shared memory: each transfer of an
 * ArrayBuffer counts as an allocation where it arrives, and the collections that brings cost a tenth of the time.
 */
export interface Tasks {
  ingest: { input: IngestInput; result: readonly IngestResult[] }
  /** Reads stretches of files; tells what their files are. */
  sample: { input: SampleInput; result: readonly (ContentKind | undefined)[] }
  /** Of each of some files, its large tensors. */
  findTensors: { input: readonly WalkedFile[]; result: ReturnType<typeof findInFiles> }
  /** Chooses what of a sample is to be a primer. */
  chooseSegments: { input: SegmentsInput; result: readonly Segment[] }
  /** How many bytes blocks would take; nothing is kept. */
  measure: { input: MeasureInput; result: readonly number[] }
  encode: { input: EncodeInput; result: EncodeResult }
  /** What packing a block takes, in bytes and time; nothing is kept. */
  tryBlock: { input: TrialInput; result: BlockTrial }
  /** Decodes and checks a block; gives its raw bytes. */
  decode: { input: BlockToRead; result: Uint8Array }
  /** Decodes and checks a block; gives its payload and hash for a copy, without encoding it again. */
  checkPayload: { input: BlockToRead; result: { readonly stored: Uint8Array; readonly contentHash: Uint8Array } }
  /** Decodes and checks a primer. */
  readPrimer: { input: PrimerToRead; result: StoredPrimer }
  /** Decodes and checks a block; tells whether the hints in its trailer are those of its chunks. */
  verify: { input: BlockToRead & { readonly lengths: readonly number[] }; result: boolean }
  /** What each byte of a block cost, or would cost: see insight/measure-block.ts. */
  measureBlock: { input: BlockToRead & AskedModel; result: MeasuredBlock }
  /** What each byte of a block that lies in no archive would cost under mix. */
  measureRaw: { input: { readonly raw: Uint8Array; readonly kind: ContentKind }; result: MeasuredBlock }
  /** The probabilities of all values of a byte of a block, whose raw bytes are given so that it need not be decoded again. */
  forecast: {
    input: BlockToRead & AskedModel & { readonly raw: Uint8Array; readonly offset: number }
    result: Float64Array
  }
  /** BLAKE3 of each chunk of a block, 32 bytes each. */
  hashChunks: { input: BlockToRead & { readonly lengths: readonly number[] }; result: Uint8Array }
  /** Makes a key of a password. */
  stretch: { input: StretchInput; result: Uint8Array }
  /** What the values of a tensor are like. */
  valueStatistics: { input: ValuesInput; result: TensorStatistics }
  effectiveRank: { input: ValuesInput & MatrixForm; result: EffectiveRank }
  /** Decodes a block and writes pieces of it to files. */
  extract: { input: BlockToRead & { readonly pieces: readonly PieceToWrite[] }; result: readonly PieceFailure[] }
}

export type TaskName = keyof Tasks

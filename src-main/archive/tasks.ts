import type { LmzErrorData } from '../contract/error'
import type { IngestRequest, IngestResult } from '../intake/ingest'
import type { DiskPath } from '../outlet/disk-path'
import type { BlockLocation } from './block-reader'

/** A codec to try and its effort, as plain data. */
export interface CandidateChoice {
  readonly codec: number
  readonly effort: number
}

/** A block of an open archive: all a worker needs to read it by itself. */
export interface BlockToRead {
  /** The archive's open file descriptor, shared by all threads. */
  readonly descriptor: number
  /** The archive's length when it was opened. */
  readonly fileSize: number
  readonly archiveTag: number
  readonly block: BlockLocation
}

export interface EncodeInput {
  /** Holds the raw bytes in front. */
  readonly buffer: SharedArrayBuffer
  readonly length: number
  readonly kind: number
  readonly candidates: readonly CandidateChoice[]
}

export interface EncodeResult {
  readonly codec: number
  readonly kind: number
  readonly rawLength: number
  readonly contentHash: Uint8Array
  /** The stored bytes lie in front of the buffer, in place of the raw ones. */
  readonly storedLength: number
}

export interface IngestInput {
  readonly requests: readonly IngestRequest[]
  /** The files' bytes are read into it. */
  readonly buffer: SharedArrayBuffer
  readonly chunking: ChunkSizes
}

export interface ChunkSizes {
  readonly minimum: number
  readonly average: number
  readonly maximum: number
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
  encode: { input: EncodeInput; result: EncodeResult }
  /** Decodes and checks a block; gives its raw bytes. */
  decode: { input: BlockToRead; result: Uint8Array }
  /** Decodes and checks a block; gives its payload and hash for a copy, without encoding it again. */
  checkPayload: { input: BlockToRead; result: { readonly stored: Uint8Array; readonly contentHash: Uint8Array } }
  /** Decodes and checks a block; tells whether the hints in its trailer are those of its chunks. */
  verify: { input: BlockToRead & { readonly lengths: readonly number[] }; result: boolean }
  /** BLAKE3 of each chunk of a block, 32 bytes each. */
  hashChunks: { input: BlockToRead & { readonly lengths: readonly number[] }; result: Uint8Array }
  /** Decodes a block and writes pieces of it to files. */
  extract: { input: BlockToRead & { readonly pieces: readonly PieceToWrite[] }; result: readonly PieceFailure[] }
}

export type TaskName = keyof Tasks

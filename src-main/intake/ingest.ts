import { basename } from 'node:path'
import type { ContentKind } from '../contract/content-kind'
import { LmzError, type LmzErrorData } from '../contract/error'
import { type ChunkSizes, chunkAndHash, defaultChunkSizes, segmentLimit } from '../kernels/chunker'
import { classify, headLength } from './classify'
import type { FileStamp } from './file-stamp'
import { type OsPath, showOsPath } from './os-path'
import { type ReadAt, readStable } from './stable-read'
import { type ChunkedTensors, chunkTensors, type TensorChunks } from './tensors/chunk-tensors'
import type { Tensor } from './tensors/layout'
import { TensorFinder } from './tensors/tensor-finder'

/** A file of at most 8 MiB as a whole (`offset` 0, `length` its size), or one segment of a larger one. */
export interface IngestRequest {
  readonly path: OsPath
  /** The whole file's size as the walk found it. */
  readonly size: number
  /** A multiple of 8 MiB. */
  readonly offset: number
  /** 8 MiB, less for the end of a file. */
  readonly length: number
}

export interface IngestedFile {
  /** Where its bytes begin in the buffer. */
  readonly start: number
  readonly length: number
  /** Where each chunk ends, counted from `start`; the last one is `length`. Empty for an empty file. */
  readonly ends: Uint32Array
  /** BLAKE3, 32 bytes a chunk. */
  readonly hashes: Uint8Array
  /** Of the whole file, by its first bytes. */
  readonly kind: ContentKind
  /** The state these bytes belong to. Of a whole file, `length` is its size; segments of one file must all agree. */
  readonly stamp: FileStamp
  readonly mode: number
  /** The large tensors in it, by their offsets; none if it is no file of tensors. */
  readonly tensors: readonly TensorChunks[]
}

export interface IngestFailure {
  readonly error: LmzErrorData
  /** Set if only the size is not what was asked for: the file may be asked for again, from its start, with this one. */
  readonly stamp?: FileStamp
}

export type IngestResult = IngestedFile | IngestFailure

/**
 * Reads files or segments into one buffer, finds out what they are, cuts them into chunks and hashes these; what fails
 * says so in its place. A file that has changed since the walk is taken as it is now, if it fits: what it has grown needs
 * room behind all others. One thread takes 7 µs for a file of a
 * few bytes and 30 µs for one of 15 KB from a warm disk cache. To be run in a worker thread: files are
 * read synchronously. The buffer must be left alone until the promise is kept.
 *
 * Errors: those of {@link readStable}, and `SourceChanged` for a changed size that cannot be taken.
 * @throws RangeError if the requests do not fit the buffer
 */
export async function ingestBatch(
  requests: readonly IngestRequest[],
  buffer: Uint8Array,
  chunkSizes: ChunkSizes = defaultChunkSizes,
): Promise<IngestResult[]> {
  const wanted = requests.reduce((total, { length }) => total + length, 0)
  if (wanted > buffer.length) throw new RangeError(`${wanted} bytes do not fit a buffer of ${buffer.length}.`)
  const room = new Room(buffer, wanted)
  const results: IngestResult[] = []
  let start = 0
  for (const request of requests) {
    results.push(await ingest(request, room, start, chunkSizes))
    start += request.length
  }
  return results
}

async function ingest(request: IngestRequest, room: Room, planned: number, sizes: ChunkSizes): Promise<IngestResult> {
  const { path } = request
  try {
    const { stamp, mode, result } = readStable(path, (stamp, readAt) => readPart(request, stamp, readAt, room, planned))
    const { start, bytes, large, classified } = result
    // Awaiting what is no promise would cost a turn of the microtask queue for each file.
    const kind = typeof classified === 'string' ? classified : await classified
    return {
      start,
      length: bytes.length,
      ...chunkPart(bytes, { segmentOffset: request.offset, fileSize: stamp.size }, large, sizes),
      kind,
      stamp,
      mode,
    }
  } catch (thrown) {
    if (thrown instanceof SizeChanged) return { error: thrown.toData(), stamp: thrown.stamp }
    if (thrown instanceof LmzError) return { error: thrown.toData() }
    throw thrown
  }
}

interface Part {
  readonly start: number
  readonly bytes: Uint8Array
  readonly classified: ContentKind | Promise<ContentKind>
  /** The file's large tensors, also those outside of the part. */
  readonly large: readonly Tensor[]
}

/** Of one thread: what it has found out of a large file serves for all segments that it gets. */
const finder = new TensorFinder()

function chunkPart(
  bytes: Uint8Array,
  place: { readonly segmentOffset: number; readonly fileSize: number },
  large: readonly Tensor[],
  sizes: ChunkSizes,
): ChunkedTensors {
  if (large.length > 0) return chunkTensors(bytes, place, large, sizes)
  return { ...chunkAndHash(bytes, sizes), tensors: [] }
}

function readPart(request: IngestRequest, stamp: FileStamp, readAt: ReadAt, room: Room, planned: number): Part {
  const { path, size, offset } = request
  const isWhole = offset === 0 && request.length === size
  const length = isWhole ? stamp.size : request.length
  if (!isWhole && stamp.size !== size) throw new SizeChanged(path, stamp)
  const start = length <= request.length ? planned : room.take(length)
  if (start === undefined) throw new SizeChanged(path, stamp)
  const bytes = room.buffer.subarray(start, start + length)
  readAt(offset, bytes)
  const head = offset === 0 ? bytes.subarray(0, headLength) : Buffer.alloc(headLength)
  if (offset !== 0) readAt(0, head)
  const classified = classify(head, nameOf(path))
  return { start, bytes, classified, large: classified === 'tensor' ? finder.find(path, stamp, readAt) : [] }
}

/** The buffer's end behind the planned files, for those that have grown. */
class Room {
  readonly buffer: Uint8Array
  #next: number

  constructor(buffer: Uint8Array, planned: number) {
    this.buffer = buffer
    this.#next = planned
  }

  take(length: number): number | undefined {
    const start = this.#next
    if (length > segmentLimit || start + length > this.buffer.length) return undefined
    this.#next += length
    return start
  }
}

class SizeChanged extends LmzError {
  readonly stamp: FileStamp

  constructor(path: OsPath, stamp: FileStamp) {
    const subject = showOsPath(path)
    super('SourceChanged', `${subject} changed its size while it was being added.`, { subject })
    this.stamp = stamp
  }
}

function nameOf(path: OsPath): string {
  return basename(showOsPath(path))
}

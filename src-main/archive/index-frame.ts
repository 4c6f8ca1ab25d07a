import { randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { constants, createZstdCompress, createZstdDecompress, zstdCompressSync } from 'node:zlib'
import { decodeZstd, zstd } from '../codecs/zstd/zstd'
import { LmzError, toLmzError } from '../contract/error'
import { contentHashLength, contentHashOf, equalBytes, frameFlags, frameTypes } from '../format/frame'
import { type FrameSource, readFrame } from '../format/frame-reader'
import { ArchiveIndex } from '../index/archive-index'
import { emptyIndexBytes } from '../index/schema'
import type { IndexWriter, SnapshotOptions } from '../index/index-writer'
import { Blake3 } from '../kernels/blake3'

/** An index packed for its frame. Call `dispose` when it has been written. */
export interface IndexFrame {
  readonly codec: number
  readonly flags: number
  readonly rawLength: number
  readonly storedLength: number
  readonly contentHash: Uint8Array
  payload(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>
  dispose(): Promise<void>
}

/** Indexes up to this size are handled in memory, larger ones through private temporary files. */
const inMemoryLimit = 64 * 1024 * 1024
/** Up to this size, compressing with all effort takes a tenth of a second. */
const thoroughLimit = 512 * 1024
/** A database of rows and names never shrinks this much; a larger claim is an attack on the reader's disk. */
const largestExpansion = 2000

/**
 * Serialises and compresses an index. Small ones use the empty index as dictionary, since most of a small database
 * is its schema; that makes them about a third of the size.
 * @param options.checkpoint whether files may still be without content
 */
export async function packIndex(writer: IndexWriter, options: SnapshotOptions = {}): Promise<IndexFrame> {
  const isSmall = writer.estimatedBytes() <= inMemoryLimit
  return isSmall ? packInMemory(writer, options) : packThroughFile(writer, options)
}

function packInMemory(writer: IndexWriter, options: SnapshotOptions): IndexFrame {
  const raw = writer.snapshot(options)
  const stored = zstdCompressSync(raw, {
    dictionary: emptyIndexBytes(),
    chunkSize: Math.max(1024, raw.length),
    params: { [constants.ZSTD_c_compressionLevel]: raw.length <= thoroughLimit ? 19 : 9 },
  })
  return {
    codec: zstd.number,
    flags: frameFlags.indexDictionary,
    rawLength: raw.length,
    storedLength: stored.length,
    contentHash: contentHashOf(raw),
    payload: () => [stored],
    dispose: () => Promise.resolve(),
  }
}

async function packThroughFile(writer: IndexWriter, options: SnapshotOptions): Promise<IndexFrame> {
  const folder = await privateFolder()
  try {
    const rawPath = join(folder, 'index')
    const storedPath = join(folder, 'index.zst')
    writer.snapshotToFile(rawPath, options)
    const hash = new Blake3()
    const quick = { params: { [constants.ZSTD_c_compressionLevel]: 3 } }
    await pipeline(createReadStream(rawPath), hashing(hash), createZstdCompress(quick), createWriteStream(storedPath))
    return {
      codec: zstd.number,
      flags: 0,
      rawLength: (await stat(rawPath)).size,
      storedLength: (await stat(storedPath)).size,
      contentHash: hash.digest().subarray(0, contentHashLength),
      payload: () => createReadStream(storedPath, { highWaterMark: 1024 * 1024 }),
      dispose: () => rm(folder, { recursive: true, force: true }),
    }
  } catch (cause) {
    await rm(folder, { recursive: true, force: true })
    throw cause
  }
}

/** What is known of an index before it is opened. */
export interface IndexExpectations {
  /** Whether a content hash is the one by which a footer names it. */
  readonly isNamed?: ((contentHash: Uint8Array) => boolean) | undefined
  /** Whether the archive lost or gained bytes, so that blocks may lie behind its end by what the index says. */
  readonly isDisplaced?: boolean | undefined
}

/**
 * Reads, checks and opens the index frame at `position`.
 * @throws LmzError `Corrupt` for damaged bytes, `Auth` for encrypted ones that are not authentic, `Format` for a database that breaks the rules,
 *   `Limit`, `Unsupported`
 */
export async function openIndexFrame(
  source: FrameSource,
  position: number,
  { isNamed = () => true, isDisplaced = false }: IndexExpectations = {},
): Promise<ArchiveIndex> {
  const frame = readFrame(source, position)
  const { header } = frame
  const { rawLength, storedLength } = header
  if (header.type !== frameTypes.index || header.codec !== zstd.number) {
    throw new LmzError('Corrupt', `There is no index at byte ${position}.`, { offset: position })
  }
  if (rawLength > storedLength * largestExpansion + inMemoryLimit) {
    throw new LmzError('Limit', `The index claims to unpack to ${rawLength} bytes from ${storedLength}.`)
  }
  // What zstd cannot shorten grows by less than this; more would only fill memory.
  if (rawLength <= inMemoryLimit && storedLength > rawLength + inMemoryLimit / 64) {
    throw new LmzError('Limit', `The index claims to be ${rawLength} bytes, stored in ${storedLength}.`)
  }
  if (!isNamed(header.contentHash)) {
    throw new LmzError('Corrupt', `The index at byte ${position} is not the one of its commit.`, { offset: position })
  }
  const isDamaged = new LmzError('Corrupt', 'The index of the archive is damaged.', { offset: position })
  const fileLength = isDisplaced ? Number.MAX_SAFE_INTEGER : source.size
  const limits = { fileLength, checkpoint: (header.flags & frameFlags.checkpoint) !== 0 }
  if (rawLength <= inMemoryLimit) {
    const dictionary = (header.flags & frameFlags.indexDictionary) === 0 ? undefined : emptyIndexBytes()
    const raw = decodeZstd(frame.payload(), rawLength, dictionary)
    if (!equalBytes(contentHashOf(raw), header.contentHash)) throw isDamaged
    return ArchiveIndex.fromBytes(raw, limits)
  }
  const folder = await privateFolder()
  try {
    const path = join(folder, 'index')
    const hash = new Blake3()
    const stored = Readable.from(frame.payloadPieces())
    await pipeline(
      stored,
      createZstdDecompress({ chunkSize: 1 << 20 }),
      hashing(hash, rawLength),
      createWriteStream(path),
    )
    if (!equalBytes(hash.digest().subarray(0, contentHashLength), header.contentHash)) throw isDamaged
    return ArchiveIndex.fromFile(path, limits)
  } catch (cause) {
    if (cause instanceof LmzError) throw cause
    // A full disk for temporary files says nothing about the archive.
    if ((cause as NodeJS.ErrnoException).syscall !== undefined) throw toLmzError(cause, 'Cannot open the index')
    throw new LmzError('Corrupt', isDamaged.message, { offset: position, cause })
  } finally {
    // The open database keeps its file alive on POSIX; elsewhere the system's cleaning of temporary files takes it.
    await rm(folder, { recursive: true, force: true }).catch(() => undefined)
  }
}

function hashing(hash: Blake3, limit = Number.POSITIVE_INFINITY) {
  let total = 0
  return async function* (parts: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const part of parts) {
      total += part.length
      if (total > limit) throw new LmzError('Corrupt', 'The index is longer than it declares.')
      hash.update(part)
      yield part
    }
  }
}

async function privateFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), `lmz-${randomBytes(4).toString('hex')}-`))
}

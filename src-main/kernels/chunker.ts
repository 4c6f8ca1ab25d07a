import { chunkerKernel, type ChunkerKernel } from './chunker-kernel'

/** The longest segment {@link chunkAndHash} takes: 8 MiB. */
export const segmentLimit = 8 * 1024 * 1024

/** Sizes in bytes; `average` is a power of two. On random data the mean is about 1.15 times `average`. */
export interface ChunkSizes {
  readonly minimum: number
  readonly average: number
  readonly maximum: number
  /** 256 numbers of 8 bytes, little-endian, in place of the usual gear table: for chunks whose ends only a key can tell. */
  readonly gearTable?: Uint8Array | undefined
}

export const defaultChunkSizes: ChunkSizes = { minimum: 16 * 1024, average: 64 * 1024, maximum: 256 * 1024 }

export interface ChunkedSegment {
  /** The offset behind each chunk's last byte; the last one is the segment's length. */
  readonly ends: Uint32Array
  /** The BLAKE3 hash of each chunk, 32 bytes a chunk. */
  readonly hashes: Uint8Array
}

/**
 * Cuts a segment into content-defined chunks (FastCDC) and hashes each one (BLAKE3): equal stretches of two files give
 * equal chunks, wherever they stand. The end of a segment is always a boundary; one no longer than the minimum is one
 * chunk; an empty one has none. How boundaries are found is written in assembly/chunker/fastcdc.ts; reading an archive
 * does not depend on it, but finding again what it already holds does.
 *
 * Costs about 1 ms a MiB, and a few microseconds a call for small segments.
 * @throws RangeError for a segment over {@link segmentLimit} or for sizes that make no sense
 */
export function chunkAndHash(segment: Uint8Array, sizes: ChunkSizes = defaultChunkSizes): ChunkedSegment {
  const kernel = chunkerKernel()
  if (segment.length > segmentLimit) {
    throw new RangeError(`A segment is at most ${segmentLimit} bytes long, not ${segment.length}.`)
  }
  if (sizes !== defaultChunkSizes) checkSizes(sizes, kernel.chunkFloor)
  useGearTable(kernel, sizes.gearTable)
  kernel.memory.set(segment, kernel.input)
  const count = kernel.chunk(segment.length, sizes.minimum, sizes.average, sizes.maximum)
  return {
    ends: new Uint32Array(kernel.memory.buffer, kernel.ends, count).slice(),
    hashes: kernel.memory.slice(kernel.hashes, kernel.hashes + count * 32),
  }
}

const gearLength = 256 * 8
/** The kernel's own table, once another has been in its place. */
let usualTable: Uint8Array | undefined
/** The one that is in its place now. */
let currentTable: Uint8Array | undefined

function useGearTable(kernel: ChunkerKernel, table: Uint8Array | undefined): void {
  if (table === currentTable) return
  usualTable ??= kernel.memory.slice(kernel.gear, kernel.gear + gearLength)
  const numbers = new BigUint64Array(Uint8Array.from(table ?? usualTable).buffer)
  if (numbers.byteLength !== gearLength) throw new RangeError(`A gear table has ${gearLength} bytes.`)
  new BigUint64Array(kernel.memory.buffer, kernel.gear, 256).set(numbers)
  const doubled = numbers.map((number) => number << 1n)
  new BigUint64Array(kernel.memory.buffer, kernel.gearDoubled, 256).set(doubled)
  currentTable = table
}

function checkSizes({ minimum, average, maximum }: ChunkSizes, floor: number): void {
  const areInOrder = minimum >= floor && minimum <= average && average <= maximum && maximum <= segmentLimit
  if (!areInOrder || ![minimum, maximum].every(Number.isInteger) || !Number.isInteger(Math.log2(average))) {
    throw new RangeError(
      `Chunk sizes must be whole bytes with ${floor} <= minimum <= average <= maximum <= ${segmentLimit} and the ` +
        `average a power of two, not ${minimum}, ${average} and ${maximum}.`,
    )
  }
}

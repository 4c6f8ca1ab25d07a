import { tensorTypes } from '../../contract/tensor'
import { blake3 } from '../../kernels/blake3'
import { chunkAndHash, type ChunkedSegment, type ChunkSizes } from '../../kernels/chunker'
import type { Tensor, TensorLayout } from './layout'

/** Tensors of fewer bytes share chunks and blocks with what stands beside them. */
export const leastOwnBlock = 64 * 1024

/** Consecutive chunks of a segment that are one large tensor, or a part of it. */
export interface TensorChunks {
  readonly tensor: Tensor
  /** The number of its first chunk in the segment. */
  readonly first: number
  readonly count: number
  /**
   * Where the first chunk begins, counted from the tensor's start: 0 if the tensor begins there, less if its file's header is a part
   * of the chunk.
   */
  readonly offset: number
}

export interface ChunkedTensors extends ChunkedSegment {
  readonly tensors: readonly TensorChunks[]
}

/** The tensors of a file that get chunks and blocks of their own, by their offsets; of several with the same bytes, the first. */
export function largeTensors({ tensors }: TensorLayout): readonly Tensor[] {
  const large: Tensor[] = []
  for (const tensor of tensors) {
    if (tensor.bytes >= leastOwnBlock && tensor.offset !== large.at(-1)?.offset) large.push(tensor)
  }
  return large
}

/**
 * What may stand before and behind the tensor of a file that counts as this one tensor: headers of .npy files are 128 bytes. Such a header
 * is no chunk of its own, for many files have the same one, which would then lie in the first one's block.
 */
const mostBesideOne = 4096

function isWholeFile({ offset, bytes }: Tensor, fileSize: number): boolean {
  return offset <= mostBesideOne && bytes >= fileSize - offset - mostBesideOne
}

/**
 * Cuts a segment of a file with tensors: a large tensor into chunks of equal length, counted from its start and of whole elements, and
 * what is between them by content. So a tensor gives the same chunks in whichever file and place it is, two versions of one can be
 * compared chunk by chunk, and numbers are not cut apart.
 * @param place where the segment begins in the file, and how large that is
 * @param large as {@link largeTensors} gives them
 */
export function chunkTensors(
  segment: Uint8Array,
  { segmentOffset, fileSize }: { readonly segmentOffset: number; readonly fileSize: number },
  large: readonly Tensor[],
  sizes: ChunkSizes,
): ChunkedTensors {
  const chunks = new Chunks(segment, sizes)
  const segmentEnd = segmentOffset + segment.length
  const tensors: TensorChunks[] = []
  for (let at = firstEndingAfter(large, segmentOffset); at < large.length; at++) {
    const tensor = large[at]
    if (tensor === undefined || tensor.offset >= segmentEnd) break
    const isLed = segmentOffset === 0 && isWholeFile(tensor, fileSize)
    if (!isLed) chunks.byContent(Math.max(tensor.offset - segmentOffset, 0))
    const first = chunks.count
    const offset = isLed ? -tensor.offset : Math.max(segmentOffset - tensor.offset, 0)
    const end = Math.min(tensor.offset + tensor.bytes, segmentEnd) - segmentOffset
    const unit = tensorTypes[tensor.type].bytes
    chunks.byLength(end, Math.max(unit, Math.floor(sizes.average / unit) * unit), offset)
    tensors.push({ tensor, first, count: chunks.count - first, offset })
  }
  chunks.byContent(segment.length)
  return { ...chunks.result(), tensors }
}

/** The number of the first tensor that has bytes behind an offset. */
function firstEndingAfter(large: readonly Tensor[], offset: number): number {
  let [bottom, top] = [0, large.length]
  while (bottom < top) {
    const middle = (bottom + top) >>> 1
    const { offset: start, bytes } = large[middle] ?? { offset: 0, bytes: 0 }
    if (start + bytes <= offset) bottom = middle + 1
    else top = middle
  }
  return bottom
}

class Chunks {
  readonly #segment: Uint8Array
  readonly #sizes: ChunkSizes
  readonly #ends: number[] = []
  readonly #hashes: Uint8Array[] = []
  #at = 0

  constructor(segment: Uint8Array, sizes: ChunkSizes) {
    this.#segment = segment
    this.#sizes = sizes
  }

  get count(): number {
    return this.#ends.length
  }

  byContent(end: number): void {
    if (end === this.#at) return
    const { ends, hashes } = chunkAndHash(this.#segment.subarray(this.#at, end), this.#sizes)
    for (const each of ends) this.#ends.push(this.#at + each)
    this.#hashes.push(hashes)
    this.#at = end
  }

  /** @param passed bytes of the tensor that came before: its chunks are counted from its start, wherever segments begin; less than 0 before it */
  byLength(end: number, step: number, passed: number): void {
    let length = step - (passed % step)
    while (this.#at < end) {
      const next = Math.min(this.#at + length, end)
      this.#hashes.push(blake3(this.#segment.subarray(this.#at, next)))
      this.#ends.push(next)
      this.#at = next
      length = step
    }
  }

  result(): ChunkedSegment {
    return { ends: Uint32Array.from(this.#ends), hashes: Buffer.concat(this.#hashes) }
  }
}

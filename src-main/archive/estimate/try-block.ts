import type { BlockContext } from '../../codecs/codec'
import type { Candidate } from '../../codecs/presets'
import { encodeBlock } from '../../codecs/encode-block'
import { contentHashOf } from '../../format/frame'
import { type ChunkSizes, chunkAndHash, segmentLimit } from '../../kernels/chunker'

/** What packing a block took. */
export interface BlockTrial {
  readonly rawLength: number
  readonly storedLength: number
  /** Seconds of one thread: cutting and hashing, encoding with all candidates, and decoding as a check. */
  readonly packSeconds: number
  /** Seconds to decode it once more; undefined if that was not asked for. */
  readonly decodeSeconds: number | undefined
}

/** Does with a block all that packing does but writing it, and measures. To be run in a worker thread. */
export async function tryBlock(
  raw: Uint8Array,
  context: BlockContext,
  candidates: readonly Candidate[],
  { chunking, isDecoded }: { readonly chunking: ChunkSizes; readonly isDecoded: boolean },
): Promise<BlockTrial> {
  const started = performance.now()
  for (let start = 0; start < raw.length; start += segmentLimit) {
    chunkAndHash(raw.subarray(start, start + segmentLimit), chunking)
  }
  const { codec, stored, isPrimed } = await encodeBlock(raw, context, candidates)
  contentHashOf(raw)
  const packed = performance.now()
  const { kind, base } = context
  if (isDecoded) codec.decode(stored, raw.length, isPrimed ? context : { kind, base })
  return {
    rawLength: raw.length,
    storedLength: stored.length,
    packSeconds: (packed - started) / 1000,
    decodeSeconds: isDecoded ? (performance.now() - packed) / 1000 : undefined,
  }
}

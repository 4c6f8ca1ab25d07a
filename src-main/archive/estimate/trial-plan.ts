import type { ContentKind } from '../../contract/content-kind'
import type { KindSample } from './kind-samples'

/** A stretch of a sample that is packed as a block. */
export interface PlannedTrial {
  readonly sample: KindSample
  readonly raw: Uint8Array
  /** The first of its kind: it is tried whatever the time. */
  readonly isFirst: boolean
}

/** Less says nothing about a kind. */
const leastOfKind = 64 * 1024

/**
 * Divides what may be tried among the kinds by what they stand for, and cuts it into blocks: as long as real ones where the
 * kind's share allows it, evenly spread over its sample otherwise. The first block of each kind comes first, of the most frequent one first of all.
 * @param mostBytes in all; a kind gets 64 KiB at least if there is so much of it
 */
export function planTrials(
  kinds: readonly KindSample[],
  mostBytes: number,
  blockSizeOf: (kind: ContentKind) => number,
): PlannedTrial[] {
  const total = kinds.reduce((sum, { standsFor }) => sum + standsFor, 0)
  const planned = kinds.flatMap((sample) => {
    const share = Math.max(leastOfKind, Math.floor((mostBytes * sample.standsFor) / total))
    return cut(sample.bytes, share, blockSizeOf(sample.kind)).map((raw, at) => ({ sample, raw, isFirst: at === 0 }))
  })
  return [...planned.filter(({ isFirst }) => isFirst), ...planned.filter(({ isFirst }) => !isFirst)]
}

function cut(bytes: Uint8Array, most: number, blockSize: number): Uint8Array[] {
  if (bytes.length <= most) return blocksOf(bytes, blockSize)
  const length = Math.min(blockSize, most)
  const count = Math.floor(most / length)
  const pieces: Uint8Array[] = []
  for (let at = 0; at < count; at++) {
    const start = Math.floor(((bytes.length - length) * (at + 0.5)) / count)
    pieces.push(bytes.subarray(start, start + length))
  }
  return pieces
}

/** All of a sample in blocks as they would be. */
export function blocksOf(bytes: Uint8Array, blockSize: number): Uint8Array[] {
  const blocks: Uint8Array[] = []
  for (let start = 0; start < bytes.length; start += blockSize) blocks.push(bytes.subarray(start, start + blockSize))
  return blocks
}

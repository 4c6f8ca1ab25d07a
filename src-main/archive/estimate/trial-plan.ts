import type { ContentKind } from '../../contract/content-kind'
import type { KindSample } from './kind-samples'

/** A stretch of a sample that is packed as a block. */
export interface PlannedTrial {
  readonly sample: KindSample
  readonly raw: Uint8Array
  /** What it is coded against. */
  readonly base: Uint8Array | undefined
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
    return cut(sample, share, blockSizeOf(sample.kind)).map((stretch, at) => ({
      sample,
      ...stretch,
      isFirst: at === 0,
    }))
  })
  return [...planned.filter(({ isFirst }) => isFirst), ...planned.filter(({ isFirst }) => !isFirst)]
}

type Stretch = Pick<PlannedTrial, 'raw' | 'base'>

/** Elements that are coded against others must not be cut apart. */
const unit = 16

function cut(sample: KindSample, most: number, blockSize: number): readonly Stretch[] {
  const { length: total } = sample.bytes
  if (total <= most) return blocksOf(sample, blockSize)
  const length = Math.min(blockSize, most)
  const count = Math.floor(most / length)
  return Array.from({ length: count }, (_nothing, at) => {
    const start = Math.floor(((total - length) * (at + 0.5)) / count / unit) * unit
    return stretchOf(sample, start, length)
  })
}

/** All of a sample in blocks as they would be. */
export function blocksOf(sample: KindSample, blockSize: number): readonly Stretch[] {
  const count = Math.ceil(sample.bytes.length / blockSize)
  return Array.from({ length: count }, (_nothing, at) => stretchOf(sample, at * blockSize, blockSize))
}

function stretchOf({ bytes, bases }: KindSample, start: number, length: number): Stretch {
  return { raw: bytes.subarray(start, start + length), base: bases?.subarray(start, start + length) }
}

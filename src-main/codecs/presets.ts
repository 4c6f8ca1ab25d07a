import type { ContentKind } from '../contract/content-kind'
import type { PresetName } from '../contract/preset'
import type { Codec } from './codec'
import { float, thorough } from './float/float'
import { checkAll, mix } from './mix/mix'
import { neural } from './neural/neural'
import { zstd } from './zstd/zstd'

export interface Candidate {
  readonly codec: Codec
  readonly effort: number
  /** Kinds that it is tried on; all that the codec is of use for, if not given. */
  readonly kinds?: readonly ContentKind[] | undefined
}

export interface Preset {
  /** Raw bytes of a block at most: what must be decoded to reach any byte in it. */
  readonly blockSize: number
  /** What small files share is so long at least, in raw bytes; larger files have blocks of their own. Makes no difference without a model. */
  readonly briefBlock: number
  /** The same two lengths for text, where a slower model reads it than the rest. */
  readonly text?: { readonly blockSize: number; readonly briefBlock: number }
  /** Tried on every block that is not incompressible, a codec before those that it is compared with; the smallest result is stored. */
  readonly candidates: readonly Candidate[]
  /** What a byte of text takes a thread of some computer, in milliseconds: until a job has measured it, its progress is judged by this. */
  readonly typicalMs: number
}

const kibibyte = 1024
const mebibyte = 1024 * kibibyte

/** What float makes nothing of, since it is no row of numbers or comes again unaligned, zstd may find at any distance; it costs a fifth of mix. */
const repeatedBytes: Candidate = { codec: zstd, effort: 19, kinds: ['tensor'] }

export const presets: Readonly<Record<PresetName, Preset>> = {
  fast: {
    blockSize: 2 * mebibyte,
    briefBlock: 2 * mebibyte,
    candidates: [
      { codec: float, effort: 0 },
      { codec: zstd, effort: 3 },
    ],
    typicalMs: 1e-5,
  },
  balanced: {
    blockSize: mebibyte,
    briefBlock: 512 * kibibyte,
    candidates: [{ codec: float, effort: thorough }, repeatedBytes, { codec: mix, effort: 0 }],
    typicalMs: 1.2e-3,
  },
  max: {
    blockSize: 4 * mebibyte,
    briefBlock: 512 * kibibyte,
    text: { blockSize: mebibyte, briefBlock: 128 * kibibyte },
    candidates: [
      { codec: neural, effort: 0 },
      { codec: float, effort: thorough },
      repeatedBytes,
      { codec: mix, effort: checkAll },
    ],
    typicalMs: 1.9e-2,
  },
}

import type { PresetName } from '../contract/preset'
import type { Codec } from './codec'
import { checkAll, mix } from './mix/mix'
import { zstd } from './zstd/zstd'

export interface Candidate {
  readonly codec: Codec
  readonly effort: number
}

export interface Preset {
  /** Raw bytes of a block: what must be decoded to reach any byte in it. */
  readonly blockSize: number
  /** Tried on every block that is not incompressible; the smallest result is stored. */
  readonly candidates: readonly Candidate[]
  /** What a byte of text takes a thread of some computer, in milliseconds: until a job has measured it, its progress is judged by this. */
  readonly typicalMs: number
}

const mebibyte = 1024 * 1024

export const presets: Readonly<Record<PresetName, Preset>> = {
  fast: { blockSize: 2 * mebibyte, candidates: [{ codec: zstd, effort: 3 }], typicalMs: 1e-5 },
  balanced: { blockSize: mebibyte, candidates: [{ codec: mix, effort: 0 }], typicalMs: 1.2e-3 },
  max: { blockSize: 4 * mebibyte, candidates: [{ codec: mix, effort: checkAll }], typicalMs: 2.4e-3 },
}

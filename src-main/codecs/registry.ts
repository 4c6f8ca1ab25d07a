import { LmzError } from '../contract/error'
import type { Codec } from './codec'
import { delta } from './delta/delta'
import { float } from './float/float'
import { mix } from './mix/mix'
import { neural } from './neural/neural'
import { store } from './store/store'
import { zstd } from './zstd/zstd'

/** Every codec this build reads. To add one: a folder beside these, a new number, one line here, a section in docs/codecs.md. */
export const allCodecs: readonly Codec[] = [store, zstd, mix, neural, float, delta]

/** @throws LmzError `Unsupported` for a number of a newer lmz */
export function codecByNumber(number: number): Codec {
  const codec = allCodecs.find((candidate) => candidate.number === number)
  if (codec === undefined) {
    throw new LmzError('Unsupported', `This data was packed with codec ${number}, which a newer lmz reads.`)
  }
  return codec
}

/** How payloads of a codec name the blocks they need; undefined if they need none, and for a codec of a newer lmz. */
export function baseOfCodec(number: number): Codec['baseOf'] {
  return allCodecs.find((candidate) => candidate.number === number)?.baseOf
}

/** Tells whether a payload of a codec decodes many times as fast as its others; undefined if all take about the same, and for a codec of a newer lmz. */
export function quickWayOf(number: number): Codec['isQuick'] {
  return allCodecs.find((candidate) => candidate.number === number)?.isQuick
}

/** The codec's name for reports; unknown numbers are shown as such. */
export function codecName(number: number): string {
  return allCodecs.find((candidate) => candidate.number === number)?.name ?? `codec ${number}`
}

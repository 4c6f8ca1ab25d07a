import { delta } from '../../codecs/delta/delta'
import { zstd } from '../../codecs/zstd/zstd'
import { baseOfSample, type KindSample } from './kind-samples'

const pieceLength = 64 * 1024
const fastest = 1

/**
 * How far the data's compressibility may be from that of the sample: twice the standard error of the mean of its pieces, as a
 * share of that mean. Found with zstd's fastest level, which all presets follow closely enough for that, and of what has a base
 * with its differences: a few milliseconds a MiB.
 */
export async function spreadOf(samples: readonly KindSample[]): Promise<number> {
  let count = 0
  let sum = 0
  let variance = 0
  for (const { bytes, bases, kind } of samples) {
    const rates: number[] = []
    for (let start = 0; start < bytes.length; start += pieceLength) {
      const piece = bytes.subarray(start, start + pieceLength)
      const base = baseOfSample(bases?.subarray(start, start + pieceLength))
      const codec = base === undefined ? zstd : delta
      rates.push((await codec.encode(piece, { kind, base }, fastest)).length / piece.length)
    }
    const mean = rates.reduce((total, rate) => total + rate, 0) / rates.length
    // Within a kind only: the kinds are weighed by what they stand for.
    variance += rates.reduce((total, rate) => total + (rate - mean) ** 2, 0)
    sum += mean * rates.length
    count += rates.length
  }
  return count < 2 || sum === 0 ? 0 : (2 * Math.sqrt(variance / (count - 1)) * Math.sqrt(count)) / sum
}

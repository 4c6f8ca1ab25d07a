import { LmzError } from '../../contract/error'
import { deltaContexts, deltaTokens } from '../../kernels/delta-kernel'

/** What the frequencies of a context add up to. */
const total = 4096
/** A map of the contexts that are used. */
const mapLength = deltaContexts / 8

/** Frequencies that are proportional to the counts, as nearly as whole numbers above 0 can be. */
export function frequenciesOf(counts: Uint32Array): Uint32Array {
  const frequencies = new Uint32Array(counts.length)
  for (let context = 0; context < deltaContexts; context++) {
    const own = counts.subarray(context * deltaTokens, (context + 1) * deltaTokens)
    const sum = sumOf(own)
    if (sum === 0) continue
    const scaled = frequencies.subarray(context * deltaTokens, (context + 1) * deltaTokens)
    own.forEach((count, token) => {
      if (count > 0) scaled[token] = Math.max(1, Math.round((count * total) / sum))
    })
    for (let excess = sumOf(scaled) - total; excess !== 0; excess = sumOf(scaled) - total) {
      const most = scaled.indexOf(scaled.reduce((left, right) => Math.max(left, right)))
      const least = excess > 0 ? -Math.min(excess, Math.ceil((scaled[most] ?? 0) / 2)) : -excess
      scaled[most] = (scaled[most] ?? 0) + least
    }
  }
  return frequencies
}

/** Bits that tokens of these counts take at least with frequencies of their own; what stands behind the tokens not counted. */
export function entropyOf(counts: Uint32Array): number {
  let bits = 0
  for (let from = 0; from < counts.length; from += deltaTokens) {
    const sum = sumOf(counts.subarray(from, from + deltaTokens))
    if (sum === 0) continue
    for (let at = from; at < from + deltaTokens; at++) {
      const count = counts[at] ?? 0
      if (count > 0) bits += count * Math.log2(sum / count)
    }
  }
  return bits
}

function sumOf(numbers: Uint32Array): number {
  let sum = 0
  for (const number of numbers) sum += number
  return sum
}

/** A map of the used contexts; of each of these its first token, how many follow from there, and their frequencies, 7 bits a byte. */
export function packFrequencies(frequencies: Uint32Array): Uint8Array {
  const map = new Uint8Array(mapLength)
  const bytes: number[] = []
  for (let context = 0; context < deltaContexts; context++) {
    const own = frequencies.subarray(context * deltaTokens, (context + 1) * deltaTokens)
    const first = own.findIndex((frequency) => frequency > 0)
    if (first === -1) continue
    const last = own.findLastIndex((frequency) => frequency > 0)
    map[context >> 3] = (map[context >> 3] ?? 0) | (1 << (context & 7))
    bytes.push(first, last - first + 1)
    for (const frequency of own.subarray(first, last + 1)) {
      if (frequency < 128) bytes.push(frequency)
      else bytes.push(128 | (frequency & 127), frequency >> 7)
    }
  }
  return Buffer.concat([map, Uint8Array.from(bytes)])
}

/**
 * @returns the frequencies and how many bytes they took; that they add up is for the kernel to see
 * @throws LmzError `Corrupt` for bytes that end too early or name tokens that are not there
 */
export function unpackFrequencies(packed: Uint8Array): { readonly frequencies: Uint32Array; readonly length: number } {
  const frequencies = new Uint32Array(deltaContexts * deltaTokens)
  let at = mapLength
  const next = (): number => {
    const byte = packed[at++]
    if (byte === undefined) throw new LmzError('Corrupt', 'The tables of a delta block are cut off.')
    return byte
  }
  for (let context = 0; context < deltaContexts; context++) {
    if (((packed[context >> 3] ?? 0) & (1 << (context & 7))) === 0) continue
    const first = next()
    const count = next()
    if (first + count > deltaTokens) throw new LmzError('Corrupt', 'The tables of a delta block make no sense.')
    for (let token = first; token < first + count; token++) {
      const low = next()
      frequencies[context * deltaTokens + token] = low < 128 ? low : (low & 127) | (next() << 7)
    }
  }
  return { frequencies, length: at }
}

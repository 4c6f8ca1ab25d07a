import {
  type DeltaKernel,
  deltaContexts,
  type DeltaLayout,
  deltaTokens,
  type ModelledDelta,
} from '../../kernels/delta-kernel'
import { entropyOf } from './frequencies'

/** Bytes of elements and the bits of a float's exponent: bf16, fp32, fp16, fp64, and integers. */
const types: readonly (readonly [width: number, exponentBits: number])[] = [
  [2, 8],
  [4, 8],
  [2, 5],
  [8, 11],
  [1, 0],
  [2, 0],
  [4, 0],
  [8, 0],
]
/** Steps that all weights take alike: much of what is known is noise. */
const usualRate = 6
/** Tables of which a step moves some rows and leaves others: what was last is what counts. */
const otherRates = [1, 3]
/** The finest contexts, by width: a quarter, a half and a whole bit. */
const finest: ReadonlyMap<number, number> = new Map([
  [1, 6],
  [2, 6],
  [4, 7],
  [8, 8],
])
const coarsest = 11

const stretches = 4
const stretchLength = 8 * 1024

export interface LayoutEstimate {
  readonly layout: DeltaLayout
  /** Of the raw bytes, what is stored for them; tables not counted. */
  readonly share: number
}

/** The element type that makes differences shortest, and then the rate, by stretches of the block. */
export function chooseLayout(kernel: DeltaKernel, raw: Uint8Array, base: Uint8Array): LayoutEstimate {
  const sample = sampleOf(raw)
  const counterpart = sampleOf(base)
  let best: LayoutEstimate = { layout: layoutOf(1, 0), share: Infinity }
  const attempt = (layout: DeltaLayout): void => {
    const length = wholeElements(sample.length, layout.width)
    if (length === 0) return
    const { counts, bits } = kernel.model(sample.subarray(0, length), counterpart.subarray(0, length), layout)
    const share = (bits.length + entropyOf(counts) / 8) / length
    if (share < best.share) best = { layout, share }
  }
  for (const [width, exponentBits] of types) attempt(layoutOf(width, exponentBits))
  const { layout } = best
  for (const rate of otherRates) attempt({ ...layout, rate })
  return best
}

/** Stretches of a block, one behind the other; they begin at multiples of 64 bytes. */
function sampleOf(bytes: Uint8Array): Uint8Array {
  if (bytes.length <= stretches * stretchLength) return bytes
  const room = bytes.length - stretchLength
  const starts = Array.from({ length: stretches }, (_zero, at) => Math.floor((room * at) / (stretches - 1) / 64) * 64)
  return Buffer.concat(starts.map((start) => bytes.subarray(start, start + stretchLength)))
}

function layoutOf(width: number, exponentBits: number): DeltaLayout {
  return { width, exponentBits, rate: usualRate, shift: finest.get(width) ?? coarsest }
}

export function wholeElements(length: number, width: number): number {
  return length - (length % width)
}

/** Bytes that a table of one context takes, about. */
const tableBytes = (used: number): number => 3 + used * 1.4

/** The contexts' resolution at which tokens and tables together are shortest. */
export function chooseShift({ counts }: ModelledDelta, layout: DeltaLayout): number {
  let best = { shift: layout.shift, bytes: Infinity }
  let merged = counts
  for (let shift = layout.shift; shift <= coarsest; shift++) {
    const bytes = entropyOf(merged) / 8 + tablesOf(merged)
    if (bytes < best.bytes) best = { shift, bytes }
    merged = inPairs(merged)
  }
  return best.shift
}

function tablesOf(counts: Uint32Array): number {
  let bytes = 0
  for (let context = 0; context < deltaContexts; context++) {
    const own = counts.subarray(context * deltaTokens, (context + 1) * deltaTokens)
    const used = own.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0)
    if (used > 0) bytes += tableBytes(used)
  }
  return bytes
}

/** Every two contexts become one. Those above the highest one had been taken for it: then it is an estimate. */
function inPairs(counts: Uint32Array): Uint32Array {
  const merged = new Uint32Array(counts.length)
  counts.forEach((count, symbol) => {
    const context = Math.floor(symbol / deltaTokens) >> 1
    const at = context * deltaTokens + (symbol % deltaTokens)
    merged[at] = (merged[at] ?? 0) + count
  })
  return merged
}

import { wasm } from './generated/float'
import { instantiate } from './instantiate'

/** Addresses are of `memory`, from `free` on; lengths are in bytes, counts in elements of `width` bytes (2, 4 or 8). */
interface Calls {
  /** Makes room up to this address. */
  readonly reserve: (end: number) => void
  /** Elements to the planes that {@link FloatKernel.setPlanes} named; `turn` 1 turns each left by one bit. */
  readonly split: (source: number, count: number, width: number, isReversed: boolean, turn: number) => void
  /** The inverse. */
  readonly merge: (target: number, count: number, width: number, isReversed: boolean, turn: number) => void
  /** How much the bytes of up to 4096 elements surprise, each plane for itself, in 1/256 bit. `width` may be 1; names planes itself. */
  readonly surprise: (source: number, count: number, width: number, isReversed: boolean, turn: number) => number
  /** Counts each byte value into `counts`. */
  readonly count: (at: number, length: number) => void
  /** How many of 1,024 runs of eight bytes come a second time, by samples. */
  readonly repeats: (at: number, length: number) => number
  /** Makes the encoder's table of `shares`. */
  readonly prepareEncoder: () => void
  /** Codes bytes that all have a share. @returns the code's first address; it ends at `end` */
  readonly encode: (at: number, length: number, end: number) => number
  /** Makes the decoder's table of `shares`. */
  readonly prepareDecoder: () => void
  /** For each distance up to `most`, how unlike `count` bytes (a multiple of 16) are to those so far before; u32 each at `sums`. */
  readonly measureDistances: (at: number, count: number, most: number, sums: number) => void
  /** Bits [shift, shift + bits) of each byte, one behind the other. @returns their length in bytes */
  readonly pack: (at: number, count: number, shift: number, bits: number, target: number) => number
  /** The inverse; other bits become zero. */
  readonly unpack: (from: number, count: number, shift: number, bits: number, target: number) => void
  /**
   * Starts the thorough model, for elements of so many bytes, of which `bits` are modelled from the highest on, and the lowest one if
   * that is a sign. Elements before number `first` are not looked at.
   * Each context has 2^lineBits lines, up to 2^17, of 16 probabilities. Planes and ranks are set before.
   */
  readonly startModel: (
    width: number,
    bits: number,
    withSign: boolean,
    rankBits: number,
    row: number,
    first: number,
    lineBits: number,
  ) => void
  /** Codes elements, or decodes them into the planes; what is not modelled of them stands there before. */
  readonly codeElements: (from: number, to: number, isDecoding: boolean) => void
  /** The code goes to `target`; behind `end` it is thrown away. */
  readonly startCoder: (target: number, end: number) => void
  /** @returns the code's length in bytes, beyond `end` where it was cut off */
  readonly finishCode: () => number
  readonly startDecoder: (source: number, length: number) => void
  /** Whether what was decoded took all of the code and nothing behind it; 0 or 1. */
  readonly isConsumed: () => number
  /** Behind the code there must be 16 bytes of memory. @returns 0 where the code is not one of that many bytes */
  readonly decode: (code: number, codeLength: number, target: number, length: number) => number
}

type Offset = 'counts' | 'shares' | 'planes' | 'rank' | 'value' | 'costs' | 'mostColumns' | 'free'

type Exports = Calls &
  Readonly<Record<Offset, { readonly value: number }>> & { readonly memory: { readonly buffer: ArrayBuffer } }

/** What assembly/float.ts exports. */
export interface FloatKernel extends Calls {
  readonly free: number
  /** Elements of a row at most. */
  readonly mostColumns: number
  /** All of the linear memory as it is after the last `reserve`. */
  readonly memory: () => Uint8Array<ArrayBuffer>
  /** u32 by byte value, as the last `count` left them; a copy. */
  readonly counted: () => Uint32Array
  /** For each of 256 bytes its share of 4096: below 4096, summing up to it. */
  readonly setShares: (shares: Uint16Array) => void
  /** Where the planes of an element's bytes lie, the highest first. */
  readonly setPlanes: (addresses: readonly number[]) => void
  /** The values of the highest bytes, ascending: the model codes their ranks. */
  readonly setRanks: (values: readonly number[]) => void
  /** Bits that the model's code has taken so far: by bit of an element, the highest first; at 64 the sign. */
  readonly modelledBits: () => Float64Array
}

/** A new instance; its memory goes with it. */
export function startFloatKernel(): FloatKernel {
  const exports = instantiate(wasm) as Exports
  const { memory, counts, shares, planes, rank, value, costs, mostColumns, free } = exports
  return {
    free: free.value,
    mostColumns: mostColumns.value,
    memory: () => new Uint8Array(memory.buffer),
    counted: () => new Uint32Array(memory.buffer, counts.value, 256).slice(),
    setShares: (values) => new Uint16Array(memory.buffer, shares.value, 256).set(values),
    setPlanes: (addresses) => new Uint32Array(memory.buffer, planes.value, 8).set(addresses),
    setRanks: (values) => {
      const all = new Uint8Array(memory.buffer)
      all.fill(0, rank.value, rank.value + 256).fill(0, value.value, value.value + 256)
      all.set(values, value.value)
      for (const [at, one] of values.entries()) all[rank.value + one] = at
    },
    modelledBits: () => Float64Array.from(new Uint32Array(memory.buffer, costs.value, 65), (cost) => cost / 256),
    measureDistances: exports.measureDistances,
    pack: exports.pack,
    unpack: exports.unpack,
    startModel: exports.startModel,
    codeElements: exports.codeElements,
    startCoder: exports.startCoder,
    finishCode: exports.finishCode,
    startDecoder: exports.startDecoder,
    isConsumed: exports.isConsumed,
    reserve: exports.reserve,
    split: exports.split,
    merge: exports.merge,
    surprise: exports.surprise,
    count: exports.count,
    repeats: exports.repeats,
    prepareEncoder: exports.prepareEncoder,
    encode: exports.encode,
    prepareDecoder: exports.prepareDecoder,
    decode: exports.decode,
  }
}

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
  /** Makes the encoder's table of `shares`. */
  readonly prepareEncoder: () => void
  /** Codes bytes that all have a share. @returns the code's first address; it ends at `end` */
  readonly encode: (at: number, length: number, end: number) => number
  /** Makes the decoder's table of `shares`. */
  readonly prepareDecoder: () => void
  /** Behind the code there must be 16 bytes of memory. @returns 0 where the code is not one of that many bytes */
  readonly decode: (code: number, codeLength: number, target: number, length: number) => number
}

type Offset = 'counts' | 'shares' | 'planes' | 'free'

type Exports = Calls &
  Readonly<Record<Offset, { readonly value: number }>> & { readonly memory: { readonly buffer: ArrayBuffer } }

/** What assembly/float.ts exports. */
export interface FloatKernel extends Calls {
  readonly free: number
  /** All of the linear memory as it is after the last `reserve`. */
  readonly memory: () => Uint8Array<ArrayBuffer>
  /** u32 by byte value, as the last `count` left them; a copy. */
  readonly counted: () => Uint32Array
  /** For each of 256 bytes its share of 4096: below 4096, summing up to it. */
  readonly setShares: (shares: Uint16Array) => void
  /** Where the planes of an element's bytes lie, the highest first. */
  readonly setPlanes: (addresses: readonly number[]) => void
}

/** A new instance; its memory goes with it. */
export function startFloatKernel(): FloatKernel {
  const exports = instantiate(wasm) as Exports
  const { memory, counts, shares, planes, free } = exports
  return {
    free: free.value,
    memory: () => new Uint8Array(memory.buffer),
    counted: () => new Uint32Array(memory.buffer, counts.value, 256).slice(),
    setShares: (values) => new Uint16Array(memory.buffer, shares.value, 256).set(values),
    setPlanes: (addresses) => new Uint32Array(memory.buffer, planes.value, 8).set(addresses),
    reserve: exports.reserve,
    split: exports.split,
    merge: exports.merge,
    surprise: exports.surprise,
    count: exports.count,
    prepareEncoder: exports.prepareEncoder,
    encode: exports.encode,
    prepareDecoder: exports.prepareDecoder,
    decode: exports.decode,
  }
}

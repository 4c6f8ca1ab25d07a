import { wasm } from './generated/parity'
import { instantiate } from './instantiate'

/** Addresses are of `memory`, behind `free`; lengths in bytes, multiples of 32. Elements are laid out as docs/format.md says. */
interface Calls {
  /** Makes room up to this address. */
  readonly reserve: (end: number) => void
  /** target += source */
  readonly addInto: (target: number, source: number, length: number) => void
  /** target += source * factor */
  readonly multiplyAdd: (target: number, source: number, length: number, factor: number) => void
  /** Cells as values at `offset` and the 2^levels - 1 elements behind it become coefficients. */
  readonly inverse: (cells: number, levels: number, cellLength: number, offset: number) => void
  /** Coefficients become values. */
  readonly forward: (cells: number, levels: number, cellLength: number, offset: number) => void
  /** The first columns of a matrix become unit vectors. @returns 0 if they depend on each other */
  readonly eliminate: (matrix: number, rows: number, columns: number, width: number) => number
}

type Exports = Calls & { readonly free: { readonly value: number }; readonly memory: { readonly buffer: ArrayBuffer } }

/** What assembly/parity.ts exports. */
export interface ParityKernel extends Calls {
  readonly free: number
  /** All of the linear memory as it is after the last `reserve`. */
  readonly memory: () => Uint8Array<ArrayBuffer>
}

/** A new instance; its memory goes with it. */
export function startParityKernel(): ParityKernel {
  const exports = instantiate(wasm) as Exports
  return {
    memory: () => new Uint8Array(exports.memory.buffer),
    free: exports.free.value,
    reserve: exports.reserve,
    addInto: exports.addInto,
    multiplyAdd: exports.multiplyAdd,
    inverse: exports.inverse,
    forward: exports.forward,
    eliminate: exports.eliminate,
  }
}

import { wasm } from './generated/neural'
import { instantiate } from './instantiate'
import { type StateAddresses, type StateCalls, type StateKernel, stateOf, tableBits } from './mix-kernel'

interface Calls {
  /** Starts a block from the state that stands in memory. */
  readonly start: (contextSet: number, recordLength: number) => void
  readonly startEncoding: () => void
  /** With the net's logits that stand in memory, as all coding. */
  readonly encodeByte: (byte: number) => void
  readonly finishEncoding: () => number
  readonly startDecoding: (length: number) => void
  readonly decodeByte: () => number
  /** Whether what was decoded took all of the code and nothing behind it; 0 or 1. */
  readonly isConsumed: () => number
}

type Exports = Calls &
  StateCalls &
  StateAddresses & {
    readonly reserve: (bits: number) => void
    readonly logits: () => number
    readonly memory: { readonly buffer: ArrayBuffer }
  }

/** What assembly/neural.ts exports; addresses are of `memory`. */
export interface NeuralKernel extends Calls, StateKernel {
  /** Where the net's logits for the next byte are put: 256 i16, in 1/64 bit. */
  readonly logits: number
}

/** A new instance: as much memory as mix takes, and 4 MiB. */
export function startNeuralKernel(): NeuralKernel {
  const exports = instantiate(wasm) as Exports
  exports.reserve(tableBits)
  return {
    ...stateOf(exports, tableBits),
    start: exports.start,
    startEncoding: exports.startEncoding,
    encodeByte: exports.encodeByte,
    finishEncoding: exports.finishEncoding,
    startDecoding: exports.startDecoding,
    decodeByte: exports.decodeByte,
    isConsumed: exports.isConsumed,
    logits: exports.logits(),
  }
}

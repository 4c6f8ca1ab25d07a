import { wasm } from './generated/neural'
import { instantiate } from './instantiate'
import { type StateAddresses, type StateCalls, type StateKernel, stateOf, tableBits } from './mix-kernel'

interface Calls {
  /** Starts a block from the state that stands in memory, behind `primed` bytes that it has learnt. */
  readonly start: (contextSet: number, primed: number, recordLength: number) => void
  readonly startEncoding: () => void
  /** Reads off the net's logits what it says of the bits of a byte. */
  readonly say: (byte: number) => void
  /** With what the net says of the byte's bits. */
  readonly encodeByte: (byte: number) => void
  readonly finishEncoding: () => number
  /** How long the code is so far, right to some bytes. */
  readonly codeLength: () => number
  /** How long that of mix alone would be, likewise. */
  readonly mixLength: () => number
  readonly startDecoding: (length: number) => void
  /** With the net's logits. */
  readonly decodeByte: () => number
  /** Whether what was decoded took all of the code and nothing behind it; 0 or 1. */
  readonly isConsumed: () => number
}

type Exports = Calls &
  StateCalls &
  StateAddresses & {
    readonly reserve: (bits: number) => void
    readonly logits: () => number
    readonly said: () => number
    readonly memory: { readonly buffer: ArrayBuffer }
  }

/** What assembly/neural.ts exports; addresses are of `memory`. */
export interface NeuralKernel extends Calls, StateKernel {
  /** Where the net's logits for the next byte are put: 256 i16, in 1/64 bit. */
  readonly logits: number
  /** Where what the net says of a byte's bits is put: 8 i16, the logit of a one in 1/256. */
  readonly said: number
}

/** A new instance: as much memory as mix takes, and 4 MiB. */
export function startNeuralKernel(bits: number = tableBits): NeuralKernel {
  const exports = instantiate(wasm) as Exports
  exports.reserve(bits)
  return {
    ...stateOf(exports, bits),
    start: exports.start,
    startEncoding: exports.startEncoding,
    say: exports.say,
    encodeByte: exports.encodeByte,
    finishEncoding: exports.finishEncoding,
    codeLength: exports.codeLength,
    mixLength: exports.mixLength,
    startDecoding: exports.startDecoding,
    decodeByte: exports.decodeByte,
    isConsumed: exports.isConsumed,
    logits: exports.logits(),
    said: exports.said(),
  }
}

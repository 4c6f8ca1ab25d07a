import { wasm } from './generated/mix'
import { instantiate } from './instantiate'

/** What puts a state together that a block starts from. */
export interface StateCalls {
  readonly clearState: () => void
  /** The state of a model that has seen nothing, but for the table. */
  readonly clearSmallState: () => void
  /**
   * Puts a table of so many lines together, packed, at the last address. At the first one stand two u32 a stream: where its bytes begin
   * and end; the first is moved to where it was read to. Returns the packed length, or 0 where a stream is too short.
   */
  readonly putTogether: (streams: number, lines: number, packed: number) => number
  /** Fills the table from its packed form: how many slots each line has, a byte each; and the slots, which may stand at its own end. */
  readonly unpackTable: (occupancy: number, slots: number) => void
  /** The inverse: the slots, packed, are left at the table's start. Returns their length in bytes. */
  readonly packTable: (occupancy: number) => number
}

interface Calls extends StateCalls {
  /** Gives the table 2^bits lines of 64 bytes, and memory to count gains in behind it; once, first. */
  readonly reserve: (bits: number, withGains: boolean) => void
  /** The length of records matters to raw data only. */
  readonly startBlock: (contextSet: number, primed: number, recordLength: number) => void
  readonly learn: (from: number, to: number) => void
  readonly startEncoding: () => void
  readonly encode: (from: number, to: number) => void
  readonly finishEncoding: () => number
  readonly startDecoding: (length: number) => void
  readonly decode: (count: number) => void
  /** Makes the last mixer ready, which weighs a net against the contexts; behind `startBlock`. */
  readonly startNet: () => void
  /** Reads off the net's logits what it says of the bits of bytes `from` and on, which are number `at` and on of a slice. */
  readonly say: (from: number, count: number, at: number) => void
  /** As `encode`, with what the net says of these bytes: at most a slice of them. */
  readonly encodeWithNet: (from: number, to: number) => void
  /** The next byte, decoded with the net's logits. */
  readonly decodeWithNet: () => number
  /**
   * Reads bytes as `encode` does, at most a slice of them, without a code. Leaves at `stored` the probability that each bit was given, in
   * 1/65536: eight u16 a byte.
   */
  readonly measure: (from: number, to: number) => void
  /** As `measure`, with what the net says of these bytes. */
  readonly measureWithNet: (from: number, to: number) => void
  /** The probabilities of all 256 values of the next byte, f64 each; changes nothing. Returns where they stand. */
  readonly forecast: () => number
  /** As `forecast`, with the net's logits. */
  readonly forecastWithNet: () => number
  /** How long the code is so far, right to some bytes. */
  readonly codeLength: () => number
  /** How long it would be without the net, likewise. */
  readonly mixLength: () => number
  /** Whether what was decoded took all of the code and nothing behind it; 0 or 1. */
  readonly isConsumed: () => number
}

export type StateOffset =
  | 'bytes'
  | 'bytesLimit'
  | 'stored'
  | 'storedLimit'
  | 'state'
  | 'stateEnd'
  | 'estimators'
  | 'squash'
  | 'logitLimit'
  | 'table'
  | 'seen'

export type StateAddresses = Readonly<Record<StateOffset, { readonly value: number }>>

type Exports = Calls &
  StateAddresses & {
    readonly logits: () => number
    readonly said: () => number
    readonly sliceLength: { readonly value: number }
    readonly mostSteps: { readonly value: number }
    readonly memory: { readonly buffer: ArrayBuffer }
  }

/** A kernel that has the state of mix; addresses are of `memory`. */
export interface StateKernel extends StateCalls, Readonly<Record<StateOffset, number>> {
  readonly memory: Uint8Array<ArrayBuffer>
  /** Of the table, 64 bytes each. */
  readonly lines: number
  readonly tableEnd: number
}

/** What assembly/mix.ts exports. */
export interface MixKernel extends Calls, StateKernel {
  /** Where the net's logits for the next bytes are put, `mostSteps` at most: 256 i16 each, in 1/64 bit. */
  readonly logits: number
  readonly mostSteps: number
  /** Where what the net says of a slice's bits is put: 8 i16 a byte, the logit of a one in 1/256. */
  readonly said: number
  /** In bytes. */
  readonly sliceLength: number
}

/** The table's size in use: 2^20 lines, 64 MiB. */
export const tableBits = 20

/** A new instance: 44 MiB of address space and the table; what a block does not touch costs nothing. */
export function startMixKernel(bits: number = tableBits, withGains = false): MixKernel {
  const exports = instantiate(wasm) as Exports
  exports.reserve(bits, withGains)
  return {
    ...stateOf(exports, bits),
    reserve: exports.reserve,
    startBlock: exports.startBlock,
    learn: exports.learn,
    startEncoding: exports.startEncoding,
    encode: exports.encode,
    finishEncoding: exports.finishEncoding,
    startDecoding: exports.startDecoding,
    decode: exports.decode,
    isConsumed: exports.isConsumed,
    startNet: exports.startNet,
    say: exports.say,
    encodeWithNet: exports.encodeWithNet,
    decodeWithNet: exports.decodeWithNet,
    measure: exports.measure,
    measureWithNet: exports.measureWithNet,
    forecast: exports.forecast,
    forecastWithNet: exports.forecastWithNet,
    codeLength: exports.codeLength,
    mixLength: exports.mixLength,
    logits: exports.logits(),
    mostSteps: exports.mostSteps.value,
    said: exports.said(),
    sliceLength: exports.sliceLength.value,
  }
}

/** The part of an instance's exports that is about the state, once its table has 2^bits lines. */
function stateOf(
  exports: StateCalls & StateAddresses & { readonly memory: { readonly buffer: ArrayBuffer } },
  bits: number,
): StateKernel {
  const table = exports.table.value
  return {
    memory: new Uint8Array(exports.memory.buffer),
    lines: 2 ** bits,
    tableEnd: table + 2 ** bits * 64,
    clearState: exports.clearState,
    clearSmallState: exports.clearSmallState,
    putTogether: exports.putTogether,
    unpackTable: exports.unpackTable,
    packTable: exports.packTable,
    bytes: exports.bytes.value,
    bytesLimit: exports.bytesLimit.value,
    stored: exports.stored.value,
    storedLimit: exports.storedLimit.value,
    state: exports.state.value,
    stateEnd: exports.stateEnd.value,
    estimators: exports.estimators.value,
    squash: exports.squash.value,
    logitLimit: exports.logitLimit.value,
    table,
    seen: exports.seen.value,
  }
}

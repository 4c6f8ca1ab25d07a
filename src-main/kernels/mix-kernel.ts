import { wasm } from './generated/mix'
import { instantiate } from './instantiate'

interface Calls {
  /** Gives the table 2^bits lines of 64 bytes, and memory to count gains in behind it; once, first. */
  readonly reserve: (bits: number, withGains: boolean) => void
  readonly clearState: () => void
  /** Fills the table from its packed form, which stands at that address. */
  readonly unpackTable: (address: number) => void
  readonly startBlock: (contextSet: number, primed: number) => void
  readonly learn: (from: number, to: number) => void
  readonly startEncoding: () => void
  readonly encode: (from: number, to: number) => void
  readonly finishEncoding: () => number
  readonly startDecoding: (length: number) => void
  readonly decode: (count: number) => void
  /** Whether what was decoded took all of the code and nothing behind it; 0 or 1. */
  readonly isConsumed: () => number
}

type Offset =
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

type Exports = Calls &
  Readonly<Record<Offset, { readonly value: number }>> & { readonly memory: { readonly buffer: ArrayBuffer } }

/** What assembly/mix.ts exports; addresses are of `memory`. */
export interface MixKernel extends Calls, Readonly<Record<Offset, number>> {
  readonly memory: Uint8Array<ArrayBuffer>
  /** Behind the table, which is the last of all. */
  readonly tableEnd: number
}

/** The table's size in use: 2^20 lines, 64 MiB. */
export const tableBits = 20

/** A new instance: 40 MiB of address space and the table; what a block does not touch costs nothing. */
export function startMixKernel(bits: number = tableBits, withGains = false): MixKernel {
  const exports = instantiate(wasm) as Exports
  exports.reserve(bits, withGains)
  const table = exports.table.value
  return {
    memory: new Uint8Array(exports.memory.buffer),
    tableEnd: table + 2 ** bits * 64,
    reserve: exports.reserve,
    clearState: exports.clearState,
    unpackTable: exports.unpackTable,
    startBlock: exports.startBlock,
    learn: exports.learn,
    startEncoding: exports.startEncoding,
    encode: exports.encode,
    finishEncoding: exports.finishEncoding,
    startDecoding: exports.startDecoding,
    decode: exports.decode,
    isConsumed: exports.isConsumed,
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

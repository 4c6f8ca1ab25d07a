import { wasm } from './generated/net'
import { instantiate } from './instantiate'

interface Calls {
  /** Makes room up to this address; once, first. */
  readonly reserve: (end: number) => void
  /** Goes to the start of a text; the logits are those of its first byte. */
  readonly start: () => void
  /** Takes in a byte; the logits are those of the next one. */
  readonly step: (byte: number) => void
  /** Takes in as many of the bytes that stand in memory; the logits after each, one step's behind the other's. */
  readonly read: (count: number) => void
  /** From the rows that stand in memory to logits, for tests. */
  readonly run: () => void
}

type Offset = 'model' | 'rows' | 'bytes' | 'mostSteps' | 'logits' | 'parts' | 'widest' | 'mostEntering' | 'mostInner'

type Exports = Calls &
  Readonly<Record<Offset, { readonly value: number }>> & { readonly memory: { readonly buffer: ArrayBuffer } }

/** What assembly/net.ts exports; addresses are of `memory`, which is there after `reserve`. */
export interface NetKernel extends Calls, Readonly<Record<Offset, number>> {
  readonly memory: () => Uint8Array<ArrayBuffer>
}

/** A new instance, without a model. */
export function startNetKernel(): NetKernel {
  const exports = instantiate(wasm) as Exports
  return {
    memory: () => new Uint8Array(exports.memory.buffer),
    reserve: exports.reserve,
    start: exports.start,
    step: exports.step,
    read: exports.read,
    run: exports.run,
    model: exports.model.value,
    rows: exports.rows.value,
    bytes: exports.bytes.value,
    mostSteps: exports.mostSteps.value,
    logits: exports.logits.value,
    parts: exports.parts.value,
    widest: exports.widest.value,
    mostEntering: exports.mostEntering.value,
    mostInner: exports.mostInner.value,
  }
}

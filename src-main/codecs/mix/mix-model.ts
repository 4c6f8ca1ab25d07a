import { setImmediate as letOthersRun } from 'node:timers/promises'
import { type MixKernel, startMixKernel } from '../../kernels/mix-kernel'
import type { PriorName } from '../../models/prior'
import type { Primer } from '../codec'
import { chancesAt, measureSlices } from './measure'
import { type Primed, restorePrior, restoreStart } from './restore-state'

/** What a model starts a block with. */
export interface MixStart {
  readonly contextSet: number
  /** Of raw data: bytes of a record. */
  readonly recordLength: number
  /** Undefined for a model that has seen nothing. */
  readonly prior: PriorName | undefined
  readonly primer: Primer | undefined
}

/** About 80 ms of coding. */
const sliceLength = 64 * 1024

/**
 * An instance of the kernel with what blocks start from. One block at a time; each starts from the same state, whatever came
 * before, so that it decodes alone.
 */
export class MixModel {
  readonly kernel: MixKernel = startMixKernel()
  #primed: Primed | undefined

  /** @returns the code; of bytes that cannot be predicted, it is a little longer than they are */
  async encode(raw: Uint8Array, start: MixStart): Promise<Uint8Array> {
    const { kernel } = this
    const from = this.start(start)
    kernel.memory.set(raw, kernel.bytes + from)
    kernel.startEncoding()
    for (let at = 0; at < raw.length; at += sliceLength) {
      if (at > 0) await letOthersRun()
      const to = Math.min(raw.length, at + sliceLength)
      kernel.encode(from + at, from + to)
    }
    const length = kernel.finishEncoding()
    return kernel.memory.slice(kernel.stored, kernel.stored + length)
  }

  /** @returns undefined where the code is not one of that many bytes; damage that keeps the length gives other bytes */
  decode(code: Uint8Array, rawLength: number, start: MixStart): Uint8Array | undefined {
    const raw = this.decodeHead(code, rawLength, start)
    return this.kernel.isConsumed() ? raw : undefined
  }

  /** The first bytes of what {@link decode} gives, in a part of its time; no check of what follows. */
  decodeHead(code: Uint8Array, length: number, start: MixStart): Uint8Array {
    const { kernel } = this
    const from = this.start(start)
    kernel.memory.set(code, kernel.stored)
    kernel.startDecoding(code.length)
    kernel.decode(length)
    return kernel.memory.slice(kernel.bytes + from, kernel.bytes + from + length)
  }

  /** What each byte costs in bits, as {@link encode} would code them. Lets others run as it does. */
  async measure(raw: Uint8Array, start: MixStart): Promise<Float64Array> {
    const { kernel } = this
    const from = this.start(start)
    kernel.memory.set(raw, kernel.bytes + from)
    return measureSlices(kernel, raw.length, (at, to) => kernel.measure(from + at, from + to))
  }

  /** The probabilities of all values that the byte behind `before` could have. */
  async forecast(before: Uint8Array, start: MixStart): Promise<Float64Array> {
    await this.measure(before, start)
    return chancesAt(this.kernel, this.kernel.forecast())
  }

  /** The state after the primer of a start, kept for the next block that has the same. What the kernel was at is gone. */
  #primedWith(start: MixStart & { readonly primer: Primer }): Primed {
    if (this.#primed !== undefined && isSameStart(this.#primed, start)) return this.#primed
    const { kernel } = this
    const { contextSet, recordLength, prior, primer } = start
    // Freed before the next one is made.
    this.#primed = undefined
    restorePrior(kernel, prior)
    kernel.memory.set(primer.bytes, kernel.bytes)
    kernel.startBlock(contextSet, 0, recordLength)
    kernel.learn(0, primer.bytes.length)
    this.#primed = this.#keep(start)
    return this.#primed
  }

  /** Brings the kernel to where a block starts. @returns how many bytes stand before the block: those of the primer */
  start(start: MixStart): number {
    const { contextSet, recordLength, prior, primer } = start
    const primed = primer && this.#primedWith({ ...start, primer })
    restoreStart(this.kernel, prior, primed)
    const before = primed?.length ?? 0
    this.kernel.startBlock(contextSet, before, recordLength)
    return before
  }

  /** What is in the table is gone. */
  #keep({ contextSet, recordLength, prior, primer }: MixStart & { readonly primer: Primer }): Primed {
    const { memory, state, stateEnd, bytes, lines, table, packTable } = this.kernel
    const primerEnd = bytes + primer.bytes.length
    const slotsLength = packTable(primerEnd)
    const packed = new Uint8Array(lines + slotsLength)
    packed.set(memory.subarray(primerEnd, primerEnd + lines))
    packed.set(memory.subarray(table, table + slotsLength), lines)
    return {
      key: primer.key,
      length: primer.bytes.length,
      contextSet,
      recordLength,
      prior,
      table: packed,
      small: memory.slice(state, stateEnd),
      traces: memory.slice(stateEnd, primerEnd),
    }
  }
}

function isSameStart(primed: Primed, { contextSet, recordLength, prior, primer }: MixStart): boolean {
  return (
    primed.key === primer?.key &&
    primed.contextSet === contextSet &&
    primed.recordLength === recordLength &&
    primed.prior?.number === prior?.number &&
    primed.prior?.part === prior?.part
  )
}

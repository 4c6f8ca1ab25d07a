import { setImmediate as letOthersRun } from 'node:timers/promises'
import { type MixKernel, startMixKernel } from '../../kernels/mix-kernel'
import type { PriorState } from '../../models/prior-file'
import type { Primer } from '../codec'

/** What a model starts a block with. */
export interface MixStart {
  readonly contextSet: number
  /** Undefined for a model that has seen nothing. */
  readonly prior: PriorState | undefined
  readonly primer: Primer | undefined
}

/** The state after a primer, kept for the next block that has the same. */
interface Primed {
  readonly key: string
  readonly contextSet: number
  readonly prior: PriorState | undefined
  /** Traces of the primer that lie outside of the state: where its strings stand, and its bytes. */
  readonly traces: Uint8Array
}

/** About 80 ms of coding. */
const sliceLength = 64 * 1024

/**
 * An instance of the kernel with what blocks start from. One block at a time; each starts from the same state, whatever came
 * before, so that it decodes alone.
 */
export class MixModel {
  readonly #kernel: MixKernel = startMixKernel()
  #primed: Primed | undefined
  /** State and table of what is primed; made once, since buffers of this size pile up before they are collected. */
  #kept: { readonly small: Uint8Array; readonly table: Uint8Array } | undefined

  /** @returns the code; of bytes that cannot be predicted, it is a little longer than they are */
  async encode(raw: Uint8Array, start: MixStart): Promise<Uint8Array> {
    const kernel = this.#kernel
    const from = this.#start(start)
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
    const kernel = this.#kernel
    const from = this.#start(start)
    kernel.memory.set(code, kernel.stored)
    kernel.startDecoding(code.length)
    kernel.decode(rawLength)
    if (!kernel.isConsumed()) return undefined
    return kernel.memory.slice(kernel.bytes + from, kernel.bytes + from + rawLength)
  }

  /** @returns how many bytes stand before the block */
  #start({ contextSet, prior, primer }: MixStart): number {
    const kernel = this.#kernel
    if (primer === undefined) {
      this.#restore(prior)
      kernel.startBlock(contextSet, 0)
      return 0
    }
    const { key } = primer
    if (this.#primed?.key === key && this.#primed.contextSet === contextSet && this.#primed.prior === prior) {
      if (this.#kept === undefined) throw new TypeError('what is primed is kept')
      kernel.memory.set(this.#kept.small, kernel.state)
      kernel.memory.set(this.#kept.table, kernel.table)
      kernel.memory.set(this.#primed.traces, kernel.stateEnd)
    } else {
      this.#primed = undefined
      this.#restore(prior)
      kernel.memory.set(primer.bytes, kernel.bytes)
      kernel.startBlock(contextSet, 0)
      kernel.learn(0, primer.bytes.length)
      const small = kernel.memory.subarray(kernel.state, kernel.stateEnd)
      const table = kernel.memory.subarray(kernel.table, kernel.tableEnd)
      this.#kept ??= { small: new Uint8Array(small.length), table: new Uint8Array(table.length) }
      this.#kept.small.set(small)
      this.#kept.table.set(table)
      const traces = kernel.memory.slice(kernel.stateEnd, kernel.bytes + primer.bytes.length)
      this.#primed = { key, contextSet, prior, traces }
    }
    kernel.startBlock(contextSet, primer.bytes.length)
    return primer.bytes.length
  }

  #restore(prior: PriorState | undefined): void {
    const kernel = this.#kernel
    if (prior === undefined) {
      kernel.clearState()
      return
    }
    // The packed form is put where the block's bytes will be.
    kernel.memory.set(prior.table, kernel.bytes)
    kernel.unpackTable(kernel.bytes)
    kernel.memory.set(prior.small, kernel.state)
  }
}

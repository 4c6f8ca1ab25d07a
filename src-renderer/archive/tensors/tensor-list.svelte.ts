import { SvelteMap } from 'svelte/reactivity'
import { LmzError } from '../../../src-main/contract/error'
import {
  type EffectiveRank,
  type TensorApi,
  type TensorPage,
  type TensorRow,
  type TensorStatistics,
  tensorTypes,
} from '../../../src-main/contract/tensor'
import type { Remote } from '../../bridge'

export type TensorCalls = Pick<Remote<TensorApi>, 'tensors' | 'tensorStatistics' | 'effectiveRank' | 'stopTensors'>

export const tensorsAPage = 200
/** Larger tensors are looked at when they are chosen, not when they come into sight. */
const mostBytesUnasked = 16 * 1024 * 1024

/** What is known of a tensor's values. */
export type Values =
  | { readonly kind: 'looking' }
  | { readonly kind: 'known'; readonly statistics: TensorStatistics }
  | { readonly kind: 'failed'; readonly error: unknown }

export type Rank =
  | { readonly kind: 'looking' }
  | { readonly kind: 'known'; readonly rank: EffectiveRank }
  | { readonly kind: 'failed'; readonly error: unknown }

/**
 * The tensors of one file. Rows come in pages; values are looked at one tensor at a time, in the background: the chosen one first, then
 * those in sight.
 */
export class TensorList {
  readonly total: number
  readonly values = new SvelteMap<number, Values>()
  readonly ranks = new SvelteMap<number, Rank>()
  readonly #rows = new SvelteMap<number, TensorRow>()
  readonly #pagesAsked = new Set<number>()
  #wanted: readonly number[] = []
  #chosen: number | undefined
  #isLooking = false
  #isClosed = false

  constructor(
    private readonly engine: TensorCalls,
    private readonly handle: number,
    private readonly entry: number,
    /** With the first rows. */
    readonly page: TensorPage,
  ) {
    this.total = page.total
    for (const row of page.rows) this.#rows.set(row.number, row)
    this.#pagesAsked.add(0)
  }

  row(number: number): TensorRow | undefined {
    return this.#rows.get(number)
  }

  /** Has rows read, and their values looked at as far as they are small. */
  want(first: number, end: number): void {
    this.#wanted = Array.from({ length: Math.max(0, end - first) }, (_, at) => first + at)
    for (let page = Math.floor(first / tensorsAPage); page * tensorsAPage < end; page++) void this.#read(page)
    void this.#look()
  }

  choose(number: number | undefined): void {
    this.#chosen = number
    void this.#look()
  }

  async computeRank(number: number): Promise<void> {
    if (this.ranks.get(number)?.kind === 'looking') return
    this.ranks.set(number, { kind: 'looking' })
    try {
      const rank = await this.engine.effectiveRank(this.handle, this.entry, number)
      if (!this.#isClosed) this.ranks.set(number, { kind: 'known', rank })
    } catch (error) {
      if (this.#isClosed) return
      if (isCancelled(error)) this.ranks.delete(number)
      else this.ranks.set(number, { kind: 'failed', error })
    }
  }

  /** Breaks off what is under way; what is chosen or in sight is looked at again when that changes. */
  stop(): void {
    // An engine that is gone has stopped already.
    void this.engine.stopTensors(this.handle).catch(() => undefined)
  }

  close(): void {
    this.#isClosed = true
    if (this.#isLooking || [...this.ranks.values()].some(({ kind }) => kind === 'looking')) this.stop()
  }

  async #read(page: number): Promise<void> {
    if (this.#pagesAsked.has(page) || page * tensorsAPage >= this.total) return
    this.#pagesAsked.add(page)
    try {
      const answer = await this.engine.tensors(this.handle, this.entry, {
        offset: page * tensorsAPage,
        limit: tensorsAPage,
      })
      for (const row of answer?.rows ?? []) this.#rows.set(row.number, row)
    } catch {
      // Asked for again when somebody comes to these rows again.
      this.#pagesAsked.delete(page)
    }
    void this.#look()
  }

  async #look(): Promise<void> {
    if (this.#isLooking || this.#isClosed) return
    this.#isLooking = true
    for (let next = this.#next(); next !== undefined && !this.#wasClosed(); next = this.#next()) {
      this.values.set(next, { kind: 'looking' })
      try {
        const statistics = await this.engine.tensorStatistics(this.handle, this.entry, next)
        this.values.set(next, { kind: 'known', statistics })
      } catch (error) {
        if (isCancelled(error)) {
          this.values.delete(next)
          break
        }
        this.values.set(next, { kind: 'failed', error })
      }
    }
    this.#isLooking = false
  }

  #next(): number | undefined {
    const isNew = (number: number): boolean => !this.values.has(number) && this.#rows.has(number)
    if (this.#chosen !== undefined && isNew(this.#chosen)) return this.#chosen
    return this.#wanted.find((number) => {
      const row = this.#rows.get(number)
      return row !== undefined && isNew(number) && row.bytes <= mostBytesUnasked && hasValues(row)
    })
  }

  #wasClosed(): boolean {
    return this.#isClosed
  }
}

/** Whether the numbers of a tensor can be read one by one: of quantised types several share a scale. */
export function hasValues({ type }: TensorRow): boolean {
  return tensorTypes[type].elements === 1
}

function isCancelled(error: unknown): boolean {
  return error instanceof LmzError && error.code === 'Cancelled'
}

import type { EntryRow, Page, RowPage } from '../../../src-main/contract/engine-api'
import { PageCache } from './page-cache'
import { countSelected, nothingSelected, type Selection, selectedRows } from './selection'

/** Rows asked for at once when a list is searched through: a few answers for a hundred thousand rows. */
const rowsAStride = 5000

/** One list as the window shows it: its rows, as far as they are there, and what is selected in it. */
export class RowList {
  /** Rows in all; 0 until the first answer. */
  total = $state.raw(0)
  selection = $state.raw<Selection>(nothingSelected)
  error = $state.raw<unknown>()
  /** Where it was scrolled to when it was last seen, in pixels; undefined if it has not been. */
  scrollTop: number | undefined
  /** Grows with every page that arrives: rows themselves are not watched. */
  #version = $state.raw(0)
  readonly #cache: PageCache
  readonly #ask: (page: Page) => Promise<RowPage>
  #isClosed = false
  /** Settled as soon as the first rows are there, it is known why they are not, or nobody wants them any more. */
  readonly isReady: Promise<void>
  #ready: () => void = () => undefined

  constructor(ask: (page: Page) => Promise<RowPage>) {
    this.#ask = ask
    this.isReady = new Promise((resolve) => (this.#ready = resolve))
    this.#cache = new PageCache(
      ask,
      () => {
        this.total = this.#cache.total ?? 0
        this.#version++
        this.#ready()
      },
      (error) => {
        this.error = error
        this.#ready()
      },
    )
    this.#cache.want(0, 0)
  }

  row(index: number): EntryRow | undefined {
    // Read, so that what is shown of a row follows the pages.
    return this.#version < 0 ? undefined : this.#cache.row(index)
  }

  /** Tells which rows are on the screen. */
  want(first: number, last: number): void {
    this.#cache.want(first, last)
  }

  close(): void {
    this.#isClosed = true
    this.#cache.close()
    this.#ready()
  }

  get selectedCount(): number {
    return countSelected(this.selection)
  }

  /** The row the keyboard is at. */
  get lead(): EntryRow | undefined {
    return this.selection.lead < 0 ? undefined : this.row(this.selection.lead)
  }

  /** The only selected row, if it is only one and it is there. */
  get onlySelected(): EntryRow | undefined {
    if (this.selectedCount !== 1) return undefined
    const [index] = selectedRows(this.selection)
    return index === undefined ? undefined : this.row(index)
  }

  /** All selected rows, those included that were never on the screen. */
  async selected(): Promise<readonly EntryRow[]> {
    const rows: EntryRow[] = []
    for (const { first, last } of this.selection.ranges) {
      for await (const stride of this.#strides(first, last + 1)) rows.push(...stride.rows)
    }
    return rows
  }

  /**
   * The first row from `from` on that fits, going on at the top.
   * @returns -1 if none does, or another list took this one's place meanwhile
   */
  async indexOf(fits: (row: EntryRow) => boolean, from = 0): Promise<number> {
    const start = Math.min(from, this.total)
    for (const [first, end] of [
      [start, this.total],
      [0, start],
    ] as const) {
      for await (const { offset, rows } of this.#strides(first, end)) {
        const index = rows.findIndex(fits)
        if (index >= 0) return offset + index
      }
    }
    return -1
  }

  /** Where rows of these names are; those that are not in the list are left out. */
  async indicesOf(names: ReadonlySet<string>): Promise<number[]> {
    const found: number[] = []
    if (names.size === 0) return found
    for await (const { offset, rows } of this.#strides(0, this.total)) {
      rows.forEach((row, index) => {
        if (names.has(row.name)) found.push(offset + index)
      })
      if (found.length === names.size) break
    }
    return found
  }

  async *#strides(first: number, end: number): AsyncGenerator<{ offset: number; rows: readonly EntryRow[] }> {
    for (let offset = first; offset < end && !this.#isClosed; offset += rowsAStride) {
      const length = Math.min(rowsAStride, end - offset)
      const rows = this.#cache.kept(offset, length) ?? (await this.#ask({ offset, limit: length })).rows
      if (!this.#isClosed) yield { offset, rows }
    }
  }
}

import type { EntryRow, Page, RowPage } from '../../../src-main/contract/engine-api'

/** Rows of one question to the engine. */
export const rowsAPage = 200
/** Pages asked for on each side of what is shown, so that rows are there before they are scrolled to. */
const pagesAround = 2
/** 24,000 rows: some megabytes, whatever the archive's size. */
const pagesKept = 120
/** What is on the screen does not wait for what was asked for before, unless scrolling is faster than the engine. */
const questionsAtOnce = { visible: 4, around: 2 }

/** The sizes of folders are summed up by the engine after an archive was opened, within seconds even if it is large. */
const askAgain = { firstMs: 150, mostTimes: 8 }

/**
 * The rows of one list (a directory in one order, or the results of one search), as far as they have been asked for.
 * Only the newest wish counts: pages that were scrolled past before they were asked for are not asked for. A cache that has been closed
 * stays silent, so that answers to an earlier list never show up in a later one.
 */
export class PageCache {
  /** Rows in all; undefined until the first answer. */
  total: number | undefined
  readonly #pages = new Map<number, readonly EntryRow[]>()
  readonly #asked = new Set<number>()
  #wanted: readonly number[] = []
  #visible = 0
  /** Pages with folders whose sizes were not known yet. */
  readonly #incomplete = new Set<number>()
  #timesAsked = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #isClosed = false

  constructor(
    private readonly ask: (page: Page) => Promise<RowPage>,
    private readonly onChange: () => void,
    private readonly onError: (error: unknown) => void,
  ) {}

  row(index: number): EntryRow | undefined {
    return this.#pages.get(Math.floor(index / rowsAPage))?.[index % rowsAPage]
  }

  /** Has the pages of these rows, then those around them, fetched. */
  want(first: number, last: number): void {
    if (this.#isClosed) return
    const from = Math.floor(Math.max(0, first) / rowsAPage)
    const to = Math.floor(Math.max(0, last) / rowsAPage)
    const pages: number[] = []
    for (let page = from; page <= to; page++) pages.push(page)
    this.#visible = pages.length
    for (let distance = 1; distance <= pagesAround; distance++) pages.push(to + distance, from - distance)
    this.#wanted = pages.filter((page) => this.#exists(page))
    for (const page of this.#wanted) this.#refresh(page)
    this.#askNext()
  }

  /** These rows, if all of them are there. */
  kept(first: number, length: number): readonly EntryRow[] | undefined {
    const rows: EntryRow[] = []
    for (let index = first; index < first + length; index++) {
      const row = this.row(index)
      if (row === undefined) return undefined
      rows.push(row)
    }
    return rows
  }

  /** No answer is taken in any more. */
  close(): void {
    this.#isClosed = true
    this.#wanted = []
    clearTimeout(this.#timer)
  }

  #exists(page: number): boolean {
    return page >= 0 && (this.total === undefined ? page === 0 : page * rowsAPage < this.total)
  }

  #askNext(): void {
    for (const [index, page] of this.#wanted.entries()) {
      if (this.#pages.has(page) || this.#asked.has(page)) continue
      if (this.#asked.size >= (index < this.#visible ? questionsAtOnce.visible : questionsAtOnce.around)) return
      void this.#fetch(page)
    }
  }

  async #fetch(page: number): Promise<void> {
    this.#asked.add(page)
    try {
      const answer = await this.ask({ offset: page * rowsAPage, limit: rowsAPage })
      if (this.#isClosed) return
      this.total = answer.total
      this.#pages.set(page, answer.rows)
      this.#askAgainFor(page, answer.rows)
      this.#forgetOldest()
      this.onChange()
    } catch (error) {
      if (this.#isClosed) return
      // Not asked for again by itself: what failed once would fail without end.
      this.#wanted = []
      this.onError(error)
    } finally {
      this.#asked.delete(page)
    }
    this.#askNext()
  }

  #askAgainFor(page: number, rows: readonly EntryRow[]): void {
    this.#incomplete.delete(page)
    if (!rows.some(({ kind, size }) => kind === 'directory' && size === undefined)) return
    this.#incomplete.add(page)
    if (this.#timer !== undefined || this.#timesAsked >= askAgain.mostTimes) return
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined
        for (const each of [...this.#incomplete]) if (this.#wanted.includes(each)) void this.#fetch(each)
      },
      askAgain.firstMs * 2 ** this.#timesAsked++,
    )
  }

  /** The pages used last are at the end of the map. */
  #refresh(page: number): void {
    const rows = this.#pages.get(page)
    if (rows === undefined) return
    this.#pages.delete(page)
    this.#pages.set(page, rows)
  }

  #forgetOldest(): void {
    for (const page of this.#pages.keys()) {
      if (this.#pages.size <= pagesKept) return
      if (!this.#wanted.includes(page)) this.#pages.delete(page)
    }
  }
}

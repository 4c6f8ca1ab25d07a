import type { EntryRow, Page, RowPage } from '../../../src-main/contract/engine-api'

/** Rows of one question to the engine. */
export const rowsAPage = 200
/** Pages asked for on each side of what is shown, so that rows are there before they are scrolled to. */
const pagesAround = 2
/** 100,000 rows: some tens of megabytes, whatever the archive's size. */
const pagesKept = 500
/** Pages of one question for what may be scrolled to later, when nothing else is asked for. */
const pagesAhead = 10
/** Milliseconds after the last wish before that begins: while somebody types or scrolls, the engine has other things to do. */
const aheadAfterMs = 300
/** What is on the screen does not wait for what was asked for before, unless scrolling is faster than the engine. */
const questionsAtOnce = { visible: 4, around: 2 }

/** The sizes of folders are summed up by the engine after an archive was opened, within seconds even if it is large. */
const askAgain = { firstMs: 150, mostTimes: 8 }

/**
 * The rows of one list (a directory in one order, or the results of one search), as far as they have been asked for.
 * Only the newest wish counts: pages that were scrolled past before they were asked for are not asked for. When all that is wanted is
 * there, the rows further and further away are read ahead, so that most lists can be thrown about without a row missing. A cache that
 * has been closed stays silent, so that answers to an earlier list never show up in a later one.
 */
export class PageCache {
  /** Rows in all; undefined until the first answer. */
  total: number | undefined
  readonly #pages = new Map<number, readonly EntryRow[]>()
  readonly #asked = new Set<number>()
  #isAskedAhead = false
  #wanted: readonly number[] = []
  #visible = 0
  #readsAhead = false
  #aheadTimer: ReturnType<typeof setTimeout> | undefined
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
    this.#readsAhead = false
    clearTimeout(this.#aheadTimer)
    this.#aheadTimer = setTimeout(() => {
      this.#readsAhead = true
      this.#askNext()
    }, aheadAfterMs)
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
    this.#readsAhead = false
    clearTimeout(this.#timer)
    clearTimeout(this.#aheadTimer)
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
    const isIdle = this.#asked.size === 0 && !this.#isAskedAhead
    if (isIdle && this.#readsAhead) this.#readAhead()
  }

  async #fetch(page: number): Promise<void> {
    this.#asked.add(page)
    try {
      const answer = await this.ask({ offset: page * rowsAPage, limit: rowsAPage })
      if (this.#isClosed) return
      this.total = answer.total
      this.#pages.set(page, answer.rows)
      this.#askAgainFor(page, answer.rows)
      this.#forgetFarthest()
      this.onChange()
    } catch (error) {
      if (this.#isClosed) return
      // Not asked for again by itself: what failed once would fail without end.
      this.#wanted = []
      this.#readsAhead = false
      this.onError(error)
    } finally {
      this.#asked.delete(page)
    }
    this.#askNext()
  }

  /** Has the nearest pages fetched that are not there yet. */
  #readAhead(): void {
    const first = this.#nearestMissing()
    if (first === undefined) {
      this.#readsAhead = false
      return
    }
    const step = first < (this.#wanted[0] ?? 0) ? -1 : 1
    const pages = [first]
    while (pages.length < pagesAhead) {
      const next = (pages.at(-1) ?? 0) + step
      if (!this.#exists(next) || this.#pages.has(next)) break
      pages.push(next)
    }
    void this.#fetchAhead(Math.min(...pages), pages.length)
  }

  async #fetchAhead(first: number, count: number): Promise<void> {
    const pages = Array.from({ length: count }, (_, at) => first + at)
    this.#isAskedAhead = true
    try {
      const { rows } = await this.ask({ offset: first * rowsAPage, limit: count * rowsAPage })
      if (this.#isClosed) return
      for (const [at, page] of pages.entries()) {
        const own = rows.slice(at * rowsAPage, (at + 1) * rowsAPage)
        // What is not known yet would stand there unknown for good.
        if (own.some(isUnknown)) this.#readsAhead = false
        else this.#pages.set(page, own)
      }
      this.#forgetFarthest()
      if (this.#wanted.some((page) => pages.includes(page))) this.onChange()
    } catch {
      // Nobody waits for these rows. Who comes to them asks for them, and is told.
      this.#readsAhead = false
    } finally {
      this.#isAskedAhead = false
    }
    this.#askNext()
  }

  #nearestMissing(): number | undefined {
    const [start = 0] = this.#wanted
    // Of a list that cannot be kept as a whole, as much on both sides, or what is fetched on one would be forgotten for the other.
    const isKeptWhole = (this.total ?? 0) <= pagesKept * rowsAPage
    const farthest = isKeptWhole ? pagesKept : (pagesKept - pagesAhead) / 2
    for (let distance = 0; distance < farthest; distance++) {
      for (const page of [start + distance, start - distance]) {
        if (this.#exists(page) && !this.#pages.has(page)) return page
      }
    }
    return undefined
  }

  #askAgainFor(page: number, rows: readonly EntryRow[]): void {
    this.#incomplete.delete(page)
    if (!rows.some(isUnknown)) return
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

  #forgetFarthest(): void {
    const tooMany = this.#pages.size - pagesKept
    if (tooMany <= 0) return
    const [start = 0] = this.#wanted
    const farthestFirst = [...this.#pages.keys()].sort((one, other) => Math.abs(other - start) - Math.abs(one - start))
    for (const page of farthestFirst.slice(0, tooMany)) this.#pages.delete(page)
  }
}

/** Whether the size of a folder is still being summed up. */
function isUnknown({ kind, size }: EntryRow): boolean {
  return kind === 'directory' && size === undefined
}

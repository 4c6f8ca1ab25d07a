import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { EntryRow, Page, RowPage } from '../../../src-main/contract/engine-api'
import { PageCache, rowsAPage } from '../../../src-renderer/archive/list/page-cache'

function row(id: number): EntryRow {
  return { id, parent: 0, name: `file ${id}`, kind: 'file', mtimeMs: 0 }
}

/** After which rows are read ahead. */
const pause = () => new Promise((resolve) => setTimeout(resolve, 350))

/** An engine whose answers come when the test says so. */
function slowSource(total: number) {
  const questions: { readonly page: Page; answer(): Promise<void>; fail(): Promise<void> }[] = []
  const settle = () => new Promise<void>((resolve) => setTimeout(resolve, 0))
  const ask = (page: Page) =>
    new Promise<RowPage>((resolve, reject) => {
      const rows = Array.from({ length: Math.min(page.limit, total - page.offset) }, (_, at) => row(page.offset + at))
      questions.push({
        page,
        answer: () => (resolve({ total, rows }), settle()),
        fail: () => (reject(new Error('gone')), settle()),
      })
    })
  return { ask, questions }
}

function cacheOver(total: number) {
  const { ask, questions } = slowSource(total)
  const seen = { changes: 0, errors: 0 }
  const cache = new PageCache(
    ask,
    () => seen.changes++,
    () => seen.errors++,
  )
  return { cache, questions, seen }
}

// If this fails, rows stay blank, or rows of one folder show up in another.
describe('page cache', () => {
  it('asks for the first page alone until it knows how many rows there are', async () => {
    const { cache, questions } = cacheOver(1000)
    cache.want(0, 30)
    expect(questions.map(({ page }) => page)).toEqual([{ offset: 0, limit: rowsAPage }])
    await questions[0]?.answer()
    expect(cache.total).toBe(1000)
    expect(cache.row(199)?.id).toBe(199)
    expect(cache.row(200)).toBeUndefined()
  })

  it('asks for what is visible first, then for what is around it', async () => {
    const { cache, questions } = cacheOver(100_000)
    cache.want(0, 30)
    await questions[0]?.answer()
    cache.want(50_000, 50_030)
    for (let at = 1; at < 6; at++) await questions[at]?.answer()
    expect(questions.slice(1, 6).map(({ page }) => page.offset / rowsAPage)).toEqual([250, 251, 249, 252, 248])
  })

  it('reads ahead when it has what is wanted, nearest rows first: a list that is thrown about would show gaps', async () => {
    const { cache, questions, seen } = cacheOver(100_000)
    cache.want(0, 30)
    await questions[0]?.answer()
    await pause()
    for (let at = 1; at < questions.length; at++) await questions[at]?.answer()
    expect(cache.row(0)?.id).toBe(0)
    expect(cache.row(99_999)?.id).toBe(99_999)
    expect(questions.length, 'many rows a question').toBeLessThan(60)
    expect(seen.changes, 'nothing is drawn anew for rows that nobody sees').toBeLessThan(6)
    const asked = questions.length
    cache.want(80_000, 80_030)
    expect(questions.length).toBe(asked)
  })

  it('does not let what is wanted wait for what is read ahead', async () => {
    const { cache, questions } = cacheOver(1_000_000)
    cache.want(0, 30)
    await questions[0]?.answer()
    await pause()
    const ahead = questions.length
    expect(questions.at(-1)?.page.limit).toBeGreaterThan(rowsAPage)
    cache.want(500_000, 500_030)
    expect(questions[ahead]?.page).toEqual({ offset: 500_000, limit: rowsAPage })
  })

  it('reads ahead no more where that fails, and tells nobody: nobody asked', async () => {
    const { cache, questions, seen } = cacheOver(10_000)
    cache.want(0, 30)
    await questions[0]?.answer()
    await pause()
    await questions[1]?.fail()
    expect([seen.errors, questions.length]).toEqual([0, 2])
  })

  it('asks for a few pages at once at most, and skips what was scrolled past meanwhile', async () => {
    const { cache, questions } = cacheOver(1_000_000)
    cache.want(0, 30)
    await questions[0]?.answer()
    for (let first = 0; first < 900_000; first += 10_000) cache.want(first, first + 30)
    expect(questions.length).toBe(5)
    await questions[1]?.answer()
    expect(questions[5]?.page.offset).toBe(Math.floor(890_000 / rowsAPage) * rowsAPage)
  })

  it('takes no answer in after it was closed', async () => {
    const { cache, questions, seen } = cacheOver(1000)
    cache.want(0, 30)
    cache.close()
    await questions[0]?.answer()
    expect(seen.changes).toBe(0)
    expect(cache.row(0)).toBeUndefined()
    cache.want(0, 30)
    expect(questions.length).toBe(1)
  })

  it('does not ask again and again for what fails', async () => {
    const { cache, questions, seen } = cacheOver(1000)
    cache.want(0, 30)
    await questions[0]?.fail()
    expect(seen.errors).toBe(1)
    expect(questions.length).toBe(1)
    cache.want(0, 30)
    expect(questions.length).toBe(2)
  })

  it('keeps a bounded number of pages, and those on the screen among them', async () => {
    const { cache, questions } = cacheOver(1_000_000)
    cache.want(0, 30)
    let answered = 0
    for (let first = 0; first < 900_000; first += 5000) {
      cache.want(first, first + 30)
      for (; answered < questions.length; answered++) await questions[answered]?.answer()
      expect(cache.row(first)).toBeDefined()
    }
    expect(cache.row(0)).toBeUndefined()
  })

  it('asks again for folders whose sizes are not known yet, for some seconds', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    let asked = 0
    const folder: EntryRow = { id: 1, parent: 0, name: 'folder', kind: 'directory', mtimeMs: 0 }
    const ask = () => Promise.resolve({ total: 1, rows: [++asked < 3 ? folder : { ...folder, size: 10 }] })
    const cache = new PageCache(
      ask,
      () => undefined,
      () => undefined,
    )
    cache.want(0, 0)
    await vi.advanceTimersByTimeAsync(100)
    expect(cache.row(0)?.size).toBeUndefined()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(cache.row(0)?.size).toBe(10)
    expect(asked).toBe(3)
    // Sizes that never come are not asked for without end.
    asked = -1000
    const patient = new PageCache(
      ask,
      () => undefined,
      () => undefined,
    )
    patient.want(0, 0)
    await vi.advanceTimersByTimeAsync(600_000)
    expect(asked).toBeLessThan(-980)
  })

  it('gives a stretch of rows only if it is whole', async () => {
    const { cache, questions } = cacheOver(1000)
    cache.want(0, 30)
    await questions[0]?.answer()
    expect(cache.kept(10, 5)?.map(({ id }) => id)).toEqual([10, 11, 12, 13, 14])
    expect(cache.kept(10, 195)).toBeUndefined()
  })
})

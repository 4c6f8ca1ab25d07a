import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { writeLargeArchive } from '../../support/large-archive'
import { temporaryFolder } from '../../support/temporary'
import { prose, writeFiles } from './sample-files'
import { hasBrowser, inBrowser, type ServedWindow, windows } from './served-window'

/** What is watched in the page, with all times in milliseconds. */
interface Watched {
  readonly frames: number
  readonly longestFrame: number
  readonly framesOver50: number
  /** The longest time that the page's thread did nothing else. */
  readonly longestTask: number
  /** Frames in which a row that was to be seen was not there yet, and the longest run of them. */
  readonly blankFrames: number
  readonly longestBlank: number
  readonly progressChanges: number
  readonly milliseconds: number
}

/** Watches every frame until {@link unwatch}. */
async function watch({ page }: ServedWindow): Promise<void> {
  await page.evaluate(() => {
    const start = performance.now()
    let [frames, longestFrame, framesOver50, longestTask, blankFrames, longestBlank, progressChanges] = [
      0, 0, 0, 0, 0, 0, 0,
    ]
    let last = start
    let blankSince: number | undefined
    let isOver = false
    const tasks = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longestTask = Math.max(longestTask, duration)
    })
    tasks.observe({ type: 'longtask' })
    const changes = new MutationObserver((records) => {
      if (records.some(({ target }) => (target as Element).closest('[role="progressbar"]') !== null)) progressChanges++
    })
    changes.observe(document.body, { subtree: true, attributes: true, attributeFilter: ['style', 'aria-valuenow'] })
    const isBlank = (): boolean => {
      const grid = document.querySelector('[role="grid"]')
      if (grid === null) return false
      const { left, top, bottom } = grid.getBoundingClientRect()
      const rowAt = (y: number): Element | null | undefined => document.elementFromPoint(left + 40, y)?.closest('.row')
      for (let y = top + 48; y < bottom - 12; y += 32) {
        // Between two rows there is a gap.
        const row = rowAt(y) ?? rowAt(y + 8)
        if (row === undefined || row === null || row.querySelector('.waiting') !== null) return true
      }
      return false
    }
    const frame = (now: number): void => {
      frames++
      longestFrame = Math.max(longestFrame, now - last)
      if (now - last > 50) framesOver50++
      last = now
      if (isBlank()) {
        blankFrames++
        blankSince ??= now
        longestBlank = Math.max(longestBlank, now - blankSince)
      } else blankSince = undefined
      if (!isOver) requestAnimationFrame(frame)
    }
    requestAnimationFrame((now) => {
      last = now
      requestAnimationFrame(frame)
    })
    Object.assign(globalThis, {
      unwatch: () => {
        isOver = true
        tasks.disconnect()
        changes.disconnect()
        const milliseconds = performance.now() - start
        return {
          frames,
          longestFrame,
          framesOver50,
          longestTask,
          blankFrames,
          longestBlank,
          progressChanges,
          milliseconds,
        }
      },
    })
  })
}

function unwatch({ page }: ServedWindow): Promise<Watched> {
  return page.evaluate(() => (globalThis as unknown as { unwatch: () => Watched }).unwatch())
}

/** From a press of a button or key in the page to the frame in which something has changed that the selector finds. */
async function timeOf({ page }: ServedWindow, act: () => Promise<void>, selector: string): Promise<number> {
  await page.evaluate((wanted) => {
    const textOf = (): string | undefined => {
      const found = document.querySelector<HTMLElement>(wanted)
      return found?.textContent
    }
    const before = textOf()
    const time = new Promise<number>((resolve) => {
      let start: number | undefined
      const begin = (event: Event): void => {
        start ??= event.timeStamp
      }
      for (const type of ['click', 'keydown', 'dblclick']) addEventListener(type, begin, { capture: true })
      const look = (): void => {
        const now = textOf()
        if (start === undefined || now === undefined || now === before) return
        watcher.disconnect()
        for (const type of ['click', 'keydown', 'dblclick']) removeEventListener(type, begin, { capture: true })
        const from = start
        requestAnimationFrame(() => resolve(performance.now() - from))
      }
      const watcher = new MutationObserver(look)
      watcher.observe(document.body, { subtree: true, childList: true, characterData: true })
    })
    Object.assign(globalThis, { time })
  }, selector)
  await act()
  return page.evaluate(() => (globalThis as unknown as { time: Promise<number> }).time)
}

const firstRow = '[role="grid"] .row .name'

function print(what: string, value: number | string): void {
  console.log(`${what.padEnd(68)} ${typeof value === 'number' ? `${value.toFixed(0)} ms` : value}`)
}

function printWatched(what: string, watched: Watched): void {
  const { longestFrame, framesOver50, frames, longestTask, blankFrames, longestBlank } = watched
  print(`${what}: longest frame`, longestFrame)
  print(`${what}: frames over 50 ms`, `${framesOver50} of ${frames}`)
  print(`${what}: longest task of the page's thread (0: none over 50 ms)`, longestTask)
  print(`${what}: frames with a row missing, longest time of that`, `${blankFrames}, ${longestBlank.toFixed(0)} ms`)
}

/** Shows the window's own dialog with a path in it, and measures from the press of its button. */
async function timeToOpen(window: ServedWindow, archive: string): Promise<number> {
  await window.button('Open…').click()
  await window.dialog.getByRole('textbox', { name: 'Path' }).fill(archive)
  await window.dialog.getByRole('option', { name: basename(archive) }).waitFor()
  return timeOf(window, () => window.dialog.locator('footer button').last().click(), firstRow)
}

describe.skipIf(!hasBrowser)(`the window's times${inBrowser}`, () => {
  const openWindow = windows()

  test('100,000 entries in one folder', async () => {
    const home = temporaryFolder()
    const archive = join(home, 'many.lmz')
    await writeLargeArchive(archive, { files: 100_000, filesInFolder: 100_000 })
    const window = await openWindow({ home })
    const { page, grid } = window
    print('100,000 entries: opening, to the first rows', await timeToOpen(window, archive))
    await window.row('Part 1').dblclick()
    await window.row('folder-0').waitFor()
    print('100,000 entries: into their folder', await timeOf(window, () => window.row('folder-0').dblclick(), firstRow))
    await page.getByText('100,000 items', { exact: true }).waitFor()

    const height = await grid.evaluate(({ scrollHeight }) => scrollHeight)
    await grid.hover()
    // As a hand turns it: a notch in each frame.
    await watch(window)
    for (let notch = 0; notch < 300; notch++) await page.mouse.wheel(0, 240)
    printWatched('wheel, 240 pixels at a time', await unwatch(window))

    await watch(window)
    const step = 6000
    for (let at = 0; at < height; at += step) await page.mouse.wheel(0, step)
    await expect.poll(() => grid.evaluate((one) => one.scrollTop + one.clientHeight >= one.scrollHeight - 2)).toBe(true)
    printWatched('wheel, 6000 pixels at a time, to the bottom', await unwatch(window))

    await watch(window)
    await grid.evaluate(async (one) => {
      for (let share = 1; share > 0; share -= 0.005) {
        one.scrollTop = share * one.scrollHeight
        // Between two frames, as a pointer does: what is set in a frame is told of in the next one.
        await new Promise(requestAnimationFrame)
        await new Promise((resolve) => setTimeout(resolve, 0))
      }
      one.scrollTop = 0
    })
    await page.locator('.row[data-index="0"] .name').waitFor()
    printWatched("scrollbar's thumb, bottom to top in 200 frames", await unwatch(window))

    await page.keyboard.press('Control+f')
    const times: number[] = []
    for (const key of ['7', '7', '1', '9', 'Backspace', 'Backspace', '3'])
      times.push(await timeOf(window, () => page.keyboard.press(key), 'footer .truncate'))
    print('search: key press to results, each key', times.map((time) => time.toFixed(0)).join(', ') + ' ms')
    await page.keyboard.press('Escape')
    await page.getByText('100,000 items', { exact: true }).waitFor()
    const sort = () => grid.getByRole('columnheader', { name: 'Size' }).click()
    print('sorting by size', await timeOf(window, sort, '.row[data-index="0"]'))
  })

  test('1,000,000 entries', async () => {
    const home = temporaryFolder()
    const archive = join(home, 'million.lmz')
    await writeLargeArchive(archive, { files: 1_000_000, filesInFolder: 1000 })
    const window = await openWindow({ home })
    print('1,000,000 entries: opening, to the first rows', await timeToOpen(window, archive))
    await window.page.keyboard.press('Control+f')
    const times: number[] = []
    for (const key of ['7', '7', '1', '9'])
      times.push(await timeOf(window, () => window.page.keyboard.press(key), 'footer .truncate'))
    print('1,000,000 entries: key press to results, each key', times.map((time) => time.toFixed(0)).join(', ') + ' ms')
  })

  test.for(['fast', 'balanced'] as const)('while a job packs, %s', async (preset) => {
    const window = await openWindow({ settings: { preset, blockSize: 256 * 1024 } })
    const { home, page, dialog } = window
    const many = preset === 'fast' ? 4000 : 100
    writeFiles(home, Object.fromEntries(Array.from({ length: many }, (_, at) => [`in/${at}.txt`, prose(10_000, at)])))
    await window.button('New archive…').click()
    await window.pick(join(home, 'in'))
    await dialog.getByText(/One file opens in about/).waitFor()
    await watch(window)
    await dialog.getByRole('button', { name: 'Create archive' }).click()
    await page.keyboard.press('Control+j')
    await window.told(/in\.lmz is ready/)
    const watched = await unwatch(window)
    print(`job (${preset}): longest frame`, watched.longestFrame)
    print(`job (${preset}): longest task of the page's thread (0: none over 50 ms)`, watched.longestTask)
    const rate = (watched.progressChanges / watched.milliseconds) * 1000
    print(
      `job (${preset}): changes of the progress bar`,
      `${rate.toFixed(1)} a second for ${(watched.milliseconds / 1000).toFixed(1)} s`,
    )
  })
})

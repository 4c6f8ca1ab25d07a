/**
 * Measures the window of an archive in a real browser:
 *
 *     node test/bench/archive-window.ts <archive> [folder/to/scroll/in] [text to find]
 *
 * From opening to the first rows, frames and blank rows while scrolling, and results after a key press. `main thread` is processor
 * time of the page's longest task: unlike the frames, it does not depend on what else the machine does.
 */
import { spawn } from 'node:child_process'
import { basename, join, resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { launchChromium } from '../support/chromium.ts'

const [archive, folder = '', text = 'report'] = process.argv.slice(2)
if (archive === undefined) throw new Error('Which archive?')

/** The name of a row that is there, and not on its way. */
const firstRow = '[data-index] .name'

const program = join(import.meta.dirname, '../../out/main/cli.js')
const lmz = spawn(process.execPath, [program, 'serve', '--no-browser', resolve(archive)], {
  stdio: ['ignore', 'pipe', 'pipe'],
})
const browser = await launchChromium()
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  await page.goto(await addressOf())
  await page.waitForSelector(firstRow)
  await opening(page)
  for (const name of folder.split('/').filter((part) => part !== '')) {
    await page.locator('[data-index]', { has: page.getByTitle(name, { exact: true }) }).dblclick()
    await page.getByRole('button', { name, exact: true }).first().waitFor()
    await page.waitForTimeout(300)
  }
  const grid = await page.getByRole('grid').boundingBox()
  if (grid === null) throw new Error('There is no list.')
  await page.mouse.move(grid.x + grid.width / 2, grid.y + grid.height / 2)
  await page.waitForTimeout(1000)
  await scrolling(browser, page, 'wheel, 300 px each 25 ms', 150, 25, () => page.mouse.wheel(0, 300))
  await scrolling(browser, page, 'PageDown, 30 a second', 80, 33, () => page.keyboard.press('PageDown'))
  await scrolling(browser, page, 'scroll bar, 10 jumps a second', 30, 100, (turn) =>
    page.evaluate(
      (part) => {
        const list = document.querySelector('[role=grid]')
        if (list !== null) list.scrollTop = part * (list.scrollHeight - list.clientHeight)
      },
      (turn * 0.37) % 1,
    ),
  )
  await searching(page)
} finally {
  await browser.close()
  lmz.kill('SIGTERM')
}

function addressOf(): Promise<string> {
  return new Promise((found, failed) => {
    let printed = ''
    const look = (chunk: Buffer): void => {
      printed += chunk.toString()
      const [address] = /http:\/\/\S+/.exec(printed) ?? []
      if (address !== undefined) found(address)
    }
    lmz.stdout.on('data', look)
    lmz.stderr.on('data', look)
    lmz.once('exit', () => failed(new Error(printed)))
  })
}

/** From the click on a recent archive. */
async function opening(page: Page): Promise<void> {
  const times: number[] = []
  for (let turn = 0; turn < 3; turn++) {
    await page.getByRole('button', { name: 'More', exact: true }).first().click()
    await page.getByRole('menuitem', { name: 'Close the archive' }).click()
    const recent = page.getByText(basename(archive ?? '')).first()
    await recent.waitFor()
    await watchFor(page, 'click', firstRow)
    await recent.click()
    times.push(await watchedTime(page))
  }
  console.log(`open to first rows: ${times.map((time) => time.toFixed(0)).join(', ')} ms`)
}

/** Times what the next event of this kind leads to: an element that appears, or without one another text of the status bar. */
async function watchFor(page: Page, event: string, selector?: string): Promise<void> {
  await page.evaluate(
    ([kind, awaited]) => {
      const before = document.querySelector('footer')?.textContent
      const isThere = (): boolean =>
        awaited === ''
          ? document.querySelector('footer')?.textContent !== before
          : document.querySelector(awaited) !== null
      const time = new Promise<number>((done) => {
        const begin = (): void => {
          const start = performance.now()
          const look = (): void => {
            if (isThere() || performance.now() - start > 3000) done(performance.now() - start)
            else requestAnimationFrame(look)
          }
          look()
        }
        addEventListener(kind, begin, { capture: true, once: true })
      })
      Object.assign(globalThis, { time })
    },
    [event, selector ?? ''] as const,
  )
}

function watchedTime(page: Page): Promise<number> {
  return page.evaluate(() => (globalThis as unknown as { time: Promise<number> }).time)
}

async function scrolling(
  of: Browser,
  page: Page,
  what: string,
  turns: number,
  pause: number,
  step: (turn: number) => Promise<void>,
): Promise<void> {
  await page.evaluate(() => {
    const watched = { frames: [] as number[], blank: 0, isOver: false }
    Object.assign(globalThis, { watched })
    let last = performance.now()
    const look = (): void => {
      if (watched.isOver) return
      const now = performance.now()
      watched.frames.push(now - last)
      last = now
      const list = document.querySelector('[role=grid]')
      const box = list?.getBoundingClientRect()
      const cells = [...(list?.querySelectorAll('.waiting') ?? [])].map((cell) => cell.getBoundingClientRect())
      if (box !== undefined && cells.some(({ top, bottom }) => bottom > box.top + 32 && top < box.bottom))
        watched.blank++
      requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
  })
  await of.startTracing(page, { categories: ['toplevel', 'devtools.timeline', '__metadata'] })
  for (let turn = 0; turn < turns; turn++) {
    await step(turn)
    await page.waitForTimeout(pause)
  }
  const { traceEvents } = JSON.parse((await of.stopTracing()).toString()) as { traceEvents: TraceEvent[] }
  const { frames, blank } = await page.evaluate(() => {
    const { watched } = globalThis as unknown as { watched: { frames: number[]; blank: number; isOver: boolean } }
    watched.isOver = true
    return watched
  })
  const sorted = frames.slice(2).toSorted((one, other) => one - other)
  const at = (part: number): string => (sorted[Math.floor((sorted.length - 1) * part)] ?? 0).toFixed(1)
  const over = sorted.filter((frame) => frame > 50).length
  console.log(
    `${what}: ${sorted.length} frames, median ${at(0.5)}, 99 % ${at(0.99)}, worst ${at(1)} ms, ${over} over 50 ms;` +
      ` ${blank} with blank rows; main thread at most ${longestTask(traceEvents).toFixed(1)} ms`,
  )
}

interface TraceEvent {
  readonly name: string
  readonly pid: number
  readonly tid: number
  /** Microseconds of processor time. */
  readonly tdur?: number
  readonly args: { readonly name?: string }
}

function longestTask(events: readonly TraceEvent[]): number {
  const isMain = ({ pid, tid }: TraceEvent): boolean =>
    events.some((event) => event.pid === pid && event.tid === tid && event.args.name === 'CrRendererMain')
  const tasks = events.filter(({ name, tdur = 0 }) => name.endsWith('RunTask') && tdur > 5000)
  return Math.max(0, ...tasks.filter(isMain).map(({ tdur = 0 }) => tdur / 1000))
}

/** From a key press to the frame that shows another count of results. */
async function searching(page: Page): Promise<void> {
  await page.getByRole('navigation').getByRole('button').first().click()
  await page.waitForTimeout(500)
  await page.keyboard.press('Control+f')
  const times: string[] = []
  for (const letter of text) {
    await watchFor(page, 'input')
    await page.keyboard.press(letter)
    times.push((await watchedTime(page)).toFixed(0))
    await page.waitForTimeout(200)
  }
  console.log(`results after a key press: ${times.join(', ')} ms (3000: the same results as before)`)
}

import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { addToArchive } from '../../../src-main/archive/add'
import { createArchive } from '../../../src-main/archive/create'
import { stateOf } from '../../support/archive-state'
import { temporaryFolder } from '../../support/temporary'
import { filesBelow, prose, writeFiles } from './sample-files'
import { hasBrowser, inBrowser, type ServedWindow, windows } from './served-window'

describe.skipIf(!hasBrowser)(`jobs${inBrowser}`, () => {
  const openWindow = windows()

  /** Small blocks, so that progress comes in small steps. */
  const settings = { preset: 'balanced', blockSize: 256 * 1024 }

  /** Starts packing a folder, which takes some seconds a megabyte. */
  async function startLong(window: ServedWindow, name: string, megabytes: number): Promise<void> {
    const { home, dialog, page } = window
    const files = Object.fromEntries(
      Array.from({ length: megabytes * 4 }, (_, at) => [`${name}/${at}.txt`, prose(250_000, at + 1)]),
    )
    writeFiles(home, files)
    await window.button('New archive…').click()
    await window.pick(join(home, name))
    await dialog.getByRole('button', { name: 'Create archive' }).click()
    await dialog.waitFor({ state: 'detached' })
    await page
      .getByText(new RegExp(`^Making ${name}`))
      .first()
      .waitFor()
  }

  const share = (window: ServedWindow) =>
    window.jobs.getByRole('progressbar').getAttribute('aria-valuenow').then(Number)

  test('one that is cancelled half-way ends within half a second and leaves nothing on the disk', async () => {
    const window = await openWindow({ settings })
    const { home } = window
    await startLong(window, 'big', 6)
    await expect.poll(() => share(window)).toBeGreaterThan(2)
    expect(readdirSync(home).filter((name) => name.includes('big.lmz'))).not.toEqual([])
    // Measured in the page, from the click to what is told.
    const took = await window.page.evaluate(() => {
      const region = document.querySelector('section[aria-label="Jobs"]')
      const button = region?.querySelector<HTMLElement>('button[aria-label="Cancel job"]')
      return new Promise<number>((resolve) => {
        const start = performance.now()
        new MutationObserver(() => {
          if (region?.textContent.includes('Cancelled: big.lmz was not made')) resolve(performance.now() - start)
        }).observe(document.body, { subtree: true, childList: true, characterData: true })
        button?.click()
      })
    })
    console.log(`cancelled after ${took.toFixed(0)} ms`)
    expect(took).toBeLessThan(500)
    expect(readdirSync(home).filter((name) => name.includes('lmz'))).toEqual([])
  })

  test('one that is paused stands still until it is resumed, while the next one waits', async () => {
    const window = await openWindow({ settings })
    const { home, page, jobs, dialog } = window
    await startLong(window, 'first', 1)
    await expect.poll(() => share(window)).toBeGreaterThan(0)
    await jobs.getByRole('button', { name: 'Pause' }).click()
    await jobs.getByText('Paused').waitFor()
    const paused = await share(window)

    writeFiles(home, { 'second/a.txt': 'waits' })
    await window.button('New archive…').click()
    await window.pick(join(home, 'second'))
    await page.getByText('The estimate waits for the job under way.').waitFor()
    await dialog.getByRole('button', { name: 'Create archive' }).click()
    await jobs.getByText('1 more waiting').waitFor()
    expect(await share(window)).toBe(paused)
    expect(existsSync(join(home, 'second.lmz'))).toBe(false)

    await page.keyboard.press('Control+j')
    const card = (name: string) => jobs.getByRole('article').filter({ hasText: name })
    await card('second.lmz').getByText('Waiting').waitFor()
    await card('first.lmz').getByText(/of 5$/).waitFor()
    await card('first.lmz').getByRole('button', { name: 'Resume' }).click()
    await card('first.lmz is ready').waitFor()
    await card('second.lmz is ready').waitFor()
    expect(Object.keys(await stateOf(join(home, 'first.lmz')))).toHaveLength(5)
    expect(Object.keys(await stateOf(join(home, 'second.lmz')))).toHaveLength(2)
    await window.button('Clear finished').click()
    await jobs.waitFor({ state: 'detached' })
  })

  test('a waiting one can be cancelled before its turn', async () => {
    const window = await openWindow({ settings })
    const { home, page, jobs, dialog } = window
    await startLong(window, 'first', 4)
    writeFiles(home, { 'second/a.txt': 'waits' })
    await window.button('New archive…').click()
    await window.pick(join(home, 'second'))
    await dialog.getByRole('button', { name: 'Create archive' }).click()
    await dialog.waitFor({ state: 'detached' })
    await page.keyboard.press('Control+j')
    const card = (name: string) => jobs.getByRole('article').filter({ hasText: name })
    await card('Making second.lmz').getByRole('button', { name: 'Cancel job' }).click()
    await card('Cancelled: second.lmz was not made').waitFor()
    await card('Making first.lmz').getByRole('button', { name: 'Cancel job' }).click()
    await card('Cancelled: first.lmz was not made').waitFor()
    expect(readdirSync(home).filter((name) => name.includes('lmz'))).toEqual([])
  })

  test.skipIf(process.platform !== 'linux')(
    'the engine is killed in the middle: the window says so and goes on, the archive is the old one',
    async () => {
      const window = await openWindow()
      const { home, page, jobs } = window
      writeFiles(home, { 'in/a.txt': 'old state' })
      const archive = join(home, 'in.lmz')
      await createArchive(archive, [join(home, 'in')], { preset: 'balanced', blockSize: 256 * 1024 })
      const before = await stateOf(archive)
      await window.openArchive(archive)
      await window.row('in').waitFor()
      writeFiles(
        home,
        Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`more/${at}.txt`, prose(250_000, at)])),
      )
      await window.drop(join(home, 'more'))
      await expect.poll(() => share(window)).toBeGreaterThan(10)
      process.kill(window.engine, 'SIGKILL')
      await page.getByText('The engine stopped unexpectedly and was started again').waitFor()
      await jobs.getByText('Nothing was added to in.lmz').waitFor()
      expect(await stateOf(archive)).toEqual(before)

      // The window is still of use: it looks into the archive, and does the job when asked again.
      await window.row('in').dblclick()
      await window.row('a.txt').click()
      await page.getByRole('region', { name: 'Preview' }).getByText('old state').first().waitFor()
      writeFiles(home, { 'b.txt': 'new state' })
      await window.drop(join(home, 'b.txt'))
      await window.told(/^Added to in\.lmz/)
      expect(Object.keys(await stateOf(archive)).toSorted()).toEqual(['b.txt', 'in', 'in/a.txt'])
    },
  )
})

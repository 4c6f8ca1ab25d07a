import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createArchive } from '../../../src-main/archive/create'
import { stateOf } from '../../support/archive-state'
import { prose, writeFiles } from './sample-files'
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
    // Escape puts the sheet away, and the job goes on.
    await page.keyboard.press('Control+j')
    await jobs.getByText('Files and folders', { exact: true }).waitFor()
    await page.keyboard.press('Escape')
    await jobs.getByRole('article').waitFor({ state: 'detached' })
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
    const figures = card('first.lmz').locator('dl')
    await figures.getByText(/^\d of 5$/).waitFor()
    const resting = await figures.innerText()
    await page.waitForTimeout(700)
    expect(await figures.innerText()).toBe(resting)
    await card('first.lmz').getByRole('button', { name: 'Resume' }).click()
    await card('first.lmz is ready').waitFor()
    await card('second.lmz is ready').waitFor()
    expect(Object.keys(await stateOf(join(home, 'first.lmz')))).toHaveLength(5)
    expect(Object.keys(await stateOf(join(home, 'second.lmz')))).toHaveLength(2)
    await window.button('Clear finished').click()
    await jobs.waitFor({ state: 'detached' })
  })

  test('a waiting one can be cancelled before its turn, and has its turn when the one before is cancelled', async () => {
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
    writeFiles(home, { 'third/a.txt': 'waits too' })
    await page.keyboard.press('Control+j')
    await window.button('New archive…').click()
    await window.pick(join(home, 'third'))
    await dialog.getByRole('button', { name: 'Create archive' }).click()
    await dialog.waitFor({ state: 'detached' })
    await page.keyboard.press('Control+j')
    await card('Making first.lmz').getByRole('button', { name: 'Cancel job' }).click()
    await card('Cancelled: first.lmz was not made').waitFor()
    await card('third.lmz is ready').waitFor()
    expect(readdirSync(home).filter((name) => name.includes('lmz'))).toEqual(['third.lmz'])
  })

  test('what cannot be kept is listed, with what was done and what can be done', async ({ skip }) => {
    if (process.platform === 'win32') return skip('there are no pipes to be found on the disk')
    const window = await openWindow({ settings: { ...settings, preset: 'fast' } })
    const { home, jobs, dialog } = window
    writeFiles(home, { 'odd/a.txt': 'a' })
    execFileSync('mkfifo', [join(home, 'odd/pipe')])
    await window.button('New archive…').click()
    await window.pick(join(home, 'odd'))
    await dialog.getByRole('button', { name: 'Create archive' }).click()
    await window.told(/^odd\.lmz is ready.*1 problem/)
    await jobs.getByRole('button', { name: 'Details', exact: true }).click()
    await jobs.getByText('odd/pipe', { exact: true }).waitFor()
    await jobs.getByText('lmz cannot keep this kind of file').waitFor()
    await jobs.getByText('Left out', { exact: true }).waitFor()
    await jobs.getByText('If you need it, keep a copy of it elsewhere.').waitFor()
  })

  test('files that vanish while they are packed are listed, and all others are in the archive', async () => {
    const window = await openWindow({ settings: { ...settings, threads: 1 } })
    const { home, jobs, dialog } = window
    // More than is read at once, but mostly the same again, which is quickly packed.
    const text = prose(300_000)
    const names = Array.from({ length: 80 }, (_, at) => `moving/${at}.txt`)
    writeFiles(home, Object.fromEntries(names.map((name) => [name, `${name}\n${text}`])))
    await window.button('New archive…').click()
    await window.pick(join(home, 'moving'))
    await dialog.getByRole('button', { name: 'Create archive' }).click()
    await jobs.getByRole('button', { name: 'Pause' }).click()
    await jobs.getByText('Paused').waitFor()
    // Some may have been read by now, most have not.
    for (const name of names.slice(2)) rmSync(join(home, name))
    await jobs.getByRole('button', { name: 'Resume' }).click()
    await window.told(/^moving\.lmz is ready.*\d problems$/)
    await jobs.getByRole('button', { name: 'Details', exact: true }).click()
    const listed = await jobs.getByRole('listitem').locator('strong').allInnerTexts()
    expect(listed).not.toEqual([])
    const first = jobs.getByRole('listitem').first()
    await first.getByText('It changed or vanished while it was being packed').waitFor()
    await first.getByText('Left out', { exact: true }).waitFor()
    await first.getByText(/or from where it is now/).waitFor()
    const kept = Object.keys(await stateOf(join(home, 'moving.lmz'))).filter((path) => path !== 'moving')
    expect(kept.toSorted()).toEqual(names.filter((name) => !listed.includes(join(home, name))).toSorted())
  })

  test.skipIf(process.getuid?.() === 0 || process.platform === 'win32')(
    'a file that may not be read is listed, with what was done and what can be done (skipped for root)',
    async () => {
      const window = await openWindow({ settings: { preset: 'fast' } })
      const { home, dialog, jobs } = window
      writeFiles(home, { 'in/open.txt': 'open', 'in/closed.txt': 'closed' })
      chmodSync(join(home, 'in/closed.txt'), 0)
      await window.button('New archive…').click()
      await window.pick(join(home, 'in'))
      await dialog.getByRole('button', { name: 'Create archive' }).click()
      await window.told(/in\.lmz is ready.*1 problem/)
      await jobs.getByRole('button', { name: 'Details', exact: true }).click()
      await jobs.getByText(/in\/closed\.txt$/).waitFor()
      await jobs.getByText('It could not be read or written').waitFor()
      await jobs.getByText('Left out', { exact: true }).waitFor()
      await jobs.getByText('Check that you may use it, then try it again alone.').waitFor()
    },
  )

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
      await jobs.getByRole('button', { name: 'Details', exact: true }).click()
      await jobs.getByText(/Archives on the disk are whole: as they were before/).waitFor()
      await page.keyboard.press('Control+j')
      expect(await stateOf(archive)).toEqual(before)

      // The window is still of use: it looks into the archive, and does the job when asked again.
      await window.row('in').dblclick()
      await window.row('a.txt').click()
      await page.getByRole('region', { name: 'Preview' }).getByText('old state').first().waitFor()
      writeFiles(home, { 'b.txt': 'new state' })
      await window.drop(join(home, 'b.txt'))
      await window.told(/^Added to in\.lmz/)
      expect(Object.keys(await stateOf(archive)).toSorted()).toEqual(['in', 'in/a.txt', 'in/b.txt'])
    },
  )
})

import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchChromium, testBrowser } from '../support/chromium'
import { runLmz } from '../support/lmz-process'
import { StartWindow } from '../support/start-window'

let browser: Browser

describe.skipIf(testBrowser === undefined)('jobs in the window', () => {
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser.close())

  test('can be watched, paused, resumed and cancelled at once, and leave nothing behind', async () => {
    const window = await StartWindow.open(browser)
    const { page, home } = window
    await window.startArchive(window.writeLongWork('long.txt'))
    await window.dialog.getByRole('radio', { name: /Maximum/ }).check()
    await window.button('Create archive').click()
    const bar = page.getByRole('progressbar', { name: 'Making long.lmz' })
    await bar.waitFor()
    await page.keyboard.press('Control+j')
    await page.getByText('Done', { exact: true }).waitFor()
    expect(await window.violations()).toEqual([])

    await window.button('Pause').click()
    await window.button('Resume').waitFor()
    // A block that is under way is still finished.
    await page.waitForTimeout(3000)
    const figures = page.locator('article dl')
    const resting = await figures.innerText()
    await page.waitForTimeout(1500)
    expect(await figures.innerText()).toBe(resting)
    await window.button('Resume').click()
    await window.button('Pause').waitFor()

    // Escape puts the sheet away and the job goes on.
    await page.keyboard.press('Escape')
    await page.getByRole('heading', { name: 'Jobs' }).waitFor({ state: 'detached' })
    await bar.waitFor()
    const start = performance.now()
    await window.button('Cancel job').click()
    await page.getByText('Cancelled: long.lmz was not made').waitFor()
    expect(performance.now() - start).toBeLessThan(1500)
    expect(readdirSync(home).filter((name) => name.includes('lmz'))).toEqual([])
    expect(window.complaints).toEqual([])
  }, 120_000)

  test('wait for each other in a queue, and each says how it ended', async () => {
    const window = await StartWindow.open(browser)
    const { page, home } = window
    writeFileSync(join(home, 'note.txt'), 'a note')
    await window.startArchive(window.writeLongWork('long.txt'))
    await window.dialog.getByRole('radio', { name: /Maximum/ }).check()
    await window.button('Create archive').click()
    await page.getByRole('progressbar').waitFor()
    await window.startArchive(join(home, 'note.txt'))
    await window.dialog.getByText('The estimate waits for the job under way.').waitFor()
    await window.button('Create archive').click()
    await page.getByText('1 more waiting').waitFor()
    await page.keyboard.press('Control+j')
    await window.button('Cancel job').first().click()
    await page.getByText('Cancelled: long.lmz was not made').waitFor()
    await page.getByText(/note\.lmz is ready/).waitFor()
    await window.button('Clear finished').click()
    await page.getByText(/note\.lmz is ready/).waitFor({ state: 'detached' })
    expect(window.complaints).toEqual([])
  }, 120_000)

  test('ask once for all files that are already there', async () => {
    const window = await StartWindow.open(browser)
    const { page, home } = window
    const folder = join(home, 'Letters')
    mkdirSync(folder)
    for (const name of ['a.txt', 'b.txt', 'c.txt']) {
      writeFileSync(join(folder, name), 'packed')
      utimesSync(join(folder, name), 1_500_000_000, 1_500_000_000)
    }
    await runLmz(['create', '--preset', 'fast', join(home, 'Letters.lmz'), folder])
    for (const name of ['a.txt', 'b.txt', 'c.txt']) writeFileSync(join(folder, name), 'changed since')
    await page.keyboard.press('Control+o')
    await window.choose(join(home, 'Letters.lmz'))
    await page.getByRole('grid').getByText('Letters').waitFor()
    await page.keyboard.press('Control+e')
    await window.dialog.locator('footer').getByRole('button').last().click()
    await window.dialog.getByText('This file is already there').waitFor()
    expect(await window.violations()).toEqual([])
    await window.dialog.getByText('newer').waitFor()
    await window.dialog.getByRole('checkbox', { name: /all others/ }).check()
    await window.button('Keep both').click()
    await page
      .getByText(/Extracted 3 files/)
      .first()
      .waitFor()
    expect(readFileSync(join(folder, 'b.txt'), 'utf8')).toBe('changed since')
    expect(readdirSync(folder)).toHaveLength(6)
    expect(window.complaints).toEqual([])
  })

  test('list what was left out, with what happened and what can be done', async () => {
    const window = await StartWindow.open(browser)
    const { page, home } = window
    mkdirSync(join(home, 'Odd'))
    writeFileSync(join(home, 'Odd', 'a.txt'), 'a')
    const { execFileSync } = await import('node:child_process')
    execFileSync('mkfifo', [join(home, 'Odd', 'pipe')])
    await window.startArchive(join(home, 'Odd'))
    await window.button('Create archive').click()
    await page.getByText(/Odd\.lmz is ready.*1 problem/).waitFor()
    await window.button('Details').click()
    await page.locator('summary').click()
    await page.getByText('lmz cannot keep this kind of file').waitFor()
    await page.getByText('If you need it, keep a copy of it elsewhere.').waitFor()
    expect(await window.violations()).toEqual([])
    expect(window.complaints).toEqual([])
  })

  test('that lose their engine fail with the reason, and the window goes on', async () => {
    const window = await StartWindow.open(browser)
    const { page, home, shell } = window
    writeFileSync(join(home, 'note.txt'), 'a note')
    await window.startArchive(window.writeLongWork('long.txt'))
    await window.dialog.getByRole('radio', { name: /Maximum/ }).check()
    await window.button('Create archive').click()
    await page.getByRole('progressbar').waitFor()
    await page.waitForTimeout(1500)
    shell.engines.at(-1)?.kill()
    await page.getByText('The engine stopped unexpectedly and was started again').waitFor()
    await page.getByText('long.lmz was not made').waitFor()
    await window.button('Details').click()
    await page.getByText(/Archives on the disk are whole: as they were before/).waitFor()
    expect(await window.violations()).toEqual([])
    expect(readdirSync(home)).not.toContain('long.lmz')
    await window.startArchive(join(home, 'note.txt'))
    await window.button('Create archive').click()
    await page.getByText(/note\.lmz is ready/).waitFor()
    expect(window.complaints).toEqual([])
  }, 120_000)
})

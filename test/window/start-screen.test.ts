import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchChromium, testBrowser } from '../support/chromium'
import { runLmz } from '../support/lmz-process'
import { StartWindow } from '../support/start-window'

let browser: Browser

describe.skipIf(testBrowser === undefined)('the first screen', () => {
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser.close())

  test('lists the archives of late, which can be opened and taken off with the keyboard', async () => {
    const window = await StartWindow.open(browser)
    const { page, home } = window
    writeFileSync(join(home, 'note.txt'), 'a note')
    for (const name of ['one.lmz', 'two.lmz']) {
      await runLmz(['create', '--preset', 'fast', join(home, name), join(home, 'note.txt')])
      await page.keyboard.press('Control+o')
      await window.choose(join(home, name))
      await page.getByRole('grid').getByText('note.txt').waitFor()
      expect(await page.title()).toBe(`${name} – lmz`)
    }
    rmSync(join(home, 'one.lmz'))
    await page.reload()
    const [first, second] = [window.button('Open two.lmz'), window.button('Open one.lmz')]
    await first.waitFor()
    await page.getByText('Not found').waitFor()
    await first.focus()
    await page.keyboard.press('ArrowDown')
    expect(await second.evaluate((button) => button === document.activeElement)).toBe(true)
    await page.keyboard.press('Delete')
    await second.waitFor({ state: 'detached' })
    // The focus is not lost with the row.
    expect(await first.evaluate((button) => button === document.activeElement)).toBe(true)
    await page.keyboard.press('Enter')
    await page.getByRole('grid').getByText('note.txt').waitFor()
    expect(window.complaints).toEqual([])
  })

  test('every control of it is reached with Tab and shows that it has the focus', async () => {
    const window = await StartWindow.open(browser)
    const { page } = window
    const names: string[] = []
    for (let step = 0; step < 4; step++) {
      await page.keyboard.press('Tab')
      const focused = page.locator(':focus')
      names.push((await focused.getAttribute('aria-label')) ?? (await focused.innerText()))
      expect(await focused.evaluate((element) => getComputedStyle(element).outlineStyle)).toBe('solid')
    }
    expect(names).toEqual(['Keyboard shortcuts', 'Settings', 'New archive…', 'Open…'])
  })

  test('keeps settings, and shows them at once', async () => {
    const window = await StartWindow.open(browser)
    const { page } = window
    await page.keyboard.press('Control+,')
    await window.dialog.getByLabel('Theme').selectOption('Dark')
    expect(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)).toBe('dark')
    await window.dialog.getByLabel('Language').selectOption('Deutsch')
    await window.dialog.getByText('Einstellungen').waitFor()
    await window.dialog.getByLabel('Blockgröße').selectOption('64 KiB')
    await window.dialog.getByLabel('Voreinstellung').selectOption('Schnell')
    await page.keyboard.press('Escape')
    await page.getByText('Dateien oder Ordner hier ablegen').waitFor()
    await page.reload()
    await page.getByText('Dateien oder Ordner hier ablegen').waitFor()
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('de')
    await expect
      .poll(() => window.shell.desk.settings.read())
      .toMatchObject({
        theme: 'dark',
        language: 'de',
        blockSize: 65_536,
        preset: 'fast',
      })
    expect(window.complaints).toEqual([])
  })

  test('says when lmz itself has ended', async () => {
    const window = await StartWindow.open(browser)
    await window.shell.shell.close()
    await window.page.getByText('The connection to lmz was lost').waitFor()
    expect(await window.violations()).toEqual([])
  })

  test.each([
    ['light', 'none'],
    ['dark', 'none'],
    ['light', 'active'],
  ] as const)(
    'has nothing that axe finds fault with, nor its dialogs: %s, forced colours %s',
    async (colorScheme, forcedColors) => {
      const window = await StartWindow.open(browser, {
        colorScheme,
        forcedColors,
        viewport: { width: 800, height: 600 },
      })
      const { page, home } = window
      mkdirSync(join(home, 'Folder'))
      writeFileSync(join(home, 'Folder', 'a.txt'), 'text')
      expect(await window.violations()).toEqual([])
      for (const key of ['?', 'Control+,', 'Control+n']) {
        await page.keyboard.press(key)
        await window.dialog.waitFor()
        expect([key, ...(await window.violations())]).toEqual([key])
        if (key === 'Control+n') await window.choose(join(home, 'Folder'))
        else await page.keyboard.press('Escape')
      }
      await window.dialog.getByRole('radio').first().waitFor()
      await window.button(/^More/).click()
      expect(await window.violations()).toEqual([])
    },
  )
})

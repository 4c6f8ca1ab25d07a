import { join } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import { describe, expect, test } from 'vitest'
import { createArchive } from '../../../src-main/archive/create'
import { temporaryFolder } from '../../support/temporary'
import { project, writeFiles } from './sample-files'
import { hasBrowser, inBrowser, type ServedWindow, windows } from './served-window'

describe.skipIf(!hasBrowser)(`for everybody${inBrowser}`, () => {
  const openWindow = windows()

  async function homeWithArchive(): Promise<{ readonly home: string; readonly archive: string }> {
    const home = temporaryFolder()
    const source = writeFiles(join(home, 'source'), project())
    const archive = join(home, 'Project.lmz')
    const roots = ['docs', 'src', 'notes.txt', 'logo.png', 'data.bin'].map((name) => join(source, name))
    await createArchive(archive, roots, { preset: 'fast', comment: 'Drawn in May' })
    return { home, archive }
  }

  async function check({ page }: ServedWindow, screen: string, rules?: readonly string[]): Promise<void> {
    const axe = new AxeBuilder({ page })
    const { violations } = await (rules === undefined ? axe : axe.withRules([...rules])).analyze()
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`)
    expect.soft(found, screen).toEqual([])
  }

  test.for(['light', 'dark'] as const)(
    'axe finds nothing on any screen, %s',
    { timeout: 120_000 },
    async (colorScheme) => {
      const { home, archive } = await homeWithArchive()
      const window = await openWindow({ home, colorScheme, settings: { preset: 'fast' } })
      // Between light and dark, nothing changes but the colours.
      const rules = colorScheme === 'dark' ? ['color-contrast'] : undefined
      const checkScreen = (screen: string) => check(window, screen, rules)
      const { page, dialog } = window
      await checkScreen('start without archives')
      await window.openArchive(archive)
      await window.row('notes.txt').click()
      await page.getByRole('combobox', { name: 'Encoding' }).waitFor()
      await checkScreen('list with a text')
      await window.row('logo.png').click()
      await page.getByRole('img', { name: 'logo.png' }).waitFor()
      await checkScreen('picture')
      await window.row('data.bin').click()
      await page.getByText('00000000').first().waitFor()
      await checkScreen('bytes')
      await page.keyboard.press('/')
      await page.keyboard.type('ts')
      await window.row('jobs.ts').waitFor()
      await checkScreen('search')
      await page.keyboard.press('Escape')
      await window.button('Treemap').click()
      await page.getByRole('button', { name: /^data\.bin/ }).waitFor()
      await checkScreen('treemap')
      await window.button('List').click()
      await window.row('notes.txt').click({ button: 'right' })
      await page.getByRole('menu').waitFor()
      await checkScreen('menu')
      await page.keyboard.press('Escape')
      await page.keyboard.press('Control+i')
      await dialog.getByText('Drawn in May').waitFor()
      await checkScreen('info')
      await page.keyboard.press('Escape')
      await page.keyboard.press('F2')
      await dialog.getByText('New name').waitFor()
      await checkScreen('rename')
      await page.keyboard.press('Escape')
      await page.keyboard.press('Delete')
      await dialog.getByText('Remove this item?').waitFor()
      await checkScreen('remove')
      await page.keyboard.press('Escape')
      await window.choose('More', 'Verify')
      await page.getByText('Verified', { exact: true }).waitFor()
      await page.keyboard.press('Control+j')
      await page.getByRole('article').waitFor()
      await checkScreen('jobs sheet')
      await page.keyboard.press('Control+j')
      await window.choose('More', 'Close the archive')
      await window.button('Open Project.lmz').waitFor()
      await checkScreen('start')
      await page.keyboard.press('Control+,')
      await dialog.getByRole('combobox', { name: 'Language' }).waitFor()
      await checkScreen('settings')
      await page.keyboard.press('Escape')
      await page.keyboard.press('?')
      await dialog.getByText('Keyboard shortcuts').waitFor()
      await checkScreen('keys')
      await page.keyboard.press('Escape')
      await page.keyboard.press('Control+n')
      await dialog.getByRole('textbox', { name: 'Path' }).waitFor()
      await checkScreen('picker')
      await window.pick(join(home, 'source'))
      await dialog.getByText(/One file opens in about/).waitFor()
      await dialog.getByRole('button', { name: /^More/ }).click()
      await checkScreen('new archive')
    },
  )

  /** What Tab leads to from the top of the page until it comes round, with whether it can be seen that the focus is there. */
  async function tabStops({ page }: ServedWindow): Promise<readonly { name: string; isVisible: boolean }[]> {
    const stops: { name: string; isVisible: boolean }[] = []
    for (let presses = 0; presses < 80; presses++) {
      await page.keyboard.press('Tab')
      const stop = await page.evaluate(() => {
        const element = document.activeElement
        if (element === null || element === document.body) return undefined
        const key = '__stop'
        if (key in element) return undefined
        Object.assign(element, { [key]: true })
        const marks = (one: Element): boolean => {
          const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one)
          return (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || boxShadow !== 'none'
        }
        const descendant = element.getAttribute('aria-activedescendant')
        const marked = [
          element,
          element.closest('label'),
          element.closest('[role="search"]'),
          descendant === null ? null : document.getElementById(descendant),
          ...element.querySelectorAll('.lead'),
        ]
        const name = element.getAttribute('aria-label') ?? (element as HTMLElement).innerText.trim()
        return { name: name || element.tagName, isVisible: marked.some((one) => one !== null && marks(one)) }
      })
      if (stop === undefined) break
      stops.push(stop)
    }
    return stops
  }

  test('Tab reaches everything on the start screen and in an archive, and it can be seen where it is', async () => {
    const { home, archive } = await homeWithArchive()
    const window = await openWindow({ home })
    const { page } = window
    const start = await tabStops(window)
    expect(start.map(({ name }) => name)).toEqual(['Keyboard shortcuts', 'Settings', 'New archive…', 'Open…'])
    expect(start.filter(({ isVisible }) => !isVisible)).toEqual([])
    await window.openArchive(archive)
    await window.row('notes.txt').click()
    await page.getByRole('combobox', { name: 'Encoding' }).waitFor()
    await page.getByRole('button', { name: 'Project.lmz' }).focus()
    const stops = await tabStops(window)
    const names = stops.map(({ name }) => name)
    for (const wanted of [
      'Search',
      'List',
      'Treemap',
      'Add files…',
      'Extract',
      'More',
      'Folders',
      'Contents of Project.lmz',
    ])
      expect(names).toContain(wanted)
    for (const wanted of ['Name', 'Size', 'Modified', 'Encoding', 'Close the preview']) expect(names).toContain(wanted)
    expect(stops.filter(({ isVisible }) => !isVisible)).toEqual([])
  })

  test('theme, rows and language change at once and are remembered', async () => {
    const { home, archive } = await homeWithArchive()
    const window = await openWindow({ home, colorScheme: 'light' })
    const { page, dialog } = window
    const surface = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    const light = await surface()
    await page.keyboard.press('Control+,')
    await dialog.getByRole('combobox', { name: 'Theme' }).selectOption('Dark')
    await expect.poll(surface).not.toBe(light)
    await dialog.getByRole('combobox', { name: 'Language' }).selectOption('Deutsch')
    await dialog.getByText('Einstellungen').waitFor()
    await expect.poll(() => page.evaluate(() => document.documentElement.lang)).toBe('de')
    await dialog.getByRole('checkbox').first().check()
    await page.keyboard.press('Escape')
    await page.reload()
    await page
      .getByText('Dateien oder Ordner hierher ziehen')
      .or(page.getByText(/hier ablegen/))
      .first()
      .waitFor()
    expect(await surface()).not.toBe(light)
    await page.keyboard.press('Control+o')
    await window.dialog.getByRole('textbox', { name: 'Pfad' }).fill(archive)
    await window.dialog.getByRole('option', { name: 'Project.lmz' }).dblclick()
    await window.row('notes.txt').waitFor()
    expect(await window.row('notes.txt').evaluate((row) => row.clientHeight)).toBe(28)
    expect(await window.grid.getByRole('columnheader').allInnerTexts()).toContain('Name')
    await page.getByText(/8 Dateien · 45,4\skB in/).waitFor()

    await page.keyboard.press('Control+,')
    await dialog.getByRole('combobox', { name: 'Sprache' }).selectOption('English')
    await dialog.getByRole('combobox', { name: 'Theme' }).selectOption('Light')
    await expect.poll(surface).toBe(light)
  })
})

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createArchive } from '../../../src-main/archive/create'
import { craftArchive } from '../../support/crafted-archive'
import { temporaryFolder } from '../../support/temporary'
import { project, prose, writeFiles } from './sample-files'
import { hasBrowser, inBrowser, type ServedWindow, windows } from './served-window'

describe.skipIf(!hasBrowser)(`for everybody${inBrowser}`, () => {
  const openWindow = windows()

  async function homeWithArchive(): Promise<{ readonly home: string; readonly archive: string }> {
    const home = temporaryFolder()
    const source = writeFiles(join(home, 'source'), project())
    const archive = join(home, 'Project.lmz')
    const roots = ['docs', 'src', 'notes.txt', 'logo.png', 'data.bin'].map((name) => join(source, name))
    await createArchive(archive, roots, { preset: 'fast', comment: 'Drawn in May' })
    const { bytes } = craftArchive({
      blocks: [
        { files: { 'whole.txt': Buffer.from('whole') } },
        { files: { 'lost.txt': Buffer.from('lost') }, stored: Buffer.alloc(4) },
      ],
    })
    writeFileSync(join(home, 'Damaged.lmz'), bytes)
    const whole = readFileSync(archive)
    writeFileSync(join(home, 'Cut.lmz'), whole.subarray(0, whole.length - 40))
    writeFileSync(join(home, 'None.lmz'), 'no archive')
    writeFiles(home, { 'out/notes.txt': 'there already' })
    return { home, archive }
  }

  test(
    'axe finds nothing on any screen and in any dialog: light, dark, with forced colours',
    { timeout: 180_000 },
    async () => {
      const { home, archive } = await homeWithArchive()
      const window = await openWindow({ home, settings: { preset: 'fast' } })
      const { page, dialog, jobs } = window
      const check = async (screen: string): Promise<void> => {
        for (const { name, violations } of await window.violationsInLooks())
          expect.soft(violations, `${screen}, ${name}`).toEqual([])
      }
      const escape = async (): Promise<void> => {
        await page.keyboard.press('Escape')
        await dialog.waitFor({ state: 'detached' })
      }
      const close = async (): Promise<void> => {
        await window.choose('More', 'Close the archive')
        await window.button('Open…').waitFor()
      }
      await check('start without archives')
      await window.openArchive(archive)
      await window.row('notes.txt').click()
      await page.getByRole('combobox', { name: 'Encoding' }).waitFor()
      await check('list with a text')
      await window.row('logo.png').click()
      await page.getByRole('img', { name: 'logo.png' }).waitFor()
      await check('picture')
      await window.row('data.bin').click()
      await page.getByText('00000000').first().waitFor()
      await check('bytes')
      await page.keyboard.press('/')
      await page.keyboard.type('ts')
      await window.row('jobs.ts').waitFor()
      await check('search')
      await page.keyboard.press('Escape')
      await window.button('Treemap').click()
      await page.getByRole('button', { name: /^data\.bin/ }).waitFor()
      await check('treemap')
      await window.button('List').click()
      await window.row('notes.txt').click({ button: 'right' })
      await page.getByRole('menu').waitFor()
      await check('menu')
      await page.keyboard.press('Escape')
      await page.keyboard.press('Control+i')
      await dialog.getByText('Drawn in May').waitFor()
      await check('info')
      await escape()
      await page.keyboard.press('F2')
      await dialog.getByText('New name').waitFor()
      await check('rename')
      await escape()
      await page.keyboard.press('Delete')
      await dialog.getByText('Remove this item?').waitFor()
      await check('remove')
      await escape()
      await page.keyboard.press('Control+e')
      await window.pick(join(home, 'out'), 'folder')
      await dialog.getByText('This file is already there').waitFor()
      await check('overwrite')
      await dialog.getByRole('button', { name: 'Skip' }).click()
      await window.told(/^Nothing to extract/)
      await check('strip of jobs')
      await close()

      await window.openArchive(join(home, 'Damaged.lmz'))
      await window.row('lost.txt').click()
      await page.getByText('This file cannot be shown').waitFor()
      await window.choose('More', 'Verify')
      await page.getByText('1 file is damaged').waitFor()
      await page.keyboard.press('Control+j')
      await jobs.getByText('What happened').waitFor()
      await check('damage, and the sheet of jobs with a problem')
      await page.keyboard.press('Control+j')
      await close()
      await window.openArchive(join(home, 'Cut.lmz'))
      await page.locator('.banner').first().waitFor()
      await check('an archive that was cut off')
      await close()
      await window.openArchive(join(home, 'None.lmz'))
      await page.getByRole('alert').waitFor()
      await check('no archive')
      await window.button('Close the archive').click()

      await window.button('Open Project.lmz').waitFor()
      await check('start')
      await page.keyboard.press('Control+,')
      await dialog.getByRole('combobox', { name: 'Language' }).waitFor()
      await check('settings')
      await escape()
      await page.keyboard.press('?')
      await dialog.getByText('Keyboard shortcuts').waitFor()
      await check('keys')
      await escape()
      await page.keyboard.press('Control+n')
      await dialog.getByRole('textbox', { name: 'Path' }).waitFor()
      await check('picker')
      await window.pick(join(home, 'source'))
      await dialog.getByText(/One file opens in about/).waitFor()
      await dialog.getByRole('button', { name: /^More/ }).click()
      await check('new archive')
      await dialog.getByRole('textbox', { name: 'Name' }).fill('Project')
      await dialog.getByRole('button', { name: 'Create archive' }).click()
      await dialog.getByText('Replace Project.lmz?').waitFor()
      await check('replace')
      await window.stopServer()
      window.expected.push(/ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET/)
      await page.getByText('lmz has ended').waitFor()
      await check('lmz has ended')
    },
  )

  test('text that cannot be read in one look alone is found', async () => {
    const window = await openWindow()
    const heading = window.page.getByText('Drop files or folders here')
    await heading.evaluate((element) => (element.style.color = 'light-dark(black, #333)'))
    const found = await window.violationsInLooks()
    expect(found.filter(({ violations }) => violations.length > 0)).toEqual([
      { name: 'dark', violations: [expect.stringMatching(/^color-contrast: .*Drop files or folders here/)] },
    ])
  })

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
        const label = (element as Partial<HTMLSelectElement>).labels?.[0]?.textContent
        const name = element.getAttribute('aria-label') ?? label ?? (element as HTMLElement).innerText.trim()
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
      'Insight',
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

  test('with forced colours, what is selected, focused, measured and under way can be told apart', async () => {
    const { home, archive } = await homeWithArchive()
    const window = await openWindow({
      home,
      paths: [archive],
      forcedColors: 'active',
      settings: { preset: 'max', blockSize: 64 * 1024 },
    })
    const { page, dialog } = window
    await window.row('notes.txt').click()
    // The keyboard's place is shown to those who use the keyboard.
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('ArrowDown')
    await expect.poll(() => window.selected()).toEqual(['notes.txt'])
    const colours = (selector: string) =>
      page
        .locator(selector)
        .first()
        .evaluate((element) => {
          const { color, backgroundColor, outlineColor, outlineStyle } = getComputedStyle(element)
          return { color, backgroundColor, outlineColor, outlineStyle }
        })
    const system = (name: string) =>
      page.evaluate((keyword) => {
        const probe = document.createElement('div')
        probe.style.color = keyword
        document.body.append(probe)
        const { color } = getComputedStyle(probe)
        probe.remove()
        return color
      }, name)
    const [highlight, highlightText, canvas] = await Promise.all(['Highlight', 'HighlightText', 'Canvas'].map(system))
    expect([highlightText, canvas]).not.toContain(highlight)

    const row = await colours('.row[aria-selected="true"]')
    expect(row).toMatchObject({ color: highlightText, backgroundColor: highlight, outlineStyle: 'solid' })
    expect(row.outlineColor).not.toBe(row.backgroundColor)
    // All text of it is on that ground too.
    for (const cell of ['.first .name', '.stored', '.bits .number', '.kind', '.date'])
      expect((await colours(`.row[aria-selected="true"] ${cell}`)).color, cell).toBe(highlightText)
    for (const state of ['true', 'false']) {
      const track = await colours(`.row[aria-selected="${state}"] .bar`)
      const share = await colours(`.row[aria-selected="${state}"] .bar span`)
      expect(share.backgroundColor, `the ratio of a row, selected: ${state}`).not.toBe(track.backgroundColor)
    }
    await page.getByRole('tree').focus()
    await page.keyboard.press('ArrowDown')
    expect(await colours('[role="treeitem"].lead')).toMatchObject({ outlineStyle: 'solid', outlineColor: highlight })

    writeFiles(home, { 'work/long.txt': prose(400_000) })
    await page.keyboard.press('Control+n')
    await window.pick(join(home, 'work'))
    await dialog.getByRole('button', { name: 'Create archive' }).click()
    await dialog.waitFor({ state: 'detached' })
    await expect.poll(() => page.getByRole('progressbar').getAttribute('aria-valuenow')).not.toBeNull()
    const track = await colours('[role="progressbar"]')
    const done = await colours('[role="progressbar"] .done')
    expect(done.backgroundColor).not.toBe(track.backgroundColor)
    await window.button('Cancel job').click()
  })
})

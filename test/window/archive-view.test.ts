import { AxeBuilder } from '@axe-core/playwright'
import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { archiveOf, ArchiveWindow } from '../support/archive-window'
import { launchChromium, testBrowser } from '../support/chromium'

let browser: Browser

const script = 'globalThis.ran = true'
const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20" onload="${script}"><script>${script}</script><rect width="40" height="20"/></svg>`
// One black pixel.
const picture = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==',
  'base64',
)

const files = {
  'docs/guide.txt': 'How to begin\n',
  'docs/deep/down/note.txt': 'far below\n',
  'docs/old.txt': 'Gr\u00f6\u00dfe',
  'pictures/drawing.svg': drawing,
  'pictures/pixel.png': picture,
  'alpha.txt': 'alpha '.repeat(500),
  'beta.bin': Uint8Array.from({ length: 5000 }, (_, at) => (at * 31) & 0xff),
  'gamma.txt': 'gamma',
}

describe.skipIf(testBrowser === undefined)('the window of an archive', () => {
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser.close())

  test('is gone through with the keyboard as a file manager is', async () => {
    const window = await ArchiveWindow.open(browser, await archiveOf(files))
    const { keyboard } = window.page
    await window.shows('docs', 'pictures', 'alpha.txt', 'beta.bin', 'gamma.txt')

    await keyboard.press('ArrowDown')
    expect(await window.selected()).toEqual(['docs'])
    await keyboard.press('Enter')
    await window.shows('deep', 'guide.txt', 'old.txt')
    expect(await window.place()).toBe('made.lmz > docs')
    await keyboard.press('Home')
    await keyboard.press('Enter')
    await window.shows('down')
    await keyboard.press('Alt+ArrowUp')
    await window.shows('deep', 'guide.txt', 'old.txt')
    expect(await window.selected()).toEqual(['deep'])
    await keyboard.press('Backspace')
    await window.shows('down')
    await keyboard.press('Alt+ArrowLeft')
    await keyboard.press('Alt+ArrowLeft')
    await window.shows('docs', 'pictures', 'alpha.txt', 'beta.bin', 'gamma.txt')
    expect(await window.selected()).toEqual(['docs'])

    await keyboard.press('g')
    await expect.poll(() => window.selected()).toEqual(['gamma.txt'])
    await keyboard.press('Shift+ArrowUp')
    await keyboard.press('Shift+ArrowUp')
    expect(await window.selected()).toEqual(['alpha.txt', 'beta.bin', 'gamma.txt'])
    await keyboard.press('Control+a')
    expect(await window.selected()).toHaveLength(5)
    await keyboard.press('Escape')
    expect(await window.selected()).toEqual([])
    expect(window.complaints).toEqual([])
  })

  test('sorts by a column, and keeps what is selected', async () => {
    const window = await ArchiveWindow.open(browser, await archiveOf(files))
    await window.row('gamma.txt').click()
    await window.page.getByRole('columnheader', { name: 'Size' }).getByRole('button').click()
    await window.shows('pictures', 'docs', 'beta.bin', 'alpha.txt', 'gamma.txt')
    expect(await window.selected()).toEqual(['gamma.txt'])
    expect(await window.page.getByRole('columnheader', { name: 'Size' }).getAttribute('aria-sort')).toBe('descending')
    await window.page.getByRole('columnheader', { name: 'Size' }).getByRole('button').click()
    await window.shows('docs', 'pictures', 'gamma.txt', 'alpha.txt', 'beta.bin')
  })

  test('finds as one types, and goes where the result is', async () => {
    const window = await ArchiveWindow.open(browser, await archiveOf(files))
    await window.shows('docs', 'pictures', 'alpha.txt', 'beta.bin', 'gamma.txt')
    await window.page.keyboard.press('Control+f')
    await window.page.keyboard.type('NOTE')
    await window.shows('note.txt')
    expect(await window.row('note.txt').textContent()).toContain('docs/deep/down')
    await window.page.keyboard.press('Enter')
    await expect.poll(() => window.place()).toBe('made.lmz > docs > deep > down')
    await window.shows('note.txt')
    expect(await window.selected()).toEqual(['note.txt'])
    // The tree follows.
    await expect.poll(() => window.tree.locator('[aria-selected=true]').textContent()).toContain('down')
    await window.page.keyboard.press('/')
    await window.page.keyboard.type('nowhere')
    await window.page.getByText('Nothing here has').waitFor()
    await window.page.keyboard.press('Escape')
    await window.shows('note.txt')
  })

  test('shows text, pictures and bytes, and runs nothing', async () => {
    const archive = await archiveOf({ ...files, 'latin.txt': Uint8Array.of(0x47, 0x72, 0xf6, 0xdf, 0x65) })
    const window = await ArchiveWindow.open(browser, archive)
    await window.row('latin.txt').click()
    await window.preview.getByText('Größe').waitFor()
    expect(await window.preview.getByLabel('Encoding').inputValue()).toBe('windows-1252')
    await window.row('beta.bin').click()
    await window.preview.getByText('00 1f 3e 5d 7c 9b ba d9').first().waitFor()
    // However quickly one looks from one to the next.
    for (let turn = 0; turn < 6; turn++) {
      await window.row('alpha.txt').click()
      await window.preview.getByText('alpha alpha').waitFor()
      await window.row('docs').click()
    }
    await window.preview.getByText('3 items').waitFor()
    await window.page.waitForTimeout(200)
    expect(await window.preview.textContent()).not.toContain('cannot be shown')
    await window.row('pictures').dblclick()
    await window.shows('drawing.svg', 'pixel.png')
    for (const name of ['pixel.png', 'drawing.svg']) {
      await window.row(name).click()
      const image = window.preview.getByRole('img', { name })
      await image.waitFor()
      await expect.poll(() => image.evaluate((element: HTMLImageElement) => element.naturalWidth)).toBeGreaterThan(0)
    }
    expect(await window.page.evaluate(() => (globalThis as { ran?: boolean }).ran)).toBeUndefined()
    expect(window.complaints).toEqual([])
  })

  test('shows any name as the text it is', async () => {
    const names = [
      '<img src=x onerror=alert(1)>',
      'name\u202egnp.exe',
      'קובץ.txt',
      `${'long '.repeat(45)}end.txt`,
      '{{name}}',
    ]
    const window = await ArchiveWindow.open(
      browser,
      await archiveOf(Object.fromEntries(names.map((name) => [`in/${name}`, 'x']))),
    )
    await window.row('in').dblclick()
    await window.row('<img src=x onerror=alert(1)>').click()
    await window.row('name\\u202egnp.exe').waitFor()
    await window.row(names[3]!).waitFor()
    await window.preview.getByText('<img src=x onerror=alert(1)>').waitFor()
    // No name makes the window wider than it is.
    const widths = await window.page.evaluate(() => [document.documentElement.scrollWidth, innerWidth])
    expect(widths[0]).toBe(widths[1])
    await window.page.keyboard.press('Delete')
    await window.page.getByRole('alertdialog').getByText('in/<img src=x onerror=alert(1)>').waitFor()
    expect(window.complaints).toEqual([])
  })

  test('extracts what is selected', async () => {
    const archive = await archiveOf(files)
    const window = await ArchiveWindow.open(browser, archive)
    await window.row('alpha.txt').click()
    await window.row('gamma.txt').click({ modifiers: ['ControlOrMeta'] })
    await window.page.keyboard.press('Control+e')
    await window.page.getByRole('button', { name: 'Choose this folder' }).click()
    const folder = dirname(archive)
    // Nothing else, and nothing of the work is left.
    await expect
      .poll(() => readdirSync(folder).toSorted(), { timeout: 20_000 })
      .toEqual(['alpha.txt', 'files', 'gamma.txt', 'made.lmz'])
    expect(readFileSync(join(folder, 'alpha.txt'), 'utf8')).toBe(files['alpha.txt'])
  })

  test('gives a file to the browser when it is opened or dragged out', async () => {
    const window = await ArchiveWindow.open(browser, await archiveOf(files))
    const download = window.page.waitForEvent('download')
    await window.row('gamma.txt').dblclick()
    const taken = await download
    expect(taken.suggestedFilename()).toBe('gamma.txt')
    expect(readFileSync(await taken.path(), 'utf8')).toBe('gamma')

    const dragged = await window.page.evaluateHandle(() => {
      const seen: string[] = []
      addEventListener('dragstart', (event) => seen.push(event.dataTransfer!.getData('DownloadURL')))
      return seen
    })
    await window.row('alpha.txt').click()
    await expect
      .poll(async () => {
        await window.row('alpha.txt').dragTo(window.tree)
        return (await dragged.jsonValue()).at(-1)
      })
      .toMatch(/^application\/octet-stream:alpha\.txt:http:\/\/127\.0\.0\.1:\d+\/entry\//)
    const address = (await dragged.jsonValue()).at(-1)!.replace(/^.*?:.*?:/, '')
    const fetched = await window.page.evaluate(async (url) => (await fetch(url)).text(), address)
    expect(fetched).toBe(files['alpha.txt'])
    expect(window.complaints).toEqual([])
  })

  test('adds what is chosen, and shows it', async () => {
    const archive = await archiveOf(files)
    const window = await ArchiveWindow.open(browser, archive)
    await window.row('gamma.txt').click()
    writeFileSync(join(dirname(archive), 'new.txt'), 'new')
    await window.page.getByRole('button', { name: 'Add files…' }).click()
    const path = window.page.getByRole('dialog').getByLabel('Path')
    await path.fill(join(dirname(archive), 'new.txt'))
    await window.page.getByRole('dialog').getByText('new.txt', { exact: true }).waitFor()
    await path.press('Enter')
    await window.shows('docs', 'pictures', 'alpha.txt', 'beta.bin', 'gamma.txt', 'new.txt')
    expect(await window.selected()).toEqual(['gamma.txt'])
  })

  test('renames and removes, and stays where it is', async () => {
    const window = await ArchiveWindow.open(browser, await archiveOf(files))
    const { keyboard } = window.page
    await window.row('docs').dblclick()
    await window.shows('deep', 'guide.txt', 'old.txt')
    await window.row('guide.txt').click()
    await keyboard.press('F2')
    const field = window.page.getByRole('textbox', { name: 'New name' })
    await field.fill('a/b')
    await window.page.getByText('A name cannot have a “/” in it.').waitFor()
    await field.fill('start.txt')
    await keyboard.press('Enter')
    await window.shows('deep', 'old.txt', 'start.txt')
    expect(await window.selected()).toEqual(['start.txt'])
    expect(await window.place()).toBe('made.lmz > docs')

    await window.row('old.txt').click()
    await keyboard.press('Delete')
    await window.page.getByRole('alertdialog').getByText('docs/old.txt').waitFor()
    await keyboard.press('Enter')
    await window.shows('deep', 'start.txt')
    await window.row('start.txt').click()
    await window.preview.getByText('How to begin').waitFor()
    expect(window.complaints).toEqual([])
  })

  test('shows where the bytes are, and goes there', async () => {
    const window = await ArchiveWindow.open(browser, await archiveOf(files))
    await window.shows('docs', 'pictures', 'alpha.txt', 'beta.bin', 'gamma.txt')
    await window.page.getByRole('button', { name: 'Treemap' }).click()
    const map = window.page.getByRole('group', { name: 'Where the stored bytes are' })
    await map.getByRole('button', { name: /^beta\.bin: 5\.00 kB, stored in/ }).click()
    await window.preview.getByText('beta.bin').waitFor()
    expect(await map.locator('[aria-current=true]').getAttribute('aria-label')).toMatch(/^beta\.bin/)
    await map.getByRole('button', { name: /^pictures, Folder/ }).focus()
    await window.page.keyboard.press('Enter')
    await expect.poll(() => window.place()).toBe('made.lmz > pictures')
  })

  test('says what is wrong with an archive, and what to do', async () => {
    const archive = await archiveOf(files)
    const whole = readFileSync(archive)
    truncateSync(archive, whole.length - 40)
    const torn = await ArchiveWindow.open(browser, archive)
    await torn.page
      .getByRole('alert')
      .or(torn.page.getByRole('status'))
      .filter({ hasText: /archive/ })
      .first()
      .waitFor()
    await torn.page
      .getByRole('button', { name: /Verify|Save what is whole|Try again/ })
      .first()
      .waitFor()

    writeFileSync(archive, 'no archive at all')
    const wrong = await ArchiveWindow.open(browser, archive)
    await wrong.page.getByRole('alert').filter({ hasText: 'This is no lmz archive' }).waitFor()
    // It is there again.
    writeFileSync(archive, whole)
    await wrong.page.getByRole('button', { name: 'Try again' }).click()
    await wrong.shows('docs', 'pictures', 'alpha.txt', 'beta.bin', 'gamma.txt')
  })

  test.each(['light', 'dark'] as const)('can be used by everyone (%s)', async (colorScheme) => {
    const window = await ArchiveWindow.open(browser, await archiveOf(files))
    await window.page.emulateMedia({ colorScheme })
    await window.row('alpha.txt').click()
    await window.preview.getByText('alpha alpha').waitFor()
    const violations = async () => {
      const { violations } = await new AxeBuilder({ page: window.page }).analyze()
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
    }
    expect(await violations()).toEqual([])
    await window.page.keyboard.press('Control+i')
    expect(await violations()).toEqual([])
    await window.page.keyboard.press('Escape')
    await window.page.getByRole('button', { name: 'Treemap' }).click()
    await window.page.getByRole('group', { name: 'Where the stored bytes are' }).getByRole('button').first().waitFor()
    expect(await violations()).toEqual([])
  })
})

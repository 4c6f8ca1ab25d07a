import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createArchive } from '../../../src-main/archive/create'
import { temporaryFolder } from '../../support/temporary'
import { type Files, filesBelow, project, writeFiles } from './sample-files'
import { hasBrowser, inBrowser, type ServedWindow, type WindowOptions, windows } from './served-window'

describe.skipIf(!hasBrowser)(`looking into an archive${inBrowser}`, () => {
  const openWindow = windows()

  /** A window that shows what is in `Project.lmz`, made of these files. */
  async function openProject(files: Files = project(), options: WindowOptions = {}): Promise<ServedWindow> {
    const home = temporaryFolder()
    const source = writeFiles(join(home, 'source'), files)
    const roots = [...new Set(Object.keys(files).map((path) => join(source, path.split('/')[0] ?? '')))]
    const archive = join(home, 'Project.lmz')
    await createArchive(archive, roots, { preset: 'fast', comment: 'Drawn in May' })
    const window = await openWindow({ home, paths: [archive], ...options })
    await window.grid.locator('.name').first().waitFor()
    return window
  }

  const shown = (window: ServedWindow) => expect.poll(() => window.names())
  const topLevel = ['docs', 'src', 'data.bin', 'empty.txt', 'logo.png', 'notes.txt', 'readme.md']

  test('its folders are walked with the mouse, the tree, the breadcrumb and the way back', async () => {
    const window = await openProject()
    const { page } = window
    await shown(window).toEqual(topLevel)
    await window.row('src').dblclick()
    await shown(window).toEqual(['engine', 'format'])
    await window.row('engine').dblclick()
    await shown(window).toEqual(['jobs.ts', 'queue.ts'])
    const place = page.getByRole('navigation', { name: 'Place' })
    expect(await place.getByRole('button').allInnerTexts()).toEqual(['Project.lmz', 'src', 'engine'])
    await place.getByRole('button', { name: 'src' }).click()
    await shown(window).toEqual(['engine', 'format'])
    await window.button('Back').click()
    await shown(window).toEqual(['jobs.ts', 'queue.ts'])
    await page.keyboard.press('Alt+ArrowUp')
    await shown(window).toEqual(['engine', 'format'])
    await page.keyboard.press('Alt+ArrowLeft')
    await shown(window).toEqual(['jobs.ts', 'queue.ts'])
    await page.keyboard.press('Backspace')
    await shown(window).toEqual(['engine', 'format'])
    await window.button('Forward').click()
    await shown(window).toEqual(['jobs.ts', 'queue.ts'])
    await page.getByRole('treeitem', { name: 'docs' }).click()
    await shown(window).toEqual(['images', 'guide.md'])
    await place.getByRole('button', { name: 'Project.lmz' }).click()
    await shown(window).toEqual(topLevel)
  })

  test('wherever a long list is scrolled to, its rows are there in that very frame, without any motion', async () => {
    const files = Object.fromEntries(Array.from({ length: 2000 }, (_, at) => [`${at}.txt`, `${at}`]))
    const { page, grid } = await openProject(files, { reducedMotion: 'reduce' })
    await page.waitForTimeout(1500)
    const missing = await grid.evaluate(async (list) => {
      let missing = 0
      const { left, top, height } = list.getBoundingClientRect()
      for (let share = 0; share < 1; share += 0.05) {
        list.scrollTop = share * (list.scrollHeight - height)
        // What is scrolled between two frames is told of at the beginning of the next one.
        await new Promise(requestAnimationFrame)
        for (let y = top + 48; y < top + height - 12; y += 32) {
          const row = document.elementFromPoint(left + 40, y)?.closest('.row')
          if (row?.querySelector('.name') instanceof Element) continue
          missing++
        }
        await new Promise((resolve) => setTimeout(resolve, 0))
      }
      return missing
    })
    expect(missing).toBe(0)
  })

  test('a click on a column sorts, folders stay first, and another click turns it round', async () => {
    const window = await openProject()
    const files = topLevel.slice(2)
    const header = (name: string) => window.grid.getByRole('columnheader', { name })
    await header('Size').click()
    await shown(window).toEqual(['src', 'docs', 'notes.txt', 'data.bin', 'logo.png', 'readme.md', 'empty.txt'])
    expect(await header('Size').getAttribute('aria-sort')).toBe('descending')
    await header('Size').click()
    await shown(window).toEqual(['docs', 'src', 'empty.txt', 'readme.md', 'logo.png', 'data.bin', 'notes.txt'])
    await header('Name').click()
    await shown(window).toEqual(topLevel)
    await header('Name').click()
    await shown(window).toEqual(['src', 'docs', ...files.toReversed()])
  })

  test('the keys of a file manager move, select, open and go to a name that is typed', async () => {
    const window = await openProject()
    const { page } = window
    const selected = () =>
      window.grid
        .locator('.row[aria-selected="true"] .first > .name')
        .evaluateAll((names) => names.map((name) => name.getAttribute('title')))
    // The list has the keyboard as soon as it is there.
    await page.keyboard.press('ArrowDown')
    await expect.poll(selected).toEqual(['docs'])
    await page.keyboard.press('Shift+ArrowDown')
    await expect.poll(selected).toEqual(['docs', 'src'])
    await page.keyboard.press('n')
    await expect.poll(selected).toEqual(['notes.txt'])
    await page.keyboard.press('Control+a')
    await page.getByText('7 selected', { exact: true }).first().waitFor({ state: 'attached' })
    await page.keyboard.press('Escape')
    await expect.poll(selected).toEqual([])
    await page.keyboard.press('Home')
    await page.keyboard.press('Enter')
    await shown(window).toEqual(['images', 'guide.md'])
    await page.keyboard.press('Backspace')
    await shown(window).toEqual(topLevel)
    await expect.poll(selected).toEqual(['docs'])
    await page.keyboard.press('?')
    await window.dialog.getByRole('heading', { name: 'Keyboard shortcuts' }).waitFor()
    await page.keyboard.press('Escape')
    await window.dialog.waitFor({ state: 'detached' })
    await window.row('data.bin').click()
    await window.row('notes.txt').click({ modifiers: ['Shift'] })
    await window.row('docs').click({ modifiers: ['Control'] })
    await expect
      .poll(async () => (await selected()).toSorted())
      .toEqual(['data.bin', 'docs', 'empty.txt', 'logo.png', 'notes.txt'])
  })

  test('search finds while it is typed, leads to the place, and Escape ends it', async () => {
    const window = await openProject()
    const { page } = window
    await page.keyboard.press('/')
    await page.keyboard.type('QUE')
    await shown(window).toEqual(['queue.ts'])
    await page.getByText('1 result').waitFor()
    await window.grid.getByTitle('src/engine', { exact: true }).waitFor()
    await page.keyboard.type('x')
    await page.getByText('Nothing here has “QUEx” in its name.').waitFor()
    await page.keyboard.press('Backspace')
    await shown(window).toEqual(['queue.ts'])
    await page.keyboard.press('Enter')
    await shown(window).toEqual(['jobs.ts', 'queue.ts'])
    await expect.poll(() => window.row('queue.ts').getAttribute('aria-selected')).toBe('true')
    await page.keyboard.press('Control+f')
    await page.keyboard.type('jobs')
    await shown(window).toEqual(['jobs.ts'])
    await page.keyboard.press('Escape')
    await shown(window).toEqual(['jobs.ts', 'queue.ts'])
    await window.choose('More', 'Close the archive')
    await page.getByText('Drop files or folders here').waitFor()
    await window.button('Open Project.lmz').waitFor()
  })

  test('the preview shows text in its encoding, a picture, and any other bytes as they are', async () => {
    const files: Files = {
      ...project(),
      'latin.txt': Buffer.from('Stra\xdfe nach K\xf6ln, \xfcber die Br\xfccke. '.repeat(20), 'latin1'),
      'wide.txt': Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('Ελληνικά und mehr', 'utf16le')]),
      'broken.png': Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), Buffer.alloc(500)]),
    }
    const window = await openProject(files)
    const { page } = window
    const pane = page.getByRole('region', { name: 'Preview' }).first()
    await window.row('readme.md').click()
    await pane.getByText('Grüße, 世界.').waitFor()
    expect(await pane.getByRole('combobox', { name: 'Encoding' }).inputValue()).toBe('utf-8')
    await window.row('latin.txt').click()
    await pane.getByText('Straße nach Köln, über die Brücke.').waitFor()
    await window.row('wide.txt').click()
    await pane.getByText('Ελληνικά und mehr').waitFor()
    await pane.getByRole('combobox', { name: 'Encoding' }).selectOption('windows-1252')
    await pane.getByText('Ελληνικά und mehr').waitFor({ state: 'detached' })

    await window.row('logo.png').click()
    const image = pane.getByRole('img', { name: 'logo.png' })
    await image.waitFor()
    const drawn = () =>
      image.evaluate(({ naturalWidth, naturalHeight }: HTMLImageElement) => [naturalWidth, naturalHeight])
    await expect.poll(drawn).toEqual([64, 48])
    await pane.getByText('64 × 48').waitFor()
    await window.row('broken.png').click()
    await pane.getByText('This picture is damaged or not supported; these are its bytes.').waitFor()
    await pane.getByText('89 50 4e 47 0d 0a 1a 0a').waitFor()

    await window.row('data.bin').click()
    const bytes = readFileSync(join(window.home, 'source/data.bin'))
    const line = [...bytes.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    await pane.getByText(line).waitFor()
    await window.row('empty.txt').click()
    await pane.getByText('This file is empty.').waitFor()
    await window.grid.focus()
    await page.keyboard.press('Space')
    await pane.waitFor({ state: 'detached' })
  })

  test('one file, a selection and everything come out byte for byte', async () => {
    const window = await openProject()
    const { page, home } = window
    const source = filesBelow(join(home, 'source'))
    for (const name of ['one', 'some', 'all']) mkdirSync(join(home, name))
    await window.row('notes.txt').click()
    await page.keyboard.press('Control+e')
    await window.pick(join(home, 'one'), 'folder')
    await window.told(/^Extracted 1 file, 30\.0 kB/)
    expect(filesBelow(join(home, 'one'))).toEqual({ 'notes.txt': source['notes.txt'] })

    await window.row('src').click()
    await window.row('logo.png').click({ modifiers: ['Control'] })
    await window.choose('Extract', /^Extract 2 items/)
    await window.pick(join(home, 'some'), 'folder')
    await window.told(/^Extracted 4 files/)
    const wanted = Object.entries(source).filter(([path]) => path.startsWith('src/') || path === 'logo.png')
    expect(filesBelow(join(home, 'some'))).toEqual(Object.fromEntries(wanted))

    await window.choose('Extract', /^Extract all…/)
    await window.pick(join(home, 'all'), 'folder')
    await window.told(/^Extracted 10 files/)
    expect(filesBelow(join(home, 'all/Project'))).toEqual(source)
  })

  test('a file that is opened is offered by the browser, byte for byte', async () => {
    const window = await openProject()
    const { page, home } = window
    await window.row('notes.txt').click()
    const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')])
    expect(download.suggestedFilename()).toBe('notes.txt')
    expect(readFileSync(await download.path())).toEqual(readFileSync(join(home, 'source/notes.txt')))
  })

  test('the treemap shows where the bytes are and leads into folders; the facts of the archive are told', async () => {
    const window = await openProject()
    const { page, dialog } = window
    await window.button('Treemap').click()
    const map = page.getByRole('group', { name: 'Where the stored bytes are' })
    await map.getByRole('button', { name: /^data\.bin: 5\.00 kB, stored in/ }).waitFor()
    const areaOf = (name: RegExp) =>
      map.getByRole('button', { name }).evaluate((tile) => tile.clientWidth * tile.clientHeight)
    // What cannot be made smaller takes the most of an archive.
    expect(await areaOf(/^data\.bin/)).toBeGreaterThan(await areaOf(/^logo\.png/))
    await map.getByRole('button', { name: /^docs, Folder/ }).click({ position: { x: 8, y: 8 } })
    await map.getByRole('button', { name: /^guide\.md/ }).waitFor()
    await map.getByRole('button', { name: /^guide\.md/ }).focus()
    await page.keyboard.press('Escape')
    await map.getByRole('button', { name: /^data\.bin/ }).waitFor()
    await window.button('List').click()
    await shown(window).toEqual(topLevel)

    await page.keyboard.press('Control+i')
    await dialog.getByText('Drawn in May').waitFor()
    const facts = await dialog.innerText()
    expect(facts).toMatch(/Files\s+10\s+Folders\s+5/)
    expect(facts).toMatch(/Preset\s+Fast/)
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
  })
})

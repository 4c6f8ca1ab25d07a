import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { writeLargeArchive } from '../../support/large-archive'
import { temporaryFolder } from '../../support/temporary'
import { projectsIn } from './project-window'
import { writeFiles } from './sample-files'
import { hasBrowser, inBrowser, type ServedWindow, windows } from './served-window'

describe.skipIf(!hasBrowser)(`looking into an archive${inBrowser}`, () => {
  const openWindow = windows()
  const openProject = projectsIn(openWindow)

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
    expect(await window.place()).toEqual(['Project.lmz', 'src', 'engine'])
    await place.getByRole('button', { name: 'src' }).click()
    await shown(window).toEqual(['engine', 'format'])
    await window.button('Back').click()
    await shown(window).toEqual(['jobs.ts', 'queue.ts'])
    await page.keyboard.press('Alt+ArrowUp')
    await shown(window).toEqual(['engine', 'format'])
    // Where one comes from is where one goes on.
    await expect.poll(() => window.selected()).toEqual(['engine'])
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

  test('two strokes up are two levels, however fast they come', async () => {
    const window = await openProject()
    await window.row('src').dblclick()
    await window.row('engine').dblclick()
    await shown(window).toEqual(['jobs.ts', 'queue.ts'])
    await window.page.evaluate(() => {
      const stroke = { key: 'ArrowUp', altKey: true, bubbles: true }
      for (let time = 0; time < 2; time++) document.body.dispatchEvent(new KeyboardEvent('keydown', stroke))
    })
    await shown(window).toEqual(topLevel)
    expect(await window.place()).toEqual(['Project.lmz'])
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
    await window.row('logo.png').click()
    await header('Size').click()
    await shown(window).toEqual(['src', 'docs', 'notes.txt', 'data.bin', 'logo.png', 'readme.md', 'empty.txt'])
    expect(await header('Size').getAttribute('aria-sort')).toBe('descending')
    expect(await window.selected()).toEqual(['logo.png'])
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
    const selected = () => window.selected()
    // The list has the keyboard as soon as it is there.
    await page.keyboard.press('ArrowDown')
    await expect.poll(selected).toEqual(['docs'])
    await page.keyboard.press('Shift+ArrowDown')
    await expect.poll(selected).toEqual(['docs', 'src'])
    await page.keyboard.press('n')
    await expect.poll(selected).toEqual(['notes.txt'])
    await page.keyboard.press('Shift+ArrowUp')
    await page.keyboard.press('Shift+ArrowUp')
    await expect.poll(selected).toEqual(['empty.txt', 'logo.png', 'notes.txt'])
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
    await expect.poll(() => window.selected()).toEqual(['queue.ts'])
    expect(await window.place()).toEqual(['Project.lmz', 'src', 'engine'])
    await expect.poll(() => page.getByRole('treeitem', { selected: true }).innerText()).toBe('engine')
    await page.keyboard.press('Control+f')
    await page.keyboard.type('jobs')
    await shown(window).toEqual(['jobs.ts'])
    await page.keyboard.press('Escape')
    await shown(window).toEqual(['jobs.ts', 'queue.ts'])
    await window.choose('More', 'Close the archive')
    await page.getByText('Drop files or folders here').waitFor()
    await window.button('Open Project.lmz').waitFor()
  })

  test('with Escape out of a search, the rows from before are there in the next frame: a click hits the one under the pointer', async () => {
    const files = Object.fromEntries(Array.from({ length: 3000 }, (_, at) => [`note ${1000 + at}.txt`, `${at}`]))
    const window = await openProject({ ...files, 'zebra.txt': 'the last' })
    const { page } = window
    await page.keyboard.press('End')
    await page.keyboard.press('ArrowUp')
    await expect.poll(() => window.selected()).toEqual(['note 3999.txt'])
    const place = (await window.row('note 3990.txt').boundingBox())!
    const pointer = [place.x + 60, place.y + place.height / 2] as const
    for (const text of ['zebra', 'nowhere to be found']) {
      await page.keyboard.press('/')
      await page.keyboard.type(text)
      if (text === 'zebra') await shown(window).toEqual(['zebra.txt'])
      else await page.getByText('Nothing here has').waitFor()
      await page.evaluate(([x, y]) => {
        Object.assign(globalThis, { seenNext: undefined })
        const look = (): void => {
          const row = document.elementFromPoint(x, y)?.closest('.row')
          Object.assign(globalThis, { seenNext: row?.querySelector('.first > .name')?.getAttribute('title') })
        }
        addEventListener('keydown', () => requestAnimationFrame(look), { once: true, capture: true })
      }, pointer)
      await page.keyboard.press('Escape')
      await page.mouse.click(...pointer)
      const seenNext = () => page.evaluate(() => (globalThis as { seenNext?: string }).seenNext)
      await expect.poll(seenNext).toBe('note 3990.txt')
      await expect.poll(() => window.selected()).toEqual(['note 3990.txt'])
    }
    // A search that was given up before its answer came keeps no later one waiting.
    await page.keyboard.press('/')
    await page.keyboard.type('note 25')
    await page.keyboard.press('Escape')
    await page.keyboard.press('/')
    await page.keyboard.type('zebra')
    await shown(window).toEqual(['zebra.txt'])
  })

  test('an archive without folders has no pane for them, one with folders has', async () => {
    const window = await openProject({ 'a.txt': 'a', 'b.txt': 'b' })
    const { page, home } = window
    expect(await page.getByRole('tree').count()).toBe(0)
    expect((await window.grid.boundingBox())?.x).toBeLessThan(10)
    writeFiles(home, { 'later/c.txt': 'c' })
    await window.drop(join(home, 'later'))
    await page.getByRole('treeitem', { name: 'later' }).waitFor()
  })

  test('the treemap shows where the bytes are and leads into folders; the facts of the archive are told', async () => {
    const window = await openProject()
    const { page, dialog } = window
    await window.button('Treemap').click()
    const map = page.getByRole('group', { name: 'Where the stored bytes are' })
    await map.getByRole('button', { name: /^data\.bin: 5\.00 kB, stored in/ }).click()
    await window.preview.getByText('data.bin').waitFor()
    expect(await map.locator('[aria-current=true]').getAttribute('aria-label')).toMatch(/^data\.bin/)
    const areaOf = (name: RegExp) =>
      map.getByRole('button', { name }).evaluate((tile) => tile.clientWidth * tile.clientHeight)
    // What cannot be made smaller takes the most of an archive.
    expect(await areaOf(/^data\.bin/)).toBeGreaterThan(await areaOf(/^logo\.png/))
    await map.getByRole('button', { name: /^docs, Folder/ }).click({ position: { x: 8, y: 8 } })
    await map.getByRole('button', { name: /^guide\.md/ }).waitFor()
    await map.getByRole('button', { name: /^guide\.md/ }).focus()
    await page.keyboard.press('Escape')
    await map.getByRole('button', { name: /^data\.bin/ }).waitFor()
    await map.getByRole('button', { name: /^src, Folder/ }).focus()
    await page.keyboard.press('Enter')
    await expect.poll(() => window.place()).toEqual(['Project.lmz', 'src'])
    await page.keyboard.press('Alt+ArrowUp')
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

  test('of very many small files, the treemap shows the largest that can be seen, and counts the others', async () => {
    const home = temporaryFolder()
    const archive = join(home, 'many.lmz')
    await writeLargeArchive(archive, { files: 20_000, filesInFolder: 20_000 })
    const window = await openWindow({ home, paths: [archive] })
    await window.row('Part 1').dblclick()
    await window.row('folder-0').dblclick()
    await window.page.locator('footer').getByText('20,000 items').waitFor()
    await window.button('Treemap').click()
    const others = window.button(/^1\d,\d{3} others: .*, not drawn to scale$/)
    await others.waitFor()
    const tiles = window.page.locator('[data-tile]')
    const told = Number((await others.getAttribute('aria-label'))?.replace(/ .*/s, '').replace(',', ''))
    expect(told + (await tiles.count()) - 1).toBe(20_000)
    expect(await tiles.count()).toBeGreaterThan(50)
    // It sums up: there is nothing to go to.
    await others.click()
    expect(await window.place()).toEqual(['many.lmz', 'Part 1', 'folder-0'])
  })
})

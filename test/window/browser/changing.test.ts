import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createArchive } from '../../../src-main/archive/create'
import { stateOf } from '../../support/archive-state'
import { temporaryFolder } from '../../support/temporary'
import { writeFiles } from './sample-files'
import { hasBrowser, inBrowser, type ServedWindow, windows } from './served-window'

describe.skipIf(!hasBrowser)(`changing an archive${inBrowser}`, () => {
  const openWindow = windows()

  async function openProject(): Promise<ServedWindow & { readonly archive: string }> {
    const home = temporaryFolder()
    const source = writeFiles(join(home, 'source'), { 'a.txt': 'first', 'b.txt': 'second', 'docs/c.txt': 'third' })
    const archive = join(home, 'Project.lmz')
    await createArchive(archive, [join(source, 'a.txt'), join(source, 'b.txt'), join(source, 'docs')], {
      preset: 'fast',
    })
    const window = await openWindow({ home, paths: [archive] })
    await window.row('a.txt').waitFor()
    return Object.assign(window, { archive })
  }

  const shown = (window: ServedWindow) => expect.poll(() => window.names())
  const held = async (archive: string) => Object.keys(await stateOf(archive))

  test('what is dropped on it is added, and seen in it at once', async () => {
    const window = await openProject()
    const { home, archive } = window
    writeFiles(home, { 'new/inside.txt': 'dropped', 'single.txt': 'one', 'b.txt': 'second, newer' })
    await window.drop(join(home, 'new'), join(home, 'single.txt'), join(home, 'b.txt'))
    await shown(window).toEqual(['docs', 'new', 'a.txt', 'b.txt', 'single.txt'])
    await window.told(/^Added to Project\.lmz, which is now/)
    await expect.poll(() => window.row('b.txt').innerText()).toMatch(/13\sbytes/)
    expect((await held(archive)).toSorted()).toEqual([
      'a.txt',
      'b.txt',
      'docs',
      'docs/c.txt',
      'new',
      'new/inside.txt',
      'single.txt',
    ])
  })

  test('what is dropped or chosen while a folder is shown goes into that folder', async () => {
    const window = await openProject()
    const { home, archive, page } = window
    await window.row('docs').dblclick()
    await shown(window).toEqual(['c.txt'])
    writeFiles(home, { 'dropped.txt': 'one', 'chosen.txt': 'two' })
    await window.drop(join(home, 'dropped.txt'))
    await shown(window).toEqual(['c.txt', 'dropped.txt'])
    await window.button('Add files…').click()
    await window.pick(join(home, 'chosen.txt'))
    await shown(window).toEqual(['c.txt', 'chosen.txt', 'dropped.txt'])
    expect((await held(archive)).filter((path) => path.startsWith('docs/')).toSorted()).toEqual([
      'docs/c.txt',
      'docs/chosen.txt',
      'docs/dropped.txt',
    ])
    await page.keyboard.press('Alt+ArrowUp')
    await shown(window).toEqual(['docs', 'a.txt', 'b.txt'])
  })

  test('files chosen by their paths are added', async () => {
    const window = await openProject()
    await window.row('b.txt').click()
    writeFiles(window.home, { 'chosen.txt': 'by path' })
    await window.button('Add files…').click()
    await window.pick(join(window.home, 'chosen.txt'))
    await shown(window).toEqual(['docs', 'a.txt', 'b.txt', 'chosen.txt'])
    expect(await window.selected()).toEqual(['b.txt'])
    expect(await held(window.archive)).toContain('chosen.txt')
  })

  test('a new name is checked, given, and still selected', async () => {
    const window = await openProject()
    const { page, dialog, archive } = window
    await window.row('b.txt').click()
    await page.keyboard.press('F2')
    const name = dialog.getByRole('textbox', { name: 'New name' })
    expect(await name.inputValue()).toBe('b.txt')
    await name.fill('in/side.txt')
    await dialog.getByText('A name cannot have a “/” in it.').waitFor()
    expect(await dialog.getByRole('button', { name: 'Rename', exact: true }).isDisabled()).toBe(true)
    await name.fill('z.txt')
    await page.keyboard.press('Enter')
    await shown(window).toEqual(['docs', 'a.txt', 'z.txt'])
    await expect.poll(() => window.row('z.txt').getAttribute('aria-selected')).toBe('true')
    expect((await held(archive)).toSorted()).toEqual(['a.txt', 'docs', 'docs/c.txt', 'z.txt'])

    // One that is taken is refused, and the window says so.
    await page.keyboard.press('F2')
    await name.fill('a.txt')
    await page.keyboard.press('Enter')
    await window.told(/Nothing was renamed in Project\.lmz/)
    await shown(window).toEqual(['docs', 'a.txt', 'z.txt'])
  })

  test('in a folder, the window stays where it is after a change', async () => {
    const window = await openProject()
    const { page, dialog, archive } = window
    await window.row('docs').dblclick()
    await window.row('c.txt').click()
    await page.keyboard.press('F2')
    await dialog.getByRole('textbox', { name: 'New name' }).fill('start.txt')
    await page.keyboard.press('Enter')
    await shown(window).toEqual(['start.txt'])
    expect(await window.place()).toEqual(['Project.lmz', 'docs'])
    expect(await window.selected()).toEqual(['start.txt'])
    await window.preview.getByText('third').waitFor()
    await page.keyboard.press('Delete')
    await dialog.getByText('docs/start.txt').waitFor()
    await page.keyboard.press('Enter')
    await page.getByText('This folder is empty.').waitFor()
    expect(await window.place()).toEqual(['Project.lmz', 'docs'])
    expect((await held(archive)).toSorted()).toEqual(['a.txt', 'b.txt', 'docs'])
  })

  test('what is removed is named first, and stays if the answer is no', async () => {
    const window = await openProject()
    const { page, dialog, archive } = window
    await window.row('docs').click()
    await window.row('a.txt').click({ modifiers: ['Control'] })
    await page.keyboard.press('Delete')
    await dialog.getByText('Remove 2 items?').waitFor()
    await dialog.getByText('The folder goes with everything in it.').waitFor()
    const before = readFileSync(archive)
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    expect(readFileSync(archive)).toEqual(before)
    await page.keyboard.press('Delete')
    await dialog.getByRole('button', { name: 'Remove 2 items' }).click()
    await shown(window).toEqual(['b.txt'])
    await window.told(/^Removed from Project\.lmz/)
    expect(await held(archive)).toEqual(['b.txt'])

    await window.choose('More', 'Compact')
    await window.told(/^Project\.lmz is compact/)
    expect(readFileSync(archive).length).toBeLessThan(before.length)
    await shown(window).toEqual(['b.txt'])
    await window.choose('More', 'Verify')
    await window.told(/^Project\.lmz is healthy: 1 file checked/)
    await page.getByText('Verified', { exact: true }).waitFor()
  })

  test('the menu of a right click does what its keys do', async () => {
    const window = await openProject()
    const { page, dialog } = window
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await window.row('docs').click({ button: 'right' })
    await page.getByRole('menuitem', { name: 'Open folder' }).click()
    await shown(window).toEqual(['c.txt'])
    await window.row('c.txt').click({ button: 'right' })
    await page.getByRole('menuitem', { name: 'Copy path' }).click()
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe('docs/c.txt')
    await window.row('c.txt').click({ button: 'right' })
    await page.getByRole('menuitem', { name: /^Remove…/ }).click()
    await dialog.getByText('docs/c.txt').waitFor()
    await page.keyboard.press('Escape')
  })
})

import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchChromium, testBrowser } from '../support/chromium'
import { runLmz } from '../support/lmz-process'
import { StartWindow } from '../support/start-window'
import { temporaryFolder } from '../support/temporary'

let browser: Browser

const hostileName = '<img src=x onerror=alert(1)>.txt'

/** A folder as people have them, outside the home folder. */
function project(): string {
  const folder = join(temporaryFolder(), 'Project')
  mkdirSync(join(folder, 'empty'), { recursive: true })
  mkdirSync(join(folder, 'sub', 'deep'), { recursive: true })
  writeFileSync(join(folder, 'sub', 'deep', 'far.txt'), 'far below\n')
  writeFileSync(join(folder, 'read me?.txt'), 'first\n'.repeat(1000))
  writeFileSync(join(folder, hostileName), 'harmless')
  utimesSync(join(folder, 'read me?.txt'), 1_500_000_000, 1_500_000_000)
  return folder
}

describe.skipIf(testBrowser === undefined)('making an archive', () => {
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser.close())

  test('by dropping a folder keeps everything in it', async () => {
    const window = await StartWindow.open(browser)
    await window.drop(project())
    const { dialog, home } = window
    await dialog.getByText('3 files').waitFor()
    // An upload lies in a folder that nobody knows: the archive goes to the user's own.
    expect(await dialog.getByRole('textbox', { name: 'Folder' }).inputValue()).toBe(home)
    expect(await dialog.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('Project.lmz')
    await dialog.getByRole('radio', { name: /Fast/ }).check()
    await window.button('Create archive').click()
    await window.page.getByText(/Project\.lmz is ready/).waitFor()

    const out = temporaryFolder()
    const { code } = await runLmz(['extract', join(home, 'Project.lmz'), '-C', out])
    expect(code).toBe(0)
    expect(readdirSync(join(out, 'Project')).sort()).toEqual([hostileName, 'empty', 'read me?.txt', 'sub'])
    expect(readFileSync(join(out, 'Project', 'sub', 'deep', 'far.txt'), 'utf8')).toBe('far below\n')
    expect(window.complaints).toEqual([])
  })

  test('works with the keyboard alone, and asks before it replaces one', async () => {
    const window = await StartWindow.open(browser)
    const { page, home } = window
    mkdirSync(join(home, 'Letters'))
    writeFileSync(join(home, 'Letters', hostileName), 'text '.repeat(1000))
    writeFileSync(join(home, 'Letters.lmz'), 'mine')
    await page.keyboard.press('Control+n')
    await window.dialog.getByRole('option').first().waitFor()
    // Path: complete, then go in.
    await page.keyboard.press('End')
    await page.keyboard.type('Letters/')
    await window.dialog.getByRole('option', { name: hostileName }).waitFor()
    await page.keyboard.press('Tab')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await window.dialog.getByRole('textbox', { name: 'Name' }).waitFor()
    // What is typed takes the place of the suggested name, but not of its ending.
    await page.keyboard.type('Letters')
    expect(await window.dialog.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('Letters.lmz')
    await window.dialog.getByRole('textbox', { name: 'Folder' }).fill(home)
    await page.keyboard.press('Enter')
    await window.dialog.getByText('Replace Letters.lmz?').waitFor()
    // The safe answer has the focus.
    await page.keyboard.press('Enter')
    expect(readFileSync(join(home, 'Letters.lmz'), 'utf8')).toBe('mine')
    await window.dialog.getByRole('textbox', { name: 'Folder' }).press('Enter')
    await window.button('Replace archive').press('Enter')
    await page.getByText(/Letters\.lmz is ready/).waitFor()
    expect(readFileSync(join(home, 'Letters.lmz')).length).toBeGreaterThan(100)
    expect(window.complaints).toEqual([])
  })

  test('tells what to expect of each preset, and of a block size as it is chosen', async () => {
    const window = await StartWindow.open(browser)
    const { page } = window
    writeFileSync(
      join(window.home, 'book.txt'),
      'It was a dark and stormy night; the rain fell in torrents.\n'.repeat(20_000),
    )
    await window.startArchive(join(window.home, 'book.txt'))
    const { dialog } = window
    await dialog.getByText(/1 file, 1\.\d+\sMB/).waitFor()
    await expect.poll(() => dialog.getByText(/^~ .*(bytes|kB)/).count(), { timeout: 60_000 }).toBeGreaterThanOrEqual(3)
    await dialog.getByText(/One file opens in about/).waitFor()
    await window.button(/^More/).click()
    const slider = dialog.getByRole('slider', { name: 'Block size' })
    const before = await slider.getAttribute('aria-valuetext')
    await slider.press('ArrowRight')
    expect(await slider.getAttribute('aria-valuetext')).not.toBe(before)
    await dialog.getByText(`Blocks of ${(await slider.getAttribute('aria-valuetext')) ?? ''}`).waitFor()
    await expect.poll(() => dialog.locator('.ends').innerText(), { timeout: 60_000 }).toMatch(/~ .*~ /s)
    await dialog.getByRole('textbox', { name: 'Leave out' }).fill('*.txt')
    await dialog.getByText('0 files, 0 bytes').waitFor({ timeout: 60_000 })
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    expect(window.complaints).toEqual([])
  })

  test('of what is not there says so before anything is started', async () => {
    const window = await StartWindow.open(browser)
    writeFileSync(join(window.home, 'gone.txt'), 'x')
    await window.page.keyboard.press('Control+n')
    await window.choose(join(window.home, 'gone.txt'))
    await window.dialog.getByText('1 file, 1 byte').waitFor()
    await window.dialog.getByRole('textbox', { name: 'Name' }).fill('a/b')
    await window.button('Create archive').click()
    await window.dialog.getByText(/A name cannot contain/).waitFor()
    await window.dialog.getByRole('textbox', { name: 'Name' }).fill('')
    await window.dialog.getByText('Give the archive a name.').waitFor()
    expect(window.complaints).toEqual([])
  })

  test('more can be dropped on the dialog, and on an open archive; a dropped archive is opened as a copy', async () => {
    const window = await StartWindow.open(browser)
    const { page, home } = window
    const folder = project()
    await window.drop(join(folder, 'read me?.txt'))
    await window.dialog.getByText('1 file, 6.00 kB').waitFor()
    await window.drop(join(folder, hostileName))
    await window.dialog.getByText('2 files, 6.01 kB').waitFor()
    await window.dialog.getByRole('textbox', { name: 'Name' }).fill('two')
    await window.button('Create archive').click()
    await page.getByText(/two\.lmz is ready/).waitFor()
    await window.button('Open').click()
    await page.getByRole('grid').getByText(hostileName).waitFor()

    await window.drop(join(folder, 'sub'))
    await page.getByText(/Added to two\.lmz/).waitFor()
    await page.getByRole('grid').getByText('sub').waitFor()

    await window.drop(join(home, 'two.lmz'))
    await page.getByText('You are looking at a copy of two.lmz').waitFor()
    expect(window.complaints).toEqual([])
  })
})

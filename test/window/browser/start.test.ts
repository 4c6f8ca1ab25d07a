import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createArchive } from '../../../src-main/archive/create'
import { temporaryFolder } from '../../support/temporary'
import { project, prose, writeFiles } from './sample-files'
import { hasBrowser, inBrowser, type ServedWindow, serve, windows } from './served-window'

describe.skipIf(!hasBrowser)(`the window before anything is opened, and after lmz has ended${inBrowser}`, () => {
  const openWindow = windows()

  async function archiveIn(home: string, name: string): Promise<string> {
    writeFiles(home, { 'note.txt': 'a note' })
    await createArchive(join(home, name), [join(home, 'note.txt')], { preset: 'fast' })
    return join(home, name)
  }

  const hasFocus = (window: ServedWindow, name: string) =>
    expect.poll(() => window.button(name).evaluate((button) => button === document.activeElement)).toBe(true)

  test('archives of late are listed, and opened and taken off the list with the keyboard', async () => {
    const window = await openWindow()
    const { page, home } = window
    for (const name of ['one.lmz', 'two.lmz']) {
      const archive = await archiveIn(home, name)
      await page.keyboard.press('Control+o')
      await window.pick(archive)
      await window.row('note.txt').waitFor()
      expect(await page.title()).toBe(`${name} – lmz`)
    }
    rmSync(join(home, 'one.lmz'))
    await page.reload()
    await window.button('Open two.lmz').waitFor()
    await page.getByText('Not found').waitFor()
    await window.button('Open two.lmz').focus()
    await page.keyboard.press('ArrowDown')
    await hasFocus(window, 'Open one.lmz')
    await page.keyboard.press('Delete')
    await window.button('Open one.lmz').waitFor({ state: 'detached' })
    // The focus is not lost with the row.
    await hasFocus(window, 'Open two.lmz')
    await page.keyboard.press('Enter')
    await window.row('note.txt').waitFor()
  })

  test('settings change the window at once and are kept', async () => {
    const home = temporaryFolder()
    const source = writeFiles(join(home, 'source'), project())
    const archive = join(home, 'Project.lmz')
    const roots = ['docs', 'src', 'notes.txt', 'logo.png', 'data.bin'].map((name) => join(source, name))
    await createArchive(archive, roots, { preset: 'fast' })
    const window = await openWindow({ home, colorScheme: 'light' })
    const { page, dialog } = window
    const surface = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    const light = await surface()
    await page.keyboard.press('Control+,')
    await dialog.getByRole('combobox', { name: 'Theme' }).selectOption('Dark')
    await expect.poll(surface).not.toBe(light)
    expect(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)).toBe('dark')
    await dialog.getByRole('combobox', { name: 'Language' }).selectOption('Deutsch')
    await dialog.getByText('Einstellungen').waitFor()
    await expect.poll(() => page.evaluate(() => document.documentElement.lang)).toBe('de')
    await dialog.getByLabel('Blockgröße').selectOption('64 KiB')
    await dialog.getByLabel('Voreinstellung').selectOption('Schnell')
    await dialog.getByRole('checkbox').first().check()
    await page.keyboard.press('Escape')
    await page.reload()
    await page.getByText('Dateien oder Ordner hier ablegen').waitFor()
    expect(await surface()).not.toBe(light)
    await expect
      .poll(() => JSON.parse(readFileSync(join(home, '.config/lmz/settings.json'), 'utf8')) as unknown)
      .toMatchObject({ theme: 'dark', language: 'de', blockSize: 65_536, preset: 'fast', compactRows: true })
    await page.keyboard.press('Control+o')
    await dialog.getByRole('textbox', { name: 'Pfad' }).fill(archive)
    await dialog.getByRole('option', { name: 'Project.lmz' }).dblclick()
    await window.row('notes.txt').waitFor()
    expect(await window.row('notes.txt').evaluate((row) => row.clientHeight)).toBe(28)
    await page.getByText(/8 Dateien · 45,4\skB in/).waitFor()

    await page.keyboard.press('Control+,')
    await dialog.getByRole('combobox', { name: 'Sprache' }).selectOption('English')
    await dialog.getByRole('combobox', { name: 'Theme' }).selectOption('Light')
    await expect.poll(surface).toBe(light)
  })

  /** What a browser notes by itself of a server that is gone or lets nobody in. */
  const noAnswer = /ERR_CONNECTION_(REFUSED|RESET)|ERR_EMPTY_RESPONSE|403 \(Forbidden\)/

  test('when lmz ends, the window says what is safe and what to do; one that is started anew does not take it over', async () => {
    const home = temporaryFolder()
    const window = await openWindow({ home, paths: [await archiveIn(home, 'note.lmz')], settings: { preset: 'max' } })
    const { page, dialog } = window
    window.expected.push(noAnswer)
    await window.row('note.txt').waitFor()
    writeFiles(home, { 'long.txt': prose(2_000_000) })
    await page.keyboard.press('Control+n')
    await window.pick(join(home, 'long.txt'))
    await dialog.getByRole('button', { name: 'Create archive' }).click()
    await page.getByRole('progressbar').waitFor()
    await page.keyboard.press('Control+i')
    await dialog.getByText('About this archive').waitFor()
    await window.stopServer()
    const banner = page.locator('.banner')
    await banner.getByText('lmz has ended').waitFor()
    await banner.getByText(/Archives on the disk are whole; a job that was under way was given up/).waitFor()
    await banner.getByText(/Start lmz again when you need it/).waitFor()
    // Calmly: nothing is read out in the middle of a sentence, no job goes on for ever, and what is shown cannot be pressed.
    expect(await page.getByRole('alert').count()).toBe(0)
    expect(await dialog.count()).toBe(0)
    await page.getByRole('progressbar').waitFor({ state: 'detached' })
    expect(await window.grid.evaluate((grid) => grid.closest('[inert]') !== null)).toBe(true)

    const again = await serve(home, [], Number(new URL(window.address).port))
    onTestFinished(() => void again.server.kill())
    await banner.getByText('lmz was started again, and this window belongs to the one before').waitFor()
    await banner.getByText(/Go on in its new window, or open the address that it printed/).waitFor()
    await page.goto(again.address)
    await window.button('Open note.lmz').waitFor()
  })

  test('when only the link was cut, the window comes back by itself and shows the archive again', async () => {
    const home = temporaryFolder()
    const window = await openWindow({ home })
    const { page } = window
    window.expected.push(noAnswer)
    const cuts: (() => void)[] = []
    await page.routeWebSocket(/\/link$/, (socket) => {
      const server = socket.connectToServer()
      cuts.push(() => {
        void server.close()
        void socket.close()
      })
    })
    await page.reload()
    await window.openArchive(await archiveIn(home, 'note.lmz'))
    await window.row('note.txt').waitFor()
    cuts[0]?.()
    await expect.poll(() => cuts.length).toBe(2)
    await window.row('note.txt').waitFor()
    expect(await page.locator('.banner').count()).toBe(0)
    expect(await page.title()).toBe('note.lmz – lmz')
  })
})

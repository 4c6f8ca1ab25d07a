import { mkdirSync, readdirSync, readFileSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { extractArchive } from '../../../src-main/archive/extraction/extract'
import { stateOf } from '../../support/archive-state'
import { temporaryFolder } from '../../support/temporary'
import { filesBelow, project, prose, writeFiles } from './sample-files'
import { hasBrowser, inBrowser, type ServedWindow, windows } from './served-window'

/** Numbers that a progress bar has shown, as they changed. */
async function watchProgress({ page }: ServedWindow): Promise<() => Promise<readonly number[]>> {
  await page.evaluate(() => {
    const seen: number[] = []
    Object.assign(globalThis, { seenShares: seen })
    const look = (): void => {
      const value = document.querySelector('[role="progressbar"]')?.getAttribute('aria-valuenow') ?? undefined
      if (value !== undefined && Number(value) !== seen.at(-1)) seen.push(Number(value))
    }
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true })
  })
  return () => page.evaluate(() => (globalThis as unknown as { seenShares: number[] }).seenShares)
}

describe.skipIf(!hasBrowser)(`making an archive${inBrowser}`, () => {
  const openWindow = windows()

  test(
    'a dropped folder is estimated, packed with its progress in sight, and opened',
    { timeout: 150_000 },
    async () => {
      const window = await openWindow({ settings: { blockSize: 64 * 1024 } })
      const { page, home, dialog } = window
      const folder = join(home, 'outside', 'My project')
      mkdirSync(join(home, 'outside'))
      // A name is no address: "?" and "#" are letters of it, and what looks like markup is none.
      const odd = { 'read me?#1 100%.txt': 'first', '<img src=x onerror=alert(1)>.txt': 'harmless' }
      writeFiles(folder, { ...project(), ...odd, 'long.txt': prose(500_000), 'nothing here': undefined })
      utimesSync(join(folder, 'readme.md'), 1_500_000_000, 1_500_000_000)
      await window.drop(folder)

      await dialog.getByRole('heading', { name: 'New archive' }).waitFor()
      expect(await dialog.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('My project.lmz')
      expect(await dialog.getByRole('textbox', { name: 'Folder' }).inputValue()).toBe(home)
      await dialog.getByText('13 files, 545 kB').waitFor()
      for (const preset of ['Fast', 'Balanced', 'Maximum']) {
        const choice = dialog.locator('label', { has: page.getByRole('radio', { name: preset }) })
        // The language model is slow where others use the computer too.
        await expect
          .poll(() => choice.innerText(), { timeout: 40_000 })
          .toMatch(/~ [\d.]+\s[kM]B[^]*~ (< )?[\d.]+\s(s|min)/)
      }
      await dialog.getByText(/One file opens in about/).waitFor()
      const figure = dialog
        .locator('label', { has: page.getByRole('radio', { name: 'Fast' }) })
        .locator('.figure')
        .first()
      const plain = await figure.innerText()
      const protect = dialog.getByRole('checkbox', { name: 'Protect against damage' })
      await protect.check()
      // What is chosen is in the figures, without another estimate.
      expect(Number.parseFloat((await figure.innerText()).slice(1))).toBeGreaterThan(Number.parseFloat(plain.slice(1)))
      await protect.uncheck()
      expect(await figure.innerText()).toBe(plain)
      expect(readdirSync(home)).not.toContain('My project.lmz')

      const shares = await watchProgress(window)
      await dialog.getByRole('radio', { name: 'Balanced' }).check()
      await dialog.getByRole('button', { name: 'Create archive' }).click()
      await window.told(/My project\.lmz is ready: .* of 545 kB/)
      const seen = await shares()
      expect(seen).toEqual(seen.toSorted((one, other) => one - other))
      expect(seen.length).toBeGreaterThan(3)

      await window.button('Open').click()
      await window.row('My project').dblclick()
      await window.row('nothing here').waitFor()
      expect(await window.names()).toEqual([
        'docs',
        'nothing here',
        'src',
        '<img src=x onerror=alert(1)>.txt',
        'data.bin',
        'empty.txt',
        'logo.png',
        'long.txt',
        'notes.txt',
        'read me?#1 100%.txt',
        'readme.md',
      ])
      const state = await stateOf(join(home, 'My project.lmz'))
      expect(Object.keys(state)).toHaveLength(13 + 7)
      const out = temporaryFolder()
      await extractArchive(join(home, 'My project.lmz'), [], out, { smart: false })
      expect(filesBelow(join(out, 'My project'))).toEqual(filesBelow(folder))
      expect(await page.title()).toBe('My project.lmz – lmz')
    },
  )

  test('files chosen by their paths go where they are to go, as the settings and the slider say', async () => {
    const window = await openWindow({ settings: { preset: 'fast' } })
    const { page, home, dialog } = window
    writeFiles(join(home, 'in'), { 'a.txt': prose(20_000), 'b.tmp': 'left out' })
    mkdirSync(join(home, 'out'))
    await window.button('New archive…').click()
    await window.pick(join(home, 'in'))
    await dialog.getByText('2 files, 20.0 kB').waitFor()
    expect(await dialog.getByRole('radio', { name: 'Fast' }).isChecked()).toBe(true)
    await dialog.getByRole('textbox', { name: 'Name' }).fill('kept')
    await dialog.getByRole('button', { name: 'Choose…' }).click()
    await window.pick(join(home, 'out'), 'folder')
    await expect.poll(() => dialog.getByRole('textbox', { name: 'Folder' }).inputValue()).toBe(join(home, 'out'))

    await dialog.getByRole('button', { name: /^More/ }).click()
    await dialog.getByRole('textbox', { name: 'Leave out' }).fill('*.tmp')
    await dialog.getByText('1 file, 20.0 kB').waitFor()
    await dialog.getByRole('textbox', { name: 'Comment' }).fill('for later')
    const slider = dialog.getByRole('slider', { name: 'Block size' })
    await slider.press('Home')
    await dialog.getByText('Blocks of 16 MiB').waitFor()
    await slider.press('End')
    await dialog.getByText('Blocks of 64 KiB').waitFor()
    expect(await slider.getAttribute('aria-valuetext')).toBe('64 KiB')
    // Both sides of the trade, as they are with this size.
    await expect.poll(() => dialog.locator('.ends').innerText(), { timeout: 60_000 }).toMatch(/~ .*~ /s)
    await dialog.getByRole('button', { name: 'Create archive' }).click()
    await window.told(/kept\.lmz is ready/)
    expect(readdirSync(join(home, 'out'))).toEqual(['kept.lmz'])
    expect(Object.keys(await stateOf(join(home, 'out', 'kept.lmz')))).toEqual(['in', 'in/a.txt'])

    await window.button('Open').click()
    await window.choose('More', /About this archive/)
    await dialog.getByText('for later').waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
  })

  test('the keyboard alone does it, and an archive that is there is replaced only after a question', async () => {
    const window = await openWindow({ settings: { preset: 'fast' } })
    const { page, home, dialog } = window
    writeFiles(home, { 'Letters/a.txt': 'new', 'Letters.lmz': 'mine' })
    const mine = () => readFileSync(join(home, 'Letters.lmz'), 'utf8')
    const question = page.getByText('Replace Letters.lmz?')
    const name = dialog.getByRole('textbox', { name: 'Name' })
    await page.keyboard.press('Control+n')
    await dialog.getByRole('option').first().waitFor()
    // A path is completed, then gone into.
    await page.keyboard.press('End')
    await page.keyboard.type('Letters/')
    await dialog.getByRole('option', { name: 'a.txt' }).waitFor()
    await page.keyboard.press('Tab')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await name.waitFor()
    // What is typed takes the place of the suggested name, but not of its ending.
    await page.keyboard.type('Letters')
    expect(await name.inputValue()).toBe('Letters.lmz')
    await dialog.getByRole('textbox', { name: 'Folder' }).fill(home)
    await page.keyboard.press('Enter')
    await question.waitFor()
    await page.keyboard.press('Escape')
    await question.waitFor({ state: 'detached' })
    expect(mine()).toBe('mine')
    await dialog.getByRole('textbox', { name: 'Folder' }).press('Enter')
    await question.waitFor()
    // The safe answer has the focus.
    await page.keyboard.press('Enter')
    await question.waitFor({ state: 'detached' })
    expect(mine()).toBe('mine')
    await dialog.getByRole('textbox', { name: 'Folder' }).press('Enter')
    await window.button('Replace archive').press('Enter')
    await window.told(/Letters\.lmz is ready/)
    expect(Object.keys(await stateOf(join(home, 'Letters.lmz')))).toEqual(['a.txt'])
  })

  test('what cannot be is said before anything is started; all there is to choose is seen in a low window', async () => {
    const window = await openWindow({ viewport: { width: 800, height: 600 } })
    const { page, home, dialog } = window
    writeFiles(home, { 'book.txt': prose(2000) })
    await page.keyboard.press('Control+n')
    await window.pick(join(home, 'book.txt'))
    await dialog.getByText('1 file, 2.00 kB').waitFor()
    const footer = (await dialog.locator('footer').boundingBox())!
    const more = (await dialog.getByRole('button', { name: /^More/ }).boundingBox())!
    expect(more.y + more.height).toBeLessThanOrEqual(footer.y)
    const name = dialog.getByRole('textbox', { name: 'Name' })
    await name.fill('a/b')
    await window.button('Create archive').click()
    await dialog.getByText(/A name cannot contain/).waitFor()
    await name.fill('')
    await dialog.getByText('Give the archive a name.').waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    expect(readdirSync(home)).not.toContain('book.lmz')
  })

  test('more can be dropped on the dialog; an archive that is dropped is opened as a copy, and said to be one', async () => {
    const window = await openWindow({ settings: { preset: 'fast' } })
    const { page, home, dialog } = window
    writeFiles(home, { 'in/one.txt': 'one', 'in/two.txt': 'two' })
    await window.drop(join(home, 'in/one.txt'))
    await dialog.getByText('1 file, 3 bytes').waitFor()
    await window.drop(join(home, 'in/two.txt'))
    await dialog.getByText('2 files, 6 bytes').waitFor()
    await dialog.getByRole('textbox', { name: 'Name' }).fill('both')
    await dialog.getByRole('button', { name: 'Create archive' }).click()
    await window.told(/both\.lmz is ready/)
    await window.drop(join(home, 'both.lmz'))
    await page.getByText('You are looking at a copy of both.lmz').waitFor()
    await expect.poll(() => window.names()).toEqual(['one.txt', 'two.txt'])
  })
})

import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { stateOf } from '../../support/archive-state'
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

  test('a dropped folder is estimated, packed with its progress in sight, and opened', async () => {
    const window = await openWindow({ settings: { blockSize: 64 * 1024 } })
    const { page, home, dialog } = window
    const folder = join(home, 'outside', 'My project')
    mkdirSync(join(home, 'outside'))
    writeFiles(folder, { ...project(), 'long.txt': prose(500_000), 'nothing here': undefined })
    await window.drop(folder)

    await dialog.getByRole('heading', { name: 'New archive' }).waitFor()
    expect(await dialog.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('My project.lmz')
    expect(await dialog.getByRole('textbox', { name: 'Folder' }).inputValue()).toBe(home)
    await dialog.getByText('11 files, 545 kB').waitFor()
    for (const preset of ['Fast', 'Balanced', 'Maximum']) {
      const choice = dialog.locator('label', { has: page.getByRole('radio', { name: preset }) })
      await expect.poll(() => choice.innerText()).toMatch(/~ [\d.]+\s[kM]B[^]*~ (< )?[\d.]+\s(s|min)/)
    }
    await dialog.getByText(/One file opens in about/).waitFor()
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
      'data.bin',
      'empty.txt',
      'logo.png',
      'long.txt',
      'notes.txt',
      'readme.md',
    ])
    const state = await stateOf(join(home, 'My project.lmz'))
    expect(Object.keys(state)).toHaveLength(11 + 7)
    expect(await page.title()).toBe('My project.lmz – lmz')
  })

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
    const slider = dialog.getByRole('slider')
    await slider.press('Home')
    const most = await dialog.getByText(/^Blocks of/).innerText()
    await slider.press('End')
    expect(await dialog.getByText(/^Blocks of/).innerText()).not.toBe(most)
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

  test('an archive that is there is replaced only after a question', async () => {
    const window = await openWindow({ settings: { preset: 'fast' } })
    const { home, page } = window
    writeFiles(home, { 'in/a.txt': 'new', 'in.lmz': 'something else' })
    const create = page.getByRole('button', { name: 'Create archive' })
    await window.drop(join(home, 'in'))
    await create.click()
    await page.getByText('Replace in.lmz?').waitFor()
    await page.keyboard.press('Escape')
    await page.getByText('Replace in.lmz?').waitFor({ state: 'detached' })
    expect(filesBelow(home)['in.lmz']?.toString()).toBe('something else')
    await create.click()
    await page.getByRole('button', { name: 'Replace archive' }).click()
    await window.told(/in\.lmz is ready/)
    expect(Object.keys(await stateOf(join(home, 'in.lmz')))).toEqual(['in', 'in/a.txt'])
  })
})

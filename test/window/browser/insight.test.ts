import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Locator } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { createArchive } from '../../../src-main/archive/create'
import { writeLargeArchive } from '../../support/large-archive'
import { temporaryFolder } from '../../support/temporary'
import { type Files, project, prose, writeFiles } from './sample-files'
import { hasBrowser, inBrowser, type LookName, type ServedWindow, windows } from './served-window'

describe.skipIf(!hasBrowser)(`insight${inBrowser}`, () => {
  const openWindow = windows()

  async function openProject(
    // The language model takes seconds for each hundred kilobytes.
    own: Files = { 'notes.txt': prose(12_000) },
  ): Promise<{ readonly window: ServedWindow; readonly archive: string }> {
    const home = temporaryFolder()
    const source = writeFiles(join(home, 'source'), { ...project(), ...own })
    const roots = ['docs', 'src', 'notes.txt', 'logo.png', 'data.bin'].map((name) => join(source, name))
    const archive = join(home, 'Project.lmz')
    await createArchive(archive, roots, { preset: 'balanced', blockSize: 64 * 1024, protection: 'normal' })
    const window = await openWindow({ home, paths: [archive] })
    await window.row('notes.txt').waitFor()
    return { window, archive }
  }

  async function checkLooks(window: ServedWindow, screen: string, among?: readonly LookName[]): Promise<void> {
    for (const { name, violations } of await window.violationsInLooks(among))
      expect.soft(violations, `${screen}, ${name}`).toEqual([])
  }

  const groundOf = (element: HTMLElement | SVGElement): string => element.style.background

  const numbersOf = async (cells: Locator): Promise<readonly number[]> =>
    (await cells.allInnerTexts()).map((text) => Number(text.replaceAll(',', '')))

  test('an archive is a sum of parts, to the byte, with and without the models', async () => {
    const { window, archive } = await openProject()
    await window.button('Insight').click()
    const view = window.page.getByRole('region', { name: 'Insight', exact: true })
    const parts = view.getByRole('table', { name: 'Its parts' })
    await parts.waitFor()
    const bytes = await numbersOf(parts.locator('tbody td:nth-child(2)'))
    const total = async (): Promise<number> => (await numbersOf(parts.locator('tfoot td:nth-child(2)')))[0] ?? NaN
    const { size } = statSync(archive)
    expect(bytes.reduce((sum, each) => sum + each, 0)).toBe(size)
    expect(await total()).toBe(size)
    await parts.getByRole('row', { name: 'Protection against damage' }).waitFor()
    await view.getByRole('checkbox', { name: 'Count the models' }).check()
    expect(await total()).toBeGreaterThan(size)
    await parts.getByRole('row', { name: /^Model / }).waitFor()
    await view.getByRole('checkbox', { name: 'Count the models' }).uncheck()
    expect(await total()).toBe(size)
  })

  test('lists can be sorted, and lead to folders and files', async () => {
    const { window } = await openProject({ 'docs/long.txt': prose(70_000, 5) })
    const { page } = window
    await window.button('Insight').click()
    const files = page.getByRole('region', { name: 'Largest files' })
    const names = (): Promise<readonly string[]> => files.locator('tbody .link').allInnerTexts()
    await files.getByRole('button', { name: 'long.txt' }).waitFor()
    expect((await names())[0]).toBe('long.txt')
    await files.getByRole('button', { name: 'Name' }).click()
    expect(await names()).toEqual((await names()).toSorted((one, other) => one.localeCompare(other)))
    await files.getByRole('button', { name: 'long.txt' }).focus()
    await page.keyboard.press('Enter')
    await window.row('long.txt').waitFor()
    await expect.poll(() => window.selected()).toEqual(['long.txt'])
    expect(await window.place()).toEqual(['Project.lmz', 'docs'])
    await window.button('Insight').click()
    await page.getByRole('region', { name: 'Largest folders' }).getByRole('button', { name: 'engine' }).click()
    await window.row('jobs.ts').waitFor()
    expect(await window.place()).toEqual(['Project.lmz', 'src', 'engine'])
  })

  test('models and block sizes are compared on demand, and can be stopped', { timeout: 120_000 }, async () => {
    const { window } = await openProject({ 'notes.txt': prose(6000) })
    const { page } = window
    await window.button('Insight').click()
    const contest = page.getByRole('region', { name: 'Compare the models', exact: true })
    const sizes = page.getByRole('region', { name: 'Block size against ratio' })
    await contest.getByRole('button', { name: 'Compare the models' }).click()
    await contest.getByRole('progressbar').waitFor()
    expect(await sizes.getByRole('button', { name: 'Try block sizes' }).isDisabled()).toBe(true)
    // The window does not wait for it.
    await window.button('List').click()
    await window.row('notes.txt').waitFor()
    await window.button('Insight').click()

    await contest.getByRole('button', { name: 'Compare the models' }).click()
    await contest.getByRole('progressbar').waitFor()
    await contest.getByRole('button', { name: 'Stop' }).click()
    await contest.getByText(/^Stopped after/).waitFor()
    await contest.getByRole('button', { name: 'Once more' }).click()
    await contest.getByRole('button', { name: 'Once more' }).waitFor({ timeout: 90_000 })
    const table = contest.getByRole('table')
    expect(await table.getByRole('columnheader').allInnerTexts()).toEqual(
      expect.arrayContaining(['As they are', 'zstd -19', 'Mixed predictions']),
    )
    const rows = await table.locator('tbody tr').count()
    expect(rows).toBeGreaterThanOrEqual(2)
    expect(await table.locator('.won').count()).toBe(rows)

    await sizes.getByRole('button', { name: 'Try block sizes' }).click()
    await sizes.getByRole('button', { name: 'Once more' }).waitFor({ timeout: 90_000 })
    expect(await sizes.locator('tbody th').allInnerTexts()).toEqual(['64 KiB', '256 KiB', '1 MiB', '4 MiB'])
    await sizes.getByRole('img', { name: /^Bits\/byte: 64 KiB: \d/ }).waitFor()
    await checkLooks(window, 'insight, tried out')
  })

  test('of a text, each byte has the colour of what it cost, and tells what was expected', async () => {
    const { window } = await openProject()
    const { page, preview } = window
    await window.row('notes.txt').click()
    await window.button('Surprise').click()
    await preview.getByText(/^In sight: /).waitFor()
    const levels = (): Promise<readonly number[]> =>
      page.evaluate(() => [...CSS.highlights.values()].map((highlight) => highlight.size))
    await expect.poll(async () => (await levels()).filter((count) => count > 0).length).toBeGreaterThan(3)
    const text = preview.getByRole('region', { name: /^notes\.txt, coloured by surprise/ })
    await text.focus()
    for (let step = 0; step < 4; step++) await page.keyboard.press('ArrowRight')
    const tip = page.locator('.tip')
    await tip.getByText('Byte 3', { exact: true }).waitFor()
    await tip.getByText('What was expected here').waitFor()
    const shares = (await tip.locator('tbody td:last-child').allInnerTexts()).map((share) => parseFloat(share))
    expect(shares.length).toBeGreaterThanOrEqual(5)
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeLessThanOrEqual(100.5)
    expect(await tip.locator('.actual').count()).toBe(1)
    await checkLooks(window, 'surprise of a text', ['light', 'dark'])
    await page.keyboard.press('Escape')
    await tip.waitFor({ state: 'detached' })
    // Another model may be asked, and says that its bits are not those of the archive.
    await preview.getByText('These are the very bits of the archive.').waitFor()
    await preview.getByRole('combobox', { name: 'Model' }).selectOption('Language model')
    await preview.getByText('Stored with: Mixed predictions. Shown is what this model would need.').waitFor()
    await preview.getByText(/^In sight: /).waitFor()

    // What is scrolled to is coloured too.
    await text.evaluate((element) => element.scrollTo(0, element.scrollHeight))
    await expect.poll(async () => (await levels()).filter((count) => count > 0).length).toBeGreaterThan(3)
    await text.hover({ position: { x: 60, y: 40 } })
    await tip.getByText('What was expected here').waitFor()
    await window.button('Surprise').click()
    await expect.poll(async () => (await levels()).length).toBe(0)
    // With forced colours no text can be coloured: its bytes are.
    await page.emulateMedia({ forcedColors: 'active' })
    await window.button('Surprise').click()
    await expect.poll(() => preview.locator('[data-byte="0"]').evaluate(groundOf)).not.toBe('')
  })

  test('another file may be chosen while a byte is looked at, and is coloured in its turn', async () => {
    const { window } = await openProject()
    const { page, preview } = window
    await window.row('notes.txt').click()
    await window.button('Surprise').click()
    for (const name of ['data.bin', 'notes.txt', 'data.bin']) {
      await preview.getByText(/^In sight: /).waitFor()
      await preview.getByRole('region', { name: /, coloured by surprise/ }).focus()
      await page.keyboard.press('ArrowRight')
      await page.locator('.tip').waitFor()
      await window.row(name).click()
      await preview.getByRole('region', { name: new RegExp(`^${name}, coloured by surprise`) }).waitFor()
    }
    await expect.poll(() => preview.locator('[data-byte="0"]').evaluate(groundOf)).not.toBe('')
  })

  test('a model that takes long says what it is at, and can be stopped and go on', async () => {
    const home = temporaryFolder()
    const source = writeFiles(join(home, 'source'), { 'long.txt': prose(500_000) })
    const archive = join(home, 'Long.lmz')
    await createArchive(archive, [join(source, 'long.txt')], { preset: 'fast' })
    const window = await openWindow({ home, paths: [archive] })
    const { page, preview } = window
    await window.row('long.txt').click()
    await window.button('Surprise').click()
    await preview.getByText(/^In sight: /).waitFor()
    await preview.getByRole('combobox', { name: 'Model' }).selectOption('Language model')
    await preview.getByText('Measuring block 1, 500 kB').waitFor()
    await preview.getByRole('progressbar', { name: 'Measuring block 1, 500 kB' }).waitFor()
    await preview.getByRole('button', { name: 'Stop' }).click()
    await preview.getByText('Stopped. What was measured stays.').waitFor()
    await preview.getByRole('progressbar').waitFor({ state: 'detached' })
    const coloured = await page.evaluate(() => [...CSS.highlights.values()].some(({ size }) => size > 0))
    expect(coloured).toBe(false)
    await preview.getByRole('combobox', { name: 'Model' }).selectOption('As it is stored')
    await preview.getByText(/^In sight: /).waitFor()
    await preview.getByRole('combobox', { name: 'Model' }).selectOption('Language model')
    await preview.getByRole('button', { name: 'Stop' }).click()
    await preview.getByRole('button', { name: 'Measure' }).click()
    await preview.getByRole('progressbar').waitFor()
    await checkLooks(window, 'measuring', ['dark'])
  })

  test('of other bytes too, and its sum is that of the whole block when all of it is in sight', async () => {
    const home = temporaryFolder()
    const file = join(
      writeFiles(join(home, 'source'), { 'few.bin': Buffer.from('\0\x01few bytes\0\x02, few bytes') }),
      'few.bin',
    )
    const archive = join(home, 'Few.lmz')
    await createArchive(archive, [file], { preset: 'balanced' })
    const window = await openWindow({ home, paths: [archive] })
    const { page, preview } = window
    await window.row('few.bin').click()
    await window.button('Surprise').click()
    const told = await preview.getByText(/^In sight: /).innerText()
    const [, bytes, bits] = /In sight: (\d+) bytes, (\d+) bits/.exec(told) ?? []
    expect(Number(bytes)).toBe(statSync(file).size)
    expect(Number(bits)).toBeGreaterThan(0)
    const cell = preview.locator('[data-byte="5"]')
    expect(await cell.evaluate(groundOf)).not.toBe('')
    await preview.getByRole('region').first().focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowLeft')
    await page.locator('.tip').getByText('Byte 15', { exact: true }).waitFor()
    await page.locator('.tip').getByText('What was expected here').waitFor()
    await preview.getByRole('combobox', { name: 'Model' }).selectOption('Language model')
    await preview.getByText(/Shown is what this model would need\.$/).waitFor()
    await checkLooks(window, 'surprise of bytes')
  })

  test('100,000 entries are added up while the window goes on', { timeout: 120_000 }, async () => {
    const home = temporaryFolder()
    const archive = join(home, 'Many.lmz')
    await writeLargeArchive(archive, { files: 100_000, filesInFolder: 1000 })
    const window = await openWindow({ home, paths: [archive] })
    const { page } = window
    await window.row('Part 1').waitFor()
    const start = performance.now()
    await window.button('Insight').click()
    await page.getByRole('table', { name: 'Its parts' }).waitFor()
    expect(performance.now() - start).toBeLessThan(10_000)
    await page.getByRole('region', { name: 'Largest files' }).getByRole('button').nth(4).waitFor()
  })
})

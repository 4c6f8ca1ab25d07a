import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { addToArchive } from '../../../src-main/archive/add'
import { createArchive } from '../../../src-main/archive/create'
import { footerLength } from '../../../src-main/format/footer'
import { readableFiles } from '../../support/archive-state'
import { craftArchive } from '../../support/crafted-archive'
import { Random } from '../../support/random'
import { temporaryFolder } from '../../support/temporary'
import { filesBelow, project, prose, writeFiles } from './sample-files'
import { hasBrowser, inBrowser, windows } from './served-window'

describe.skipIf(!hasBrowser)(`a damaged archive${inBrowser}`, () => {
  const openWindow = windows()

  test('damage is found by Verify, told with a next step, and what is whole can be saved and taken out', async () => {
    const home = temporaryFolder()
    const archive = join(home, 'hurt.lmz')
    const random = new Random(5)
    const [one, other] = [random.bytes(4000), random.bytes(4000)]
    const { bytes, positions } = craftArchive({
      blocks: [{ files: { 'whole.bin': one } }, { files: { 'lost.bin': other } }],
    })
    bytes.fill(0x55, (positions[1] ?? 0) + 164, (positions[1] ?? 0) + 264)
    writeFileSync(archive, bytes)
    mkdirSync(join(home, 'out'))
    const window = await openWindow({ home, paths: [archive] })
    const { page, dialog, jobs } = window
    await window.row('lost.bin').click()
    await page.getByText('This file cannot be shown').waitFor()
    // Known from then on, and not only once it is verified.
    await window.row('lost.bin').getByText('Damaged').waitFor()
    await page.locator('footer').getByText('Damaged').waitFor()
    expect(await window.row('whole.bin').innerText()).not.toContain('Damaged')

    // What would have to read it all is refused, and says what to do instead.
    await window.choose('More', 'Compact')
    await window.told(/^hurt\.lmz was not compacted/)
    await jobs.getByRole('button', { name: 'Details', exact: true }).click()
    await jobs.getByText('The archive is damaged').first().waitFor()
    await jobs.getByText(/rescue what is left into a new one/).waitFor()
    await page.keyboard.press('Control+j')
    expect(readFileSync(archive)).toEqual(bytes)

    await window.choose('More', 'Verify')
    const banner = page.getByRole('alert').filter({ hasText: '1 file is damaged' })
    await banner.getByText(/Everything else can be extracted as always/).waitFor()
    await window.row('whole.bin').click()
    await page.keyboard.press('Control+e')
    await window.pick(join(home, 'out'), 'folder')
    await window.told(/^Extracted 1 file, 4\.00 kB/)
    expect(filesBelow(join(home, 'out'))).toEqual({ 'whole.bin': one })

    await banner.getByRole('button', { name: 'Save what is whole…' }).click()
    expect(await dialog.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('hurt-salvaged.lmz')
    await dialog.getByRole('button', { name: 'Save here' }).click()
    await window.told(/^Rescued 1 file into hurt-salvaged\.lmz/)
    const { whole, lost } = await readableFiles(join(home, 'hurt-salvaged.lmz'))
    expect(lost).toEqual([])
    expect(Object.keys(whole).some((name) => name.endsWith('whole.bin'))).toBe(true)
    expect(readFileSync(archive)).toEqual(bytes)
    // The new archive is opened, is whole, and has no marks.
    await window.button('Open').click()
    await expect.poll(() => page.title()).toBe('hurt-salvaged.lmz – lmz')
    await window.row('whole.bin').waitFor()
    await page.locator('footer').getByText('Healthy').waitFor()
    expect(await page.locator('.banner').count()).toBe(0)
  })

  test('a file found damaged is marked with the folders above it, and stays so when other things change', async () => {
    const home = temporaryFolder()
    const archive = join(home, 'part.lmz')
    writeFiles(home, { 'whole.txt': 'w'.repeat(3000), 'docs/old/torn.txt': prose(40_000), 'docs/note.txt': 'a note' })
    await createArchive(archive, [join(home, 'whole.txt')], { preset: 'fast' })
    const start = readFileSync(archive).length
    await addToArchive(archive, [join(home, 'docs')])
    const bytes = readFileSync(archive)
    bytes.fill(0x55, start + 200, start + 400)
    writeFileSync(archive, bytes)
    mkdirSync(join(home, 'out'))
    const window = await openWindow({ home, paths: [archive] })
    const { page, dialog } = window
    await window.row('docs').dblclick()
    await window.row('old').click()
    await page.keyboard.press('Control+e')
    await window.pick(join(home, 'out'), 'folder')
    await window.told(/1 problem/)
    await window.row('old').getByText('Damage inside').waitFor()
    await window.row('old').dblclick()
    await window.row('torn.txt').getByText('Damaged', { exact: true }).waitFor()
    await page.keyboard.press('Alt+ArrowUp')
    await page.keyboard.press('Alt+ArrowUp')
    await window.row('docs').getByText('Damage inside').waitFor()

    await page.keyboard.press('F2')
    await dialog.getByRole('textbox', { name: 'New name' }).fill('papers')
    await page.keyboard.press('Enter')
    await window.row('papers').getByText('Damage inside').waitFor()
    // Taken from where it still is, it may be whole.
    writeFiles(home, { 'papers/old/torn.txt': 'mended', 'papers/note.txt': 'a note' })
    await window.drop(join(home, 'papers'))
    await window.told(/^Added to part\.lmz/)
    await window.row('papers').getByText('Damage inside').waitFor({ state: 'detached' })
    await window.choose('More', 'Verify')
    await window.told(/^part\.lmz is healthy/)
    await page.locator('footer').getByText('Verified').waitFor()
  })

  test('of an archive whose newest state is lost, an earlier one is shown; it can be verified and saved', async () => {
    const home = temporaryFolder()
    const archive = join(home, 'older.lmz')
    writeFiles(home, { 'first.txt': prose(5000), 'second.txt': prose(5000, 2) })
    await createArchive(archive, [join(home, 'first.txt')], { preset: 'fast' })
    await addToArchive(archive, [join(home, 'second.txt')])
    const bytes = readFileSync(archive)
    // The list of files of the second state ends where its footer begins.
    bytes.fill(0x55, bytes.length - footerLength - 300, bytes.length - footerLength - 200)
    writeFileSync(archive, bytes)
    const window = await openWindow({ home, paths: [archive] })
    const { page, dialog } = window
    await expect.poll(() => window.names()).toEqual(['first.txt'])
    const banner = page.getByRole('status').filter({ hasText: 'The newest state of this archive cannot be read' })
    await banner.getByText('You see an earlier or partial state.', { exact: false }).waitFor()
    await page.locator('footer').getByText('Earlier state').waitFor()
    await window.row('first.txt').click()
    await window.preview.locator('pre').waitFor()

    await banner.getByRole('button', { name: 'Verify' }).click()
    await window.told(/^older\.lmz is healthy: 1 file checked/)
    // Nothing is written behind what cannot be read.
    await page.keyboard.press('F2')
    await dialog.getByRole('textbox', { name: 'New name' }).fill('other.txt')
    await page.keyboard.press('Enter')
    await window.told(/^Nothing was renamed in older\.lmz/)
    expect(readFileSync(archive)).toEqual(bytes)

    await banner.getByRole('button', { name: 'Save what is whole…' }).click()
    await dialog.getByRole('button', { name: 'Save here' }).click()
    await window.told(/^Rescued \d+ files? into older-salvaged\.lmz/)
    const { whole, lost } = await readableFiles(join(home, 'older-salvaged.lmz'))
    expect(lost).toEqual([])
    expect(Object.keys(whole).some((name) => name.endsWith('first.txt'))).toBe(true)
    expect(readFileSync(archive)).toEqual(bytes)
    await banner.getByRole('button', { name: 'Dismiss' }).click()
    await banner.waitFor({ state: 'detached' })
  })

  test('an archive that was cut off opens with what can be seen, or says what can be done', async () => {
    const home = temporaryFolder()
    const source = writeFiles(join(home, 'source'), project())
    const archive = join(home, 'cut.lmz')
    await createArchive(archive, [source], { preset: 'fast' })
    const bytes = readFileSync(archive)
    writeFileSync(archive, bytes.subarray(0, bytes.length - 40))
    const window = await openWindow({ home, paths: [archive] })
    const { page } = window
    const banner = page.locator('.banner')
    await banner.first().waitFor()
    await banner.getByRole('button', { name: 'Save what is whole…' }).first().click()
    await window.dialog.getByRole('button', { name: 'Save here' }).click()
    await window.told(/^Rescued \d+ files into cut-salvaged\.lmz/)
    const { lost } = await readableFiles(join(home, 'cut-salvaged.lmz'))
    expect(lost).toEqual([])
  })
})

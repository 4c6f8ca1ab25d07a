import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { addToArchive } from '../../../src-main/archive/add'
import { createArchive } from '../../../src-main/archive/create'
import { footerLength } from '../../../src-main/format/footer'
import { readableFiles } from '../../support/archive-state'
import { craftArchive } from '../../support/crafted-archive'
import { Random } from '../../support/random'
import { temporaryFolder } from '../../support/temporary'
import { filesBelow, picture, project, prose, writeFiles } from './sample-files'
import { hasBrowser, inBrowser, windows } from './served-window'

/** A disk of one megabyte; undefined where none can be had. */
function tinyDisk(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined
  const folder = temporaryFolder()
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  onTestFinished(() => void execFileSync('umount', ['-l', folder]))
  return folder
}

describe.skipIf(!hasBrowser)(`trouble${inBrowser}`, () => {
  const openWindow = windows()

  test('a file that is no archive is named as such, with a way on and a way back', async () => {
    const window = await openWindow()
    const { page, home } = window
    writeFileSync(join(home, 'picture.lmz'), picture(4, 4))
    await window.openArchive(join(home, 'picture.lmz'))
    const banner = page.getByRole('alert')
    await banner.getByText('This is no lmz archive').waitFor()
    await banner.getByText(/it may be damaged at its start/).waitFor()
    await page.getByRole('button', { name: /^Close( the archive)?$/ }).click()
    await page.getByText('Drop files or folders here').waitFor()
    await window.button('Open picture.lmz').click()
    await banner.getByText('This is no lmz archive').waitFor()
    await createArchive(join(home, 'whole.lmz'), [join(home, 'picture.lmz')], { preset: 'fast' })
    renameSync(join(home, 'whole.lmz'), join(home, 'picture.lmz'))
    await window.button('Try again').click()
    await window.row('picture.lmz').waitFor()
  })

  test('an archive that is gone is missed, and shown once it is back', async () => {
    const window = await openWindow()
    const { page, home } = window
    const archive = join(home, 'gone.lmz')
    writeFiles(home, { 'a.txt': 'a' })
    await createArchive(archive, [join(home, 'a.txt')], { preset: 'fast' })
    await window.openArchive(archive)
    await window.row('a.txt').waitFor()
    await window.choose('More', 'Close the archive')
    renameSync(archive, join(home, 'elsewhere.lmz'))
    await page.reload()
    const recent = page.getByRole('listitem').filter({ hasText: 'gone.lmz' })
    await recent.getByText('Not found').waitFor()
    await window.button('Open gone.lmz').click()
    await page.getByRole('alert').getByText('The archive is not there any more').waitFor()
    renameSync(join(home, 'elsewhere.lmz'), archive)
    await window.button('Try again').click()
    await window.row('a.txt').waitFor()
  })

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

  test('a full disk fails the job with the reason, and nothing unfinished is left on it', async ({ skip }) => {
    const disk = tinyDisk()
    if (disk === undefined) return skip('needs root on Linux, to mount a disk of one megabyte')
    const window = await openWindow({ settings: { preset: 'fast' } })
    const { home, page, dialog, jobs } = window
    writeFiles(home, { 'in/noise.bin': new Random(3).bytes(3_000_000) })
    await window.button('New archive…').click()
    await window.pick(join(home, 'in'))
    await dialog.getByRole('textbox', { name: 'Folder' }).fill(disk)
    await dialog.getByRole('button', { name: 'Create archive' }).click()
    await window.told(/^in\.lmz was not made/)
    await jobs.getByRole('button', { name: 'Details', exact: true }).click()
    await jobs.getByText('The disk is full').first().waitFor()
    await jobs.getByText(/Free some space or choose another place/).waitFor()
    expect(readdirSync(disk)).toEqual([])

    // Extracting to it likewise.
    await createArchive(join(home, 'in.lmz'), [join(home, 'in')], { preset: 'fast' })
    await page.keyboard.press('Control+j')
    await window.openArchive(join(home, 'in.lmz'))
    await window.row('in').waitFor()
    await window.choose('Extract', /^Extract all…/)
    await window.pick(disk, 'folder')
    await window.told(/^Extracting from in\.lmz stopped/)
    expect(readdirSync(disk)).toEqual([])
  })

  test('names made to harm are text and nothing else, wherever they are shown', async () => {
    const names = [
      '<img src=x onerror=alert(1)>',
      '"><svg onload=alert(2)>.txt',
      '{{constructor.constructor("alert(3)")()}}.txt',
      '\u202egnp.exe.txt',
      'שלום עולם.txt',
      'two\nlines\x1b[31m.txt',
      `${'long name '.repeat(20)}.txt`,
      '%2e%2e%2fescape.txt',
    ]
    const home = temporaryFolder()
    const archive = join(home, '<b onclick=alert(4)>.lmz')
    const folder = '<script>alert(5)</script>'.replace('/', '\u2215')
    const files = Object.fromEntries([...names, folder].map((name) => [name, Buffer.from(`inside ${name}`)]))
    writeFileSync(archive, craftArchive({ blocks: [{ files }] }).bytes)
    mkdirSync(join(home, 'out'))
    const window = await openWindow({ home, paths: [archive] })
    const { page, dialog } = window
    await window.grid.locator('.name').first().waitFor()
    expect(await page.title()).toContain('<b onclick=alert(4)>.lmz')
    const shown = await window.names()
    expect(shown).toHaveLength(names.length + 1)
    expect(shown).toContain('<img src=x onerror=alert(1)>')
    expect(shown).toContain('\\u202egnp.exe.txt')
    expect(shown).toContain('two\\nlines\\x1b[31m.txt')
    // None of them makes the window wider than it is.
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0)
    // What is too long is cut without a gap, and is whole for those who hear it.
    const long = window.row(names[6] ?? '').locator('.first .name')
    for (const width of [900, 904, 908, 912, 916]) {
      await page.setViewportSize({ width, height: 700 })
      await expect.poll(() => long.locator('.start').innerText()).toMatch(/\S…$/)
      const [start, end] = await Promise.all(['.start', '.end'].map((part) => long.locator(part).boundingBox()))
      expect(end!.x - start!.x - start!.width).toBeLessThan(0.5)
    }
    expect(await long.locator('.visually-hidden').textContent()).toBe(names[6])
    await page.setViewportSize({ width: 1280, height: 800 })
    // In every place that shows names: preview, treemap, search, questions, jobs.
    for (const name of shown) {
      await window.row(name ?? '').click()
      await page
        .getByRole('region', { name: 'Preview' })
        .getByText(/^inside/)
        .first()
        .waitFor()
    }
    await window.button('Treemap').click()
    await page.getByRole('button', { name: /^<img src=x onerror=alert\(1\)>/ }).waitFor()
    await window.button('List').click()
    await page.keyboard.press('Control+f')
    await page.keyboard.type('<img src=x')
    await expect.poll(() => window.names()).toEqual(['<img src=x onerror=alert(1)>'])
    await page.keyboard.press('Escape')
    await expect.poll(() => window.names()).toEqual(shown)
    await window.row('<img src=x onerror=alert(1)>').click()
    await page.keyboard.press('F2')
    await dialog.getByRole('textbox', { name: 'New name' }).waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await page.keyboard.press('Delete')
    await dialog.getByText('<img src=x onerror=alert(1)>').waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await window.choose('Extract', /^Extract all…/)
    await window.pick(join(home, 'out'), 'folder')
    await window.told(/^Extracted \d files/)
    await page.keyboard.press('Control+j')
    await window.choose('More', 'Close the archive')
    await window.button('Open <b onclick=alert(4)>.lmz').waitFor()
    const elements = await page.evaluate(() => document.querySelectorAll('img, script:not([src]), b, iframe').length)
    expect(elements).toBe(0)
    expect(existsSync(join(home, 'escape.txt'))).toBe(false)
  })

  test('a folder that may not be written to says so', async ({ skip }) => {
    if (process.getuid?.() === 0 || process.platform === 'win32') return skip('root may write anywhere')
    const window = await openWindow({ settings: { preset: 'fast' } })
    const { home, dialog } = window
    writeFiles(home, { 'in/a.txt': 'a', 'closed/b.txt': 'b' })
    chmodSync(join(home, 'closed'), 0o500)
    onTestFinished(() => chmodSync(join(home, 'closed'), 0o700))
    await window.button('New archive…').click()
    await window.pick(join(home, 'in'))
    await dialog.getByRole('textbox', { name: 'Folder' }).fill(join(home, 'closed'))
    await dialog.getByRole('button', { name: 'Create archive' }).click()
    await window.told(/^in\.lmz was not made/)
  })
})

import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createArchive } from '../../../src-main/archive/create'
import { craftArchive } from '../../support/crafted-archive'
import { Random } from '../../support/random'
import { temporaryFolder } from '../../support/temporary'
import { picture, writeFiles } from './sample-files'
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

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createArchive } from '../../../src-main/archive/create'
import { Random } from '../../support/random'
import { temporaryFolder } from '../../support/temporary'
import { hasBrowser, inBrowser, windows } from './served-window'

/** Where to put pictures of what is tested, to look at; none unless it is set. */
const pictures = process.env['LMZ_PICTURES']

describe.skipIf(!hasBrowser)(`a protected archive${inBrowser}`, () => {
  const openWindow = windows()

  test('is made with a switch, told of when damaged, and repaired to what it was', async () => {
    const home = temporaryFolder()
    const source = join(home, 'photos')
    mkdirSync(source)
    for (let n = 0; n < 4; n++) writeFileSync(join(source, `noise-${n}`), new Random(n).bytes(60_000))
    const window = await openWindow({ home, paths: [source] })
    const { page, dialog } = window
    const shoot = async (name: string): Promise<void> => {
      if (pictures !== undefined) await page.screenshot({ path: join(pictures, `${name}.png`) })
    }
    await dialog.getByRole('heading', { name: 'New archive' }).waitFor()
    await dialog.getByRole('radio', { name: /^Fast/ }).check({ force: true })
    await dialog.getByRole('checkbox', { name: 'Protect against damage' }).check()
    await dialog.getByText(/About 6.* larger/).waitFor()
    await dialog.getByRole('combobox', { name: 'How much' }).selectOption('strong')
    await dialog.getByText(/About 1[23].* larger/).waitFor()
    await shoot('1 new archive')
    await dialog.getByRole('button', { name: 'Create archive' }).click()
    await window.told(/^photos\.lmz is ready/)
    const archive = join(home, 'photos.lmz')
    await window.openArchive(archive)
    await window.row('photos').waitFor()
    await page.keyboard.press('Control+i')
    await dialog.getByText('Protected against damage').waitFor()
    await dialog.getByText('Strong').waitFor()
    await shoot('2 info')
    await page.keyboard.press('Escape')

    const right = readFileSync(archive)
    const damaged = Buffer.from(right)
    damaged.fill(0, 100_000, 104_000)
    writeFileSync(archive, damaged)
    await window.choose('More', 'Verify')
    await window.told(/^photos\.lmz is damaged, but can be repaired/)
    const banner = page.locator('.banner').filter({ hasText: 'This archive is damaged, but can be repaired' })
    await page.locator('footer').getByText('Can be repaired').waitFor()
    await shoot('3 repairable')
    await banner.getByRole('button', { name: 'Write a repaired copy…' }).click()
    expect(await dialog.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('photos-repaired.lmz')
    await dialog.getByRole('button', { name: 'Save here' }).click()
    await window.told(/^Repaired into photos-repaired\.lmz/)
    await shoot('4 repaired')
    expect(readFileSync(join(home, 'photos-repaired.lmz')).equals(right)).toBe(true)
    expect(readFileSync(archive).equals(damaged)).toBe(true)
  })

  test('shows all its files when its start and its end are gone', async () => {
    const home = temporaryFolder()
    const source = join(home, 'photos')
    mkdirSync(source)
    for (let n = 0; n < 4; n++) writeFileSync(join(source, `noise-${n}`), new Random(n).bytes(60_000))
    const archive = join(home, 'photos.lmz')
    await createArchive(archive, [source], { preset: 'fast', protection: 'normal' })
    const damaged = readFileSync(archive)
    damaged.fill(0, 0, 300)
    damaged.fill(0, damaged.length - 2000)
    // A byte more, so that nothing stands at its place.
    writeFileSync(archive, Buffer.concat([Buffer.of(0), damaged]))
    const window = await openWindow({ home, paths: [archive] })
    const { page } = window
    await window.row('photos').dblclick()
    await window.row('noise-3').click()
    await page.locator('.hex .row').first().waitFor()
    const banner = page.locator('.banner').filter({ hasText: 'This archive is damaged, but can be repaired' })
    await banner.getByRole('button', { name: 'Write a repaired copy…' }).waitFor()
    if (pictures !== undefined) await page.screenshot({ path: join(pictures, '5 moved.png') })
  })
})

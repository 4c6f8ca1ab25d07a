import { join } from 'node:path'
import { describe, test } from 'vitest'
import { password } from '../../support/encrypted-archive'
import { writeLargeArchive } from '../../support/large-archive'
import { temporaryFolder } from '../../support/temporary'
import { picturesOf, type Shoot, sizes } from './pictures'
import { sampleHome } from './sample-home'
import { hasBrowser, inBrowser, type ServedWindow, windows } from './served-window'

async function open({ page, dialog, home }: ServedWindow, name: string): Promise<void> {
  await page.keyboard.press('Control+o')
  await dialog.getByRole('option').first().waitFor()
  await dialog.getByRole('textbox', { name: 'Pfad' }).fill(join(home, name))
  await dialog.getByRole('option', { name }).dblclick()
  await dialog.getByRole('listbox').waitFor({ state: 'detached' })
}

/** What is in an archive, what is told of it, and what went wrong. */
async function shootGerman(window: ServedWindow, shoot: Shoot): Promise<void> {
  const { page, dialog } = window
  await shoot('01 start')
  await open(window, 'Project.lmz')
  await window.row('Project').dblclick()
  await window.row('notes.txt').click()
  await page.locator('.pane pre').first().waitFor()
  await shoot('02 archive')
  await window.row('docs').click({ button: 'right' })
  await page.getByRole('menu').waitFor()
  await shoot('03 menu')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+i')
  await dialog.getByText('As handed over in May').waitFor()
  await shoot('04 info')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+,')
  await dialog.getByRole('checkbox').first().waitFor()
  await shoot('05 settings')
  await page.keyboard.press('Escape')
  await page.keyboard.press('?')
  await dialog.waitFor()
  await shoot('06 keys')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Delete')
  await dialog.waitFor()
  await shoot('07 remove')
  await page.keyboard.press('Escape')
  await open(window, 'Older.lmz')
  await page.locator('.banner').first().waitFor()
  await shoot('08 earlier state')
  await open(window, 'Damaged.lmz')
  await window.button('Mehr').click()
  await page.getByRole('menuitem', { name: 'Prüfen' }).click()
  await page.locator('.banner').first().waitFor()
  await page.keyboard.press('Control+j')
  await window.page.getByRole('article').first().waitFor()
  await shoot('09 damaged')
  await page.keyboard.press('Control+j')
  await open(window, 'Not an archive.lmz')
  await page.getByRole('alert').waitFor()
  await shoot('10 no archive')
}

/** Dialogs with fields, which have the longest words. */
async function shootFields(window: ServedWindow, shoot: Shoot): Promise<void> {
  const { page, dialog, home } = window
  await page.keyboard.press('Control+n')
  await dialog.getByRole('option').first().waitFor()
  await dialog.getByRole('textbox', { name: 'Pfad' }).fill(join(home, 'Project'))
  await dialog.getByRole('option').getByText('Project', { exact: true }).waitFor()
  await dialog.locator('footer button').last().click()
  await dialog.getByRole('radio').first().waitFor()
  await dialog.locator('.opens').getByText(/\d/).waitFor()
  await shoot('11 new archive')
  await dialog.locator('.more').click()
  await shoot('12 new archive, more')
  const checkbox = (name: string) => dialog.getByRole('checkbox', { name })
  await checkbox('Vor Schäden schützen').check()
  await checkbox('Mit einem Passwort verschlüsseln').check()
  await dialog.getByLabel('Passwort', { exact: true }).fill('kurz')
  await dialog.getByLabel('Noch einmal').fill('ander')
  await shoot('13 new archive, protected and encrypted')
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await open(window, 'Secret.lmz')
  await dialog.getByLabel('Passwort').fill('falsch')
  await dialog.locator('footer button').last().click()
  await dialog.locator('[aria-invalid="true"]').waitFor()
  await shoot('14 locked')
  await dialog.getByLabel('Passwort').fill(password)
  await dialog.locator('footer button').last().click()
  await window.row('Project').waitFor()
  await window.choose('Mehr', 'Passwörter')
  await dialog.getByRole('radio').first().waitFor()
  await shoot('15 passwords, change')
  await dialog.getByRole('radio').nth(1).check()
  await shoot('16 passwords, add')
  await page.keyboard.press('Escape')
}

describe.skipIf(!hasBrowser)(`screenshots in German${inBrowser}`, () => {
  const openWindow = windows()
  const pictures = picturesOf('german')
  const looks = [
    { name: 'light', colorScheme: 'light', forcedColors: 'none' },
    { name: 'dark', colorScheme: 'dark', forcedColors: 'none' },
    { name: 'forced', colorScheme: 'light', forcedColors: 'active' },
  ] as const

  for (const { name, ...look } of looks) {
    test(`${name}, ${sizes[0].width}`, async () => {
      const settings = { language: 'de' }
      const window = await openWindow({ home: await sampleHome(), viewport: sizes[0], settings, ...look })
      const shoot = pictures(window, name)
      await shootGerman(window, shoot)
      await shootFields(window, shoot)
    })
  }

  test('100,000 entries, in German', async () => {
    const home = temporaryFolder()
    const archive = join(home, 'Viele.lmz')
    await writeLargeArchive(archive, { files: 100_000, filesInFolder: 100_000 })
    const window = await openWindow({ home, paths: [archive], settings: { language: 'de' } })
    await window.row('Part 1').dblclick()
    await window.row('folder-0').dblclick()
    await window.page.locator('footer').getByText('100.000 Einträge').waitFor()
    await window.grid.evaluate((grid) => (grid.scrollTop = 1_000_000))
    await window.grid.locator('.row .name').first().waitFor()
    const shoot = pictures(window, 'many')
    await shoot('list')
    await window.page.locator('.views button').nth(1).click()
    await window.page.locator('[data-tile]').first().waitFor()
    await shoot('treemap')
  })
})

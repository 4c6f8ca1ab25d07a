import { join } from 'node:path'
import { describe, test } from 'vitest'
import { password } from '../../support/encrypted-archive'
import { picturesOf, type Shoot, sizes } from './pictures'
import { longName, sampleHome } from './sample-home'
import { hasBrowser, inBrowser, type ServedWindow, windows } from './served-window'

async function escape({ page, dialog }: ServedWindow): Promise<void> {
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
}

/** What is in an archive, as a list and as tiles. */
async function shootBrowsing(window: ServedWindow, shoot: Shoot): Promise<void> {
  const { page, home } = window
  await page.getByText('Drop files or folders here').waitFor()
  await shoot('01 start, nothing yet')
  await window.openArchive(join(home, 'Project.lmz'))
  await window.row('Project').dblclick()
  await window.row('notes.txt').waitFor()
  await shoot('02 archive')
  await window.row('notes.txt').click()
  await page.locator('.pane pre').first().waitFor()
  await shoot('03 text')
  await window.row('logo.png').click()
  await page.getByRole('img', { name: 'logo.png' }).waitFor()
  await shoot('04 picture')
  await window.row('data.bin').click()
  await page.locator('.hex .row').first().waitFor()
  await shoot('05 bytes')
  await page.keyboard.press('Control+a')
  await shoot('06 all selected')
  await window.row('docs').click({ button: 'right' })
  await page.getByRole('menu').waitFor()
  await shoot('07 menu')
  await page.keyboard.press('Escape')
  await page.keyboard.press('/')
  await page.keyboard.type('ma')
  await window.row('summary.md').waitFor()
  await shoot('08 search')
  await page.keyboard.press('Escape')
  await window.button('Treemap').click()
  await page.locator('[data-tile]').first().waitFor()
  await shoot('09 treemap')
  await window.button('List').click()
}

/** What is asked and told about an archive and its entries. */
async function shootDialogs(window: ServedWindow, shoot: Shoot): Promise<void> {
  const { page, dialog, home } = window
  await page.keyboard.press('Control+i')
  await dialog.getByText('As handed over in May').waitFor()
  await shoot('10 info')
  await escape(window)
  await window.row('notes.txt').click()
  await page.keyboard.press('F2')
  await shoot('11 rename')
  await escape(window)
  await page.keyboard.press('Delete')
  await dialog.getByText('Remove this item?').waitFor()
  await shoot('12 remove')
  await escape(window)
  await page.keyboard.press('Control+e')
  await dialog.getByRole('option', { name: 'out' }).waitFor()
  await shoot('13 picker')
  await window.pick(join(home, 'out'), 'folder')
  await dialog.getByText('This file is already there').waitFor()
  await shoot('14 overwrite')
  await dialog.getByRole('checkbox').check()
  await dialog.getByRole('button', { name: 'Skip' }).click()
  await window.told(/^Nothing to extract/)
  await shoot('15 extracted')
  await page.keyboard.press('?')
  await dialog.getByText('Keyboard shortcuts').waitFor()
  await shoot('16 keys')
  await escape(window)
  await page.keyboard.press('Control+,')
  await dialog.getByRole('combobox', { name: 'Language' }).waitFor()
  await shoot('17 settings')
  await escape(window)
  await window.choose('More', 'Close the archive')
}

/** What is damaged, no archive, or has names that fit nowhere. */
async function shootTroubles(window: ServedWindow, shoot: Shoot): Promise<void> {
  const { page, home } = window
  await window.openArchive(join(home, 'Damaged.lmz'))
  await window.row('photo.raw').click()
  await page.getByText('This file cannot be shown').waitFor()
  await window.choose('More', 'Verify')
  await page.getByText('1 file is damaged').first().waitFor()
  await shoot('18 damaged')
  await window.choose('More', 'Close the archive')
  await window.openArchive(join(home, 'Not an archive.lmz'))
  await page.getByRole('alert').waitFor()
  await shoot('19 no archive')
  await window.button('Close the archive').click()
  await window.openArchive(join(home, longName))
  await window.row('<img src=x onerror=alert(1)>').click()
  await page.locator('.pane pre').first().waitFor()
  await shoot('20 long names')
  await window.choose('More', 'Close the archive')
}

/** From choosing files to the job that packs them. */
async function shootNewArchive(window: ServedWindow, shoot: Shoot): Promise<void> {
  const { page, dialog, home } = window
  await shoot('21 start, with recent archives')
  await page.keyboard.press('Control+n')
  await window.pick(join(home, 'Project'))
  await dialog.getByText(/One file opens in about/).waitFor()
  await shoot('22 new archive')
  await dialog.getByRole('button', { name: /^More/ }).click()
  await shoot('23 new archive, more')
  await dialog.getByRole('checkbox', { name: 'Protect against damage' }).check()
  await dialog.getByRole('checkbox', { name: 'Encrypt with a password' }).check()
  await dialog.getByLabel('Password', { exact: true }).fill('short')
  await dialog.getByLabel('Once more').fill('other')
  await shoot('23 new archive, protected and encrypted')
  await dialog.getByRole('checkbox', { name: 'Protect against damage' }).uncheck()
  await dialog.getByRole('checkbox', { name: 'Encrypt with a password' }).uncheck()
  await dialog.getByRole('radio', { name: 'Maximum' }).check()
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Packed')
  await dialog.getByRole('button', { name: 'Create archive' }).click()
  await window.jobs.getByRole('progressbar').waitFor()
  await shoot('24 job strip')
  await page.keyboard.press('Control+j')
  await window.jobs.getByRole('article').first().waitFor()
  await shoot('25 jobs sheet')
  await page.keyboard.press('Control+j')
}

/** Opening what is locked, changing its passwords, and the end of lmz. */
async function shootPasswords(window: ServedWindow, shoot: Shoot): Promise<void> {
  const { page, dialog, home } = window
  await window.openArchive(join(home, 'Secret.lmz'))
  await dialog.getByLabel('Password').fill('wrong')
  await dialog.getByRole('button', { name: 'Open' }).click()
  await dialog.getByText('That is not the password').waitFor()
  await shoot('26 locked')
  await dialog.getByLabel('Password').fill(password)
  await dialog.getByRole('button', { name: 'Open' }).click()
  await window.row('Project').waitFor()
  await shoot('27 unlocked')
  await window.choose('More', 'Passwords…')
  await dialog.getByLabel('New password').fill('short')
  await shoot('28 passwords, change')
  await dialog.getByRole('radio', { name: 'Add another' }).check()
  await dialog.getByLabel('Password to add').fill('another one of five words')
  await dialog.getByLabel('Once more').fill('another one of five words')
  await shoot('29 passwords, add')
  await dialog.getByRole('button', { name: 'Add password' }).click()
  await window.told(/opens with the added password/)
  await window.choose('More', 'Passwords…')
  await dialog.getByRole('radio', { name: 'Remove one' }).check()
  await dialog.getByLabel('Password to remove').fill('wrong')
  await dialog.getByRole('button', { name: 'Remove password' }).click()
  await dialog.getByText('That is none of its passwords').waitFor()
  await shoot('30 passwords, remove')
  await escape(window)
  await window.stopServer()
  window.expected.push(/ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET/)
  await page.getByText('lmz has ended').waitFor()
  await shoot('31 ended')
}

describe.skipIf(!hasBrowser)(`screenshots of archives${inBrowser}`, () => {
  const openWindow = windows()
  const pictures = picturesOf('archives')

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const viewport of sizes) {
      test(`${colorScheme}, ${viewport.width} x ${viewport.height}`, async () => {
        const window = await openWindow({ home: await sampleHome(), colorScheme, viewport })
        const shoot = pictures(window, `${colorScheme} ${viewport.width}`)
        await shootBrowsing(window, shoot)
        await shootDialogs(window, shoot)
        await shootTroubles(window, shoot)
        await shootNewArchive(window, shoot)
        await shootPasswords(window, shoot)
      })
    }
  }
})

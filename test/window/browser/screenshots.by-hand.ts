import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, test } from 'vitest'
import { addToArchive } from '../../../src-main/archive/add'
import { createArchive } from '../../../src-main/archive/create'
import { footerLength } from '../../../src-main/format/footer'
import { password, stretchCost } from '../../support/encrypted-archive'
import { craftArchive } from '../../support/crafted-archive'
import { sampleWeights } from '../../support/sample-weights'
import { writeLargeArchive } from '../../support/large-archive'
import { temporaryFolder } from '../../support/temporary'
import { picture, project, prose, writeFiles } from './sample-files'
import { hasBrowser, inBrowser, type ServedWindow, windows } from './served-window'

const folder = resolve(import.meta.dirname, '../../../out/screenshots')
const sizes = [
  { width: 800, height: 600 },
  { width: 1280, height: 800 },
]

/** A home as somebody has it who works with archives: a project, a damaged one, one with long names. */
async function makeHome(): Promise<string> {
  const home = temporaryFolder()
  const source = writeFiles(join(home, 'Project'), {
    ...project(),
    'logo.png': picture(320, 200),
    'reports/2024/summary.md': prose(9000, 4),
    'reports/2025/draft.md': prose(70_000, 5),
    'reports/2025/tables.csv': Array.from({ length: 900 }, (_, at) => `${at},${(at * 7919) % 1000},open\n`).join(''),
  })
  await createArchive(join(home, 'Project.lmz'), [source], { preset: 'balanced', comment: 'As handed over in May' })
  writeFiles(home, { 'later/more.txt': prose(5000, 9) })
  await addToArchive(join(home, 'Project.lmz'), [join(home, 'later')])
  const { bytes } = craftArchive({
    blocks: [
      { files: { 'letter.txt': Buffer.from(prose(2000)), 'plan.txt': Buffer.from(prose(900, 2)) } },
      { files: { 'photo.raw': Buffer.alloc(6000, 'photo') }, stored: Buffer.alloc(6000) },
    ],
  })
  writeFileSync(join(home, 'Damaged.lmz'), bytes)
  writeFileSync(join(home, 'Not an archive.lmz'), picture(4, 4))
  await createArchive(join(home, 'Secret.lmz'), [source], { preset: 'fast', password, stretchCost })
  await createArchive(join(home, 'Older.lmz'), [source], { preset: 'fast' })
  await addToArchive(join(home, 'Older.lmz'), [join(home, 'later')])
  const older = readFileSync(join(home, 'Older.lmz'))
  // The list of files of the newest state.
  older.fill(0x55, older.length - footerLength - 300, older.length - footerLength - 200)
  writeFileSync(join(home, 'Older.lmz'), older)
  const names = [
    '<img src=x onerror=alert(1)>',
    'שלום עולם – תמונות מהחופשה.jpeg',
    '\u202egnp.exe.txt',
    `${'A very long name that goes on and on '.repeat(5)}.pdf`,
    '日本語のとても長い名前のファイル、これは一覧に収まりきらないはずです、もっと長く長く長く長く.txt',
    'tab\tand\nnewline.txt',
    'no-break-anywhere-'.repeat(10),
  ]
  const files = Object.fromEntries(names.map((name) => [name, Buffer.from(prose(300))]))
  writeFileSync(join(home, `${'Long archive name '.repeat(8)}.lmz`), craftArchive({ blocks: [{ files }] }).bytes)
  writeFiles(home, { 'out/notes.txt': 'there already' })
  return home
}

async function shootAll(window: ServedWindow, prefix: string): Promise<void> {
  const { page, dialog, home } = window
  const shoot = (name: string) => page.screenshot({ path: join(folder, `${prefix} ${name}.png`) })
  const escape = async (): Promise<void> => {
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
  }
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
  await page.keyboard.press('Control+i')
  await dialog.getByText('As handed over in May').waitFor()
  await shoot('10 info')
  await escape()
  await window.row('notes.txt').click()
  await page.keyboard.press('F2')
  await shoot('11 rename')
  await escape()
  await page.keyboard.press('Delete')
  await dialog.getByText('Remove this item?').waitFor()
  await shoot('12 remove')
  await escape()
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
  await escape()
  await page.keyboard.press('Control+,')
  await dialog.getByRole('combobox', { name: 'Language' }).waitFor()
  await shoot('17 settings')
  await escape()
  await window.choose('More', 'Close the archive')
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
  await window.openArchive(join(home, `${'Long archive name '.repeat(8)}.lmz`))
  await window.row('<img src=x onerror=alert(1)>').click()
  await page.locator('.pane pre').first().waitFor()
  await shoot('20 long names')
  await window.choose('More', 'Close the archive')
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
  await escape()
  await window.stopServer()
  window.expected.push(/ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET/)
  await page.getByText('lmz has ended').waitFor()
  await shoot('31 ended')
}

/** In German, what has the longest words, and what went wrong; here and there with forced colours. */
async function shootGerman(window: ServedWindow, prefix: string): Promise<void> {
  const { page, dialog, home } = window
  const shoot = (name: string) => page.screenshot({ path: join(folder, `${prefix} ${name}.png`) })
  const open = async (name: string): Promise<void> => {
    await page.keyboard.press('Control+o')
    await dialog.getByRole('option').first().waitFor()
    await dialog.getByRole('textbox', { name: 'Pfad' }).fill(join(home, name))
    await dialog.getByRole('option', { name }).dblclick()
    await dialog.waitFor({ state: 'detached' })
  }
  await shoot('01 start')
  await open('Project.lmz')
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
  await open('Older.lmz')
  await page.locator('.banner').first().waitFor()
  await shoot('08 earlier state')
  await open('Damaged.lmz')
  await window.button('Mehr').click()
  await page.getByRole('menuitem', { name: 'Prüfen' }).click()
  await page.locator('.banner').first().waitFor()
  await page.keyboard.press('Control+j')
  await window.page.getByRole('article').first().waitFor()
  await shoot('09 damaged')
  await page.keyboard.press('Control+j')
  await open('Not an archive.lmz')
  await page.getByRole('alert').waitFor()
  await shoot('10 no archive')
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
}

/** What an archive's bytes are spent on, what single bytes cost, and what tensors are like. */
async function shootInsight(window: ServedWindow, prefix: string): Promise<void> {
  const { page } = window
  const shoot = (name: string) => page.screenshot({ path: join(folder, `${prefix} ${name}.png`) })
  const view = page.getByRole('region', { name: 'Insight' })
  await window.button('Insight').click()
  await view.getByRole('table').first().waitFor()
  await shoot('insight 1')
  await view.getByRole('heading', { name: 'Where the data is' }).scrollIntoViewIfNeeded()
  await view.evaluate((element) => element.scrollBy(0, element.clientHeight * 0.8))
  await shoot('insight 2')
  await view.getByRole('button', { name: 'Compare the models' }).click()
  await view
    .getByText(/of \d+$/)
    .first()
    .waitFor()
  await shoot('insight 3, comparing')
  await view.getByRole('button', { name: 'Once more' }).waitFor({ timeout: 240_000 })
  await view.getByRole('button', { name: 'Try block sizes' }).click()
  await view.getByRole('button', { name: 'Once more' }).nth(1).waitFor({ timeout: 240_000 })
  await view.evaluate((element) => element.scrollTo(0, element.scrollHeight))
  await shoot('insight 4, tried out')
  await window.button('List').click()
  await window.row('Project').dblclick()
  await window.row('readme.md').click()
  await page.locator('.pane pre').first().waitFor()
  await window.button('Surprise').click()
  await page.getByText(/^In sight/).waitFor({ timeout: 120_000 })
  await page.locator('.pane .file-text').focus()
  for (let step = 0; step < 12; step++) await page.keyboard.press('ArrowRight')
  await page.getByText('What was expected here').waitFor({ timeout: 60_000 })
  await shoot('surprise 1, text')
  await page.keyboard.press('Escape')
  await window.row('notes.txt').click()
  await page.getByText(/^In sight/).waitFor({ timeout: 120_000 })
  await page
    .locator('.pane')
    .getByRole('separator')
    .or(page.getByRole('separator', { name: 'Height of the preview' }))
    .focus()
  for (let step = 0; step < 12; step++) await page.keyboard.press('ArrowUp')
  await page.getByText(/^In sight/).waitFor({ timeout: 120_000 })
  await page.waitForTimeout(500)
  await shoot('surprise 2, prose')
  await window.row('data.bin').click()
  await page.getByText(/^In sight/).waitFor({ timeout: 120_000 })
  await page.locator('.pane .hex').focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowRight')
  await page.getByText('What was expected here').waitFor({ timeout: 60_000 })
  await shoot('surprise 3, bytes')
  await page.keyboard.press('Escape')
  await window.button('Surprise').click()
  await window.row('model.safetensors').click()
  const tensors = page.getByRole('grid', { name: 'Tensors of model.safetensors' })
  // In a narrow window, the values stand among the details alone.
  await tensors.locator('.values svg').first().waitFor({ state: 'attached' })
  await shoot('tensors 1')
  await tensors.locator('.row').nth(2).click()
  await page.getByRole('button', { name: 'Compute' }).click()
  await page.getByText(/of 256$/).waitFor()
  await shoot('tensors 2, details')
}

describe.skipIf(!hasBrowser)(`screenshots${inBrowser}`, () => {
  const openWindow = windows()
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const viewport of sizes) {
      test(`${colorScheme}, ${viewport.width} x ${viewport.height}`, async () => {
        const window = await openWindow({ home: await makeHome(), colorScheme, viewport })
        await shootAll(window, `${colorScheme} ${viewport.width}`)
      })
    }
  }

  for (const forcedColors of ['none', 'active'] as const) {
    test(`insight in German, forced colours: ${forcedColors}`, async () => {
      const home = temporaryFolder()
      const source = writeFiles(join(home, 'Projekt'), { ...project(), 'model.safetensors': sampleWeights(12, 128) })
      const archive = join(home, 'Projekt.lmz')
      await createArchive(archive, [source], { preset: 'balanced', blockSize: 64 * 1024, protection: 'normal' })
      const options = { viewport: sizes[0] ?? null, forcedColors, settings: { language: 'de' } } as const
      const window = await openWindow({ home, paths: [archive], ...options })
      const { page } = window
      const shoot = (name: string) =>
        page.screenshot({ path: join(folder, `${forcedColors === 'active' ? 'forced' : 'german'} ${name}.png`) })
      await window.row('Projekt').dblclick()
      await window.row('model.safetensors').click()
      await page.locator('.tensors [role="grid"]').press('ArrowDown')
      await page.locator('.tensors [role="grid"]').press('Enter')
      await page.locator('.tensors figure').first().waitFor()
      await shoot('tensors, details')
      await window.row('notes.txt').click()
      await window.button('Überraschung').click()
      await page.getByText(/^Zu sehen/).waitFor()
      await page.locator('.pane :is(.file-text, .hex)').press('ArrowRight')
      await page.locator('.tip table').waitFor()
      await shoot('surprise')
      await page.keyboard.press('Escape')
      await window.button('Einblick').click()
      await page.getByRole('table').first().waitFor()
      await page.getByRole('checkbox').check()
      await shoot('insight, with models')
      await page.locator('.insight').evaluate((element) => element.scrollTo(0, 700))
      await shoot('insight, lists')
    })
  }

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const viewport of sizes) {
      test(`insight, ${colorScheme}, ${viewport.width}`, { timeout: 600_000 }, async () => {
        const home = temporaryFolder()
        const source = writeFiles(join(home, 'Project'), {
          ...project(),
          'model.safetensors': sampleWeights(12, 256),
          'readme.md': readFileSync(resolve(import.meta.dirname, '../../../docs/architecture.md')),
          'reports/2025/draft.md': prose(70_000, 5),
          'reports/2025/tables.csv': Array.from({ length: 900 }, (_, at) => `${at},${(at * 7919) % 1000},open\n`).join(
            '',
          ),
        })
        const archive = join(home, 'Project.lmz')
        await createArchive(archive, [source], { preset: 'max', blockSize: 64 * 1024, protection: 'normal' })
        const window = await openWindow({ home, paths: [archive], colorScheme, viewport })
        await window.row('Project').waitFor()
        await shootInsight(window, `${colorScheme} ${viewport.width}`)
      })
    }
  }

  for (const forcedColors of ['none', 'active'] as const) {
    test(`German, forced colours: ${forcedColors}`, async () => {
      const options = { viewport: sizes[0] ?? null, forcedColors, settings: { language: 'de' } } as const
      const window = await openWindow({ home: await makeHome(), ...options })
      await shootGerman(window, forcedColors === 'active' ? 'forced' : 'german')
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
    await window.page.screenshot({ path: join(folder, 'many.png') })
    await window.button('Kachelkarte').or(window.page.locator('.views button').nth(1)).first().click()
    await window.page.locator('[data-tile]').first().waitFor()
    await window.page.screenshot({ path: join(folder, 'many, treemap.png') })
  })
})

import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, test } from 'vitest'
import { createArchive } from '../../../src-main/archive/create'
import { sampleWeights } from '../../support/sample-weights'
import { temporaryFolder } from '../../support/temporary'
import { picturesOf, type Shoot, sizes } from './pictures'
import { project, prose, writeFiles } from './sample-files'
import { table } from './sample-home'
import { hasBrowser, inBrowser, type ServedWindow, windows } from './served-window'

/** What an archive's bytes are spent on. */
async function shootInsight(window: ServedWindow, shoot: Shoot): Promise<void> {
  const { page } = window
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
}

/** What single bytes cost. */
async function shootSurprise(window: ServedWindow, shoot: Shoot): Promise<void> {
  const { page } = window
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
  await page.getByRole('separator', { name: 'Height of the preview' }).focus()
  for (let step = 0; step < 12; step++) await page.keyboard.press('ArrowUp')
  await page.getByText(/^In sight/).waitFor({ timeout: 120_000 })
  await page.waitForTimeout(500)
  await shoot('surprise 2, prose')
  const model = page.getByRole('combobox', { name: 'Model' })
  await model.selectOption('Language model')
  await window.button('Stop').waitFor()
  await shoot('surprise 4, measuring')
  await window.button('Stop').click()
  await window.button('Measure').waitFor()
  await shoot('surprise 5, stopped')
  await model.selectOption('As it is stored')
  await window.row('data.bin').click()
  await page.getByText(/^In sight/).waitFor({ timeout: 120_000 })
  await page.locator('.pane .hex').focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowRight')
  await page.getByText('What was expected here').waitFor({ timeout: 60_000 })
  await shoot('surprise 3, bytes')
}

/** What tensors are like. */
async function shootTensors(window: ServedWindow, shoot: Shoot): Promise<void> {
  const { page } = window
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

describe.skipIf(!hasBrowser)(`screenshots of insight${inBrowser}`, () => {
  const openWindow = windows()
  const pictures = picturesOf('insight')

  for (const forcedColors of ['none', 'active'] as const) {
    test(`in German, forced colours: ${forcedColors}`, async () => {
      const home = temporaryFolder()
      const source = writeFiles(join(home, 'Projekt'), { ...project(), 'model.safetensors': sampleWeights(12, 128) })
      const archive = join(home, 'Projekt.lmz')
      await createArchive(archive, [source], { preset: 'balanced', blockSize: 64 * 1024, protection: 'normal' })
      const options = { viewport: sizes[0], forcedColors, settings: { language: 'de' } } as const
      const window = await openWindow({ home, paths: [archive], ...options })
      const { page } = window
      const shoot = pictures(window, forcedColors === 'active' ? 'forced' : 'german')
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
      test(`${colorScheme}, ${viewport.width}`, { timeout: 600_000 }, async () => {
        const home = temporaryFolder()
        const source = writeFiles(join(home, 'Project'), {
          ...project(),
          'model.safetensors': sampleWeights(12, 256),
          'readme.md': readFileSync(resolve(import.meta.dirname, '../../../docs/architecture.md')),
          'reports/2025/draft.md': prose(70_000, 5),
          'reports/2025/tables.csv': table(),
        })
        const archive = join(home, 'Project.lmz')
        await createArchive(archive, [source], { preset: 'max', blockSize: 64 * 1024, protection: 'normal' })
        const window = await openWindow({ home, paths: [archive], colorScheme, viewport })
        await window.row('Project').waitFor()
        const shoot = pictures(window, `${colorScheme} ${viewport.width}`)
        await shootInsight(window, shoot)
        await shootSurprise(window, shoot)
        await shootTensors(window, shoot)
      })
    }
  }
})

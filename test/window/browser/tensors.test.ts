import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createArchive } from '../../../src-main/archive/create'
import { sampleWeights } from '../../support/sample-weights'
import { safetensorsFile } from '../../support/tensor-files'
import { temporaryFolder } from '../../support/temporary'
import { type Files, writeFiles } from './sample-files'
import { hasBrowser, inBrowser, type ServedWindow, windows, type WindowOptions } from './served-window'

describe.skipIf(!hasBrowser)(`tensors${inBrowser}`, () => {
  const openWindow = windows()

  async function openModel(files: Files, options: WindowOptions = {}): Promise<ServedWindow> {
    const home = temporaryFolder()
    const source = writeFiles(join(home, 'source'), files)
    const archive = join(home, 'Model.lmz')
    await createArchive(
      archive,
      Object.keys(files).map((name) => join(source, name)),
      { preset: 'fast' },
    )
    const window = await openWindow({ home, paths: [archive], ...options })
    await window.row(Object.keys(files)[0] ?? '').click()
    return window
  }

  async function checkLooks(window: ServedWindow, screen: string): Promise<void> {
    for (const { name, violations } of await window.violationsInLooks())
      expect.soft(violations, `${screen}, ${name}`).toEqual([])
  }

  test('are listed with what is known of them, and looked at by themselves', async () => {
    const window = await openModel({ 'model.safetensors': sampleWeights() })
    const { page, preview } = window
    const table = preview.getByRole('grid', { name: 'Tensors of model.safetensors' })
    const first = table.getByRole('row').filter({ has: page.getByTitle('model.layers.0.attention.weight') })
    await first.getByRole('gridcell', { name: '96 × 96' }).waitFor()
    await first.getByRole('gridcell', { name: 'BF16' }).waitFor()
    await preview.getByText('safetensors · 9 tensors').waitFor()
    // The entropy of the exponents of normally distributed numbers is some 2.6 of 8 bits.
    await expect.poll(async () => parseFloat(await first.locator('.entropy').innerText())).toBeGreaterThan(2.3)
    expect(parseFloat(await first.locator('.entropy').innerText())).toBeLessThan(2.9)
    await first.getByRole('img', { name: /^Values, from -0\.\d+ to 0\.\d+$/ }).waitFor()
    await checkLooks(window, 'table of tensors')

    await table.focus()
    await page.keyboard.press('Home')
    await expect.poll(() => first.getAttribute('aria-selected')).toBe('true')
    const details = preview.getByRole('region', { name: 'About model.layers.0.attention.weight' })
    await details.getByRole('img', { name: /^Distribution of the exponents, from 2\^-\d+/ }).waitFor()
    await details.getByText('Standard deviation').waitFor()
    await details.getByRole('button', { name: 'Compute' }).click()
    const told = await details.getByText(/^\d+(\.\d+)? of 96$/).innerText()
    expect(parseFloat(told)).toBeGreaterThan(70)
    await checkLooks(window, 'details of a tensor')
    await table.focus()
    await page.keyboard.press('End')
    await preview.getByRole('region', { name: 'About position_ids' }).waitFor()
  })

  test('one is saved as a file that NumPy reads', async () => {
    const window = await openModel({ 'model.safetensors': sampleWeights(1) })
    const { preview } = window
    await preview.getByTitle('model.layers.0.norm.bias').click()
    await preview.getByRole('button', { name: 'Save as .npy…' }).click()
    writeFiles(window.home, { out: undefined })
    await window.pick(join(window.home, 'out'), 'folder')
    await window.told(/Extracted/)
    const saved = readFileSync(join(window.home, 'out/model.layers.0.norm.bias.npy'))
    expect(saved.subarray(1, 6).toString('latin1')).toBe('NUMPY')
    expect(saved.toString('latin1')).toContain("'shape': (96,)")
  })

  test('in a narrow pane, the details take the place of the table and give it back', async () => {
    const window = await openModel({ 'model.safetensors': sampleWeights(1) }, { viewport: { width: 800, height: 600 } })
    const { page, preview } = window
    const table = preview.getByRole('grid')
    await table.focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await preview.getByRole('button', { name: 'All tensors' }).click()
    await table.waitFor()
  })

  test('names are shown as text, whatever they are; a file that lies is shown as the bytes that it is', async () => {
    const name = '<img src=x onerror=alert(1)>\u202e'
    const strange = safetensorsFile([{ name, type: 'F32', shape: [2], data: new Uint8Array(8) }])
    const broken = Buffer.from(strange)
    broken.writeUInt32LE(0xfffffff, 0)
    const window = await openModel({ 'strange.safetensors': strange, 'broken.safetensors': broken })
    const { preview } = window
    await preview.getByText('<img src=x onerror=alert(1)>\\u202e').first().waitFor()
    await window.row('broken.safetensors').click()
    await preview.getByText('00000000').waitFor()
    await window.row('strange.safetensors').click()
    await preview.getByRole('grid').waitFor()
    await preview.getByRole('button', { name: 'Bytes' }).click()
    await preview.getByText('00000000').waitFor()
    await preview.getByRole('button', { name: 'Surprise' }).click()
    await preview.locator('[data-byte="0"]').waitFor()
  })
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { projectsIn } from './project-window'
import { type Files, prose, project } from './sample-files'
import { hasBrowser, inBrowser, windows } from './served-window'

describe.skipIf(!hasBrowser)(`the preview${inBrowser}`, () => {
  const openProject = projectsIn(windows())

  test('shows text in its encoding, a picture, and any other bytes as they are', async () => {
    const files: Files = {
      ...project(),
      'latin.txt': Buffer.from('Stra\xdfe nach K\xf6ln, \xfcber die Br\xfccke. '.repeat(20), 'latin1'),
      'wide.txt': Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('Ελληνικά und mehr', 'utf16le')]),
      'broken.png': Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), Buffer.alloc(500)]),
    }
    const window = await openProject(files)
    const { page } = window
    const pane = window.preview
    await window.row('readme.md').click()
    await pane.getByText('Grüße, 世界.').waitFor()
    expect(await pane.getByRole('combobox', { name: 'Encoding' }).inputValue()).toBe('utf-8')
    await window.row('latin.txt').click()
    await pane.getByText('Straße nach Köln, über die Brücke.').waitFor()
    await window.row('wide.txt').click()
    await pane.getByText('Ελληνικά und mehr').waitFor()
    await pane.getByRole('combobox', { name: 'Encoding' }).selectOption('windows-1252')
    await pane.getByText('Ελληνικά und mehr').waitFor({ state: 'detached' })

    await window.row('logo.png').click()
    const image = pane.getByRole('img', { name: 'logo.png' })
    await image.waitFor()
    const drawn = () =>
      image.evaluate(({ naturalWidth, naturalHeight }: HTMLImageElement) => [naturalWidth, naturalHeight])
    await expect.poll(drawn).toEqual([64, 48])
    await pane.getByText('64 × 48').waitFor()
    await window.row('broken.png').click()
    await pane.getByText('This picture is damaged or not supported; these are its bytes.').waitFor()
    await pane.getByText('89 50 4e 47 0d 0a 1a 0a').waitFor()

    await window.row('data.bin').click()
    const bytes = readFileSync(join(window.home, 'source/data.bin'))
    const line = [...bytes.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    await pane.getByText(line).waitFor()
    await window.row('empty.txt').click()
    await pane.getByText('This file is empty.').waitFor()
    await window.grid.focus()
    await page.keyboard.press('Space')
    await pane.waitFor({ state: 'detached' })
  })

  test('draws a picture that holds a script, and runs nothing', async () => {
    const script = 'globalThis.ran = true'
    const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20" onload="${script}"><script>${script}</script><rect width="40" height="20"/></svg>`
    const window = await openProject({ 'drawing.svg': drawing })
    await window.row('drawing.svg').click()
    const image = window.preview.getByRole('img', { name: 'drawing.svg' })
    await expect.poll(() => image.evaluate(({ naturalWidth }: HTMLImageElement) => naturalWidth)).toBe(40)
    expect(await window.page.evaluate(() => (globalThis as { ran?: boolean }).ran)).toBeUndefined()
  })

  test('runs nothing and fetches nothing, whatever a file holds and whatever it is called', async () => {
    const script = 'globalThis.ran = true'
    const outside = 'http://192.0.2.1/track'
    const page = `<!doctype html><html><body onload="${script}"><script>${script}</script><img src="${outside}.png" onerror="${script}">
      <iframe src="javascript:${script}"></iframe><link rel="stylesheet" href="${outside}.css"><meta http-equiv="refresh" content="0;url=${outside}">`
    const drawing = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="40" height="20">
      <style>@import url("${outside}.css"); rect { fill: url("${outside}.svg#a") }</style><image xlink:href="${outside}.png" width="9" height="9"/>
      <foreignObject width="40" height="20"><body xmlns="http://www.w3.org/1999/xhtml"><script>${script}</script><img src="${outside}.png"/></body></foreignObject>
      <use xlink:href="${outside}.svg#b"/><script xlink:href="${outside}.js"/></svg>`
    const math = `<math xmlns="http://www.w3.org/1998/Math/MathML"><maction actiontype="statusline" xlink:href="javascript:${script}">x</maction></math>`
    const document = `%PDF-1.7\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(${script})>>/AA<</O<</S/URI/URI(${outside})>>>>>>endobj\n%%EOF`
    const polyglot = `GIF89a=0;${script};/*${'x'.repeat(50)}*/<script>${script}</script>`
    const files: Files = {
      'page.html': page,
      'drawing.svg': drawing,
      'formula.mml': math,
      'document.pdf': document,
      'page.png': page,
      'drawing.png': drawing,
      'page.svg': page,
      'drawing.txt': drawing,
      'polyglot.gif': polyglot,
      'polyglot.js': polyglot,
      'document.html': document,
    }
    const window = await openProject(files)
    const { page: shown, preview } = window
    const requests: string[] = []
    shown.on('request', (request) => requests.push(request.url()))
    for (const name of Object.keys(files)) {
      await window.row(name).click()
      await preview.getByText(name).first().waitFor()
      await shown.waitForTimeout(150)
      const ran = await shown.evaluate(() => (globalThis as { ran?: boolean }).ran)
      expect(ran, `${name} has run a script`).toBeUndefined()
      expect(
        await preview.locator('iframe, object, embed, script, math, foreignObject, link, meta').count(),
        name,
      ).toBe(0)
    }
    const { origin } = new URL(shown.url())
    const leaving = requests.filter((url) => !url.startsWith(origin) && !/^(blob|data):/.test(url))
    expect(leaving, 'something was fetched').toEqual([])
    expect(new URL(shown.url()).origin).toBe(origin)
  })

  test('follows however quickly one looks from one to the next', async () => {
    const window = await openProject({ 'long.txt': prose(3000), 'in/1.txt': '1', 'in/2.txt': '2' })
    for (let turn = 0; turn < 6; turn++) {
      await window.row('long.txt').click()
      if (turn % 2 === 0) await window.preview.locator('pre').waitFor()
      await window.row('in').click()
    }
    await window.preview.getByText('2 items').waitFor()
    await window.page.waitForTimeout(200)
    expect(await window.preview.innerText()).not.toContain('cannot be shown')
  })
})

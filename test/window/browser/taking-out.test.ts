import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { addToArchive } from '../../../src-main/archive/add'
import { createArchive } from '../../../src-main/archive/create'
import { Random } from '../../support/random'
import { temporaryFolder } from '../../support/temporary'
import { projectsIn } from './project-window'
import { filesBelow, project, prose, writeFiles } from './sample-files'
import { hasBrowser, inBrowser, windows } from './served-window'

describe.skipIf(!hasBrowser)(`taking files out of an archive${inBrowser}`, () => {
  const openWindow = windows()
  const openProject = projectsIn(openWindow)

  test('one file, a selection and everything come out byte for byte', async () => {
    const window = await openProject()
    const { page, home } = window
    const source = filesBelow(join(home, 'source'))
    for (const name of ['one', 'some', 'all']) mkdirSync(join(home, name))
    await window.row('notes.txt').click()
    await page.keyboard.press('Control+e')
    // Beside the archive, unless another place is chosen.
    await expect.poll(() => window.dialog.getByRole('textbox', { name: 'Path' }).inputValue()).toBe(`${home}/`)
    await window.pick(join(home, 'one'), 'folder')
    await window.told(/^Extracted 1 file, 30\.0 kB/)
    expect(filesBelow(join(home, 'one'))).toEqual({ 'notes.txt': source['notes.txt'] })

    await window.row('src').click()
    await window.row('logo.png').click({ modifiers: ['Control'] })
    await window.choose('Extract', /^Extract 2 items/)
    await window.pick(join(home, 'some'), 'folder')
    await window.told(/^Extracted 4 files/)
    const wanted = Object.entries(source).filter(([path]) => path.startsWith('src/') || path === 'logo.png')
    expect(filesBelow(join(home, 'some'))).toEqual(Object.fromEntries(wanted))

    await window.choose('Extract', /^Extract all…/)
    await window.pick(join(home, 'all'), 'folder')
    await window.told(/^Extracted 10 files/)
    expect(filesBelow(join(home, 'all/Project'))).toEqual(source)
  })

  test('a file that is opened is offered by the browser, byte for byte', async () => {
    const window = await openProject()
    const { page, home } = window
    await window.row('notes.txt').click()
    const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')])
    expect(download.suggestedFilename()).toBe('notes.txt')
    expect(readFileSync(await download.path())).toEqual(readFileSync(join(home, 'source/notes.txt')))
  })

  test('a file that is dragged out carries an address that gives it, byte for byte', async () => {
    const window = await openProject({ ...project(), 'in/ta:ke ü.bin': new Random(11).bytes(70_000) })
    const { page, home } = window
    const carried = await page.evaluateHandle(() => {
      const seen: string[] = []
      addEventListener('dragstart', (event) => {
        if (!event.defaultPrevented) seen.push(event.dataTransfer!.getData('DownloadURL'))
      })
      return seen
    })
    const dragOut = async (name: string): Promise<string> => {
      await window.row(name).click()
      const before = (await carried.jsonValue()).length
      // The address is asked for when the file is selected.
      await expect
        .poll(async () => {
          await window.row(name).dragTo(page.getByRole('tree'))
          return (await carried.jsonValue()).length
        })
        .toBeGreaterThan(before)
      return (await carried.jsonValue()).at(-1) ?? ''
    }
    const origin = new URL(window.address).origin
    const fetched = async (address: string): Promise<Buffer> =>
      Buffer.from(
        await page.evaluate(async (url) => [...new Uint8Array(await (await fetch(url)).arrayBuffer())], address),
      )
    const [, type, name, address] = /^([^:]*):([^:]*):(.*)$/.exec(await dragOut('notes.txt')) ?? []
    expect([type, name]).toEqual(['application/octet-stream', 'notes.txt'])
    expect(address).toMatch(new RegExp(`^${origin}/entry/\\d+/\\d+/notes\\.txt$`))
    expect(await fetched(address!)).toEqual(readFileSync(join(home, 'source/notes.txt')))

    // A ":" would end the name.
    await window.row('in').dblclick()
    const other = /^[^:]*:([^:]*):(.*)$/.exec(await dragOut('ta:ke ü.bin'))
    expect(other?.[1]).toBe('ta_ke ü.bin')
    expect(await fetched(other?.[2] ?? '')).toEqual(readFileSync(join(home, 'source/in/ta:ke ü.bin')))
    // What a browser cannot take as one file is not dragged at all.
    const before = (await carried.jsonValue()).length
    await page.keyboard.press('Backspace')
    await window.row('in').click()
    await page.waitForTimeout(200)
    await window.row('in').dragTo(page.getByRole('tree'))
    expect((await carried.jsonValue()).length).toBe(before)
  })

  test('an overwrite question is answered once for all', async () => {
    const home = temporaryFolder()
    const source = writeFiles(join(home, 'source'), { 'a.txt': 'a', 'b.txt': 'b', 'c.txt': 'c', 'd.txt': 'd' })
    for (const name of ['a', 'b', 'c', 'd']) utimesSync(join(source, `${name}.txt`), 1_500_000_000, 1_500_000_000)
    const archive = join(home, 'four.lmz')
    await createArchive(
      archive,
      ['a', 'b', 'c', 'd'].map((name) => join(source, `${name}.txt`)),
      { preset: 'fast' },
    )
    const out = join(home, 'out')
    writeFiles(out, { 'a.txt': 'mine', 'b.txt': 'mine', 'c.txt': 'mine' })
    const window = await openWindow({ home, paths: [archive] })
    const { page, dialog } = window
    const extract = async (): Promise<void> => {
      await window.row('a.txt').click()
      await page.keyboard.press('Control+a')
      await page.keyboard.press('Control+e')
      await window.pick(out, 'folder')
    }
    await extract()
    await dialog.getByText('This file is already there').waitFor()
    await dialog.getByText('newer', { exact: true }).waitFor()
    await dialog.getByText('a.txt').waitFor()
    await dialog.getByRole('button', { name: 'Replace' }).click()
    await dialog.getByText('b.txt').waitFor()
    await dialog.getByRole('checkbox').check()
    await dialog.getByRole('button', { name: 'Skip' }).click()
    await window.told(/^Extracted 2 files/)
    const contents = (): Record<string, string> =>
      Object.fromEntries(Object.entries(filesBelow(out)).map(([name, bytes]) => [name, bytes.toString()]))
    expect(contents()).toEqual({ 'a.txt': 'a', 'b.txt': 'mine', 'c.txt': 'mine', 'd.txt': 'd' })

    await extract()
    await dialog.getByRole('checkbox').check()
    await dialog.getByRole('button', { name: 'Skip' }).click()
    await window.told(/^Nothing to extract: everything was there already and was left alone/)
    expect(Object.keys(contents())).toHaveLength(4)

    await extract()
    await dialog.getByRole('checkbox').check()
    await dialog.getByRole('button', { name: 'Keep both' }).click()
    await window.told(/^Extracted 4 files/)
    expect(Object.keys(contents())).toHaveLength(8)
  })

  test('names that cannot be written are listed one by one, with what was done and what can be done', async () => {
    const home = temporaryFolder()
    const source = writeFiles(join(home, 'source'), { 'whole.txt': 'w'.repeat(3000), 'torn.txt': prose(40_000) })
    const archive = join(home, 'part.lmz')
    await createArchive(archive, [join(source, 'whole.txt')], { preset: 'fast' })
    const start = readFileSync(archive).length
    await addToArchive(archive, [join(source, 'torn.txt')])
    const bytes = readFileSync(archive)
    bytes.fill(0x55, start + 200, start + 400)
    writeFileSync(archive, bytes)
    mkdirSync(join(home, 'out'))
    const window = await openWindow({ home, paths: [archive] })
    const { jobs } = window
    await window.row('whole.txt').waitFor()
    await window.choose('Extract', /^Extract all…/)
    await window.pick(join(home, 'out'), 'folder')
    await window.told(/^Extracted 1 file, 3\.00 kB · 1 problem/)
    await jobs.getByRole('button', { name: 'Details', exact: true }).click()
    const card = jobs.getByRole('article').first()
    await card.getByText('torn.txt', { exact: true }).waitFor()
    for (const heading of ['What happened', 'What was done', 'What you can do']) await card.getByText(heading).waitFor()
    expect(filesBelow(join(home, 'out'))).toEqual({ 'part/whole.txt': readFileSync(join(source, 'whole.txt')) })
  })
})

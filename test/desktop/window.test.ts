import { randomBytes } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { runLmz } from '../support/lmz-process'
import { temporaryFolder } from '../support/temporary'
import { DesktopApp, sharedBrowser } from './desktop-app'

/* The window's own page in the desktop shell, with the real engine: what a person does, and sees come of it. */

const shared = sharedBrowser()

function folderOfFiles(): string {
  const folder = join(temporaryFolder(), 'Trip')
  mkdirSync(join(folder, 'days'), { recursive: true })
  writeFileSync(join(folder, 'packing list.txt'), 'socks\n'.repeat(200))
  writeFileSync(join(folder, 'days', 'first.md'), '# The first day\n')
  return folder
}

async function start(args: readonly string[] = []): Promise<{ readonly app: DesktopApp; readonly page: Page }> {
  const app = new DesktopApp(shared, args, { withRenderer: true })
  return { app, page: await app.page(1) }
}

test('a folder chosen in the menu is packed, and the archive is opened and looked into', async () => {
  const { app, page } = await start()
  const folder = folderOfFiles()
  await page.getByText('Drop files or folders here').waitFor()
  await app.do('clickMenu', 'New Archive from Folder...')
  await expect.poll(() => app.asked('dialog.showOpenDialog')).toHaveLength(1)
  await app.do('answerDialog', { canceled: false, filePaths: [folder] })
  const dialog = page.getByRole('dialog', { name: 'New archive' })
  await dialog.getByText('2 files').first().waitFor()
  await dialog.getByRole('radio', { name: /Fast/ }).check()
  await dialog.getByRole('button', { name: 'Create archive' }).click()
  const archive = join(folder, '..', 'Trip.lmz')
  await expect.poll(() => existsSync(archive)).toBe(true)
  const jobs = page.getByRole('region', { name: 'Jobs' })
  await jobs.getByRole('button', { name: 'Show in folder' }).click()
  await expect.poll(() => app.asked('shell.showItemInFolder')).toEqual([[archive]])
  await jobs.getByRole('button', { name: 'Open' }).click()
  await page.getByRole('row', { name: /Trip/ }).first().waitFor()
  expect(app.asked('window.setTitle').at(-1)).toEqual([1, 'Trip.lmz - lmz'])
}, 120_000)

test('what is dropped is packed from where it lies, and entries are dragged out as files', async () => {
  const { app, page } = await start()
  const folder = folderOfFiles()
  await page.getByText('Drop files or folders here').waitFor()
  await page.evaluate((paths) => Object.assign(globalThis, { lmzStandInPaths: paths }), {
    'packing list.txt': join(folder, 'packing list.txt'),
  })
  await page.evaluate(`{
    const dataTransfer = new DataTransfer()
    dataTransfer.items.add(new File(['not what is on the disk'], 'packing list.txt'))
    const target = document.elementFromPoint(innerWidth / 2, innerHeight / 2)
    for (const type of ['dragenter', 'dragover', 'drop']) {
      target.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }))
    }
  }`)
  const dialog = page.getByRole('dialog', { name: 'New archive' })
  await dialog.getByRole('radio', { name: /Fast/ }).check()
  await dialog.getByRole('button', { name: 'Create archive' }).click()
  await page.getByRole('region', { name: 'Jobs' }).getByRole('button', { name: 'Open' }).click()
  const row = page.getByRole('row', { name: /packing list/ })
  await row.waitFor()
  await row.click()
  await row.dispatchEvent('dragstart', { dataTransfer: await page.evaluateHandle('new DataTransfer()') })
  await expect.poll(() => app.asked('webContents.startDrag')).toHaveLength(1)
  const [taken] = app.asked('webContents.startDrag')[0]?.[0] as string[]
  expect(readFileSync(taken!, 'utf8')).toBe('socks\n'.repeat(200))
}, 120_000)

test('what would run as a program is opened only after a question, of which the safe answer is the nearest', async () => {
  const folder = folderOfFiles()
  writeFileSync(join(folder, 'run me.sh'), '#!/bin/sh\n', { mode: 0o755 })
  const archive = join(folder, '..', 'Trip.lmz')
  expect((await runLmz(['create', '--preset', 'fast', archive, folder])).code).toBe(0)
  const { app, page } = await start([archive])
  await page.getByRole('row', { name: /Trip/ }).dblclick()
  const row = (name: string) => page.getByRole('row', { name: new RegExp(name) })
  const opened = () => app.asked('shell.openPath').map(([path]) => path as string)
  // A text is opened at once.
  await row('packing list').dblclick()
  await expect.poll(opened).toHaveLength(1)

  const question = page.getByRole('alertdialog', { name: 'Run this program?' })
  await row('run me').dblclick()
  await question.getByText('run me.sh').waitFor()
  await question.getByText(/Run it only if you know where it is from/).waitFor()
  await page.keyboard.press('Enter')
  await question.waitFor({ state: 'detached' })
  await row('run me').dblclick()
  await question.waitFor()
  await page.keyboard.press('Escape')
  await question.waitFor({ state: 'detached' })
  expect(opened()).toHaveLength(1)

  await row('run me').dblclick()
  await question.getByRole('button', { name: 'Run it' }).click()
  await expect.poll(opened).toHaveLength(2)
  expect(readFileSync(opened()[1]!, 'utf8')).toBe('#!/bin/sh\n')
}, 120_000)

test('an archive that has lost its ending opens all the same', async () => {
  const folder = folderOfFiles()
  const whole = join(folder, '..', 'whole.lmz')
  expect((await runLmz(['create', whole, join(folder, 'packing list.txt')])).code).toBe(0)
  const archive = join(folder, '..', 'attachment')
  copyFileSync(whole, archive)
  const { app, page } = await start([archive])
  await page.getByRole('row', { name: /packing list/ }).waitFor()
  expect(app.asked('window.setTitle').at(-1)).toEqual([1, 'attachment - lmz'])
}, 120_000)

test('the window asks before it closes on a job, and the answer is taken', async () => {
  const folder = join(temporaryFolder(), 'work')
  mkdirSync(folder)
  for (let file = 0; file < 12; file++) writeFileSync(join(folder, `${file}.bin`), randomBytes(4_000_000))
  const { app, page } = await start([folder])
  const dialog = page.getByRole('dialog', { name: 'New archive' })
  await dialog.getByRole('button', { name: 'Create archive' }).click()
  await page.getByRole('progressbar').first().waitFor()
  await app.do('close', 1)
  const question = page.getByRole('alertdialog')
  await question.waitFor()
  await question.getByRole('button', { name: 'Keep open' }).click()
  expect(app.asked('window.closed')).toEqual([])
  await app.do('close', 1)
  await question.getByRole('button', { name: 'Cancel job and close' }).click()
  expect(await app.exited).toBe(0)
  expect(readdirSync(join(folder, '..'))).toEqual(['work'])
}, 120_000)

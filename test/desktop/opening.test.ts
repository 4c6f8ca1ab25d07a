import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { runLmz } from '../support/lmz-process'
import { temporaryFolder } from '../support/temporary'
import { DesktopApp, sharedBrowser } from './desktop-app'
import { PageClient } from './page-client'

/* What the system hands to the app must arrive in a window, on whichever way and however early it comes. */

const shared = sharedBrowser()

async function archiveIn(folder: string, name: string): Promise<string> {
  writeFileSync(join(folder, 'words.txt'), 'some words\n')
  const archive = join(folder, name)
  const { code, stderr } = await runLmz(['create', archive, join(folder, 'words.txt')])
  expect(code, stderr).toBe(0)
  return archive
}

async function client(app: DesktopApp, window: number): Promise<PageClient> {
  const connected = await PageClient.connect(await app.page(window))
  // The page says that it is there; from now on it is told what comes.
  await connected.shell('showing', undefined)
  return connected
}

test('without a file, a window to start with opens', async () => {
  const app = new DesktopApp(shared, [])
  const page = await client(app, 1)
  expect((await page.shell('facts')).kind).toBe('desktop')
  expect(await page.told('openRequested')).toEqual([])
})

test('archives named on the command line open in a window each, whatever way they are named', async () => {
  const folder = temporaryFolder()
  const first = await archiveIn(folder, 'first one.lmz')
  const second = await archiveIn(folder, 'second.lmz')
  const third = join(folder, 'without its ending')
  copyFileSync(second, third)
  const args = ['--some-switch', 'first one.lmz', pathToFileURL(second).href, 'https://example.com/x.lmz', third]
  const app = new DesktopApp(shared, args, { folder })
  for (const [window, archive] of [first, second, third].entries()) {
    const page = await client(app, window + 1)
    await expect.poll(() => page.told('openRequested')).toEqual([[[archive], 'archives']])
  }
  expect(app.asked('window.new')).toHaveLength(3)
})

test('files that are no archives come to one window, to be packed together', async () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'pictures'))
  writeFileSync(join(folder, 'notes.txt'), 'notes')
  const app = new DesktopApp(shared, ['pictures', 'notes.txt'], { folder })
  const page = await client(app, 1)
  await expect
    .poll(() => page.told('openRequested'))
    .toEqual([[[join(folder, 'pictures'), join(folder, 'notes.txt')], 'sources']])
})

test('what comes before the app is ready waits for it', async () => {
  const archive = await archiveIn(temporaryFolder(), 'early.lmz')
  const app = new DesktopApp(shared, [], { openFileEarly: [archive] })
  const page = await client(app, 1)
  await expect.poll(() => page.told('openRequested')).toEqual([[[archive], 'archives']])
  // macOS would open it with the next program otherwise.
  expect(await app.do('openFile', archive)).toBe(true)
})

test('a second start hands its files to the first and ends', async () => {
  const folder = temporaryFolder()
  const archive = await archiveIn(folder, 'handed over.lmz')
  const first = new DesktopApp(shared, [])
  await first.page(1)
  const second = new DesktopApp(shared, ['handed over.lmz'], { home: first.home, folder })
  expect(await second.exited).toBe(0)
  expect(second.asked('window.new')).toEqual([])
  // The window to start with is free, so it is used.
  const page = await client(first, 1)
  await expect.poll(() => page.told('openRequested')).toEqual([[[archive], 'archives']])
})

test('an archive that is open already is brought forward, not opened twice', async () => {
  const folder = temporaryFolder()
  const archive = await archiveIn(folder, 'once.lmz')
  const app = new DesktopApp(shared, [archive])
  const page = await client(app, 1)
  await page.shell('showing', archive)
  await page.shell('openWindow', undefined)
  await app.page(2)
  const focused = app.asked('window.focus').length
  await page.shell('openWindow', archive)
  await app.do('openFile', join(folder, '.', 'once.lmz'))
  expect(app.asked('window.new')).toHaveLength(2)
  expect(app.asked('window.focus').slice(focused)).toEqual([[1], [1]])
  expect(app.asked('window.setTitle').at(-1)).toEqual([1, 'once.lmz - lmz'])
  expect(app.asked('app.addRecentDocument')).toContainEqual([archive])
})

test('windows come back where the last one stood', async () => {
  const app = new DesktopApp(shared, [])
  await app.page(1)
  await app.do('setBounds', 1, { x: 300, y: 200, width: 900, height: 650 })
  await app.do('close', 1)
  expect(await app.exited).toBe(0)
  const again = new DesktopApp(shared, [], {
    home: app.home,
    environment: { LMZ_STAND_IN_LOCK: join(app.home, 'other') },
  })
  await again.page(1)
  expect(again.asked('window.new')[0]?.[1]).toMatchObject({ x: 300, y: 200, width: 900, height: 650 })
})

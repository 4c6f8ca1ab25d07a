import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { JobState } from '../../src-main/contract/engine-api'
import { defaultSettings } from '../../src-main/contract/shell-api'
import { temporaryFolder } from '../support/temporary'
import { DesktopApp, sharedBrowser } from './desktop-app'
import { PageClient } from './page-client'

/* The desktop shell at work, with the real engine in a process of its own. */

const shared = sharedBrowser()

async function openWindow(options?: ConstructorParameters<typeof DesktopApp>[2]) {
  const app = new DesktopApp(shared, [], options)
  return { app, client: await PageClient.connect(await app.page(1)) }
}

function jobs(client: PageClient): Promise<readonly JobState[]> {
  return client.engine('jobs')
}

async function untilStatus(client: PageClient, job: number, status: JobState['status']): Promise<void> {
  await expect
    .poll(async () => (await jobs(client)).find(({ id }) => id === job)?.status, { timeout: 30_000 })
    .toBe(status)
}

function folderOfFiles(): string {
  const folder = join(temporaryFolder(), 'things')
  mkdirSync(join(folder, 'inner'), { recursive: true })
  writeFileSync(join(folder, 'notes.txt'), 'some notes\n'.repeat(100))
  writeFileSync(join(folder, 'inner', 'run me.sh'), '#!/bin/sh\n', { mode: 0o755 })
  return folder
}

/** Enough for a job to be seen at work. */
function folderOfWork(): string {
  const folder = join(temporaryFolder(), 'work')
  mkdirSync(folder)
  for (let file = 0; file < 12; file++) writeFileSync(join(folder, `${file}.bin`), randomBytes(4_000_000))
  return folder
}

test.each(['utilityProcess', 'node'])('a folder is packed, browsed and opened, with the engine in %s', async (kind) => {
  const { app, client } = await openWindow({ environment: { LMZ_ENGINE_RUNS_IN: kind } })
  expect(app.asked('utilityProcess.fork').map(([name]) => name)).toEqual(kind === 'node' ? [] : ['lmz engine'])
  const folder = folderOfFiles()
  const archive = join(folder, '..', 'things.lmz')
  const job = await client.engine('submit', { verb: 'create', archive, paths: [folder], preset: 'fast' })
  await untilStatus(client, job, 'done')
  const { handle } = await client.engine('openArchive', archive)
  const order = { column: 'name', descending: false } as const
  const { rows } = await client.engine('list', handle, 0, order, { offset: 0, limit: 10 })
  const inside = await client.engine('list', handle, rows[0]!.id, order, { offset: 0, limit: 10 })
  expect(inside.rows.map(({ name }) => name)).toEqual(['inner', 'notes.txt'])
  const notes = inside.rows[1]!.id
  const bytes = await client.engine('read', handle, notes, 0, 10)
  expect(Buffer.from(Object.values(bytes)).toString()).toBe('some notes')

  // Taken out and given to the default program; what would run only after another question.
  expect(await client.shell('openEntry', handle, notes, false)).toEqual({ result: 'opened' })
  const [opened] = app.asked('shell.openPath').map(([path]) => path as string)
  expect(readFileSync(opened!, 'utf8')).toBe('some notes\n'.repeat(100))
  const [script] = (await client.engine('find', handle, 0, 'run me', undefined, { offset: 0, limit: 1 })).rows
  expect(await client.shell('openEntry', handle, script!.id, false)).toEqual({ result: 'needsConfirmation' })
  expect(app.asked('shell.openPath')).toHaveLength(1)

  await client.shell('dragOut', handle, [rows[0]!.id])
  const [dragged] = app.asked('webContents.startDrag')[0]?.[0] as string[]
  expect(readdirSync(dragged!).sort()).toEqual(['inner', 'notes.txt'])

  await app.do('close', 1)
  expect(await app.exited).toBe(0)
  expect(existsSync(opened!), 'what was taken out is gone with the app').toBe(false)
})

test("paths are chosen in the system's own dialogs", async () => {
  const { app, client } = await openWindow()
  const choosing = client.shell('choose', 'sources')
  await expect.poll(() => app.asked('dialog.showOpenDialog')).toHaveLength(1)
  expect(app.asked('dialog.showOpenDialog')[0]?.[0]).toMatchObject({ properties: ['openFile', 'multiSelections'] })
  await app.do('answerDialog', { canceled: false, filePaths: ['/a', '/b'] })
  expect(await choosing).toEqual({ paths: ['/a', '/b'] })

  const saving = client.shell('choose', 'saveArchive', '/tmp/things.lmz')
  await expect.poll(() => app.asked('dialog.showSaveDialog')).toHaveLength(1)
  expect(app.asked('dialog.showSaveDialog')[0]?.[0]).toMatchObject({ defaultPath: '/tmp/things.lmz' })
  await app.do('answerDialog', { canceled: false, filePath: '/tmp/other' })
  expect(await saving).toEqual({ paths: ['/tmp/other.lmz'] })

  const cancelled = client.shell('choose', 'folder')
  await expect.poll(() => app.asked('dialog.showOpenDialog')).toHaveLength(2)
  await app.do('answerDialog', { canceled: true, filePaths: [] })
  expect(await cancelled).toEqual({ paths: [] })
})

test('the menu opens what is chosen, in the language of the settings', async () => {
  const { app, client } = await openWindow()
  await client.shell('showing', undefined)
  await app.do('clickMenu', 'New Archive...')
  await expect.poll(() => app.asked('dialog.showOpenDialog')).toHaveLength(1)
  const folder = folderOfFiles()
  await app.do('answerDialog', { canceled: false, filePaths: [folder] })
  await expect.poll(() => client.told('openRequested')).toEqual([[[folder], 'sources']])
  await app.do('clickMenu', 'New Window')
  await app.page(2)

  await client.shell('changeSettings', { ...defaultSettings, language: 'de', theme: 'dark' })
  await expect.poll(async () => JSON.stringify(await app.do('menu'))).toContain('Neues Fenster')
  expect(app.asked('nativeTheme.themeSource').at(-1)).toEqual(['dark'])
  expect(await client.told('settingsChanged')).toHaveLength(1)
})

test('a job is seen on the task bar, keeps the computer awake, and tells when it is done', async () => {
  const { app, client } = await openWindow()
  await app.do('look elsewhere')
  const folder = folderOfWork()
  const archive = join(folder, '..', 'work.lmz')
  const job = await client.engine('submit', { verb: 'create', archive, paths: [folder], preset: 'fast' })
  await untilStatus(client, job, 'done')
  expect(app.asked('powerSaveBlocker.start')).toEqual([['prevent-app-suspension']])
  await expect.poll(() => app.asked('powerSaveBlocker.stop')).toEqual([[1]])
  const shown = app.asked('window.setProgressBar').map(([, progress]) => progress as number)
  expect(shown.some((progress) => progress > 0 && progress <= 1)).toBe(true)
  expect(shown.at(-1)).toBe(-1)
  expect(app.asked('notification.show')).toEqual([[{ title: 'work.lmz is ready', body: 'Everything went well.' }]])
  await client.shell('showing', undefined)
  await app.do('clickNotification')
  await expect.poll(() => client.told('openRequested')).toEqual([[[archive], 'archives']])
})

test('closing the last window asks while a job runs, and breaks the job off once that is wanted', async () => {
  const { app, client } = await openWindow()
  const folder = folderOfWork()
  const archive = join(folder, '..', 'work.lmz')
  const job = await client.engine('submit', { verb: 'create', archive, paths: [folder], preset: 'balanced' })
  await untilStatus(client, job, 'running')
  await app.do('close', 1)
  await expect.poll(() => client.told('closeRequested')).toHaveLength(1)
  expect((await jobs(client))[0]?.status).toBe('running')
  // The window may be gone before the answer is.
  await client.shell('closeWindow').catch(() => undefined)
  expect(await app.exited).toBe(0)
  // Neither a half archive nor anything that was to become one.
  expect(readdirSync(join(folder, '..'))).toEqual(['work'])
})

test('quitting asks while a job runs', async () => {
  const { app, client } = await openWindow()
  const folder = folderOfWork()
  const archive = join(folder, '..', 'work.lmz')
  const job = await client.engine('submit', { verb: 'create', archive, paths: [folder], preset: 'balanced' })
  await untilStatus(client, job, 'running')
  await app.do('quit')
  await expect.poll(() => app.asked('dialog.showMessageBox')).toHaveLength(1)
  await app.do('answerDialog', { response: 0 })
  expect((await jobs(client))[0]?.status).toBe('running')
  await app.do('quit')
  await expect.poll(() => app.asked('dialog.showMessageBox')).toHaveLength(2)
  await app.do('answerDialog', { response: 1 })
  expect(await app.exited).toBe(0)
  expect(existsSync(archive)).toBe(false)
})

test('an engine that dies costs its job and not the app', async () => {
  const { app, client } = await openWindow()
  const folder = folderOfWork()
  const archive = join(folder, '..', 'work.lmz')
  const job = await client.engine('submit', { verb: 'create', archive, paths: [folder], preset: 'balanced' })
  await untilStatus(client, job, 'running')
  const [engine] = (await app.do('engines')) as readonly number[]
  process.kill(engine!, 'SIGKILL')
  await untilStatus(client, job, 'failed')
  await expect.poll(() => client.told('engineRestarted')).toHaveLength(1)
  const again = await client.engine('submit', { verb: 'create', archive, paths: [folderOfFiles()], preset: 'fast' })
  await untilStatus(client, again, 'done')
  expect(existsSync(archive)).toBe(true)
})

test('a page that is loaded anew is served again, and what it had open is closed', async () => {
  const { client, app } = await openWindow()
  const folder = folderOfFiles()
  const archive = join(folder, '..', 'things.lmz')
  const job = await client.engine('submit', { verb: 'create', archive, paths: [folder], preset: 'fast' })
  await untilStatus(client, job, 'done')
  const { handle } = await client.engine('openArchive', archive)
  // As the page does it itself after it has lost its connection.
  await client.page.evaluate('location.reload()')
  await expect.poll(() => client.page.evaluate('window.lmzTest === undefined').catch(() => false)).toBe(true)
  const again = await PageClient.connect(await app.page(1))
  expect((await jobs(again))[0]?.status).toBe('done')
  await expect(again.engine('folders', handle, 0)).rejects.toThrow('Usage')
})

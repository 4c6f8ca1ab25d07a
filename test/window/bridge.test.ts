import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { LmzError } from '../../src-main/contract/error'
import { withoutNulls } from '../../src-renderer/bridge'
import { FolderBrowser } from '../../src-renderer/picker/folder-browser.svelte'
import { connectWindow } from './connected-window'

test('calls of engine and shell are answered, with nothing where there is nothing', async () => {
  const { bridge, home } = connectWindow()
  expect(await bridge.engine.jobs()).toEqual([])
  expect(await bridge.shell.facts()).toMatchObject({ kind: 'web', home })
  expect(await bridge.shell.choose('sources')).toBeUndefined()
  // An argument left out must not arrive as something else.
  expect((await bridge.shell.listFolder(undefined)).path).toBe(home)
})

test('a call that fails does so with the error of the other side', async () => {
  const { bridge, home } = connectWindow()
  const failed = bridge.engine.openArchive(join(home, 'none.lmz'))
  await expect(failed).rejects.toBeInstanceOf(LmzError)
  await expect(failed).rejects.toMatchObject({ code: 'NotFound' })
})

test('where the system has no dialog, the window asks', async () => {
  const asked: unknown[] = []
  const { bridge } = connectWindow((...question: unknown[]) => {
    asked.push(question)
    return Promise.resolve(['/chosen'])
  })
  expect(await bridge.choose('folder', '/here')).toEqual(['/chosen'])
  expect(asked).toEqual([['folder', '/here']])
})

test('changed settings are told to the window, and last', async () => {
  const { bridge } = connectWindow()
  const told: unknown[] = []
  const stop = bridge.events.on('settingsChanged', (settings) => void told.push(settings))
  const settings = { ...(await bridge.shell.settings()), theme: 'dark' as const, blockSize: 65_536 }
  await bridge.shell.changeSettings(settings)
  expect(await bridge.shell.settings()).toEqual(settings)
  expect(told).toEqual([settings])
  stop()
  const { blockSize: _none, ...without } = settings
  await bridge.shell.changeSettings(without)
  expect((await bridge.shell.settings()).blockSize).toBeUndefined()
  expect(told).toHaveLength(1)
})

test('a lost connection fails the calls under way and is told', async () => {
  const { bridge, cut } = connectWindow()
  let isTold = false
  bridge.events.on('disconnected', () => (isTold = true))
  const underWay = bridge.shell.recent()
  cut()
  await expect(underWay).rejects.toMatchObject({ code: 'Io' })
  expect(isTold).toBe(true)
  await expect(bridge.engine.jobs()).rejects.toMatchObject({ code: 'Io' })
})

test('null means undefined at any depth, and bytes stay bytes', () => {
  const bytes = new Uint8Array([1, 2])
  expect(withoutNulls({ a: null, b: [null, { c: null, d: bytes }] })).toEqual({
    a: undefined,
    b: [undefined, { c: undefined, d: bytes }],
  })
})

test('a folder is walked by typing, and files that cannot be chosen are not offered', async () => {
  const { bridge, home } = connectWindow()
  writeFileSync(join(home, 'settings', 'found.lmz'), '')
  writeFileSync(join(home, 'settings', 'other.txt'), '')
  const browser = new FolderBrowser('archive', '/', bridge.shell.listFolder)
  await browser.go(home)
  expect(browser.items.map(({ name }) => name)).toEqual(['cache', 'settings'])
  browser.typed = `${home}/se`
  expect(browser.items.map(({ name }) => name)).toEqual(['settings'])
  expect(browser.complete()).toBe(true)
  expect(browser.typed).toBe(`${home}/settings/`)
  await browser.follow()
  expect(browser.items.map(({ name }) => name)).toEqual(['found.lmz'])
  await browser.up()
  expect(browser.items[browser.active]?.name).toBe('settings')
  // Nothing is there to go to: what was shown stays.
  expect(await browser.go(`${home}/nowhere`)).toBe(false)
  expect(browser.error).toMatchObject({ code: 'NotFound' })
  expect(browser.folder?.path).toBe(home)
})

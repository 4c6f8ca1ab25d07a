import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { defaultSettings, type Settings } from '../../../src-main/contract/shell-api'
import { mostRecent, RecentArchives } from '../../../src-main/shells/window/recent-archives'
import { SettingsFile } from '../../../src-main/shells/window/settings-file'
import { userFolders } from '../../../src-main/shells/window/user-folders'
import { temporaryFolder } from '../../support/temporary'
import { failureOf } from './hosted-engine'

const changed: Settings = {
  preset: 'max',
  blockSize: 1_048_576,
  language: 'de',
  theme: 'dark',
  threads: 3,
  compactRows: true,
}

describe('settings', () => {
  test('are there again after a restart, and are told to whoever listens', async () => {
    const path = join(temporaryFolder(), 'new', 'settings.json')
    const file = new SettingsFile(path)
    expect(await file.read()).toEqual(defaultSettings)
    const told: Settings[] = []
    const unsubscribe = file.onChange((settings) => told.push(settings))
    expect(await file.change(changed)).toEqual(changed)
    expect(await new SettingsFile(path).read()).toEqual(changed)
    unsubscribe()
    await file.change(defaultSettings)
    expect(told).toEqual([changed])
    expect(await new SettingsFile(path).read()).toEqual(defaultSettings)
    expect(readdirSync(join(path, '..'))).toEqual(['settings.json'])
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o077).toBe(0)
  })

  test.each(['', '{', 'null', '[]', '"text"', '\0\0\0', '{"__proto__":{"preset":"max"}}'])(
    'of a broken file %j are the defaults, and can be changed again',
    async (text) => {
      const path = join(temporaryFolder(), 'settings.json')
      writeFileSync(path, text)
      const file = new SettingsFile(path)
      expect(await file.read()).toEqual(defaultSettings)
      expect(await file.change(changed)).toEqual(changed)
      expect(await file.read()).toEqual(changed)
    },
  )

  test('that are wrong by themselves are the defaults, and cost no others', async () => {
    const path = join(temporaryFolder(), 'settings.json')
    writeFileSync(path, JSON.stringify({ ...changed, preset: 'huge', threads: -1, blockSize: 1, later: 'unknown' }))
    const { blockSize: _blockSize, ...others } = changed
    expect(await new SettingsFile(path).read()).toEqual({ ...others, preset: 'balanced', threads: 0 })
  })

  test('that are none are refused and change nothing', async () => {
    const path = join(temporaryFolder(), 'settings.json')
    const file = new SettingsFile(path)
    for (const wrong of [
      undefined,
      null,
      1,
      {},
      { ...changed, threads: 65 },
      { ...changed, more: 1 },
      { ...changed, theme: 'pink' },
    ]) {
      expect(await failureOf(file.change(wrong))).toMatchObject({ code: 'Usage' })
    }
    expect(existsSync(path)).toBe(false)
  })
})

describe('recent archives', () => {
  test('come newest first, each once, with their sizes as they are now', async () => {
    const folder = temporaryFolder()
    const recent = new RecentArchives(join(folder, 'recent.json'))
    const path = (name: string): string => join(folder, name)
    writeFileSync(path('a.lmz'), 'four')
    await recent.add(path('a.lmz'), 1)
    await recent.add(path('gone.lmz'), 2)
    await recent.add(path('a.lmz'), 3)
    expect(await recent.list()).toEqual([
      { path: path('a.lmz'), name: 'a.lmz', bytes: 4, openedMs: 3 },
      { path: path('gone.lmz'), name: 'gone.lmz', bytes: undefined, openedMs: 2 },
    ])
    await recent.forget(path('a.lmz'))
    expect((await new RecentArchives(join(folder, 'recent.json')).list()).map(({ name }) => name)).toEqual(['gone.lmz'])
  })

  test('are twenty, also when many are opened at once', async () => {
    const file = join(temporaryFolder(), 'recent.json')
    const recent = new RecentArchives(file)
    await Promise.all(Array.from({ length: 50 }, (_, at) => recent.add(`/archives/${at}.lmz`, at)))
    const names = (await recent.list()).map(({ name }) => name)
    expect(names).toEqual(Array.from({ length: mostRecent }, (_, at) => `${49 - at}.lmz`))
    expect(mostRecent).toBe(20)
  })

  test('of a broken file are none, or those rows that are whole', async () => {
    const file = join(temporaryFolder(), 'recent.json')
    const row = { path: '/a.lmz', openedMs: 1 }
    for (const text of ['', '{}', 'null', JSON.stringify([1, null, { path: 1, openedMs: 1 }, { path: '/b' }])]) {
      writeFileSync(file, text)
      expect(await new RecentArchives(file).list()).toEqual([])
    }
    writeFileSync(file, JSON.stringify([row, { path: '' }, 'x']))
    expect(await new RecentArchives(file).list()).toMatchObject([{ path: '/a.lmz' }])
    await new RecentArchives(file).add('/c.lmz', 2)
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual([{ path: '/c.lmz', openedMs: 2 }, row])
  })

  test('a list that cannot be written says so, and the next change goes on', async () => {
    const folder = temporaryFolder()
    const recent = new RecentArchives(join(folder, 'blocked', 'recent.json'))
    writeFileSync(join(folder, 'blocked'), 'a file where a folder should be')
    expect(await failureOf(recent.add('/a.lmz'))).toMatchObject({ name: 'LmzError' })
    const other = new RecentArchives(join(folder, 'recent.json'))
    mkdirSync(join(folder, 'recent.json'))
    expect(await failureOf(other.add('/a.lmz'))).toMatchObject({ name: 'LmzError' })
    expect(await other.list()).toEqual([])
  })
})

describe('folders of the user', () => {
  test('are where each system has them', () => {
    expect(userFolders('linux', {}, '/home/ada')).toEqual({
      home: '/home/ada',
      settings: '/home/ada/.config/lmz',
      cache: '/home/ada/.cache/lmz',
    })
    const given = { XDG_CONFIG_HOME: '/config', XDG_CACHE_HOME: 'relative' }
    expect(userFolders('linux', given, '/home/ada')).toMatchObject({
      settings: '/config/lmz',
      cache: '/home/ada/.cache/lmz',
    })
    expect(userFolders('darwin', given, '/Users/ada')).toMatchObject({
      settings: '/Users/ada/Library/Application Support/lmz',
      cache: '/Users/ada/Library/Caches/lmz',
    })
  })
})

import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { listFolder } from '../../../src-main/shells/window/list-folder'
import { PrivateFolder } from '../../../src-main/shells/window/private-folder'
import { modeRunsAsProgram, nameRunsAsProgram } from '../../../src-main/shells/window/runs-as-program'
import { EntryTaker } from '../../../src-main/shells/window/take-out'
import { startEngineChild } from '../../../src-main/shells/window/engine-process'
import { temporaryFolder } from '../../support/temporary'
import { slowText } from '../engine/slow-text'
import { failureOf, hostEngine } from './hosted-engine'

function slowFile(folder: string): string {
  const path = join(folder, 'slow.txt')
  writeFileSync(path, slowText(10_000_000))
  return path
}

/** The number of a process that has ended. */
function endedProcess(): number {
  return spawnSync(process.execPath, ['--version']).pid
}

describe('the private folder', () => {
  test('is the user’s alone, and goes away with what is in it', () => {
    const base = join(temporaryFolder(), 'cache', 'temporary')
    const folder = new PrivateFolder(base)
    const inside = folder.newFolder()
    writeFileSync(join(inside, 'a.txt'), 'secret')
    expect(folder.newFolder()).not.toBe(inside)
    if (process.platform !== 'win32') {
      for (const path of [base, folder.path, inside]) expect(lstatSync(path).mode & 0o777).toBe(0o700)
    }
    mkdirSync(join(inside, 'sealed', 'deep'), { recursive: true })
    writeFileSync(join(inside, 'sealed', 'deep', 'b.txt'), 'secret')
    chmodSync(join(inside, 'sealed', 'deep'), 0o500)
    chmodSync(join(inside, 'sealed'), 0o500)
    folder.remove()
    expect(readdirSync(base)).toEqual([])
  })

  test('removes what a process left that was killed, and nothing else', () => {
    const base = temporaryFolder()
    const left = join(base, `${endedProcess()}-0123456789abcdef`)
    const running = join(base, `${process.ppid}-0123456789abcdef`)
    const foreign = join(base, 'notes')
    for (const path of [left, running, foreign]) {
      mkdirSync(path)
      writeFileSync(join(path, 'a.txt'), 'text')
    }
    const folder = new PrivateFolder(base)
    expect(existsSync(left)).toBe(false)
    expect(readdirSync(base).sort()).toEqual([basename(folder.path), basename(running), 'notes'].sort())
  })

  test('is not made behind a link that somebody else may have laid', () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'elsewhere'))
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'temporary'))
    expect(() => new PrivateFolder(join(folder, 'temporary'))).toThrow(/is not a folder of this user's own/)
    expect(readdirSync(join(folder, 'elsewhere'))).toEqual([])
  })

  test('closes a folder that others could look into', () => {
    if (process.platform === 'win32') return
    const base = temporaryFolder()
    chmodSync(base, 0o755)
    new PrivateFolder(base).remove()
    expect(statSync(base).mode & 0o777).toBe(0o700)
  })
})

describe('what is taken out to be opened', () => {
  test('lies in the private folder under its own name, and does not wait for a job', async () => {
    const folder = temporaryFolder()
    const source = join(folder, 'source')
    mkdirSync(join(source, 'sub'), { recursive: true })
    writeFileSync(join(source, 'sub', 'a.txt'), 'alpha')
    writeFileSync(join(source, 'run.sh'), '#!/bin/sh\n')
    chmodSync(join(source, 'run.sh'), 0o755)
    symlinkSync('run.sh', join(source, 'link'))
    const archive = join(folder, 'made.lmz')
    const { host, when } = hostEngine()
    const job = await host.submit({ verb: 'create', archive, paths: [source] })
    await when(({ id, status }) => id === job && status === 'done')
    const waiting = await host.submit({ verb: 'create', archive: join(folder, 'slow.lmz'), paths: [slowFile(folder)] })
    await when(({ id, status }) => id === waiting && status === 'running')
    await host.pause(waiting)
    const temporary = new PrivateFolder(join(folder, 'temporary'))
    const taker = new EntryTaker(() => startEngineChild(), temporary)
    const [text, script, whole] = await taker.takeOut(archive, ['source/sub/a.txt', 'source/run.sh', 'source/sub'])
    expect(host.jobs().at(-1)).toMatchObject({ id: waiting, status: 'paused' })
    expect([basename(text!), basename(script!), basename(whole!)]).toEqual(['a.txt', 'run.sh', 'sub'])
    expect(readFileSync(text!, 'utf8')).toBe('alpha')
    expect(readFileSync(join(whole!, 'a.txt'), 'utf8')).toBe('alpha')
    expect(modeRunsAsProgram(statSync(script!).mode)).toBe(process.platform !== 'win32')
    for (const path of [text, script, whole]) expect(path!.startsWith(temporary.path)).toBe(true)
    expect(await failureOf(taker.takeOut(archive, ['source/none']))).toMatchObject({ code: 'NotFound' })
    expect(await failureOf(taker.takeOut(archive, ['source/link']))).toMatchObject({ name: 'LmzError' })
    expect(await failureOf(taker.takeOut(join(folder, 'none.lmz'), ['a']))).toMatchObject({ code: 'NotFound' })
    temporary.remove()
  })
})

describe('files that run when they are opened', () => {
  test.each([
    'setup.exe',
    'SETUP.EXE',
    'a.txt.exe',
    'a.exe.',
    'a.exe. .',
    'a.exe::$DATA',
    'a.lnk',
    'a.url',
    'x.library-ms',
    'x.search-ms',
    'a.app',
    'a.desktop',
    '.desktop',
    'a.command',
    'a.ps1',
    'a.js',
    'a.jar',
    'a.scr',
    'a.py',
    'a.sh',
    'a.docm',
    'a.terminal',
    'a.AppImage',
    'a.html.hta',
    'a.reg',
    'a.msi',
    'a.vbs',
    'a.iso',
    'a.settingcontent-ms',
  ])('are known by their name: %s', (name) => expect(nameRunsAsProgram(name)).toBe(true))

  test.each([
    'a.txt',
    'exe',
    'a',
    'a.exe.txt',
    'photo.jpeg',
    'a.pdf',
    'archive.lmz',
    'a.tar.gz',
    'sh',
    '.bashrc.txt',
    'a.md',
    '',
    '.',
    'a.constructor',
  ])('are not suspected without need: %j', (name) => expect(nameRunsAsProgram(name)).toBe(false))
})

describe('a folder to choose from', () => {
  test('shows folders first, then files with their sizes, numbers in their order, and what a link leads to', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'zoo'))
    for (const name of ['file10.txt', 'file2.txt', 'File1.txt']) writeFileSync(join(folder, name), name)
    symlinkSync('zoo', join(folder, 'a link'))
    symlinkSync('nowhere', join(folder, 'broken'))
    const { path, parent, items } = await listFolder(folder)
    expect([path, parent]).toEqual([folder, join(folder, '..')])
    expect(items.map(({ name }) => name)).toEqual(['a link', 'zoo', 'broken', 'File1.txt', 'file2.txt', 'file10.txt'])
    expect(items.map(({ isDirectory }) => isDirectory)).toEqual([true, true, false, false, false, false])
    expect(items[4]).toMatchObject({ path: join(folder, 'file2.txt'), bytes: 9 })
    expect(items[2]).toEqual({ name: 'broken', path: join(folder, 'broken'), isDirectory: false })
  })

  test('has nothing above the top, and says what is wrong with one that is none', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'file'), '')
    if (process.platform !== 'win32') expect((await listFolder('/')).parent).toBeUndefined()
    expect(await failureOf(listFolder(join(folder, 'none')))).toMatchObject({ code: 'NotFound' })
    expect(await failureOf(listFolder(join(folder, 'file')))).toMatchObject({ code: 'Io' })
  })
})

import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  rmSync,
  rmdirSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Problem } from '../../../src-main/contract/problem'
import { fileIdentity } from '../../../src-main/intake/file-stamp'
import { type WalkOptions, walk } from '../../../src-main/intake/walk'
import type { WalkedEntry } from '../../../src-main/intake/walked-entry'
import { asOrdinaryUser, temporaryFolder } from './temporary-folder'

const isPosix = process.platform !== 'win32'
const folder = temporaryFolder()

interface Walked {
  readonly entries: WalkedEntry[]
  readonly problems: Problem[]
}

async function walkAll(roots: readonly string[], options: Partial<WalkOptions> = {}): Promise<Walked> {
  const entries: WalkedEntry[] = []
  const problems: Problem[] = []
  const all: WalkOptions = { exclude: [], onProblem: (problem) => problems.push(problem), ...options }
  for await (const batch of walk(roots, all)) entries.push(...batch)
  return { entries, problems }
}

function pathsOf({ entries }: Walked): string[] {
  return entries.map(({ displayPath }) => displayPath)
}

function codesOf({ problems }: Walked): string[] {
  return problems.map(({ path, error, outcome }) => `${error.code} ${path}: ${outcome}`)
}

async function inFolder<Result>(path: string, run: () => Promise<Result>): Promise<Result> {
  const before = process.cwd()
  process.chdir(path)
  try {
    return await run()
  } finally {
    process.chdir(before)
  }
}

describe('what a walk finds', () => {
  it('keeps the tree: parents first, names sorted, empty folders kept', async () => {
    for (const name of ['photos/b.jpg', 'photos/a/2.jpg', 'photos/a/1.jpg', 'photos/a.txt']) folder.put(name)
    mkdirSync(join(folder.path, 'photos/empty'))
    const walked = await walkAll([join(folder.path, 'photos')])
    expect(pathsOf(walked)).toEqual([
      'photos',
      'photos/a',
      'photos/a/1.jpg',
      'photos/a/2.jpg',
      'photos/a.txt',
      'photos/b.jpg',
      'photos/empty',
    ])
    expect(walked.entries.map(({ ordinal, parent, depth }) => [ordinal, parent, depth])).toEqual([
      [1, 0, 0],
      [2, 1, 1],
      [3, 2, 2],
      [4, 2, 2],
      [5, 1, 1],
      [6, 1, 1],
      [7, 1, 1],
    ])
    expect(walked.problems).toEqual([])
  })

  it('keeps sizes, permissions and times to the nanosecond the system knows', async () => {
    const file = folder.put('report.pdf', 'x'.repeat(1234))
    if (isPosix) chmodSync(file, 0o4751)
    utimesSync(file, 1, 1_600_000_000.123456)
    const { entries } = await walkAll([file])
    const stats = lstatSync(file, { bigint: true })
    expect(entries[0]).toMatchObject({ kind: 'file', stamp: { size: 1234, inode: stats.ino, device: stats.dev } })
    expect(entries[0]?.mtimeNs).toBe(stats.mtimeNs)
    expect(Number(stats.mtimeNs % 1_000_000_000n)).toBeGreaterThan(0)
    if (isPosix) expect(entries[0]?.mode).toBe(0o4751)
  })

  it('keeps times before 1970', async () => {
    const file = folder.put('old')
    // Node takes a negative number for the present time, but not a date.
    utimesSync(file, new Date(-1_000_500), new Date(-1_000_500))
    const { entries } = await walkAll([file])
    expect(entries[0]?.mtimeNs).toBe(-1_000_500_000_000n)
  })

  it('knows all names of one file as one, and only those', async () => {
    const file = folder.put('tree/first')
    folder.put('tree/alone')
    mkdirSync(join(folder.path, 'tree/sub'))
    linkSync(file, join(folder.path, 'tree/sub/second'))
    const { entries } = await walkAll([join(folder.path, 'tree')])
    const identities = new Map(entries.map((entry) => [entry.name, entry.kind === 'file' ? entry.identity : 'none']))
    expect(identities.get('first')).toMatch(/^\d+:\d+$/)
    expect(identities.get('second')).toBe(identities.get('first'))
    expect(identities.get('alone')).toBeUndefined()
  })

  it('stores links as links, dangling or circular, and follows none of them', async () => {
    folder.put('outside/secret')
    mkdirSync(join(folder.path, 'tree'))
    symlinkSync('../outside', join(folder.path, 'tree/out'))
    symlinkSync('.', join(folder.path, 'tree/self'))
    symlinkSync('nowhere/at all', join(folder.path, 'tree/dangling'))
    const { entries, problems } = await walkAll([join(folder.path, 'tree')])
    expect(entries.map((entry) => [entry.name, entry.kind === 'symlink' ? entry.target : entry.kind])).toEqual([
      ['tree', 'directory'],
      ['dangling', 'nowhere/at all'],
      ['out', '../outside'],
      ['self', '.'],
    ])
    expect(problems).toEqual([])
  })

  it('keeps composed and decomposed names apart, and names of 255 bytes whole', async () => {
    const names = [
      '\u00e9.txt',
      'e\u0301.txt',
      '\u{1f600}'.repeat(60),
      'n'.repeat(255),
      ' lead',
      'line\nfeed',
      '\u202egpj.exe',
    ]
    if (!isPosix || process.platform === 'darwin') return
    for (const name of names) folder.put(`tree/${name}`)
    const { entries, problems } = await walkAll([join(folder.path, 'tree')])
    expect(entries.slice(1).map(({ name }) => name)).toEqual(names.sort())
    expect(problems).toEqual([])
  })

  it('walks 100 batches of files without losing or repeating one', async () => {
    for (let index = 0; index < 1500; index++) folder.put(`tree/${index % 7}/${index}`, '')
    const walked = await walkAll([join(folder.path, 'tree')])
    expect(walked.entries.length).toBe(1 + 7 + 1500)
    expect(new Set(pathsOf(walked)).size).toBe(1 + 7 + 1500)
    expect(walked.entries.map(({ ordinal }) => ordinal)).toEqual(walked.entries.map((_, index) => index + 1))
  })
})

describe.runIf(process.platform === 'linux')('names that are not valid UTF-8', () => {
  function putRaw(directory: string, name: Buffer, content = 'raw'): Buffer {
    mkdirSync(directory, { recursive: true })
    const path = Buffer.concat([Buffer.from(`${directory}/`), name])
    writeFileSync(path, content)
    return path
  }

  it('keeps their exact bytes, shows what can be shown, and finds what lies below', async () => {
    const tree = join(folder.path, 'tree')
    const path = putRaw(tree, Buffer.from('caf\xe9 \u00fc'.replace('\u00fc', ''), 'latin1'))
    const directory = Buffer.concat([Buffer.from(`${tree}/d`), Buffer.from([0xff])])
    mkdirSync(directory)
    writeFileSync(Buffer.concat([directory, Buffer.from('/inner')]), '')
    folder.put('tree/plain \ufffd')
    const { entries, problems } = await walkAll([tree])
    expect(problems).toEqual([])
    expect(entries.map(({ displayPath }) => displayPath)).toEqual([
      'tree',
      'tree/caf\\xE9 ',
      'tree/d\\xFF',
      'tree/d\\xFF/inner',
      'tree/plain \ufffd',
    ])
    expect(entries.map(({ rawName }) => (rawName === undefined ? undefined : [...rawName]))).toEqual([
      undefined,
      [...Buffer.from('caf\xe9 ', 'latin1')],
      [0x64, 0xff],
      undefined,
      undefined,
    ])
    expect(Buffer.from(entries[1]?.path ?? '')).toEqual(path)
  })

  it('never shows two files of a folder under one name', async () => {
    const tree = join(folder.path, 'tree')
    putRaw(tree, Buffer.from([0x61, 0xe9]), 'bytes')
    folder.put('tree/a\\xE9', 'letters')
    const { entries } = await walkAll([tree])
    expect(entries.map(({ name }) => name)).toEqual(['tree', 'a\\xE9', 'a\\xE9 (2)'])
    expect(entries.map(({ rawName }) => rawName !== undefined)).toEqual([false, false, true])
  })

  it('leaves out a link whose target it could only store wrongly', async () => {
    mkdirSync(join(folder.path, 'tree'))
    symlinkSync(Buffer.from([0x78, 0xfe]), join(folder.path, 'tree/link'))
    const walked = await walkAll([join(folder.path, 'tree')])
    expect(pathsOf(walked)).toEqual(['tree'])
    expect(codesOf(walked)).toEqual(['Unsupported tree/link: left out'])
    expect(walked.problems[0]?.error.message).toContain('x\\xFE')
  })
})

describe('what cannot be stored', () => {
  it.runIf(isPosix)('names pipes, sockets and devices and goes on', async () => {
    folder.put('tree/a')
    folder.put('tree/z')
    execFileSync('mkfifo', [join(folder.path, 'tree/pipe')])
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(join(folder.path, 'tree/socket'), resolve))
    const walked = await walkAll([join(folder.path, 'tree'), '/dev/null'])
    await new Promise((resolve) => server.close(resolve))
    expect(pathsOf(walked)).toEqual(['tree', 'tree/a', 'tree/z'])
    expect(codesOf(walked)).toEqual([
      'Unsupported tree/pipe: left out',
      'Unsupported tree/socket: left out',
      'Unsupported null: left out',
    ])
    expect(walked.problems.map(({ error }) => error.message).join(' ')).toMatch(/named pipe.*socket.*device/)
  })

  it.runIf(isPosix)('keeps a folder that cannot be read, without its contents', async () => {
    folder.put('tree/locked/inside')
    folder.put('tree/open')
    chmodSync(folder.path, 0o755)
    chmodSync(join(folder.path, 'tree/locked'), 0)
    const walked = await asOrdinaryUser(() => walkAll([join(folder.path, 'tree')]))
    chmodSync(join(folder.path, 'tree/locked'), 0o700)
    expect(pathsOf(walked)).toEqual(['tree', 'tree/locked', 'tree/open'])
    expect(codesOf(walked)).toEqual(['Io tree/locked: stored without its contents'])
  })

  it('reports what vanishes while it walks, and adds the rest', async () => {
    for (let index = 0; index < 600; index++) folder.put(`tree/a${String(index).padStart(3, '0')}`, '')
    folder.put('tree/b/gone')
    folder.put('tree/c')
    const problems: Problem[] = []
    const paths: string[] = []
    const batches = walk([join(folder.path, 'tree')], { exclude: [], onProblem: (problem) => problems.push(problem) })
    for await (const batch of batches) {
      if (paths.length === 0) rmSync(join(folder.path, 'tree/b'), { recursive: true })
      paths.push(...batch.map(({ displayPath }) => displayPath))
    }
    expect(paths.length).toBe(1 + 600 + 1)
    expect(paths.at(-1)).toBe('tree/c')
    expect(problems.map(({ path, error }) => [path, error.code])).toEqual([['tree/b', 'SourceChanged']])
  })

  it.runIf(isPosix)('walks 1,900 levels, and says where a path grows too long for the system', async () => {
    const tree = join(folder.path, 't')
    mkdirSync(tree)
    const before = process.cwd()
    let made = 0
    try {
      process.chdir(tree)
      // Level by level from within, as no path to the deepest ones can be opened.
      for (; made < 2100; made++) {
        mkdirSync('d')
        process.chdir('d')
      }
      writeFileSync('deepest', '')
      const walked = await walkAll([tree])
      expect(walked.entries.length).toBeGreaterThan(1900)
      expect(walked.entries.at(-1)?.depth).toBe(walked.entries.length - 1)
      expect(codesOf(walked)).toHaveLength(1)
      expect(codesOf(walked)[0]).toMatch(/^Limit t\/d.*: left out$/)
    } finally {
      unlinkSync('deepest')
      for (; made > 0; made--) {
        process.chdir('..')
        rmdirSync('d')
      }
      process.chdir(before)
    }
  })

  it.runIf(process.platform === 'linux')('takes the size of a huge sparse file exactly', async () => {
    const file = folder.put('huge', '')
    truncateSync(file, 5 * 2 ** 40 + 1)
    const { entries } = await walkAll([file])
    expect(entries[0]).toMatchObject({ stamp: { size: 5 * 2 ** 40 + 1 } })
  })
})

describe('the given paths', () => {
  it('names a missing path before anything is added', () => {
    const present = folder.put('present')
    const missing = join(folder.path, 'missing')
    const start = (): unknown => walk([present, missing], { exclude: [], onProblem: () => undefined })
    expect(start).toThrow(expect.objectContaining({ code: 'NotFound', subject: missing }))
    expect(() => walk([''], { exclude: [], onProblem: () => undefined })).toThrow(
      expect.objectContaining({ code: 'Usage' }),
    )
  })

  it('adds the contents of ".", "..", and the named folder for "dir/"', async () => {
    folder.put('top/dir/file')
    folder.put('top/other')
    const top = join(folder.path, 'top')
    const below = join(top, 'dir')
    expect(pathsOf(await inFolder(top, () => walkAll(['.'])))).toEqual(['dir', 'dir/file', 'other'])
    expect(pathsOf(await inFolder(below, () => walkAll(['..'])))).toEqual(['dir', 'dir/file', 'other'])
    expect(pathsOf(await inFolder(top, () => walkAll(['dir/'])))).toEqual(['dir', 'dir/file'])
    expect(pathsOf(await inFolder(top, () => walkAll(['./dir/.'])))).toEqual(['file'])
    expect(pathsOf(await inFolder(below, () => walkAll(['../other'])))).toEqual(['other'])
  })

  it.runIf(isPosix)('stores a given link itself, and what it points to only with a "/" behind it', async () => {
    folder.put('real/file')
    symlinkSync('real', join(folder.path, 'link'))
    const bare = await walkAll([join(folder.path, 'link')])
    expect(bare.entries.map(({ kind }) => kind)).toEqual(['symlink'])
    expect(pathsOf(await walkAll([`${join(folder.path, 'link')}/`]))).toEqual(['link', 'link/file'])
  })

  it.runIf(isPosix)('goes through links in ".." as the system does', async () => {
    folder.put('a/b/marker')
    folder.put('elsewhere/wrong')
    symlinkSync('../a/b', join(folder.path, 'elsewhere/link'))
    expect(pathsOf(await walkAll([`${folder.path}/elsewhere/link/../b`]))).toEqual(['b', 'b/marker'])
  })

  it('adds the first of two paths of one name and reports the second', async () => {
    folder.put('one/same/1')
    folder.put('two/same/2')
    const walked = await walkAll([join(folder.path, 'one/same'), join(folder.path, 'two/same')])
    expect(pathsOf(walked)).toEqual(['same', 'same/1'])
    expect(codesOf(walked)).toEqual(['Collision same: left out'])
  })

  it('passes over the archive that is being written, under any name, in silence', async () => {
    const archive = folder.put('tree/sub/new.lmz')
    folder.put('tree/file')
    const { dev, ino } = lstatSync(archive, { bigint: true })
    const walked = await walkAll([join(folder.path, 'tree')], { skip: new Set([fileIdentity(dev, ino)]) })
    expect(pathsOf(walked)).toEqual(['tree', 'tree/file', 'tree/sub'])
    expect(walked.problems).toEqual([])
  })
})

describe('excludes and cancelling', () => {
  it('does not enter an excluded folder', async () => {
    folder.put('app/node_modules/x/index.js')
    folder.put('app/src/a.ts')
    folder.put('app/src/a.tmp')
    folder.put('app/.git/config')
    const walked = await walkAll([join(folder.path, 'app')], { exclude: ['node_modules/', '*.tmp', 'app/.git'] })
    expect(pathsOf(walked)).toEqual(['app', 'app/src', 'app/src/a.ts'])
  })

  it('stops soon after a cancel, also where everything is excluded', async () => {
    for (let index = 0; index < 3000; index++) folder.put(`tree/${index}`, '')
    const controller = new AbortController()
    const run = async (exclude: string[]): Promise<number> => {
      let seen = 0
      const options = { exclude, onProblem: () => undefined, signal: controller.signal }
      for await (const batch of walk([join(folder.path, 'tree')], options)) {
        seen += batch.length
        controller.abort()
      }
      return seen
    }
    await expect(run([])).rejects.toMatchObject({ code: 'Cancelled' })
    await expect(run(['*'])).rejects.toMatchObject({ code: 'Cancelled' })
  })
})

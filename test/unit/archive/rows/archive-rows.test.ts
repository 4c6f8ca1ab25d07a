import { linkSync, mkdirSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { addToArchive } from '../../../../src-main/archive/add'
import { Archive } from '../../../../src-main/archive/archive'
import { createArchive } from '../../../../src-main/archive/create'
import { archiveInfo } from '../../../../src-main/archive/info'
import { ArchiveRows } from '../../../../src-main/archive/rows/archive-rows'
import type { EntryRow, RowColumn, Share } from '../../../../src-main/contract/engine-api'
import { Random } from '../../../support/random'
import { temporaryFolder } from '../../../support/temporary'

const page = { offset: 0, limit: 1000 }
const byName = { column: 'name', descending: false } as const

function noise(length: number, seed: number): Uint8Array {
  return new Random(seed).bytes(length)
}

interface Opened {
  readonly archive: Archive
  readonly rows: ArchiveRows
  /** Id of the entry at a path. */
  readonly at: (path: string) => number
}

/** An archive of files by path, opened. */
async function opened(files: Readonly<Record<string, string | Uint8Array>>, prepare?: (source: string) => void) {
  const folder = temporaryFolder()
  const source = join(folder, 'top')
  mkdirSync(source)
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(source, path)), { recursive: true })
    writeFileSync(join(source, path), content)
  }
  prepare?.(source)
  const path = join(folder, 'a.lmz')
  await createArchive(path, [source], { preset: 'fast', primers: false })
  return open(path)
}

async function open(path: string): Promise<Opened> {
  const archive = await Archive.open(path)
  const rows = new ArchiveRows(archive)
  onTestFinished(() => {
    rows.close()
    archive.close()
  })
  const at = (entryPath: string): number => archive.index.resolve(entryPath.split('/'))?.id ?? -1
  return { archive, rows, at }
}

function names(rows: readonly EntryRow[]): string[] {
  return rows.map(({ name }) => name)
}

describe('rows of a folder', () => {
  it('stand as people expect, folders first: a list would jump from 1 to 10 to 2', async () => {
    const wanted = ['Zoo', 'alpha', 'a1.txt', 'A2.txt', 'a10.txt', 'b-3', 'B-20', 'z', 'ä']
    const files = Object.fromEntries(wanted.map((name) => [/^[Za]\w{2,}$/.test(name) ? `${name}/f` : name, name]))
    const { rows, at } = await opened(files)
    // Before the table is read and after.
    for (const round of ['first', 'again']) {
      const listed = await rows.list(at('top'), byName, page)
      expect(names(listed.rows), round).toEqual([
        'alpha',
        'Zoo',
        'a1.txt',
        'A2.txt',
        'a10.txt',
        'b-3',
        'B-20',
        'z',
        'ä',
      ])
      await rows.shares(0, 10)
    }
    const reversed = await rows.list(at('top'), { column: 'name', descending: true }, page)
    expect(names(reversed.rows)).toEqual(['Zoo', 'alpha', 'ä', 'z', 'B-20', 'b-3', 'a10.txt', 'A2.txt', 'a1.txt'])
  })

  it('differ in case alone and yet have one order: pages would overlap', async () => {
    const { rows, at } = await opened({ a: '1', A: '2', '01': '3', '1': '4' })
    const forwards = names((await rows.list(at('top'), byName, page)).rows)
    expect(forwards).toEqual(['01', '1', 'A', 'a'])
    await rows.shares(0, 10)
    const oneByOne = [0, 1, 2, 3].map(async (offset) => (await rows.list(at('top'), byName, { offset, limit: 1 })).rows)
    expect(names((await Promise.all(oneByOne)).flat())).toEqual(forwards)
  })

  it('are sorted by any column, by name where that says nothing: the column head would do nothing', async () => {
    const { rows, at } = await opened(
      {
        'big.txt': 'x'.repeat(50_000),
        'small.bin': noise(3000, 1),
        'mid.txt': 'y'.repeat(9000),
        'dir/in': noise(200, 2),
      },
      (source) => {
        utimesSync(join(source, 'mid.txt'), 10, 20)
        utimesSync(join(source, 'big.txt'), 10, 10)
        utimesSync(join(source, 'small.bin'), 10, 30)
      },
    )
    const sorted = async (column: RowColumn, descending: boolean) =>
      names((await rows.list(at('top'), { column, descending }, page)).rows)
    expect(await sorted('size', false)).toEqual(['dir', 'small.bin', 'mid.txt', 'big.txt'])
    expect(await sorted('size', true)).toEqual(['dir', 'big.txt', 'mid.txt', 'small.bin'])
    expect(await sorted('modified', false)).toEqual(['dir', 'big.txt', 'mid.txt', 'small.bin'])
    expect((await sorted('stored', true)).slice(0, 2)).toEqual(['dir', 'small.bin'])
    expect((await sorted('bits', true)).slice(0, 2)).toEqual(['dir', 'small.bin'])
    expect(await sorted('kind', false)).toHaveLength(4)
  })

  it('have kinds of their own where they share a block: a readme among sources would be called source code', async () => {
    const { rows, at } = await opened({
      'main.ts': 'export const answer = 42\n'.repeat(200),
      'readme.md': '# Answers\n\nThere is one.\n',
      'data.json': '{"answer": 42}',
      // What a name cannot know, the content tells.
      'picture.json': noise(3000, 3),
    })
    await rows.shares(0, 10)
    const listed = await rows.list(at('top'), { column: 'kind', descending: false }, page)
    expect(listed.rows.map(({ name, contentKind }) => [name, contentKind])).toEqual([
      ['readme.md', 'text'],
      ['main.ts', 'code'],
      ['data.json', 'structured'],
      ['picture.json', 'compressed'],
    ])
  })

  it('tell what each entry is: a link would look like a file, a program like a text', async () => {
    const { rows, at } = await opened({ 'a.md': '# Words\n\nmore words\n'.repeat(50), 'dir/sub/x': 'x' }, (source) => {
      symlinkSync('a.md', join(source, 'link'))
      linkSync(join(source, 'a.md'), join(source, 'hard'))
      writeFileSync(join(source, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 })
    })
    const listed = (await rows.list(at('top'), byName, page)).rows
    const row = (name: string) => listed.find((found) => found.name === name)
    expect(row('dir')).toMatchObject({ kind: 'directory', items: 1, hasFolders: true, size: 1, parent: at('top') })
    expect(row('link')).toMatchObject({ kind: 'symlink', target: 'a.md' })
    const [file, hard] = ['a.md', 'hard'].map(row).toSorted((one) => (one?.kind === 'file' ? -1 : 1))
    expect(file).toMatchObject({ kind: 'file', size: 1000, contentKind: 'text', isExecutable: false })
    expect(hard).toMatchObject({ kind: 'hardLink', size: 1000, stored: 0 })
    expect(row('run.sh')).toMatchObject({ kind: 'file', isExecutable: true })
    expect((await rows.folders(at('top/dir'))).map(({ name, hasFolders }) => [name, hasFolders])).toEqual([
      ['sub', false],
    ])
  })

  it('is no folder, not there, or no longer open: the window would show an empty list', async () => {
    const { archive, rows, at } = await opened({ a: 'a' })
    await expect(rows.list(at('top/a'), byName, page)).rejects.toMatchObject({ code: 'NotFound' })
    await expect(rows.find(999, 'a', undefined, page)).rejects.toMatchObject({ code: 'NotFound' })
    const underWay = rows.shares(0, 10)
    rows.close()
    await expect(underWay).rejects.toMatchObject({ code: 'Usage' })
    await expect(rows.list(0, byName, page)).rejects.toMatchObject({ code: 'Usage' })
    expect(archive.index.entry(1)?.name).toBe('top')
  })
})

describe('stored bytes', () => {
  it('of all files are what all blocks take, equal data shared: ten copies would seem to cost ten times', async () => {
    const shared = noise(40_000, 3)
    const { archive, rows, at } = await opened({
      'one/a.bin': shared,
      'two/b.bin': shared,
      'two/c.bin': Buffer.concat([shared, noise(5000, 4)]),
      'long.txt': 'some words and more of them\n'.repeat(9000),
      empty: '',
    })
    const { stored, size } = await rows.shares(0, 100)
    const { dataBytes, rawBytes } = archiveInfo(archive)
    expect(stored).toBe(dataBytes)
    expect(size).toBe(rawBytes)
    const [a] = (await rows.list(at('top/one'), byName, page)).rows
    const [b] = (await rows.list(at('top/two'), byName, page)).rows
    expect(a?.stored).toBe(b?.stored)
    expect(a?.stored).toBeLessThan(20_100)
    const top = (await rows.list(at('top'), byName, page)).rows
    expect(top.find(({ name }) => name === 'one')).toMatchObject({ size: 40_000, stored: a?.stored })
    expect(top.find(({ name }) => name === 'empty')).toMatchObject({ size: 0, stored: 0 })
  })

  it('are right for a file in several runs: it would seem to cost nothing', async () => {
    const folder = temporaryFolder()
    const [first, second] = [noise(600_000, 5), noise(600_000, 6)]
    writeFileSync(join(folder, 'first'), first)
    writeFileSync(join(folder, 'second'), second)
    const path = join(folder, 'a.lmz')
    await createArchive(path, [join(folder, 'first')], { preset: 'fast' })
    await addToArchive(path, [join(folder, 'second')], {})
    writeFileSync(join(folder, 'both'), Buffer.concat([second, first]))
    await addToArchive(path, [join(folder, 'both')], {})
    const { archive, rows } = await open(path)
    expect(archive.index.content(3).runs.length).toBeGreaterThan(1)
    const listed = (await rows.list(0, { column: 'stored', descending: true }, page)).rows
    const { dataBytes } = archiveInfo(archive)
    expect(listed.map(({ name }) => name)[0]).toBe('both')
    expect(Math.abs(listed.reduce((sum, { stored = 0 }) => sum + stored, 0) - dataBytes)).toBeLessThan(3)
  })

  it('of a share tree add up at every level, within the number asked for: rectangles would be missing', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 120 }, (_, at) => [`d${at % 7}/e${at % 3}/f${at}.bin`, noise(50 + at * 13, at)]),
    )
    const { rows } = await opened(files)
    const count = (share: Share): number => 1 + (share.parts ?? []).reduce((sum, part) => sum + count(part), 0)
    const check = ({ parts, stored, size }: Share): void => {
      if (parts === undefined) return
      expect(parts.reduce((sum, part) => sum + part.size, 0)).toBe(size)
      expect(Math.abs(parts.reduce((sum, part) => sum + part.stored, 0) - stored)).toBeLessThanOrEqual(parts.length)
      const known = parts.filter(({ id }) => id !== 0).map((part) => part.stored)
      expect(known).toEqual(known.toSorted((one, other) => other - one))
      parts.forEach(check)
    }
    for (const most of [1, 2, 3, 10, 50, 1000]) {
      const tree = await rows.shares(0, most)
      expect(count(tree), `${most}`).toBeLessThanOrEqual(most)
      check(tree)
    }
    // 120 files, 1 + 7 + 21 folders and the top level.
    expect(count(await rows.shares(0, 1000))).toBe(150)
  })
})

describe('finding', () => {
  const files = {
    'src/engine/job.ts': '1',
    'src/engine/job-queue.ts': '2',
    'src/run-job.ts': '3',
    'docs/Jobs.md': '4',
    'docs/subjob.md': '5',
    job: '6',
    'docs/GRÜßE.txt': '7',
  }

  it('gives the best first, whatever the case, with the place: the one looked for would be far down', async () => {
    const { rows, at } = await opened(files)
    const found = await rows.find(0, 'JOB', undefined, page)
    expect(names(found.rows)).toEqual(['job', 'job.ts', 'Jobs.md', 'job-queue.ts', 'run-job.ts', 'subjob.md'])
    expect(found.total).toBe(6)
    expect(found.rows.map(({ place }) => place).slice(0, 3)).toEqual(['top', 'top/src/engine', 'top/docs'])
    expect(names((await rows.find(at('top/docs'), 'job', undefined, page)).rows)).toEqual(['Jobs.md', 'subjob.md'])
    expect(names((await rows.find(0, 'grüß', undefined, page)).rows)).toEqual(['GRÜßE.txt'])
    // The same letter as two characters.
    expect(names((await rows.find(0, 'gru\u0308ß', undefined, page)).rows)).toEqual(['GRÜßE.txt'])
    expect((await rows.find(0, 'nowhere', undefined, page)).rows).toEqual([])
    expect(names((await rows.find(0, 'job', undefined, { offset: 1, limit: 2 })).rows)).toEqual(['job.ts', 'Jobs.md'])
    const byName = await rows.find(0, 'job.', { column: 'name', descending: true }, page)
    expect(names(byName.rows)).toEqual(['subjob.md', 'run-job.ts', 'job.ts'])
  })

  it('finds what a path contains, as comparing whole paths would: a text with a slash would find nothing', async () => {
    const { archive, rows } = await opened(files)
    const paths = [...archive.index.entries()].map(({ id }) => archive.index.pathOf(id).join('/'))
    for (const text of [
      'src/',
      'engine/j',
      'rc/e',
      'top/src/engine/job.ts',
      'c/engine/job',
      'docs/jobs.md',
      'x/y',
      'op/j',
    ]) {
      const found = (await rows.find(0, text, undefined, page)).rows.map(({ id }) => archive.index.pathOf(id).join('/'))
      const wanted = paths.filter((path) => path.toLowerCase().includes(text))
      expect(found.toSorted(), text).toEqual(wanted.toSorted())
    }
    const anchored = await rows.find(0, '/src', undefined, page)
    expect(anchored.rows[0]).toMatchObject({ name: 'src' })
    expect((await rows.find(0, '/top', undefined, page)).total).toBe(paths.length)
  })
})

it('lists what a cut-off archive lost as missing: it would fail only when extracted', async () => {
  const folder = temporaryFolder()
  const source = join(folder, 'many')
  mkdirSync(source)
  for (let at = 0; at < 8; at++) writeFileSync(join(source, `f${at}.bin`), noise(900_000, at))
  const path = join(folder, 'a.lmz')
  await createArchive(path, [source], { preset: 'fast', blockSize: 256 * 1024 })
  truncateSync(path, 5_000_000)
  const { archive, rows, at } = await open(path)
  expect(archive.condition).toBe('degraded')
  const listed = await rows.list(at('many'), { column: 'stored', descending: false }, page)
  expect(listed.rows.some(({ isMissing }) => isMissing)).toBe(true)
  expect(listed.rows.some(({ isMissing, stored = 0 }) => !isMissing && stored > 800_000)).toBe(true)
})

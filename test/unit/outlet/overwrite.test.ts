import { lstatSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { OverwriteAnswer, OverwriteQuestion } from '../../../src-main/contract/question'
import { LmzError } from '../../../src-main/contract/error'
import { Outlet } from '../../../src-main/outlet/outlet'
import { contents, directory, extract, file, placeAll, symlink, temporaryFolder, someTime } from './extraction'

/** A destination with a file, a folder with a file, and a link to the folder. */
function occupied(): string {
  const destination = temporaryFolder()
  writeFileSync(join(destination, 'a.txt'), 'mine')
  mkdirSync(join(destination, 'folder'))
  writeFileSync(join(destination, 'folder', 'b.txt'), 'mine too')
  symlinkSync('folder', join(destination, 'link'))
  return destination
}

const untouched = { 'a.txt': 'mine', folder: '/', 'folder/b.txt': 'mine too', link: '-> folder' }

function incoming() {
  const folder = directory('folder')
  const link = directory('link')
  return [
    file('a.txt', 'theirs'),
    folder,
    file('b.txt', 'theirs too', folder),
    file('c.txt', 'new', folder),
    link,
    file('d.txt', 'below', link),
  ]
}

describe('the overwrite policy', () => {
  it('skip leaves what is there, takes the rest, and is no problem', async () => {
    const destination = occupied()
    const { result, problems } = await extract(destination, incoming(), { overwrite: 'skip' })
    expect(contents(destination)).toEqual({ ...untouched, 'folder/c.txt': 'new' })
    expect(problems).toEqual([])
    expect(result).toMatchObject({ files: 1, directories: 1, skipped: 4, problems: 0 })
  })

  it('replace exchanges files, but never a folder for a file or link, nor the other way round', async () => {
    const destination = occupied()
    const { codes } = await extract(destination, [...incoming(), file('folder', 'no folder'), symlink('a.txt', 'x')], {
      overwrite: 'replace',
    })
    expect(contents(destination)).toEqual({
      'a.txt': 'theirs',
      folder: '/',
      'folder/b.txt': 'theirs too',
      'folder/c.txt': 'new',
      link: '-> folder',
    })
    expect(codes).toEqual(['a.txt: Collision', 'folder: Collision', 'link/d.txt: Collision', 'link: Collision'])
  })

  it('replace takes the place of a link, not of what it points to', async () => {
    const destination = occupied()
    symlinkSync('a.txt', join(destination, 'alias'))
    await extract(destination, [file('alias', 'theirs')], { overwrite: 'replace' })
    expect(contents(destination)).toEqual({ ...untouched, alias: 'theirs' })
    expect(lstatSync(join(destination, 'alias')).isSymbolicLink()).toBe(false)
  })

  it('rename writes beside what is there, under the first free number', async () => {
    const destination = occupied()
    writeFileSync(join(destination, 'a (2).txt'), 'second')
    const entries = [...incoming(), file('a (3).txt', 'of the archive')]
    const { result } = await extract(destination, entries, { overwrite: 'rename' })
    expect(contents(destination)).toEqual({
      ...untouched,
      'a (2).txt': 'second',
      'a (3).txt': 'of the archive',
      'a (4).txt': 'theirs',
      'folder/b (2).txt': 'theirs too',
      'folder/c.txt': 'new',
      'link (2)': '/',
      'link (2)/d.txt': 'below',
    })
    expect(result).toMatchObject({ files: 5, directories: 2, renamed: 3, problems: 0 })
  })
})

describe('asking', () => {
  it('tells both sides, follows each answer, and stops asking after an answer for all', async () => {
    const destination = occupied()
    const questions: OverwriteQuestion[] = []
    const answers: OverwriteAnswer[] = [
      { choice: 'rename', forAll: false },
      { choice: 'replace', forAll: true },
    ]
    const { problems } = await extract(destination, incoming(), {
      overwrite: 'ask',
      ask: (question) => {
        questions.push(question)
        // The third question would find no answer.
        return Promise.resolve(answers[questions.length - 1] as OverwriteAnswer)
      },
    })
    expect(questions.map(({ path }) => path)).toEqual(['a.txt', 'folder/b.txt'])
    expect(questions[0]).toEqual({
      kind: 'overwrite',
      path: 'a.txt',
      existing: { size: 4, mtimeMs: expect.any(Number) as number, isDirectory: false },
      incoming: { size: 6, mtimeMs: Number(someTime / 1_000_000n) },
    })
    expect(contents(destination)).toEqual({
      ...untouched,
      'a (2).txt': 'theirs',
      'folder/b.txt': 'theirs too',
      'folder/c.txt': 'new',
    })
    expect(problems.map(({ path }) => path)).toEqual(['link', 'link/d.txt'])
  })

  it('needs someone to ask', async () => {
    const destination = join(temporaryFolder(), 'new')
    await expect(extract(destination, [], { overwrite: 'ask' })).rejects.toMatchObject({ code: 'Usage' })
  })

  it('ends the job, with nothing written, when the user cancels instead of answering', async () => {
    const destination = occupied()
    const cancelled = new LmzError('Cancelled', 'Cancelled.')
    const job = extract(destination, incoming(), { overwrite: 'ask', ask: () => Promise.reject(cancelled) })
    await expect(job).rejects.toBe(cancelled)
    expect(contents(destination)).toEqual(untouched)
  })
})

describe('what appears at the destination while the archive is being decoded', () => {
  it.each([
    ['skip', { a: 'newer', d: '/', 'd/mine': 'newer', 'd/theirs': 'x', l: 'newer', f: '/' }],
    ['replace', { a: 'old', d: '/', 'd/mine': 'x', 'd/theirs': 'x', l: '-> a', f: '/' }],
    [
      'rename',
      {
        a: 'newer',
        'a (2)': 'old',
        d: '/',
        'd/mine': 'newer',
        'd/mine (2)': 'x',
        'd/theirs': 'x',
        l: 'newer',
        'l (2)': '-> a',
        f: '/',
        'f (2)': 'file',
      },
    ],
  ] as const)('is treated by the policy %s as if it had been there before', async (overwrite, expected) => {
    const destination = temporaryFolder()
    const codes: string[] = []
    const outlet = await Outlet.open(destination, {
      overwrite,
      onProblem: ({ path, error }) => codes.push(`${path}: ${error.code}`),
    })
    const folder = directory('d', undefined, { mode: 0o555 })
    const entries = [
      file('a', 'old'),
      folder,
      file('mine', 'x', folder),
      file('theirs', 'x', folder),
      symlink('l', 'a'),
      file('f', 'file'),
    ]
    await placeAll(outlet, entries, [])
    writeFileSync(join(destination, 'a'), 'newer')
    mkdirSync(join(destination, 'd'))
    writeFileSync(join(destination, 'd/mine'), 'newer')
    writeFileSync(join(destination, 'l'), 'newer')
    mkdirSync(join(destination, 'f'))
    const result = await outlet.commit()
    expect(contents(destination)).toEqual(expected)
    expect(codes).toEqual(overwrite === 'replace' ? ['f: Collision'] : [])
    expect(result.skipped).toBe(overwrite === 'skip' ? 4 : 0)
  })

  it('is asked about then', async () => {
    const destination = temporaryFolder()
    const asked: string[] = []
    const outlet = await Outlet.open(destination, {
      overwrite: 'ask',
      ask: ({ path }) => {
        asked.push(path)
        return Promise.resolve({ choice: path === 'd' ? 'rename' : 'replace', forAll: false })
      },
      onProblem: () => undefined,
    })
    const folder = directory('d')
    await placeAll(outlet, [file('a', 'old'), folder, file('f', 'x', folder)], [])
    writeFileSync(join(destination, 'a'), 'newer')
    writeFileSync(join(destination, 'd'), 'a file')
    await outlet.commit()
    expect(asked.sort()).toEqual(['a', 'd'])
    expect(contents(destination)).toEqual({ a: 'old', d: 'a file', 'd (2)': '/', 'd (2)/f': 'x' })
  })

  it('ends the job when that question is cancelled, and staging still goes', async () => {
    const destination = temporaryFolder()
    const cancelled = new LmzError('Cancelled', 'Cancelled.')
    const outlet = await Outlet.open(destination, {
      overwrite: 'ask',
      ask: () => Promise.reject(cancelled),
      onProblem: () => undefined,
    })
    await placeAll(outlet, [file('a', 'old')], [])
    writeFileSync(join(destination, 'a'), 'newer')
    await expect(outlet.commit()).rejects.toBe(cancelled)
    await outlet.discard()
    expect(readdirSync(destination)).toEqual(['a'])
    expect(contents(destination)).toEqual({ a: 'newer' })
  })
})

import { spawnSync } from 'node:child_process'
import { lstatSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { contents, directory, extract, file, hardLink, someTime, symlink, temporaryFolder } from './extraction'

/** Mounts another file system there, where the system lets us. */
function mount(folder: string): boolean {
  return process.platform === 'linux' && spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', folder]).status === 0
}

let mounted: string | undefined

afterEach(() => {
  if (mounted !== undefined) spawnSync('umount', [mounted])
  mounted = undefined
})

/** A destination with a folder "other" that is on another file system. */
function destinationWithMount(): string | undefined {
  const destination = temporaryFolder()
  mkdirSync(join(destination, 'other'))
  if (!mount(join(destination, 'other'))) return undefined
  mounted = join(destination, 'other')
  return destination
}

describe('a folder of the destination on another file system', () => {
  it('gets its files, folders and links with modes and times, though nothing can be renamed to it', async (context) => {
    const destination = destinationWithMount()
    if (destination === undefined) return context.skip('no right to mount a file system')
    const other = directory('other')
    const inner = directory('inner', other, { mode: 0o555, mtimeNs: 3_000n })
    const deepest = directory('deepest', inner, { mode: 0o511, mtimeNs: 2_000n })
    const first = file('f', 'x', deepest, { mode: 0o444 })
    writeFileSync(join(destination, 'other/there'), 'mine')
    const { problems, result } = await extract(
      destination,
      [
        other,
        inner,
        deepest,
        first,
        hardLink('h', first.id, inner),
        symlink('l', 'f', deepest, { mtimeNs: 7_000n }),
        file('there', 'theirs', other),
        symlink('new', 'there', other),
      ],
      { overwrite: 'replace' },
    )
    expect(problems).toEqual([])
    expect(result).toMatchObject({ files: 3, directories: 3, symlinks: 2 })
    expect(contents(destination)).toEqual({
      other: '/',
      'other/there': 'theirs',
      'other/new': '-> there',
      'other/inner': '/',
      'other/inner/h': 'x',
      'other/inner/deepest': '/',
      'other/inner/deepest/f': 'x',
      'other/inner/deepest/l': '-> f',
    })
    const [innerStatus, deepestStatus, fileStatus, linkStatus] = [
      'inner',
      'inner/deepest',
      'inner/deepest/f',
      'inner/deepest/l',
    ].map((path) => lstatSync(join(destination, 'other', path), { bigint: true }))
    expect([innerStatus?.mode, deepestStatus?.mode, fileStatus?.mode].map((mode) => (mode ?? 0n) & 0o777n)).toEqual([
      0o555n,
      0o511n,
      0o444n,
    ])
    expect([innerStatus, deepestStatus, linkStatus].map((status) => status?.mtimeNs)).toEqual([3_000n, 2_000n, 7_000n])
    expect((fileStatus?.mtimeNs ?? 0n) / 1000n).toBe(someTime / 1000n)
  })

  it('keeps what is there when that is the choice, and no temporary names', async (context) => {
    const destination = destinationWithMount()
    if (destination === undefined) return context.skip('no right to mount a file system')
    writeFileSync(join(destination, 'other/a'), 'mine')
    symlinkSync('a', join(destination, 'other/l'))
    const other = directory('other')
    const entries = [other, file('a', 'theirs', other), symlink('l', 'b', other), file('b', 'x', other)]
    await extract(destination, entries, { overwrite: 'rename' })
    expect(contents(destination)).toEqual({
      other: '/',
      'other/a': 'mine',
      'other/a (2)': 'theirs',
      'other/l': '-> a',
      'other/l (2)': '-> b',
      'other/b': 'x',
    })
  })

  it('that is full costs its own files, each reported, and leaves no part of them', async (context) => {
    const destination = destinationWithMount()
    if (destination === undefined) return context.skip('no right to mount a file system')
    spawnSync('mount', ['-o', 'remount,size=64k', mounted ?? ''])
    const other = directory('other')
    const { codes } = await extract(destination, [
      other,
      file('big', 'x'.repeat(200_000), other),
      file('small', 'x', other),
      file('elsewhere', 'x'),
    ])
    expect(codes).toEqual(['other/big: NoSpace'])
    expect(contents(destination)).toEqual({ other: '/', 'other/small': 'x', elsewhere: 'x' })
  })
})

describe('a destination that is full', () => {
  it('costs only the files that do not fit, and is left without parts of them', async (context) => {
    const destination = destinationWithMount()
    if (destination === undefined) return context.skip('no right to mount a file system')
    spawnSync('mount', ['-o', 'remount,size=64k', mounted ?? ''])
    const full = join(destination, 'other')
    const { codes } = await extract(full, [file('big', 'x'.repeat(200_000)), file('small', 'x')])
    expect(codes).toEqual(['big: NoSpace'])
    expect(contents(full)).toEqual({ small: 'x' })
    expect(statSync(join(full, 'small')).size).toBe(1)
  })
})

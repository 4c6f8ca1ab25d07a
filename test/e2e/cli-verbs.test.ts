import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { lmz, lmzJson } from './cli-process'
import { folderWithArchive, folderWithTree, readme } from './cli-tree'

const verbs = [
  'create',
  'add',
  'remove',
  'rename',
  'compact',
  'list',
  'find',
  'extract',
  'cat',
  'tensors',
  'verify',
  'protect',
  'repair',
  'salvage',
  'info',
  'password',
  'bench',
]

async function namesIn(folder: string, ...parameters: readonly string[]): Promise<string[]> {
  const { stdout } = await lmz(folder, 'list', ...parameters)
  return stdout.split('\n').slice(0, -1)
}

describe('help', () => {
  it('names every verb and every exit code: users would not find them', async () => {
    const { stdout, exitCode } = await lmz('.', '--help')
    expect(exitCode).toBe(0)
    for (const verb of verbs) expect(stdout).toMatch(new RegExp(`^  ${verb} `, 'm'))
    for (const code of [0, 1, 2, 3, 4, 130]) expect(stdout).toMatch(new RegExp(`^  ${code} +\\w`, 'm'))
  })
})

describe('create', () => {
  it('makes an archive and sums it up', async () => {
    const folder = folderWithTree()
    const { exitCode, stdout, stderr } = await lmz(folder, 'create', 'photos.lmz', 'photos')
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).toMatch(/^Made photos\.lmz: 10 entries, 201\.5 kB in 20\d\.\d kB \(\d+\.\d %\)\.\n$/)
  })

  it('tells scripts what it made: sums would have to be read from sentences', async () => {
    const folder = folderWithTree()
    const { exitCode, events, last } = await lmzJson(folder, 'create', 'photos.lmz', 'photos', '--preset', 'fast')
    expect(exitCode).toBe(0)
    const archiveBytes = statSync(join(folder, 'photos.lmz')).size
    expect(last).toMatchObject({ event: 'result', verb: 'create', entries: 10, files: 5, archiveBytes, problems: [] })
    expect(last['archive']).toBe(join(folder, 'photos.lmz'))
    expect(events.map(({ event }) => event)).toContain('progress')
  })

  it('leaves out what is excluded, by name and by path', async () => {
    const folder = folderWithTree()
    await lmz(folder, 'create', 'x.lmz', 'photos', '--exclude', '*.bin', '--exclude', 'photos/a b/empty')
    const names = await namesIn(folder, '-r', 'x.lmz')
    expect(names).toContain('photos/readme.txt')
    expect(names).not.toContain('photos/noise.bin')
    expect(names).not.toContain('photos/a b/empty/')
  })

  it('keeps a comment and the block size', async () => {
    const folder = folderWithTree()
    await lmz(folder, 'create', 'x.lmz', 'photos', '--comment', 'from the sea', '--block-size', '64KiB')
    const { last } = await lmzJson(folder, 'info', 'x.lmz')
    expect(last).toMatchObject({ comment: 'from the sea', blockSize: 65536 })
  })

  it('adds the contents of "." at the top level', async () => {
    const folder = folderWithTree()
    await lmz(join(folder, 'photos'), 'create', '../x.lmz', '.')
    expect(await namesIn(folder, 'x.lmz')).toContain('readme.txt')
  })

  it('never touches what is there, unless told to: an archive would be lost', async () => {
    const folder = folderWithTree()
    writeFileSync(join(folder, 'x.lmz'), 'precious')
    const refused = await lmz(folder, 'create', 'x.lmz', 'photos')
    expect(refused.exitCode).toBe(4)
    expect(refused.stderr).toContain('x.lmz already exists. Nothing was changed.')
    expect(readFileSync(join(folder, 'x.lmz'), 'utf8')).toBe('precious')
    expect((await lmz(folder, 'create', 'x.lmz', 'photos', '--replace')).exitCode).toBe(0)
    expect(await namesIn(folder, 'x.lmz')).toEqual(['photos/'])
  })

  it.skipIf(process.platform === 'win32')('names what it had to leave out, and says so by exit code 1', async () => {
    const folder = folderWithTree()
    // The same name twice: only one can be in the archive.
    const { exitCode, stdout, stderr } = await lmz(
      folder,
      'create',
      'x.lmz',
      'photos/readme.txt',
      './photos/readme.txt',
    )
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/^Left out: readme\.txt .*\n$/)
    expect(stdout).toContain('1 problem, see above.')
    const { last, events } = await lmzJson(folder, 'create', 'y.lmz', 'photos/readme.txt', './photos/readme.txt')
    const problem = { path: 'readme.txt', code: 'Collision', outcome: 'left out' }
    expect(events.find(({ event }) => event === 'problem')).toMatchObject(problem)
    expect(last['problems']).toMatchObject([problem])
  })
})

describe('add, remove and compact', () => {
  it('add what is new, take away what is named, and give the space back', async () => {
    const folder = await folderWithArchive()
    writeFileSync(join(folder, 'notes.txt'), 'new')
    const added = await lmzJson(folder, 'add', 'photos.lmz', 'notes.txt', '--comment', 'two')
    expect(added.last).toMatchObject({ verb: 'add', entries: 11 })
    expect(await namesIn(folder, 'photos.lmz')).toEqual(['notes.txt', 'photos/'])
    expect((await lmz(folder, 'cat', 'photos.lmz', 'notes.txt')).stdout).toBe('new')
    expect((await lmzJson(folder, 'info', 'photos.lmz')).last).toMatchObject({ commits: 2, comment: 'two' })

    // Into a folder, what is there of the same name is replaced; into a file, nothing goes.
    writeFileSync(join(folder, 'readme.txt'), 'another')
    await lmz(folder, 'add', 'photos.lmz', 'readme.txt', '--into', 'photos/a b/')
    expect((await lmz(folder, 'cat', 'photos.lmz', 'photos/a b/readme.txt')).stdout).toBe('another')
    const refused = await lmz(folder, 'add', 'photos.lmz', 'readme.txt', '--into', 'photos/readme.txt')
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toContain('photos/readme.txt in photos.lmz is no folder')

    const removed = await lmz(folder, 'remove', 'photos.lmz', 'photos/a b', 'photos/noise.bin')
    expect(removed.stdout).toMatch(/^Removed from photos\.lmz; what is left: 5 entries, 1\.5 kB in /)
    expect(await namesIn(folder, 'photos.lmz', 'photos')).toEqual([
      'photos/inside',
      'photos/outside',
      'photos/readme.txt',
    ])

    writeFileSync(join(folder, 'notes.txt'), 'newer')
    await lmz(folder, 'add', 'photos.lmz', 'notes.txt')
    const before = statSync(join(folder, 'photos.lmz')).size
    const compacted = await lmzJson(folder, 'compact', 'photos.lmz')
    expect(compacted.last).toMatchObject({ verb: 'compact', entries: 5 })
    expect(statSync(join(folder, 'photos.lmz')).size).toBeLessThan(before)
    expect((await lmz(folder, 'verify', 'photos.lmz')).exitCode).toBe(0)
  })
})

describe('list and find', () => {
  it('show the top level, a folder, or everything', async () => {
    const folder = await folderWithArchive()
    expect(await namesIn(folder, 'photos.lmz')).toEqual(['photos/'])
    for (const top of ['/', '.', './']) expect(await namesIn(folder, 'photos.lmz', top)).toEqual(['photos/'])
    expect(await namesIn(folder, 'photos.lmz', './photos/a b/')).toContain('photos/a b/-dash.txt')
    expect(await namesIn(folder, '--recursive', 'photos.lmz')).toHaveLength(10)
    expect(await namesIn(folder, 'photos.lmz', 'photos/readme.txt')).toEqual(['photos/readme.txt'])
  })

  it.skipIf(process.platform === 'win32')('show names so that they cannot act on a terminal or hide', async () => {
    const folder = await folderWithArchive()
    expect(await namesIn(folder, 'photos.lmz', 'photos/a b')).toContain('photos/a b/new\\nline\\x1b[31m\\u202egpj.txt')
  })

  it('show mode, size, time and target in columns', async () => {
    const folder = await folderWithArchive()
    const { stdout } = await lmz(folder, 'list', '--long', 'photos.lmz', 'photos')
    const time = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d`
    expect(stdout).toMatch(new RegExp(`^-rw-[-rwx]{6} +200000 ${time} photos/noise\\.bin$`, 'm'))
    expect(stdout).toMatch(new RegExp(`^drwx[-rwx]{6} +0 ${time} photos/a b/$`, 'm'))
    expect(stdout).toMatch(new RegExp(`^l[-rwx]{9} +0 ${time} photos/inside -> readme\\.txt$`, 'm'))
    const widths = stdout.split('\n').slice(0, -1)
    expect(new Set(widths.map((line) => line.indexOf('photos/'))).size).toBe(1)
  })

  it('give entries and their number as JSON: a script could not tell a whole listing from a part', async () => {
    const folder = await folderWithArchive()
    const { events, last } = await lmzJson(folder, 'list', 'photos.lmz', 'photos')
    expect(events.slice(0, -1).every(({ event }) => event === 'entry')).toBe(true)
    expect(events).toContainEqual(expect.objectContaining({ path: 'photos/readme.txt', kind: 'file', size: 1500 }))
    expect(last).toEqual({ event: 'result', verb: 'list', entries: events.length - 1 })
  })

  it('find by a part of the name, by pattern, and by path', async () => {
    const folder = await folderWithArchive()
    const found = async (pattern: string): Promise<string> => (await lmz(folder, 'find', 'photos.lmz', pattern)).stdout
    expect(await found('READ')).toBe('photos/readme.txt\n')
    expect(await found('*.bin')).toBe('photos/noise.bin\n')
    expect(await found('ünï*')).toBe('photos/a b/ünï 😀.md\n')
    expect(await found('photos/*/-d*')).toBe('photos/a b/-dash.txt\n')
    expect(await found('n?ise.bin')).toBe('photos/noise.bin\n')
    const nothing = await lmz(folder, 'find', 'photos.lmz', 'zebra')
    expect(nothing).toEqual({ exitCode: 0, stdout: '', stderr: 'Nothing in photos.lmz matches zebra.\n' })
    expect((await lmzJson(folder, 'find', 'photos.lmz', 'zebra')).last).toMatchObject({ verb: 'find', entries: 0 })
  })
})

describe('cat', () => {
  it('prints a file and nothing else', async () => {
    const folder = await folderWithArchive()
    expect((await lmz(folder, 'cat', 'photos.lmz', 'photos/readme.txt')).stdout).toBe(readme)
    expect((await lmz(folder, 'cat', 'photos.lmz', 'photos/a b/-dash.txt')).stdout).toBe('dash')
  })

  it('gives every byte of a binary file, in JSON too', async () => {
    const folder = await folderWithArchive()
    const { events, last } = await lmzJson(folder, 'cat', 'photos.lmz', 'photos/noise.bin')
    const pieces = events
      .filter(({ event }) => event === 'data')
      .map(({ base64 }) => Buffer.from(String(base64), 'base64'))
    expect(Buffer.concat(pieces).equals(readFileSync(join(folder, 'photos/noise.bin')))).toBe(true)
    expect(last).toMatchObject({ event: 'result', verb: 'cat', bytes: 200_000 })
  })

  it('refuses what is no file', async () => {
    const folder = await folderWithArchive()
    const { exitCode, stdout, stderr } = await lmz(folder, 'cat', 'photos.lmz', 'photos')
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toBe('lmz: photos is not a file.\n')
  })
})

describe('info', () => {
  it('accounts for every byte', async () => {
    const folder = await folderWithArchive()
    const { last } = await lmzJson(folder, 'info', 'photos.lmz')
    const { archiveBytes, dataBytes, indexBytes, overheadBytes } = last as unknown as Record<string, number>
    expect(dataBytes! + indexBytes! + overheadBytes!).toBe(archiveBytes)
    expect(archiveBytes).toBe(statSync(join(folder, 'photos.lmz')).size)
    expect(last).toMatchObject({
      event: 'result',
      verb: 'info',
      entries: 10,
      files: 5,
      rawBytes: 201_518,
      uniqueBytes: 201_518,
      commits: 1,
      blocks: expect.any(Number),
      blocksByCodec: expect.any(Object),
      blockSize: expect.any(Number),
      formatVersion: expect.any(String),
    })
    const counts = Object.values(last['blocksByCodec'] as Record<string, number>)
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(last['blocks'])
  })

  it('says the same to people', async () => {
    const folder = await folderWithArchive()
    const { stdout } = await lmz(folder, 'info', 'photos.lmz')
    expect(stdout).toMatch(/^Entries {3}5 files, 3 folders, 2 links$/m)
    expect(stdout).toMatch(/^Blocks {4}\d of up to 1 MiB: \d/m)
  })
})

describe('verify and salvage', () => {
  it('tell a whole archive from a damaged one, and save what is left', async () => {
    const folder = await folderWithArchive()
    const whole = await lmz(folder, 'verify', 'photos.lmz')
    expect(whole.stdout).toMatch(/^photos\.lmz is whole: 5 files, 201\.5 kB in \d blocks\.\n$/)
    expect((await lmzJson(folder, 'verify', 'photos.lmz')).last).toMatchObject({ verb: 'verify', damagedFiles: 0 })

    const path = join(folder, 'photos.lmz')
    const bytes = readFileSync(path)
    const noiseAt = bytes.indexOf(readFileSync(join(folder, 'photos/noise.bin')).subarray(1000, 1064))
    bytes[noiseAt] = 255 - bytes[noiseAt]!
    writeFileSync(path, bytes)
    const damaged = await lmz(folder, 'verify', 'photos.lmz')
    expect(damaged.exitCode).toBe(3)
    expect(damaged.stderr).toContain('Cannot be extracted: photos/noise.bin: ')
    expect(damaged.stdout).toBe('photos.lmz is damaged: 1 of 5 files cannot be extracted.\n')

    const saved = await lmz(folder, 'salvage', 'photos.lmz', 'saved.lmz')
    expect(saved.exitCode).toBe(1)
    expect(saved.stdout).toBe('Saved 4 files, 1.5 kB, to saved.lmz. Lost: 1 file, see above.\n')
    expect((await lmz(folder, 'verify', 'saved.lmz')).exitCode).toBe(0)
    expect((await lmz(folder, 'cat', 'saved.lmz', 'photos/readme.txt')).stdout).toBe(readme)
    expect(readFileSync(path).equals(bytes)).toBe(true)
  })

  it('an unfinished change at the end is told, and does no harm', async () => {
    const folder = await folderWithArchive()
    appendFileSync(join(folder, 'photos.lmz'), 'torn')
    const { exitCode, stdout, stderr } = await lmz(folder, 'verify', 'photos.lmz')
    expect(exitCode).toBe(0)
    expect(stderr).toContain('belong to no finished change')
    expect(stdout).toMatch(/^All can be extracted: 5 files/)
  })
})

describe('bench', () => {
  it('measures every preset', async () => {
    const folder = folderWithTree()
    const { stdout, exitCode } = await lmz(folder, 'bench', 'photos/readme.txt')
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^Preset +Size +Ratio +Pack +Unpack\nfast .*\nbalanced .*\nmax .*\n$/)
    const { last } = await lmzJson(folder, 'bench', 'photos/readme.txt')
    expect((last['presets'] as object[]).length).toBe(3)
  })
})

describe('extract', () => {
  it('puts one top-level item where it is told to, and several into a folder of the archive’s name', async () => {
    const folder = await folderWithArchive()
    const one = await lmz(folder, 'extract', 'photos.lmz', '-C', 'out', '--links', 'none')
    expect(one).toMatchObject({ exitCode: 0, stdout: 'Extracted 5 files, 201.5 kB, to out.\n' })
    expect(readdirSync(join(folder, 'out'))).toEqual(['photos'])

    writeFileSync(join(folder, 'notes.txt'), 'new')
    await lmz(folder, 'add', 'photos.lmz', 'notes.txt')
    const several = await lmz(folder, 'extract', 'photos.lmz', '-C', 'more', '--links', 'none')
    expect(several.stdout).toMatch(/, to more.photos\.\n$/)
    expect(readdirSync(join(folder, 'more', 'photos')).toSorted()).toEqual(['notes.txt', 'photos'])

    await lmz(folder, 'extract', 'photos.lmz', '-C', 'flat', '--links', 'none', '--no-smart')
    expect(readdirSync(join(folder, 'flat')).toSorted()).toEqual(['notes.txt', 'photos'])
  })

  it('takes out single files and folders by their own names', async () => {
    const folder = await folderWithArchive()
    const { last } = await lmzJson(folder, 'extract', 'photos.lmz', 'photos/a b/', '-C', 'out')
    expect(last).toMatchObject({ verb: 'extract', destination: join(folder, 'out'), problems: [] })
    expect(readFileSync(join(folder, 'out', 'a b', '-dash.txt'), 'utf8')).toBe('dash')
    expect(existsSync(join(folder, 'out', 'a b', 'empty'))).toBe(true)
    await lmz(folder, 'extract', 'photos.lmz', 'photos/readme.txt')
    expect(readFileSync(join(folder, 'readme.txt'), 'utf8')).toBe(readme)
  })

  it('does with files that exist as it is told, and skips them where nobody can be asked: they would be lost', async () => {
    const folder = await folderWithArchive()
    mkdirSync(join(folder, 'out'))
    const mine = join(folder, 'out', 'readme.txt')
    writeFileSync(mine, 'mine')
    const extract = (...policy: readonly string[]) =>
      lmz(folder, 'extract', 'photos.lmz', 'photos/readme.txt', '-C', 'out', ...policy)
    for (const policy of [[], ['--overwrite', 'ask'], ['--overwrite', 'skip']]) {
      const { exitCode, stdout } = await extract(...policy)
      expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'Extracted 0 files, 0 bytes, to out.\n' })
      expect(readFileSync(mine, 'utf8')).toBe('mine')
    }
    await extract('--overwrite', 'rename')
    expect(readFileSync(mine, 'utf8')).toBe('mine')
    expect(readFileSync(join(folder, 'out', 'readme (2).txt'), 'utf8')).toBe(readme)
    await extract('--overwrite', 'replace')
    expect(readFileSync(mine, 'utf8')).toBe(readme)
  })

  it.skipIf(process.platform === 'win32')('makes only the links it is told to', async () => {
    const folder = await folderWithArchive()
    const links = async (policy: string): Promise<string[]> => {
      await lmz(folder, 'extract', 'photos.lmz', '-C', policy, '--links', policy)
      return readdirSync(join(folder, policy, 'photos')).filter((name) => name.endsWith('side'))
    }
    expect(await links('none')).toEqual([])
    expect(await links('safe')).toEqual(['inside'])
    expect(await links('all')).toEqual(['inside', 'outside'])
    const safe = await lmz(folder, 'extract', 'photos.lmz', '-C', 'again')
    expect(safe.exitCode).toBe(1)
    expect(safe.stderr).toContain('photos/outside')
  })
})

import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LmzError } from '../../src-main/contract/error'
import type { Problem } from '../../src-main/contract/problem'
import { Outlet, type OutletOptions } from '../../src-main/outlet/outlet'
import { writeWholeFile } from '../../src-main/outlet/write-file'
import {
  contents,
  directory,
  extract,
  file,
  hardLink,
  placeAll,
  snapshot,
  symlink,
  temporaryFolder,
  type TestEntry,
} from '../unit/outlet/extraction'

/** Holds the destination and, beside it, what no archive may reach. */
let world: string
let destination: string
let before: Record<string, string>

function canary(): Record<string, string> {
  return Object.fromEntries(Object.entries(snapshot(world)).filter(([path]) => !path.startsWith('/destination')))
}

beforeEach(() => {
  world = temporaryFolder()
  destination = join(world, 'destination')
  mkdirSync(join(world, 'canary/Startup'), { recursive: true })
  writeFileSync(join(world, 'canary/precious'), 'precious')
  writeFileSync(join(world, 'x'), 'precious')
  before = canary()
  mkdirSync(destination)
})

afterEach(() => {
  expect(canary(), 'something outside the destination has changed').toEqual(before)
  expect(
    readdirSync(destination).filter((name) => name.startsWith('.lmz-')),
    'staging was left behind',
  ).toEqual([])
})

const good = () => file('good', 'good')

async function extractWithGood(entries: readonly TestEntry[], options: Partial<OutletOptions> = {}) {
  const extraction = await extract(destination, [...entries, good()], options)
  expect(contents(destination)['good'], 'one bad entry must not cost the good ones').toBe('good')
  return extraction
}

describe('names (tests 1 to 8)', () => {
  it.each([
    ['../x', 'a/../../x', '..\\x', 'a\\..\\../x', '..'],
    ['/etc/x', '//h/s/x', 'C:\\x', 'C:x', 'C:..\\x', '\\\\?\\C:\\x', '\\??\\C:\\x'],
    ['.. ', ' . ', '...', ' ', '.. .'],
    ['x.txt:zone.identifier', 'x.txt:Zone.Identifier:$DATA'],
    ['', '.', 'a\0b'],
  ])('that lead elsewhere are refused, each with a problem', async (...names) => {
    for (const platform of ['linux', 'win32'] as const) {
      const { problems } = await extractWithGood(
        names.flatMap((name) => [file(name, 'bad'), directory(name), symlink(name, 'good')]),
        { platform, overwrite: 'replace' },
      )
      expect(problems).toHaveLength(names.length * 3)
      expect(new Set(problems.map(({ error }) => error.code))).toEqual(new Set(['UnsafePath']))
      expect(Object.keys(contents(destination))).toEqual(['good'])
    }
  })

  it('that Windows would write into streams or devices are refused or changed there', async () => {
    const { codes } = await extractWithGood(
      [
        file('a.txt:..\\..\\Startup\\e.exe'),
        file('ab::$DATA'),
        file('nul.txt'),
        directory('COM¹'),
        file('LPT9.tar.gz'),
      ],
      { platform: 'win32' },
    )
    expect(codes).toEqual(['a.txt:..\\..\\Startup\\e.exe: UnsafePath', 'ab::$DATA: UnsafePath'])
    expect(Object.keys(contents(destination)).sort()).toEqual(['_COM\u00c2\u00b9', '_LPT9.tar.gz', '_nul.txt', 'good'])
  })

  it('that are merely odd are written losslessly', async () => {
    const odd = ['line\nbreak', 'esc\u001b[2J', 'gpj.\u202eexe', 'CON', 'a\\b', 'ab:c', 'dots.', ' x']
    await extractWithGood(odd.map((name) => file(name, 'x')))
    expect(readdirSync(destination).sort()).toEqual([...odd, 'good'].sort())
  })

  it('and bytes that are no text are checked like text', async () => {
    const names = ['../x', '..', 'a\0', '', 'C:\\x', '/etc'].map((name) => Buffer.from(name))
    const { problems } = await extractWithGood(names.map((rawName) => file('harmless', 'bad', undefined, { rawName })))
    expect(problems).toHaveLength(names.length)
    await extractWithGood([file('overlong', 'x', undefined, { rawName: Buffer.from([0xc0, 0xae, 0xc0, 0xae]) })])
    expect(Object.keys(contents(destination)).sort()).toEqual(['good', '\u00c0\u00ae\u00c0\u00ae'])
  })

  it('that come twice are written once', async () => {
    const twice = directory('d')
    const { codes } = await extractWithGood([
      file('f', 'first'),
      file('f', 'second'),
      twice,
      directory('d'),
      twice,
      file('in d', 'x', twice),
    ])
    expect(codes).toEqual(['d: Collision', 'd: Collision', 'f: Collision'])
    expect(contents(destination)).toEqual({ f: 'first', d: '/', 'd/in d': 'x', good: 'good' })
  })
})

describe('names that meet on other systems (test 9)', () => {
  const groups = [
    ['ß', 'ss', 'ẞ'],
    ['\u00e9', 'e\u0301'],
    ['A', 'a'],
    ['K', '\u212a', 'k'],
  ]

  it.each(groups)('%j: one is written, the others reported', async (...names) => {
    for (const [index, platform] of (['win32', 'darwin', 'linux'] as const).entries()) {
      const inside = directory(`d${index}`)
      const { problems, result } = await extractWithGood([inside, ...names.map((name) => file(name, name, inside))], {
        platform,
        foldNames: true,
      })
      expect(problems.map(({ error }) => error.code)).toEqual(names.slice(1).map(() => 'Collision'))
      expect(readdirSync(join(destination, `d${index}`))).toEqual(names.slice(0, 1))
      expect(result.files).toBeGreaterThanOrEqual(1)
    }
  })

  it.each(groups)('%j: all are written where they are different names', async (...names) => {
    const { problems } = await extractWithGood(names.map((name) => file(name, name)))
    expect(problems).toEqual([])
    expect(readdirSync(destination)).toHaveLength(names.length + 1)
  })

  it('trailing dots, changed characters and devices count too', async () => {
    const lower = directory('a')
    const { codes } = await extractWithGood(
      [
        file('name.', 'x'),
        file('name', 'x'),
        file('what?', 'x'),
        file('what*', 'x'),
        file('_con', 'x'),
        file('con', 'x'),
        file('A', 'x'),
        lower,
        file('below', 'x', lower),
      ],
      { platform: 'win32' },
    )
    expect(codes).toEqual([
      'a/below: Collision',
      'a: Collision',
      'con: Collision',
      'name: Collision',
      'what*: Collision',
    ])
    expect(readdirSync(destination).sort()).toEqual(['A', '_con', 'good', 'name_', 'what_'])
  })
})

describe('sizes of names and trees (test 10)', () => {
  it('a component of 256 bytes and a path of 5,000 are refused for what they are', async () => {
    const long = Array.from({ length: 21 }, () => 'n'.repeat(240))
    const chain: TestEntry[] = []
    for (const name of long) chain.push(directory(name, chain.at(-1)))
    const { problems } = await extractWithGood([file('n'.repeat(256)), ...chain, file('f', 'x', chain.at(-1))])
    expect(new Set(problems.map(({ error }) => error.code))).toEqual(new Set(['Limit']))
  })

  it('a tree 2,000 deep comes out, and one 100,000 deep is refused below what the system can name', async () => {
    const chain = [directory('d')]
    while (chain.length < 1980) chain.push(directory('d', chain.at(-1)))
    const end = chain.at(-1)
    const { problems } = await extractWithGood([...chain, file('f', 'x', end), symlink('l', 'f', end)])
    expect(problems).toEqual([])
    expect(statSync(join(destination, ...chain.map(() => 'd'), 'f')).size).toBe(1)

    const deeper: TestEntry[] = [directory('e')]
    while (deeper.length < 100_000) deeper.push(directory('e', deeper.at(-1)))
    const { result, problems: refused } = await extractWithGood(deeper, { overwrite: 'replace' })
    expect(result.directories).toBeLessThan(2100)
    expect(refused).toHaveLength(100_000 - result.directories)
    expect(refused.every(({ error, path }) => error.code === 'Limit' && path.length < 6000)).toBe(true)
  })

  it('a deep tree is merged with itself and cleaned up without recursion', async () => {
    const chain = [directory('d', undefined, { mode: 0o700 })]
    while (chain.length < 1900) chain.push(directory('d', chain.at(-1), { mode: 0o700 }))
    await extractWithGood(chain)
    const { result, problems } = await extractWithGood([...chain, file('new', 'x', chain.at(-1))])
    expect(problems).toEqual([])
    expect(result).toMatchObject({ files: 1, directories: 1900, skipped: 1 })
    const outlet = await Outlet.open(destination, { overwrite: 'skip', onProblem: () => undefined })
    await placeAll(outlet, [...chain, file('f', 'x', chain.at(-1))], [])
    await outlet.discard()
  })
})

describe('links (tests 13 to 18)', () => {
  const outward = ['/', '..', 'C:\\', '\\\\srv\\share', '/proc/self/root', '../canary', './../canary', '/etc/passwd']

  it('that lead out are reported and not made', async () => {
    const inside = directory('d')
    const { problems, result } = await extractWithGood([
      inside,
      ...outward.map((target, index) => symlink(`l${index}`, target)),
      symlink('detour', '../d/../../canary', inside),
      symlink('two', '../l0/etc/passwd', inside),
      symlink('huge', 'x'.repeat(5000)),
      symlink('huger', 'x'.repeat(2 ** 28)),
      symlink('empty', ''),
      symlink('nul', 'a\0b'),
      symlink('kept', '../good', inside),
    ])
    expect(problems).toHaveLength(outward.length + 6)
    expect(problems.every(({ outcome }) => outcome === 'link not created')).toBe(true)
    expect(result.symlinks).toBe(1)
    expect(contents(destination)).toEqual({ d: '/', 'd/kept': '-> ../good', good: 'good' })
  })

  it('that lead out are made when the user wants all, and are never written through even then', async () => {
    const fake = symlink('d', '../canary')
    const { codes } = await extractWithGood([fake, file('evil', 'evil', fake), symlink('up', '../x')], { links: 'all' })
    expect(codes).toEqual(['evil: UnsafePath'])
    expect(contents(destination)).toEqual({ d: '-> ../canary', up: '-> ../x', good: 'good' })
    // The second extraction meets the links of the first: as intermediate folders and as files.
    const real = directory('d')
    for (const overwrite of ['skip', 'replace'] as const) {
      await extract(
        destination,
        [real, file('precious', 'evil', real), directory('Startup', real), file('up', 'evil')],
        {
          overwrite,
        },
      )
    }
    expect(contents(destination)).toEqual({ d: '-> ../canary', up: 'evil', good: 'good' })
  })

  it('cannot become a folder for other entries, in either order', async () => {
    for (const links of ['safe', 'all'] as const) {
      const link = symlink('a', '../canary')
      const late = symlink('b', '../canary')
      const folder = directory('b')
      const { codes } = await extractWithGood(
        [link, file('evil', 'evil', link), folder, file('precious', 'mine', folder), late],
        { links, overwrite: 'skip' },
      )
      expect(codes).toContain('evil: UnsafePath')
      expect(contents(destination)['b/precious']).toBe('mine')
    }
  })

  it('and folders of one name end as a folder, and one problem', async () => {
    const folder = directory('Same')
    const { problems } = await extractWithGood(
      [symlink('same', 'good'), folder, symlink('SAME', '../canary'), file('f', 'x', folder)],
      { foldNames: true, links: 'all' },
    )
    expect(problems.map(({ error }) => error.code)).toEqual(['Collision', 'Collision', 'Collision'])

    const plain = directory('p')
    const { codes } = await extractWithGood([plain, symlink('p', '../canary'), file('f', 'x', plain)], { links: 'all' })
    expect(codes).toEqual(['p: Collision'])
    expect(contents(destination)).toMatchObject({ p: '/', 'p/f': 'x' })
  })

  it('hard ones are made only to a file that was written in the same extraction', async () => {
    const first = file('first', 'x')
    const folder = directory('d')
    const pointer = symlink('s', 'first')
    const { codes } = await extractWithGood([
      first,
      folder,
      pointer,
      hardLink('good link', first.id),
      hardLink('missing', 999_999),
      hardLink('to folder', folder.id),
      hardLink('to symlink', pointer.id),
      { ...hardLink('itself', 0), id: 77_777_777, link: 77_777_777 },
    ])
    expect(codes).toEqual(['itself: NotFound', 'missing: NotFound', 'to folder: NotFound', 'to symlink: NotFound'])
    expect(statSync(join(destination, 'first')).nlink).toBe(2)
  })

  it('hard ones take no placement of a folder, of another outlet, or of another entry', async () => {
    const problems: Problem[] = []
    const options = { overwrite: 'skip', onProblem: (problem: Problem) => problems.push(problem) } as const
    const outlet = await Outlet.open(destination, options)
    const other = await Outlet.open(join(world, 'destination', 'other'), options)
    const foreign = await other.place(file('f'))
    const folder = await outlet.place(directory('d'))
    const own = await outlet.place(file('own'))
    for (const target of [foreign, folder, own]) expect(await outlet.link(hardLink('l', 5), target)).toBe(false)
    expect(problems).toHaveLength(3)
    await other.discard()
    await outlet.discard()
  })

  it('hard ones to a file that could not be written are reported', async () => {
    const problems: Problem[] = []
    const outlet = await Outlet.open(destination, {
      overwrite: 'skip',
      onProblem: (problem) => problems.push(problem),
    })
    const lost = file('lost')
    const placement = await outlet.place(lost)
    await outlet.link(hardLink('l', lost.id), placement)
    if (placement !== undefined) outlet.abandon(placement)
    expect(await outlet.commit()).toMatchObject({ files: 0, problems: 1 })
    expect(problems[0]?.error.code).toBe('NotFound')
  })

  it.each(['skip', 'replace', 'rename'] as const)(
    'of the user at the destination are not followed (%s)',
    async (overwrite) => {
      symlinkSync('../canary', join(destination, 'folder'))
      symlinkSync('../x', join(destination, 'file'))
      symlinkSync('../nothing yet', join(destination, 'dangling'))
      const folder = directory('folder')
      await extractWithGood(
        [
          folder,
          file('precious', 'evil', folder),
          directory('Startup', folder),
          file('file', 'evil'),
          file('dangling', 'evil'),
          hardLink('none', 1),
        ],
        { overwrite },
      )
      expect(contents(destination)['folder']).toBe('-> ../canary')
    },
  )
})

describe('types and metadata (tests 20 and 21)', () => {
  it('set-user-id, set-group-id and sticky bits are never restored', async () => {
    const folder = directory('d', undefined, { mode: 0o7777 })
    await extractWithGood([folder, file('f', 'x', folder, { mode: 0o106755 }), file('g', 'x', undefined, { mode: -1 })])
    const modes = ['d', 'd/f', 'g'].map((path) => (statSync(join(destination, path)).mode & 0o7777).toString(8))
    expect(modes).toEqual(['777', '755', '777'])
  })

  it('impossible times cost neither the file nor a problem', async () => {
    const times = [2n ** 63n, -(2n ** 63n), 2n ** 100n, -(2n ** 100n), 0n, -1n]
    const { problems } = await extractWithGood(
      times.flatMap((mtimeNs, index) => [
        file(`f${index}`, 'x', undefined, { mtimeNs }),
        directory(`d${index}`, undefined, { mtimeNs }),
        symlink(`l${index}`, 'good', undefined, { mtimeNs }),
      ]),
    )
    expect(problems).toEqual([])
  })

  it('a time is never applied to what a link points to', async () => {
    await extractWithGood([symlink('l', '../x', undefined, { mtimeNs: 1n })], { links: 'all' })
  })
})

describe('more data than there is room (tests 22 and 23)', () => {
  it('is refused before anything is written', async () => {
    const outlet = await Outlet.open(destination, { overwrite: 'skip', onProblem: () => undefined })
    for (const bytes of [2 ** 52, Number.MAX_SAFE_INTEGER]) {
      expect(() => outlet.reserve(bytes)).toThrow(expect.objectContaining({ code: 'NoSpace' }) as Error)
    }
    for (const bytes of [-1, NaN, 2 ** 53, 2 ** 63, Infinity]) {
      expect(() => outlet.reserve(bytes)).toThrow(expect.objectContaining({ code: 'Limit' }) as Error)
    }
    expect(() => outlet.reserve(0, 2 ** 50)).toThrow(expect.objectContaining({ code: 'NoSpace' }) as Error)
    expect(() => outlet.reserve(1_000_000, 10)).not.toThrow()
    await outlet.discard()
    expect(contents(destination)).toEqual({})
  })
})

describe('another process that changes things meanwhile (test 19)', () => {
  const isRoot = process.getuid?.() === 0

  it('finds a symlink where staging has a file to be: nothing is written through it', async () => {
    const codes: string[] = []
    const outlet = await Outlet.open(destination, { overwrite: 'skip', onProblem: () => undefined })
    for (let round = 0; round < 300; round += 1) {
      const placement = await outlet.place(file(`f${round}`))
      if (placement === undefined) continue
      symlinkSync('../../../x', placement.stagingPath)
      try {
        writeWholeFile(placement.stagingPath, Buffer.from('evil'), { mode: 0o777, mtimeNs: 0n })
      } catch (error) {
        codes.push(error instanceof LmzError ? error.code : 'other')
        outlet.abandon(placement)
      }
    }
    expect(codes).toEqual(Array.from({ length: 300 }, () => 'Collision'))
    await outlet.discard()
  })

  it('a staged folder that became a symlink is neither moved into, nor emptied, nor given a mode', async () => {
    const problems: Problem[] = []
    const outlet = await Outlet.open(destination, {
      overwrite: 'replace',
      onProblem: (problem) => problems.push(problem),
    })
    const outer = directory('outer')
    const inner = directory('inner', outer, { mode: 0o700, mtimeNs: 1n })
    mkdirSync(join(destination, 'outer'))
    for (const entry of [outer, inner]) {
      const placement = await outlet.place(entry)
      if (entry !== inner || placement === undefined) continue
      renameSync(placement.stagingPath, `${placement.stagingPath.toString()}.away`)
      symlinkSync(join(world, 'canary'), placement.stagingPath)
    }
    await outlet.commit()
    expect(problems.map(({ path, error }) => `${path}: ${error.code}`)).toEqual(['outer/inner: Collision'])
  })

  it.runIf(isRoot)('cannot get at staging, nor lead writes elsewhere by exchanging the folders around it', async () => {
    chmodSync(destination, 0o777)
    mkdirSync(join(destination, 'merged'))
    mkdirSync(join(destination, 'shared'))
    chmodSync(join(destination, 'merged'), 0o777)
    // Another user, who may rename everything in the destination, exchanges whatever is there for links outwards.
    const script = `
      const fs = require('node:fs'); const path = require('node:path')
      process.chdir(process.argv[1]); const outside = process.argv[2]
      process.stdout.write('ready')
      for (;;) for (const name of fs.readdirSync('.')) {
        if (name.endsWith('.away')) continue
        try { fs.renameSync(name, name + '.away'); fs.symlinkSync(outside, name) } catch {}
        try { for (const inside of fs.readdirSync(name + '.away')) fs.symlinkSync(outside, path.join(name + '.away', inside, 'x')) } catch {}
        try { fs.unlinkSync(name); fs.renameSync(name + '.away', name) } catch {}
      }`
    const racer = spawn(process.execPath, ['-e', script, destination, join(world, 'canary')], {
      uid: 65534,
      gid: 65534,
    })
    try {
      await new Promise<void>((resolve) => racer.stdout.once('data', () => resolve()))
      for (let round = 0; round < 60; round += 1) {
        const merged = directory('merged')
        const shared = directory('shared')
        const entries = [merged, shared, directory(`new${round}`)]
        for (const parent of [merged, shared, entries[2]]) {
          for (let index = 0; index < 5; index += 1) entries.push(file(`f${round}-${index}`, 'evil', parent))
        }
        try {
          await extract(destination, [...entries, file('Startup', 'evil'), symlink(`l${round}`, 'merged')], {
            overwrite: round % 2 === 0 ? 'replace' : 'skip',
          })
        } catch (error) {
          // To be disturbed is allowed; to be led astray is not.
          expect(error).toBeInstanceOf(LmzError)
        }
        expect(canary()).toEqual(before)
      }
    } finally {
      racer.kill('SIGKILL')
      await new Promise((resolve) => racer.once('close', resolve))
    }
    for (const name of readdirSync(destination)) {
      // What the other user has moved about while it was being removed is empty, and his doing.
      if (name.startsWith('.lmz-')) renameSync(join(destination, name), join(destination, `disturbed${name}`))
    }
  })
})

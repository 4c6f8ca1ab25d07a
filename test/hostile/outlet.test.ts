import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Outlet } from '../../src-main/outlet/outlet'
import { directory, file, symlink } from '../unit/outlet/extraction'
import { HostileWorld } from '../unit/outlet/hostile-world'

const world = new HostileWorld()

describe('names (tests 1 to 8)', () => {
  it.each([
    ['../x', 'a/../../x', '..\\x', 'a\\..\\../x', '..'],
    ['/etc/x', '//h/s/x', 'C:\\x', 'C:x', 'C:..\\x', '\\\\?\\C:\\x', '\\??\\C:\\x'],
    ['.. ', ' . ', '...', ' ', '.. .'],
    ['x.txt:zone.identifier', 'x.txt:Zone.Identifier:$DATA'],
    ['', '.', 'a\0b'],
  ])('that lead elsewhere are refused, each with a problem', async (...names) => {
    for (const platform of ['linux', 'win32'] as const) {
      const { problems } = await world.extract(
        names.flatMap((name) => [file(name, 'bad'), directory(name), symlink(name, 'good')]),
        { platform, overwrite: 'replace' },
      )
      expect(problems).toHaveLength(names.length * 3)
      expect(new Set(problems.map(({ error }) => error.code))).toEqual(new Set(['UnsafePath']))
      expect(Object.keys(world.contents())).toEqual(['good'])
    }
  })

  it('that Windows would write into streams or devices are refused or changed there', async () => {
    const { codes } = await world.extract(
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
    expect(Object.keys(world.contents()).sort()).toEqual(['_COM\u00c2\u00b9', '_LPT9.tar.gz', '_nul.txt', 'good'])
  })

  it('that are merely odd are written losslessly', async () => {
    const odd = ['line\nbreak', 'esc\u001b[2J', 'gpj.\u202eexe', 'CON', 'a\\b', 'ab:c', 'dots.', ' x']
    await world.extract(odd.map((name) => file(name, 'x')))
    expect(readdirSync(world.destination).sort()).toEqual([...odd, 'good'].sort())
  })

  it('and bytes that are no text are checked like text', async () => {
    const names = ['../x', '..', 'a\0', '', 'C:\\x', '/etc'].map((name) => Buffer.from(name))
    const { problems } = await world.extract(names.map((rawName) => file('harmless', 'bad', undefined, { rawName })))
    expect(problems).toHaveLength(names.length)
    await world.extract([file('overlong', 'x', undefined, { rawName: Buffer.from([0xc0, 0xae, 0xc0, 0xae]) })])
    expect(Object.keys(world.contents()).sort()).toEqual(['good', '\u00c0\u00ae\u00c0\u00ae'])
  })

  it('that come twice are written once', async () => {
    const twice = directory('d')
    const { codes } = await world.extract([
      file('f', 'first'),
      file('f', 'second'),
      twice,
      directory('d'),
      twice,
      file('in d', 'x', twice),
    ])
    expect(codes).toEqual(['d: Collision', 'd: Collision', 'f: Collision'])
    expect(world.contents()).toEqual({ f: 'first', d: '/', 'd/in d': 'x', good: 'good' })
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
      const { problems, result } = await world.extract([inside, ...names.map((name) => file(name, name, inside))], {
        platform,
        foldNames: true,
      })
      expect(problems.map(({ error }) => error.code)).toEqual(names.slice(1).map(() => 'Collision'))
      expect(readdirSync(join(world.destination, `d${index}`))).toEqual(names.slice(0, 1))
      expect(result.files).toBeGreaterThanOrEqual(1)
    }
  })

  it.each(groups)('%j: all are written where they are different names', async (...names) => {
    const { problems } = await world.extract(names.map((name) => file(name, name)))
    expect(problems).toEqual([])
    expect(readdirSync(world.destination)).toHaveLength(names.length + 1)
  })

  it('trailing dots, changed characters and devices count too', async () => {
    const lower = directory('a')
    const { codes } = await world.extract(
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
    expect(readdirSync(world.destination).sort()).toEqual(['A', '_con', 'good', 'name_', 'what_'])
  })
})

describe('types and metadata (tests 20 and 21)', () => {
  it('set-user-id, set-group-id and sticky bits are never restored', async () => {
    const folder = directory('d', undefined, { mode: 0o7777 })
    await world.extract([folder, file('f', 'x', folder, { mode: 0o106755 }), file('g', 'x', undefined, { mode: -1 })])
    const modes = ['d', 'd/f', 'g'].map((path) => (statSync(join(world.destination, path)).mode & 0o7777).toString(8))
    expect(modes).toEqual(['777', '755', '777'])
  })

  it('impossible times cost neither the file nor a problem', async () => {
    const times = [2n ** 63n, -(2n ** 63n), 2n ** 100n, -(2n ** 100n), 0n, -1n]
    const { problems } = await world.extract(
      times.flatMap((mtimeNs, index) => [
        file(`f${index}`, 'x', undefined, { mtimeNs }),
        directory(`d${index}`, undefined, { mtimeNs }),
        symlink(`l${index}`, 'good', undefined, { mtimeNs }),
      ]),
    )
    expect(problems).toEqual([])
  })

  it('a time is never applied to what a link points to', async () => {
    await world.extract([symlink('l', '../x', undefined, { mtimeNs: 1n })], { links: 'all' })
  })
})

describe('more data than there is room (tests 22 and 23)', () => {
  it('is refused before anything is written', async () => {
    const outlet = await Outlet.open(world.destination, { overwrite: 'skip', onProblem: () => undefined })
    for (const bytes of [2 ** 52, Number.MAX_SAFE_INTEGER]) {
      expect(() => outlet.reserve(bytes)).toThrow(expect.objectContaining({ code: 'NoSpace' }) as Error)
    }
    for (const bytes of [-1, NaN, 2 ** 53, 2 ** 63, Infinity]) {
      expect(() => outlet.reserve(bytes)).toThrow(expect.objectContaining({ code: 'Limit' }) as Error)
    }
    expect(() => outlet.reserve(0, 2 ** 50)).toThrow(expect.objectContaining({ code: 'NoSpace' }) as Error)
    expect(() => outlet.reserve(1_000_000, 10)).not.toThrow()
    await outlet.discard()
    expect(world.contents()).toEqual({})
  })
})

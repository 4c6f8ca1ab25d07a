import fastCheck from 'fast-check'
import { posix, win32 } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LmzError } from '../../../src-main/contract/error'
import { below } from '../../../src-main/outlet/disk-path'
import { foldKey } from '../../../src-main/outlet/fold-name'
import { safeName, safeRawName, type SafeComponent } from '../../../src-main/outlet/safe-name'

const platforms = ['linux', 'darwin', 'win32'] as const

function codeOf(name: string, platform: NodeJS.Platform): string {
  try {
    safeName(name, platform)
    return 'accepted'
  } catch (error) {
    return error instanceof LmzError ? error.code : String(error)
  }
}

describe('names that would leave the destination', () => {
  it.each([
    ['', '.', '..', '/', 'a/b', '../x', 'a/../../x', '/etc/x', '//h/s/x', 'a\0b'],
    [
      '..\\x',
      'a\\..\\..\\x',
      '..\\../x',
      'a\\.. \\x',
      'a\\...',
      '\\x',
      '\\\\srv\\share',
      '\\\\?\\C:\\x',
      '\\??\\C:\\x',
    ],
    ['C:\\x', 'C:x', 'c:', 'C:..\\x', 'a::$DATA', 'd:$I30:$INDEX_ALLOCATION'],
    ['...', ' ', '.. .', '.. ', ' . ', '....', '. .'],
    ['a.txt:..\\..\\Startup\\e.exe', 'x:zone.identifier', 'x:Zone.Identifier:$DATA', 'photo.jpg:ZONE.IDENTIFIER'],
  ])('are refused on every system, for an archive travels', (...names) => {
    for (const name of names) {
      for (const platform of platforms) expect(`${name} ${codeOf(name, platform)}`).toBe(`${name} UnsafePath`)
      expect(() => safeRawName(Buffer.from(name))).toThrow(LmzError)
    }
  })

  it('are named in the message without their control characters', () => {
    expect(() => safeName('\u001b[2J/\u202e', 'linux')).toThrow('"\\x1b[2J/\\u202e"')
  })
})

describe('names that only Windows cannot store', () => {
  it.each([
    ['CON', '_CON'],
    ['nul.txt', '_nul.txt'],
    ['AUX ', '_AUX_'],
    ['NUL .txt', '_NUL .txt'],
    ['COM0', '_COM0'],
    ['COM¹', '_COM¹'],
    ['LPT9.tar.gz', '_LPT9.tar.gz'],
    ['CONIN$', '_CONIN$'],
    ['conout$.log', '_conout$.log'],
    ['name.', 'name_'],
    ['name. .', 'name___'],
    ['what?*"<>|', 'what______'],
    ['line\nbreak\u001b', 'line_break_'],
  ])('%j becomes %j there and stays as it is elsewhere', (name, onWindows) => {
    expect(safeName(name, 'win32')).toBe(onWindows)
    expect(safeName(name, 'linux')).toBe(name)
    expect(safeName(name, 'darwin')).toBe(name)
  })

  it.each(['ab:c', 'a\\b', 'picture.png:stream'])('%j is refused there, and stays as it is elsewhere', (name) => {
    expect(codeOf(name, 'win32')).toBe('UnsafePath')
    expect(safeName(name, 'linux')).toBe(name)
  })

  it.each(['console', 'com10', 'nulls.txt', 'a.con', '..a', 'a..b', '.hidden', 'ümläut', 'a b'])(
    '%j is an ordinary name everywhere',
    (name) => {
      for (const platform of platforms) expect(safeName(name, platform)).toBe(name)
    },
  )
})

describe('the length of a name', () => {
  it('is limited to what the system takes', () => {
    expect(codeOf('a'.repeat(255), 'linux')).toBe('accepted')
    expect(codeOf('a'.repeat(256), 'linux')).toBe('Limit')
    expect(codeOf('é'.repeat(128), 'linux')).toBe('Limit')
    expect(codeOf('é'.repeat(255), 'win32')).toBe('accepted')
    expect(codeOf('é'.repeat(256), 'win32')).toBe('Limit')
    // Megabytes of what rules look at would keep them busy for hours, were it not refused first.
    for (const platform of platforms) expect(codeOf(`${'. '.repeat(2_000_000)}x`, platform)).toBe('Limit')
    expect(() => safeRawName(Buffer.alloc(256, 0xff))).toThrow(expect.objectContaining({ code: 'Limit' }) as Error)
    expect(safeRawName(Buffer.alloc(255, 0xff))).toHaveLength(255)
  })

  it('counts halves of surrogate pairs as what they are written as', () => {
    expect(safeName('a\ud800b', 'linux')).toBe('a\ufffdb')
  })
})

describe('paths made of any components', () => {
  const awkward = fastCheck.stringMatching(/^[./\\: ~a-cC?\0*$\u202e]{0,8}$/)
  const component = fastCheck.oneof(
    awkward,
    fastCheck.string({ unit: 'binary' }),
    fastCheck.constantFrom('..', 'CON', '.'),
  )

  it('lie strictly inside staging, by the rules of Windows and of POSIX, or are refused', () => {
    fastCheck.assert(
      fastCheck.property(fastCheck.array(component, { minLength: 1, maxLength: 6 }), (names) => {
        for (const [platform, path, root] of [
          ['win32', win32, 'C:\\staging'],
          ['linux', posix, '/staging'],
        ] as const) {
          let place = root as string
          try {
            for (const name of names) place = `${place}${path.sep}${safeName(name, platform)}`
          } catch (error) {
            if (error instanceof LmzError && (error.code === 'UnsafePath' || error.code === 'Limit')) continue
            throw error
          }
          const resolved = path.resolve(place)
          if (!resolved.startsWith(root + path.sep)) return false
          // Nothing was added, dropped or joined on the way: as many steps as names.
          if (path.relative(root, resolved).split(path.sep).length !== names.length) return false
          if (platform === 'win32' && /[:*?"<>|]|[. ]$/.test(resolved.slice(2))) return false
        }
        return true
      }),
      { numRuns: 3000 },
    )
  })

  it('are made by one function that only adds to them', () => {
    const bytes = safeRawName(Buffer.from([0xff]))
    expect(below('/a', safeName('b'))).toBe('/a/b')
    expect(below('/a', bytes)).toEqual(Buffer.from('/a/\xff', 'latin1'))
    expect(below(below('/a', bytes), 'b' as string & SafeComponent)).toEqual(Buffer.from('/a/\xff/b', 'latin1'))
  })
})

describe('the key by which names meet', () => {
  it.each([
    ['ß', 'ss'],
    ['ß', 'ẞ'],
    ['SS', 'ẞ'],
    ['\u00e9', 'e\u0301'],
    ['\u00c9', 'e\u0301'],
    ['A', 'a'],
    ['K', '\u212a'],
    ['k', '\u212a'],
    ['ﬁ', 'FI'],
  ])('is one for %j and %j', (one, other) => {
    for (const platform of platforms) expect(foldKey(one, platform)).toBe(foldKey(other, platform))
  })

  it('ignores trailing dots and spaces only where the system does', () => {
    expect(foldKey('name. ', 'win32')).toBe(foldKey('NAME', 'win32'))
    expect(foldKey('name.', 'darwin')).not.toBe(foldKey('name', 'darwin'))
    expect(foldKey('a', 'win32')).not.toBe(foldKey('b', 'win32'))
  })
})

import { describe, expect, it } from 'vitest'
import { compileExcludes } from '../../../src-main/intake/exclude'

/** Whether a pattern leaves out a path of the root `proj`; a "/" at the end marks a folder. */
function excludes(pattern: string, path: string): boolean {
  const archivePath = path.replace(/\/$/, '')
  const components = archivePath.split('/')
  return compileExcludes([pattern])({
    name: components.at(-1) ?? '',
    archivePath,
    pathBelowRoot: components.slice(1).join('/'),
    isDirectory: path.endsWith('/'),
  })
}

describe('exclude patterns', () => {
  it.each([
    ['*.tmp', 'proj/a/b/c.tmp', true],
    ['*.tmp', 'proj/a.tmp.txt', false],
    ['node_modules', 'proj/x/node_modules/', true],
    ['node_modules', 'proj/x/node_modules_old/', false],
    ['.*', 'proj/.git/', true],
    ['*', 'proj/.hidden', true],
    ['cache/', 'proj/cache/', true],
    ['cache/', 'proj/cache', false],
    ['src/gen', 'proj/src/gen/', true],
    ['src/gen', 'proj/lib/src/gen/', false],
    ['proj/src/gen', 'proj/src/gen/', true],
    ['./src/gen', 'proj/src/gen/', true],
    ['**/src/gen', 'proj/lib/src/gen/', true],
    ['/build', 'proj/build/', true],
    ['/build', 'proj/a/build/', false],
    ['docs/**/*.{png,jpg}', 'proj/docs/a/b/c.jpg', true],
    ['docs/**', 'proj/docs/line\nfeed/x', true],
    ['!keep', 'proj/anything', false],
    ['!keep', 'proj/!keep', true],
    ['a[0-9]', 'proj/a7', true],
    ['[', 'proj/[', true],
  ])('%s on %s: %s', (pattern, path, expected) => {
    expect(excludes(pattern, path)).toBe(expected)
  })

  it('matches a root by its own name, not by an empty path below it', () => {
    expect(excludes('proj', 'proj/')).toBe(true)
    expect(excludes('**/*', 'other')).toBe(true)
    expect(compileExcludes([])({ name: 'a', archivePath: 'a', pathBelowRoot: '', isDirectory: false })).toBe(false)
  })

  it('names a pattern that cannot be used', () => {
    for (const pattern of ['', '/', 'x'.repeat(70_000)]) {
      expect(() => compileExcludes([pattern])).toThrow(expect.objectContaining({ code: 'Usage' }))
    }
  })
})

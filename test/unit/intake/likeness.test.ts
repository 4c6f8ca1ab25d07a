import { describe, expect, it } from 'vitest'
import { likenessKey } from '../../../src-main/intake/likeness'

function ordered(...paths: string[]): string[] {
  const keyed = paths.map((path) => ({ path, key: likenessKey(path) }))
  return keyed.sort((one, other) => (one.key < other.key ? -1 : 1)).map(({ path }) => path)
}

describe('order by likeness', () => {
  it('brings kinds together, then folders, then extensions, then names', () => {
    const wanted = ['a/x.md', 'b/1.md', 'a/m.c', 'a/n.c', 'a/b.h', 'b/a.c', 'a/t.json', 'z.jpg', 'a/unknown']
    expect(ordered(...wanted.toReversed())).toEqual(wanted)
  })

  it('takes extensions as equal in any case, and keeps a folder next to what lies below it', () => {
    expect(ordered('p/b.JPG', 'p/c.png', 'p/a.jpg', 'p/d.jpg')).toEqual(['p/a.jpg', 'p/b.JPG', 'p/d.jpg', 'p/c.png'])
    expect(ordered('lib-old/a.c', 'lib/b.c', 'lib/a.c', 'lib/sub/a.c')).toEqual([
      'lib/a.c',
      'lib/b.c',
      'lib/sub/a.c',
      'lib-old/a.c',
    ])
  })

  it('gives different paths different keys, so that archives do not depend on the order of the disk', () => {
    const paths = ['a', 'A', 'a.c', 'A.C', 'a/a', 'a.c/a', 'a/c.a', '.c', 'c.']
    expect(new Set(paths.map(likenessKey)).size).toBe(paths.length)
  })
})

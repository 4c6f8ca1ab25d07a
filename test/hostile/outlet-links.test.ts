import { statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Problem } from '../../src-main/contract/problem'
import { Outlet } from '../../src-main/outlet/outlet'
import { directory, extract, file, hardLink, symlink } from '../unit/outlet/extraction'
import { HostileWorld } from '../unit/outlet/hostile-world'

const world = new HostileWorld()

describe('links (tests 13 to 18)', () => {
  const outward = ['/', '..', 'C:\\', '\\\\srv\\share', '/proc/self/root', '../canary', './../canary', '/etc/passwd']

  it('that lead out are reported and not made', async () => {
    const inside = directory('d')
    const { problems, result } = await world.extract([
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
    expect(world.contents()).toEqual({ d: '/', 'd/kept': '-> ../good', good: 'good' })
  })

  it('that lead out are made when the user wants all, and are never written through even then', async () => {
    const fake = symlink('d', '../canary')
    const { codes } = await world.extract([fake, file('evil', 'evil', fake), symlink('up', '../x')], { links: 'all' })
    expect(codes).toEqual(['evil: UnsafePath'])
    expect(world.contents()).toEqual({ d: '-> ../canary', up: '-> ../x', good: 'good' })
    // The second extraction meets the links of the first: as intermediate folders and as files.
    const real = directory('d')
    for (const overwrite of ['skip', 'replace'] as const) {
      await extract(
        world.destination,
        [real, file('precious', 'evil', real), directory('Startup', real), file('up', 'evil')],
        {
          overwrite,
        },
      )
    }
    expect(world.contents()).toEqual({ d: '-> ../canary', up: 'evil', good: 'good' })
  })

  it('cannot become a folder for other entries, in either order', async () => {
    for (const links of ['safe', 'all'] as const) {
      const link = symlink('a', '../canary')
      const late = symlink('b', '../canary')
      const folder = directory('b')
      const { codes } = await world.extract(
        [link, file('evil', 'evil', link), folder, file('precious', 'mine', folder), late],
        { links, overwrite: 'skip' },
      )
      expect(codes).toContain('evil: UnsafePath')
      expect(world.contents()['b/precious']).toBe('mine')
    }
  })

  it('and folders of one name end as a folder, and one problem', async () => {
    const folder = directory('Same')
    const { problems } = await world.extract(
      [symlink('same', 'good'), folder, symlink('SAME', '../canary'), file('f', 'x', folder)],
      { foldNames: true, links: 'all' },
    )
    expect(problems.map(({ error }) => error.code)).toEqual(['Collision', 'Collision', 'Collision'])

    const plain = directory('p')
    const { codes } = await world.extract([plain, symlink('p', '../canary'), file('f', 'x', plain)], { links: 'all' })
    expect(codes).toEqual(['p: Collision'])
    expect(world.contents()).toMatchObject({ p: '/', 'p/f': 'x' })
  })

  it('hard ones are made only to a file that was written in the same extraction', async () => {
    const first = file('first', 'x')
    const folder = directory('d')
    const pointer = symlink('s', 'first')
    const { codes } = await world.extract([
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
    expect(statSync(join(world.destination, 'first')).nlink).toBe(2)
  })

  it('hard ones take no placement of a folder, of another outlet, or of another entry', async () => {
    const problems: Problem[] = []
    const options = { overwrite: 'skip', onProblem: (problem: Problem) => problems.push(problem) } as const
    const outlet = await Outlet.open(world.destination, options)
    const other = await Outlet.open(join(world.destination, 'other'), options)
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
    const outlet = await Outlet.open(world.destination, {
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
      symlinkSync('../canary', join(world.destination, 'folder'))
      symlinkSync('../x', join(world.destination, 'file'))
      symlinkSync('../nothing yet', join(world.destination, 'dangling'))
      const folder = directory('folder')
      await world.extract(
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
      expect(world.contents()['folder']).toBe('-> ../canary')
    },
  )
})

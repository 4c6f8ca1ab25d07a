import { statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Outlet } from '../../src-main/outlet/outlet'
import { directory, file, memoryFolder, placeAll, symlink, type TestEntry } from '../unit/outlet/extraction'
import { HostileWorld } from '../unit/outlet/hostile-world'

const world = new HostileWorld(memoryFolder)

describe('sizes of names and trees (test 10)', () => {
  it('a component of 256 bytes and a path of 5,000 are refused for what they are', async () => {
    const long = Array.from({ length: 21 }, () => 'n'.repeat(240))
    const chain: TestEntry[] = []
    for (const name of long) chain.push(directory(name, chain.at(-1)))
    const { problems } = await world.extract([file('n'.repeat(256)), ...chain, file('f', 'x', chain.at(-1))])
    expect(new Set(problems.map(({ error }) => error.code))).toEqual(new Set(['Limit']))
  })

  it('a tree 2,000 deep comes out, and one 30,000 deep is refused below what the system can name', async () => {
    const chain = [directory('d')]
    while (chain.length < 1980) chain.push(directory('d', chain.at(-1)))
    const end = chain.at(-1)
    const { problems } = await world.extract([...chain, file('f', 'x', end), symlink('l', 'f', end)])
    expect(problems).toEqual([])
    expect(statSync(join(world.destination, ...chain.map(() => 'd'), 'f')).size).toBe(1)

    const deeper: TestEntry[] = [directory('e')]
    while (deeper.length < 30_000) deeper.push(directory('e', deeper.at(-1)))
    const { result, problems: refused } = await world.extract(deeper, { overwrite: 'replace' })
    expect(result.directories).toBeLessThan(2100)
    expect(refused).toHaveLength(30_000 - result.directories)
    expect(refused.every(({ error, path }) => error.code === 'Limit' && path.length < 6000)).toBe(true)
  })

  it('a deep tree is merged with itself and cleaned up without recursion', async () => {
    const chain = [directory('d', undefined, { mode: 0o700 })]
    while (chain.length < 1900) chain.push(directory('d', chain.at(-1), { mode: 0o700 }))
    await world.extract(chain)
    const { result, problems } = await world.extract([...chain, file('new', 'x', chain.at(-1))])
    expect(problems).toEqual([])
    expect(result).toMatchObject({ files: 1, directories: 1900, skipped: 1 })
    const outlet = await Outlet.open(world.destination, { overwrite: 'skip', onProblem: () => undefined })
    await placeAll(outlet, [...chain, file('f', 'x', chain.at(-1))], [])
    await outlet.discard()
  })
})

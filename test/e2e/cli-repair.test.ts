import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Random, seed } from '../support/random'
import { lmz, lmzJson } from './cli-process'
import { folderWithTree } from './cli-tree'

function damage(path: string, from: number, length: number): void {
  const bytes = readFileSync(path)
  new Random(seed).bytes(length).copy(bytes, from)
  writeFileSync(path, bytes)
}

describe('protect and repair', () => {
  it('make an archive repairable, say so, and repair it: users would not know what they have', async () => {
    const folder = folderWithTree()
    const made = await lmz(folder, 'create', '--protect', 'x.lmz', 'photos', '--preset', 'fast')
    expect(made.exitCode).toBe(0)
    const right = readFileSync(join(folder, 'x.lmz'))
    const info = await lmz(folder, 'info', 'x.lmz')
    expect(info.stdout).toMatch(/^ {2}parity {2}\d\d\.\d kB \(\d+\.\d %, normal\): it can be repaired/m)
    expect((await lmz(folder, 'verify', 'x.lmz')).stdout).toMatch(/^x\.lmz is whole: /)
    damage(join(folder, 'x.lmz'), 50_000, 2000)

    const verified = await lmz(folder, 'verify', 'x.lmz')
    expect(verified.exitCode).toBe(1)
    expect(verified.stdout).toMatch(
      /^x\.lmz is damaged, but no file is lost\. To repair it: lmz repair x\.lmz <new archive>/,
    )
    const printed = await lmz(folder, 'cat', 'x.lmz', 'photos/noise.bin')
    expect(printed.exitCode).toBe(0)
    expect(printed.stderr).toMatch(/Damage of x\.lmz was undone while reading: .* It concerned photos\/noise\.bin\./)

    const repaired = await lmz(folder, 'repair', 'x.lmz', 'y.lmz')
    expect(repaired).toMatchObject({ exitCode: 0 })
    expect(repaired.stdout).toMatch(/^Wrote y\.lmz, checked: 5 files\. 3\.1 kB computed anew\.\n$/)
    expect(readFileSync(join(folder, 'y.lmz')).equals(right)).toBe(true)
    expect((await lmz(folder, 'repair', 'x.lmz', 'y.lmz')).exitCode).toBe(4)
  })

  it('protect what is there already, at a level, and tell scripts', async () => {
    const folder = folderWithTree()
    await lmz(folder, 'create', 'x.lmz', 'photos', '--preset', 'fast')
    const { stdout } = await lmz(folder, 'protect', 'x.lmz', '--level', 'strong')
    expect(stdout).toMatch(/^Protected x\.lmz, \d\d\.\d kB longer now \(\d+\.\d %\)\.\n$/)
    const { last } = await lmzJson(folder, 'verify', 'x.lmz')
    expect(last).toMatchObject({ verb: 'verify', protection: { level: 'strong', lostBytes: 0, damagedParity: 0 } })
  })

  it('say plainly when there is nothing to repair from, and when files are lost', async () => {
    const folder = folderWithTree()
    await lmz(folder, 'create', 'x.lmz', 'photos', '--preset', 'fast')
    const refused = await lmz(folder, 'repair', 'x.lmz', 'y.lmz')
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toContain('x.lmz is not protected')
    await lmz(folder, 'protect', 'x.lmz')
    damage(join(folder, 'x.lmz'), 20_000, 100_000)
    const verified = await lmz(folder, 'verify', 'x.lmz')
    expect(verified.exitCode).toBe(3)
    expect(verified.stdout).toMatch(/is damaged: 1 of 5 files cannot be extracted\./)
    const repaired = await lmz(folder, 'repair', 'x.lmz', 'y.lmz')
    expect(repaired.exitCode).toBe(3)
    expect(repaired.stdout).toMatch(/1 file cannot be repaired, see above\.\n$/)
  })

  it('take an archive for an archive behind --protect, and a level for a level', async () => {
    const folder = folderWithTree()
    expect((await lmz(folder, 'create', '--protect', 'strong', 'a.lmz', 'photos')).exitCode).toBe(0)
    expect((await lmz(folder, 'info', 'a.lmz')).stdout).toContain('strong')
    expect((await lmz(folder, 'create', '--protect=none', 'b.lmz', 'photos')).exitCode).toBe(2)
    expect((await lmz(folder, 'create', 'c.lmz', 'photos', '--protect')).exitCode).toBe(0)
  })
})

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { addToArchive } from '../../../src-main/archive/add'
import { Archive } from '../../../src-main/archive/archive'
import { createArchive } from '../../../src-main/archive/create'
import { archiveInfo } from '../../../src-main/archive/info'
import { runsOfFooter } from '../../../src-main/archive/protection/find-runs'
import { protectArchive } from '../../../src-main/archive/protection/protect'
import { renameInArchive } from '../../../src-main/archive/rename'
import { compactArchive, removeFromArchive } from '../../../src-main/archive/rewrite'
import { verifyArchive } from '../../../src-main/archive/verify'
import { readableFiles, stateOf } from '../../support/archive-state'
import { FaultyStorage } from '../../support/faulty-storage'
import { overwrite } from '../../support/parity-trials'
import { Random, seed } from '../../support/random'
import { temporaryFolder } from '../../support/temporary'

const random = new Random(seed)
const options = { preset: 'fast', blockSize: 64 * 1024 } as const

function makeFiles(folder: string, name: string): string {
  const path = join(folder, name)
  mkdirSync(path)
  for (let n = 0; n < 3; n++) writeFileSync(join(path, `${name}-${n}`), random.bytes(40_000))
  return path
}

/** The bytes each of the archive's runs covers. */
async function rangesOf(path: string): Promise<readonly (readonly [number, number])[]> {
  const archive = await Archive.open(path)
  try {
    const runs = archive.footer === undefined ? [] : (runsOfFooter(archive.source, archive.footer)?.runs ?? [])
    return runs.map(({ description }) => [description.from, description.position])
  } finally {
    archive.close()
  }
}

async function infoOf(path: string) {
  const archive = await Archive.open(path)
  try {
    return archiveInfo(archive)
  } finally {
    archive.close()
  }
}

async function expectProtected(path: string): Promise<void> {
  expect((await verifyArchive(path)).protection).toMatchObject({ level: 'normal', lostBytes: 0, damagedParity: 0 })
  const { whole } = await readableFiles(path)
  for (const [from, position] of await rangesOf(path)) {
    const bytes = readFileSync(path)
    overwrite(bytes, random, Math.floor((from + position) / 2), 300)
    const damaged = join(temporaryFolder(), 'damaged.lmz')
    writeFileSync(damaged, bytes)
    expect(await readableFiles(damaged), `damage between ${from} and ${position}`).toEqual({ whole, lost: [] })
  }
}

describe('an archive that is made protected', () => {
  it('stays so when it is added to, renamed in, removed from and compacted', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'x.lmz')
    await createArchive(path, [makeFiles(folder, 'one')], { ...options, protection: 'normal' })
    await expectProtected(path)
    await addToArchive(path, [makeFiles(folder, 'two')])
    await addToArchive(path, [makeFiles(folder, 'three')])
    await renameInArchive(path, 'one', 'first')
    const ranges = await rangesOf(path)
    expect(ranges).toHaveLength(4)
    await expectProtected(path)
    await removeFromArchive(path, ['two'])
    expect(await rangesOf(path)).toHaveLength(1)
    await expectProtected(path)
    await compactArchive(path)
    await expectProtected(path)
    const { protection, parityBytes, commits } = await infoOf(path)
    expect({ protection, commits }).toEqual({ protection: 'normal', commits: 1 })
    expect(parityBytes).toBeGreaterThan(10_000)
  })

  it('holds what one without protection holds, and nothing else is in the folder', async () => {
    const folder = temporaryFolder()
    const source = makeFiles(folder, 'one')
    await createArchive(join(folder, 'a.lmz'), [source], options)
    await createArchive(join(folder, 'b.lmz'), [source], { ...options, protection: 'strong' })
    expect(await stateOf(join(folder, 'b.lmz'))).toEqual(await stateOf(join(folder, 'a.lmz')))
    expect(readdirSync(folder).sort()).toEqual(['a.lmz', 'b.lmz', 'one'])
  })
})

describe('protecting an archive', () => {
  it('covers all of it once, and later only what is new', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'x.lmz')
    await createArchive(path, [makeFiles(folder, 'one')], options)
    expect(await rangesOf(path)).toEqual([])
    const first = await protectArchive(path)
    expect(first.writtenBytes).toBeGreaterThan(0)
    const again = await protectArchive(path)
    expect(again.writtenBytes).toBe(0)
    expect(again.notices.join()).toContain('is protected already')
    await protectArchive(path, { level: 'strong' })
    const ranges = await rangesOf(path)
    expect(ranges).toHaveLength(2)
    expect((ranges[1]?.[1] ?? 0) - (ranges[1]?.[0] ?? 0)).toBeLessThan(10_000)
  })

  it('makes larger what is stronger', async () => {
    const folder = temporaryFolder()
    const source = makeFiles(folder, 'one')
    const sizes: number[] = []
    for (const protection of ['light', 'normal', 'strong'] as const) {
      const path = join(folder, `${protection}.lmz`)
      await createArchive(path, [source], { ...options, protection })
      sizes.push((await infoOf(path)).parityBytes)
    }
    expect(sizes).toEqual([...sizes].sort((left, right) => left - right))
  })

  it.each(['append', 'sync'] as const)('leaves the archive as it was when a %s fails', async (operation) => {
    const folder = temporaryFolder()
    const path = join(folder, 'x.lmz')
    await createArchive(path, [makeFiles(folder, 'one')], { ...options, protection: 'normal' })
    const more = makeFiles(folder, 'two')
    const before = readFileSync(path)
    const counting = new FaultyStorage(operation, Number.MAX_SAFE_INTEGER, 'ENOSPC')
    await addToArchive(path, [more], {}, counting)
    const count = counting.counts[operation]
    for (let at = 0; at < count; at += Math.ceil(count / 7)) {
      writeFileSync(path, before)
      const storage = new FaultyStorage(operation, at, 'ENOSPC')
      await expect(addToArchive(path, [more], {}, storage), `${operation} ${at}`).rejects.toMatchObject({
        code: 'NoSpace',
      })
      expect(readFileSync(path).equals(before), `${operation} ${at}`).toBe(true)
    }
    const target = join(folder, 'new.lmz')
    const storage = new FaultyStorage(operation, count - 1, 'ENOSPC')
    const creating = createArchive(target, [more], { ...options, protection: 'normal' }, storage)
    await expect(creating).rejects.toMatchObject({ code: 'NoSpace' })
    expect(existsSync(target)).toBe(false)
  })
})

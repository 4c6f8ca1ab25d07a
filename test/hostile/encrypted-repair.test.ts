import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { addToArchive } from '../../src-main/archive/add'
import { Archive } from '../../src-main/archive/archive'
import { changePasswords } from '../../src-main/archive/encryption/change-passwords'
import { createArchive } from '../../src-main/archive/create'
import { repairArchive } from '../../src-main/archive/protection/repair'
import { verifyArchive } from '../../src-main/archive/verify'
import type { Footer } from '../../src-main/format/footer'
import { type ArchiveState, stateOf } from '../support/archive-state'
import { password, stretchCost, writeSecretTree } from '../support/encrypted-archive'
import { Random, seed } from '../support/random'
import { suiteFolder } from '../support/suite-folder'
import { temporaryFolder } from '../support/temporary'

/** Bytes lost in one piece. */
const hole = 2000

describe('an archive that is encrypted and protected', () => {
  const folder = suiteFolder()
  let bytes: Buffer
  let state: ArchiveState
  let footer: Footer

  beforeAll(async () => {
    const tree = writeSecretTree(folder, new Random(seed))
    const path = join(folder, 'secret.lmz')
    await createArchive(path, [tree], {
      preset: 'fast',
      blockSize: 64 * 1024,
      protection: 'normal',
      password,
      stretchCost,
    })
    state = await stateOf(path, { password })
    footer = await footerOf(path)
    bytes = readFileSync(path)
  })

  function damagedCopy(damage: (copy: Buffer) => Buffer | undefined): string {
    const path = join(temporaryFolder(), 'damaged.lmz')
    const copy = Buffer.from(bytes)
    writeFileSync(path, damage(copy) ?? copy)
    return path
  }

  it('opens with its password and gives back everything, wherever bytes were lost', async () => {
    for (let at = 0; at + hole < bytes.length; at += Math.floor(bytes.length / 23)) {
      const path = damagedCopy((copy) => copy.fill(0, at, at + hole))
      expect(await stateOf(path, { password }), `bytes lost at ${at}`).toEqual(state)
    }
  })

  it('opens though all that its password opens was damaged: without it, nothing could be read again', async () => {
    const path = damagedCopy((copy) => {
      for (const at of framesOf(copy, 6)) copy.fill(0xff, at + 64, at + 160)
      return copy
    })
    expect(framesOf(bytes, 6).length).toBeGreaterThanOrEqual(2)
    expect(await stateOf(path, { password })).toEqual(state)
  })

  it('is not opened by a wrong password, whole or damaged', async () => {
    for (const path of [damagedCopy(() => undefined), damagedCopy((copy) => copy.fill(0, 5000, 5000 + hole))]) {
      await expect(stateOf(path, { password: 'wrong' })).rejects.toMatchObject({ code: 'Auth', reason: 'password' })
    }
  })

  it.each([
    ['in the middle', (copy: Buffer) => copy.fill(0, 100_000, 100_000 + hole)],
    ['at the start', (copy: Buffer) => copy.fill(0, 0, hole)],
    ['at the end', (copy: Buffer) => copy.fill(0, copy.length - 200)],
    [
      'where the second list of files is',
      (copy: Buffer) => copy.fill(0, footer.index.position + 80, footer.index.position + 200),
    ],
    ['by being cut off', (copy: Buffer) => copy.subarray(0, copy.length - 500)],
    [
      'by more bytes in it',
      (copy: Buffer) => Buffer.concat([copy.subarray(0, 70_001), Buffer.alloc(33), copy.subarray(70_001)]),
    ],
  ])('is written anew as a whole one that is as encrypted and as protected, damaged %s', async (_where, damage) => {
    const path = damagedCopy(damage)
    const target = join(temporaryFolder(), 'repaired.lmz')
    const report = await repairArchive(path, target, { password })
    expect(report.lostFiles).toBe(0)
    expect(await stateOf(target, { password })).toEqual(state)
    await expect(stateOf(target)).rejects.toMatchObject({ code: 'Auth', reason: 'password' })
    const { condition, problems, protection } = await verifyArchive(target, { password })
    expect([condition, problems, protection?.level]).toEqual(['intact', [], 'normal'])
    const again = Buffer.from(readFileSync(target))
    again.fill(0, 60_000, 60_000 + hole)
    writeFileSync(target, again)
    expect(await stateOf(target, { password })).toEqual(state)
  })

  it('stays both when something is added and when the password is changed', async () => {
    const path = damagedCopy(() => undefined)
    const more = join(temporaryFolder(), 'more')
    mkdirSync(more)
    writeFileSync(join(more, 'new.txt'), new Random(seed + 7).text(90_000))
    await addToArchive(path, [more], { password })
    await changePasswords(path, { change: 'change', password, newPassword: 'another one', stretchCost })
    const expected = await stateOf(path, { password: 'another one' })
    expect(Object.keys(expected)).toContain('more/new.txt')
    await expect(stateOf(path, { password })).rejects.toMatchObject({ reason: 'password' })
    const changed = readFileSync(path)
    for (const [at, length] of [
      [20_000, hole],
      // What an addition brings is protected by itself, as much as it is.
      [bytes.length + 20_000, hole / 4],
    ] as const) {
      const damaged = Buffer.from(changed)
      damaged.fill(0, at, at + length)
      writeFileSync(path, damaged)
      expect(await stateOf(path, { password: 'another one' }), `bytes lost at ${at}`).toEqual(expected)
    }
  })

  it('is not repaired without the password, and nothing is left of the attempt', async () => {
    const path = damagedCopy((copy) => copy.fill(0, 100_000, 100_000 + hole))
    const target = join(temporaryFolder(), 'repaired.lmz')
    await expect(repairArchive(path, target)).rejects.toMatchObject({ code: 'Auth', reason: 'password' })
    expect(existsSync(target)).toBe(false)
  })
})

async function footerOf(path: string): Promise<Footer> {
  const archive = await Archive.open(path, undefined, { password })
  try {
    if (archive.footer === undefined) throw new TypeError('an archive that was just made has a footer')
    return archive.footer
  } finally {
    archive.close()
  }
}

/** Where frames of a type begin. */
function framesOf(bytes: Buffer, type: number): number[] {
  const magic = Buffer.from([0xd3, 0x6c, 0x7a, 0x66, type])
  const found: number[] = []
  for (let at = bytes.indexOf(magic); at !== -1; at = bytes.indexOf(magic, at + 1)) found.push(at)
  return found
}

import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { addToArchive } from '../../../src-main/archive/add'
import { Archive } from '../../../src-main/archive/archive'
import { createArchive } from '../../../src-main/archive/create'
import { extractArchive } from '../../../src-main/archive/extraction/extract'
import { renameInArchive } from '../../../src-main/archive/rename'
import { compactArchive, removeFromArchive } from '../../../src-main/archive/rewrite'
import { verifyArchive } from '../../../src-main/archive/verify'
import { makeEncrypted, password, stretchCost, writeSecretTree } from '../../support/encrypted-archive'
import { snapshot } from '../../support/snapshot'
import { temporaryFolder } from '../../support/temporary'

async function namesIn(path: string): Promise<string[]> {
  const archive = await Archive.open(path, undefined, { password })
  try {
    return [...archive.index.descendants(0)].map(({ id }) => archive.index.pathOf(id).join('/')).sort()
  } finally {
    archive.close()
  }
}

describe('an encrypted archive', () => {
  it('gives back what was put in, and only with its password', { timeout: 60_000 }, async () => {
    const folder = temporaryFolder()
    const archive = await makeEncrypted(folder)
    const before = snapshot(join(folder, 'secret tree'))
    for (const wrong of [{}, { password: 'wrong' }]) {
      await expect(Archive.open(archive, undefined, wrong)).rejects.toMatchObject({ code: 'Auth', reason: 'password' })
    }
    expect((await verifyArchive(archive, { password })).problems).toEqual([])
    await extractArchive(archive, [], join(folder, 'out'), { password })
    expect(snapshot(join(folder, 'out/secret tree'))).toEqual(before)
  })

  it('stays encrypted through every change, and equal data is still stored once', { timeout: 60_000 }, async () => {
    const folder = temporaryFolder()
    const archive = await makeEncrypted(folder)
    const length = readFileSync(archive).length
    writeFileSync(join(folder, 'again.bin'), readFileSync(join(folder, 'secret tree/noise.bin')))
    await expect(addToArchive(archive, [join(folder, 'again.bin')])).rejects.toMatchObject({ code: 'Auth' })
    expect(readFileSync(archive)).toHaveLength(length)
    const added = await addToArchive(archive, [join(folder, 'again.bin')], { password })
    expect(added.writtenBytes).toBeLessThan(10_000)
    await renameInArchive(archive, 'again.bin', 'umbenannt.bin', { password })
    await removeFromArchive(archive, ['secret tree/Liebesbriefe/brief-0.txt'], { password })
    await compactArchive(archive, { password })
    expect(await namesIn(archive)).toContain('umbenannt.bin')
    expect(await namesIn(archive)).not.toContain('secret tree/Liebesbriefe/brief-0.txt')
    const report = await verifyArchive(archive, { password })
    expect(report).toMatchObject({ problems: [], notices: [], condition: 'intact' })
    await expect(Archive.open(archive)).rejects.toMatchObject({ code: 'Auth' })
  })

  it('asks again after a wrong password, and for as long as somebody answers', { timeout: 60_000 }, async () => {
    const archive = await makeEncrypted(temporaryFolder())
    const attempts: number[] = []
    const opened = await Archive.open(archive, undefined, {
      askPassword: ({ attempt }) => {
        attempts.push(attempt)
        return Promise.resolve(attempt === 3 ? password : 'no')
      },
    })
    opened.close()
    expect(attempts).toEqual([1, 2, 3])
  })

  it('is cut in places of its own: where chunks end would tell which known files are in it', async () => {
    const folder = temporaryFolder()
    const tree = writeSecretTree(folder)
    const lengths: string[] = []
    for (const name of ['one', 'other', 'plain']) {
      const archive = join(folder, `${name}.lmz`)
      const secret = name === 'plain' ? {} : { password, stretchCost }
      await createArchive(archive, [tree], { preset: 'fast', blockSize: 1024 * 1024, ...secret })
      const opened = await Archive.open(archive, undefined, secret)
      lengths.push([...opened.index.blocks()].flatMap(({ id }) => opened.index.chunkLengths(id).lengths).join(' '))
      opened.close()
      rmSync(archive)
    }
    expect(new Set(lengths).size).toBe(3)
  })
})

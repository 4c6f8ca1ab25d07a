import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createArchive } from '../../../src-main/archive/create'
import { Random } from '../../support/random'
import { temporaryFolder } from '../../support/temporary'
import { startEngine } from './engine-process'

const page = { offset: 0, limit: 100 }
const byName = { column: 'name', descending: false } as const

describe('an engine that explains an archive', { timeout: 120_000 }, () => {
  it('answers every question over the wire, and stops when it is told to', async () => {
    const folder = temporaryFolder()
    const tree = join(folder, 'tree')
    mkdirSync(tree)
    const text = Buffer.from(new Random(3).text(150_000))
    writeFileSync(join(tree, 'prose.txt'), text)
    const path = join(folder, 'a.lmz')
    await createArchive(path, [tree], { preset: 'balanced', blockSize: 64 * 1024, primers: false })
    const { engine } = startEngine()
    const { handle } = await engine.openArchive(path)
    const [top] = (await engine.list(handle, 0, byName, page)).rows
    const [file] = (await engine.list(handle, top!.id, byName, page)).rows
    const entry = file!.id

    const account = await engine.account(handle)
    expect(account.parts.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(statSync(path).size)
    const { blocks, storedBytes } = await engine.fileAccount(handle, entry)
    expect(storedBytes).toBe(account.parts.find(({ name }) => name === 'data')?.bytes)
    expect((await engine.blocks(handle, { offset: 1, limit: 1 })).blocks).toMatchObject([{ block: 2 }])
    expect((await engine.blocks(handle, page)).total).toBe(blocks.length)
    expect(await engine.blockSample(handle, 1)).toHaveLength(1)

    const map = await engine.surprise(handle, entry, 1000, 50)
    expect(Buffer.from(map.bytes).equals(text.subarray(1000, 1050))).toBe(true)
    expect(map.milliBits).toBeInstanceOf(Uint32Array)
    const forecast = await engine.forecast(handle, entry, 1000, 3)
    expect(forecast).toMatchObject({ offset: 1000, actual: text[1000] })
    expect(forecast.likeliest).toHaveLength(3)
    expect((await engine.tryBlockSize(handle, 64 * 1024, 60_000)).triedBytes).toBeGreaterThan(0)

    const contest = engine.contest(handle, 1)
    const refused = expect(contest).rejects.toMatchObject({ code: 'Cancelled' })
    await new Promise((resolve) => setTimeout(resolve, 100))
    await engine.stopInsight(handle)
    await refused
    expect((await engine.contest(handle, 1)).contenders).toHaveLength(5)
    await expect(engine.tryBlockSize(handle, 1, 1)).rejects.toMatchObject({ code: 'Usage' })
  })

  it('forgets an archive that is closed while it is at work', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'a.txt'), new Random(4).text(60_000))
    await createArchive(join(folder, 'a.lmz'), [join(folder, 'a.txt')], { preset: 'balanced' })
    const { engine } = startEngine()
    const { handle } = await engine.openArchive(join(folder, 'a.lmz'))
    const working = expect(engine.contest(handle, 1)).rejects.toMatchObject({ code: 'Cancelled' })
    await new Promise((resolve) => setTimeout(resolve, 100))
    await engine.closeArchive(handle)
    await working
    await expect(engine.account(handle)).rejects.toMatchObject({ code: 'Usage' })
  })
})

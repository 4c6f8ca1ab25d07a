import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Archive } from '../../../../src-main/archive/archive'
import { createArchive } from '../../../../src-main/archive/create'
import { archiveInfo } from '../../../../src-main/archive/info'
import { ArchiveInsight } from '../../../../src-main/archive/insight/archive-insight'
import { ArchiveRows } from '../../../../src-main/archive/rows/archive-rows'
import { halved, movedWeights, weights } from '../../../support/checkpoints'
import { Random } from '../../../support/random'
import { suiteFolder } from '../../../support/suite-folder'
import { safetensorsFile } from '../../../support/tensor-files'

const home = suiteFolder()
let archive: Archive
let insight: ArchiveInsight

beforeAll(async () => {
  const random = new Random(7)
  const first = weights(random, 400 * 256)
  const steps = [first, movedWeights(random, first, 3e-5)]
  const paths = steps.map((tensor, at) => {
    const path = join(home, `step-${at}.safetensors`)
    const written = { name: 'layer', type: 'BF16' as const, shape: [400, 256], data: halved(tensor) }
    writeFileSync(path, safetensorsFile([written], {}))
    return path
  })
  await createArchive(join(home, 'run.lmz'), paths, { preset: 'fast', blockSize: 256 * 1024 })
  archive = await Archive.open(join(home, 'run.lmz'))
  insight = new ArchiveInsight(archive, new ArchiveRows(archive))
}, 60_000)

afterAll(async () => {
  await insight.close()
  archive.close()
})

describe('insight into blocks that are coded against others', { timeout: 60_000 }, () => {
  it('counts the base among what a file costs: it would seem to cost a fraction of what it does', async () => {
    const blocks = [...archive.index.blocks()]
    const later = blocks.find((block) => archive.baseOf(block) !== undefined)
    const base = later && archive.baseOf(later)
    if (later === undefined || base === undefined) throw new TypeError('no block is coded against another')
    const entry = archive.index.resolve(['step-1.safetensors'])?.id ?? 0
    const { blocks: own, query } = await insight.fileAccount(entry)
    const needed = new Set([...own.map(({ block }) => block), base.id])
    expect(needed.size).toBeGreaterThan(new Set(own.map(({ block }) => block)).size)
    expect(query.blocks).toBe(needed.size)
    expect(own.find(({ block }) => block === later.id)?.base).toBe(base.id)
    const first = await insight.fileAccount(archive.index.resolve(['step-0.safetensors'])?.id ?? 0)
    expect(first.blocks.map((share) => share.base)).toEqual(first.blocks.map(() => undefined))
    const bytes = [...needed].reduce((sum, id) => sum + 64 + archive.index.block(id).storedLength, 0)
    expect(query.bytesRead).toBe(bytes)
    const account = await insight.account()
    expect(account.query.worst).toMatchObject({ path: 'step-1.safetensors', bytesRead: bytes, blocks: needed.size })
    expect(account.query.bases).toEqual({
      files: 1,
      firstPaths: ['step-1.safetensors'],
      blocks: blocks.filter((block) => archive.baseOf(block) !== undefined).length,
      longestChain: 1,
    })
    expect(account.byCodec.map(({ name }) => name)).toContain('delta')
    expect(account.parts.reduce((sum, part) => sum + part.bytes, 0)).toBe(account.archiveBytes)
  })

  it('are told of by info: nobody would know that damage to one file costs another', () => {
    const based = [...archive.index.blocks()].filter((block) => archive.baseOf(block) !== undefined)
    const basedDataBytes = based.reduce((sum, { storedLength }) => sum + storedLength, 0)
    expect(based.length).toBeGreaterThan(0)
    expect(archiveInfo(archive)).toMatchObject({ basedBlocks: based.length, basedDataBytes })
  })

  it('lets the difference take part in the contest of a block that has a base, and in no other', async () => {
    for (const block of archive.index.blocks()) {
      if (block.rawLength < 10_000) continue
      const isBased = archive.baseOf(block) !== undefined
      const { contenders } = await insight.contest(block.id)
      expect(contenders.some(({ name }) => name === 'delta')).toBe(isBased)
      if (isBased) expect(contenders[0]).toMatchObject({ name: 'delta', isStored: true, modelBytes: 0 })
    }
  })

  it('shows what its bytes would cost alone, and tries it in other blocks', async () => {
    const entry = archive.index.resolve(['step-1.safetensors'])?.id ?? 0
    expect(await insight.surprise(entry, 5000, 10)).toMatchObject({ basis: 'otherCodec', model: 'mix' })
    expect((await insight.tryBlockSize(64 * 1024, 100_000)).triedBytes).toBeGreaterThan(0)
  })
})

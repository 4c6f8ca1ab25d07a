import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createArchive } from '../../../src-main/archive/create'
import type { JobRequest } from '../../../src-main/contract/job'
import { Random } from '../../support/random'
import { temporaryFolder } from '../../support/temporary'
import { safetensorsFile, weights } from '../../support/tensor-files'
import { hasEnded, startEngine } from './engine-process'

const random = new Random(5)
const share = (): number => random.share()
const model = [
  weights('matrix', 'F32', [120, 200], share),
  weights('../bias', 'BF16', [300], share),
  weights('large', 'F32', [1100, 1300], share),
  weights('q', 'Q4_0', [64], share),
]
const page = { offset: 0, limit: 100 }

async function opened() {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'model.safetensors'), safetensorsFile(model))
  writeFileSync(join(folder, 'notes.txt'), 'nothing')
  const path = join(folder, 'a.lmz')
  await createArchive(path, [join(folder, 'model.safetensors'), join(folder, 'notes.txt')], { preset: 'fast' })
  const started = startEngine()
  const { handle } = await started.engine.openArchive(path)
  const entries = await started.engine.children(handle, 0, page)
  const idOf = (name: string): number => entries.find((entry) => entry.name === name)?.id ?? 0
  return { ...started, folder, path, handle, entry: idOf('model.safetensors'), notes: idOf('notes.txt') }
}

describe('an engine with a model open', () => {
  it('gives its tensors in pages: a table would be empty', async () => {
    const { engine, handle, entry, notes } = await opened()
    const all = await engine.tensors(handle, entry, page)
    expect(all).toMatchObject({ format: 'safetensors', total: 4 })
    expect(all?.rows.map(({ name, number }) => [name, number])).toEqual(model.map(({ name }, number) => [name, number]))
    expect(all?.rows.reduce((sum, { stored }) => sum + stored, 0)).toBeCloseTo(all?.stored ?? 0, 3)
    expect((await engine.tensors(handle, entry, { offset: 1, limit: 1 }))?.rows.map(({ name }) => name)).toEqual([
      '../bias',
    ])
    expect(await engine.tensors(handle, notes, page)).toBeUndefined()
  })

  it('looks at the values of one, and refuses what has none', async () => {
    const { engine, handle, entry } = await opened()
    const found = await engine.tensorStatistics(handle, entry, 0)
    expect(found).toMatchObject({ values: 24_000, nans: 0 })
    expect(found.deviation).toBeCloseTo(0.05 * Math.sqrt(4 / 12), 2)
    const rank = await engine.effectiveRank(handle, entry, 0)
    expect(rank).toMatchObject({ rows: 120, columns: 200 })
    expect(rank.rank).toBeGreaterThan(90)
    expect(rank.rank).toBeLessThanOrEqual(120)
    await expect(engine.tensorStatistics(handle, entry, 3)).rejects.toMatchObject({ code: 'Unsupported' })
    await expect(engine.effectiveRank(handle, entry, 1)).rejects.toMatchObject({ code: 'Unsupported' })
    await expect(engine.tensorStatistics(handle, entry, 4)).rejects.toMatchObject({ code: 'Usage' })
  })

  it('can be stopped at once, and answers meanwhile: a window would hang for as long as a large matrix takes', async () => {
    const { engine, handle, entry } = await opened()
    const rank = engine.effectiveRank(handle, entry, 2)
    const outcome = rank.then(
      () => 'done',
      (error: unknown) => (error as { code: string }).code,
    )
    expect((await engine.tensors(handle, entry, page))?.total).toBe(4)
    await new Promise((resolve) => setTimeout(resolve, 300))
    const start = performance.now()
    await engine.stopTensors(handle)
    expect(await outcome).toBe('Cancelled')
    expect(performance.now() - start).toBeLessThan(1000)
    // And it goes on working.
    expect((await engine.tensorStatistics(handle, entry, 1)).values).toBe(300)
    await engine.closeArchive(handle)
    await expect(engine.tensors(handle, entry, page)).rejects.toMatchObject({ code: 'Usage' })
  })

  it('takes one out as a file of a harmless name', async () => {
    const { engine, path, folder, when } = await opened()
    const destination = join(folder, 'out')
    const run = async (request: JobRequest) => {
      const job = await engine.submit(request)
      return when((state) => state.id === job && hasEnded(state))
    }
    const request = {
      verb: 'extract' as const,
      archive: path,
      entries: ['model.safetensors'],
      destination,
      overwrite: 'skip' as const,
      smart: false,
    }
    const state = await run({ ...request, tensor: { name: '../bias', npy: true } })
    expect(state.status).toBe('done')
    const [name = ''] = readdirSync(destination)
    expect(name).toBe('__bias.npy')
    expect(readFileSync(join(destination, name)).length).toBe(128 + 4 * 300)
    await run({ ...request, tensor: { name: 'matrix', npy: false } })
    expect(Buffer.compare(readFileSync(join(destination, 'matrix.bin')), model[0]?.data ?? Buffer.alloc(0))).toBe(0)
    const failed = await run({ ...request, tensor: { name: 'no such', npy: true } })
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'NotFound' } })
    expect(readdirSync(destination)).toHaveLength(2)
  })
})

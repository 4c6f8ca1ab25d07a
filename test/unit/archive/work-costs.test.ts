import { describe, expect, it, vi } from 'vitest'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Archive } from '../../../src-main/archive/archive'
import { BlockNeeds } from '../../../src-main/archive/bases/block-needs'
import { readBlock } from '../../../src-main/archive/block-reader'
import { createArchive } from '../../../src-main/archive/create'
import { blockCost } from '../../../src-main/archive/insight/query-cost'
import { costsOfPacking, WorkCosts } from '../../../src-main/archive/work-costs'
import { codecName } from '../../../src-main/codecs/registry'
import type { ContentKind } from '../../../src-main/contract/content-kind'
import type { PresetName } from '../../../src-main/contract/preset'
import { halved, movedWeights, weights } from '../../support/checkpoints'
import { Random, seed } from '../../support/random'
import { temporaryFolder } from '../../support/temporary'
import { safetensorsFile } from '../../support/tensor-files'

const megabyte = 1e6

/** Does a megabyte of a kind in so many milliseconds. */
function work(costs: WorkCosts<ContentKind>, kind: ContentKind, milliseconds: number): void {
  const task = costs.watch(kind, megabyte)
  task.started()
  vi.advanceTimersByTime(milliseconds)
  task.ended()
  costs.bytesDone(kind, megabyte)
}

describe('the share of the work that is done', () => {
  it('is small while what is dear is to come, and large when what is cheap is: the time left would be wrong by far', () => {
    vi.useFakeTimers()
    const costs = costsOfPacking(
      new Map([
        ['text', 10 * megabyte],
        ['media', 90 * megabyte],
      ]),
      1e-3,
    )
    expect(costs.share(0, 100 * megabyte, 1)).toBe(0)
    for (let done = 1; done <= 5; done++) work(costs, 'text', 1000)
    // 5 s of 10, and 90 MB that have not been measured and are taken for a seventh as dear.
    expect(costs.share(5 * megabyte, 100 * megabyte, 1)).toBeCloseTo(5 / 23.5, 1)
    for (let done = 1; done <= 5; done++) work(costs, 'media', 4)
    expect(costs.share(10 * megabyte, 100 * megabyte, 1)).toBeCloseTo(0.48, 1)
    vi.useRealTimers()
  })

  it('counts what is under way, but never as more than it is: a long block would be done before its time', () => {
    vi.useFakeTimers()
    const costs = new WorkCosts<ContentKind>(new Map([['text', 10 * megabyte]]))
    work(costs, 'text', 1000)
    const share = costs.share(megabyte, 10 * megabyte, 1)
    const task = costs.watch('text', megabyte)
    task.started()
    vi.advanceTimersByTime(500)
    expect(costs.share(megabyte, 10 * megabyte, 1)).toBeCloseTo(share + 0.05, 2)
    vi.advanceTimersByTime(60_000)
    expect(costs.share(megabyte, 10 * megabyte, 1)).toBeLessThan(share + 0.1)
    vi.useRealTimers()
  })

  it('grows before anything is done, by what is typical: a bar would stand at nothing for the first long block', () => {
    vi.useFakeTimers()
    const costs = costsOfPacking(new Map([['text', 10 * megabyte]]), 1e-3)
    expect(costs.share(0, 10 * megabyte, 1)).toBe(0)
    costs.watch('text', 4 * megabyte).started()
    vi.advanceTimersByTime(2000)
    expect(costs.share(0, 10 * megabyte, 1)).toBeCloseTo(0.2, 2)
    vi.useRealTimers()
  })

  it('takes what was not met yet for as much slower than usual as the rest: a slow computer would seem to be nearly done', () => {
    vi.useFakeTimers()
    const expected = new Map<ContentKind, number>([
      ['text', 10 * megabyte],
      ['code', 10 * megabyte],
    ])
    const costs = costsOfPacking(expected, 1e-3)
    for (let done = 1; done <= 10; done++) work(costs, 'text', 3000)
    expect(costs.share(10 * megabyte, 20 * megabyte, 1)).toBeCloseTo(0.5, 2)
    vi.useRealTimers()
  })

  it('goes by the longest task at the end, when other threads have nothing to do: half the time left would not be told', () => {
    vi.useFakeTimers()
    const costs = costsOfPacking(new Map([['text', 10 * megabyte]]), 1e-3)
    for (let done = 1; done <= 6; done++) work(costs, 'text', 1000)
    costs.watch('text', 4 * megabyte).started()
    // 4 s of one thread are left, and the other one waits: 3 s of two threads are done.
    expect(costs.share(6 * megabyte, 10 * megabyte, 2)).toBeCloseTo(3 / 7, 2)
    vi.useRealTimers()
  })

  it('is that of bytes where nothing is known of their sorts, and 1 at the end', () => {
    vi.useFakeTimers()
    const costs = new WorkCosts<ContentKind>(new Map())
    work(costs, 'code', 100)
    work(costs, 'code', 100)
    expect(costs.share(2 * megabyte, 8 * megabyte, 1)).toBeCloseTo(0.25, 2)
    expect(costs.share(8 * megabyte, 8 * megabyte, 1)).toBe(1)
    vi.useRealTimers()
  })
})

describe('what opening weights is said to take', () => {
  it('is about as much more or less as it is, by codec and preset: a second would be told as a minute, or a minute as a second', async () => {
    const costs = new Map([...(await costsOfWeights('fast')), ...(await costsOfWeights('balanced'))])
    const quick = costs.get('fast float')
    for (const name of ['fast delta', 'balanced float', 'balanced delta']) {
      const cost = costs.get(name)
      if (quick === undefined || cost === undefined) throw new TypeError(`no block was coded as ${name}`)
      const share = cost.said / quick.said / (cost.took / quick.took)
      expect(share, name).toBeGreaterThan(1 / 16)
      expect(share, name).toBeLessThan(16)
    }
  }, 60_000)
})

interface Cost {
  readonly said: number
  readonly took: number
}

/** Of two checkpoints, by preset and codec: what decoding the largest block is said to take, and what it takes where nothing else is done. */
async function costsOfWeights(preset: PresetName): Promise<ReadonlyMap<string, Cost>> {
  const folder = temporaryFolder()
  const random = new Random(seed)
  const shape = [1024, 128]
  // Columns of different sizes, so that there is something for the thorough way to find.
  const columns = Float32Array.from(
    new Float32Array(weights(random, 1024 * 128).buffer),
    (value, at) => value * 4 ** (at % 5),
  )
  const first = Buffer.from(columns.buffer)
  const paths = [first, movedWeights(random, first, 3e-5)].map((data, at) => {
    const path = join(folder, `step-${at}.safetensors`)
    writeFileSync(path, safetensorsFile([{ name: 'layer', type: 'BF16', shape, data: halved(data) }], {}))
    return path
  })
  await createArchive(join(folder, 'run.lmz'), paths, { preset })
  const archive = await Archive.open(join(folder, 'run.lmz'))
  const costs = new Map<string, Cost>()
  for (const block of archive.index.blocks()) {
    if (block.rawLength < 100_000) continue
    const took = await archive.withBlock(block, ({ block: located, archiveTag }) => {
      const needs = new BlockNeeds()
      const times = Array.from({ length: 3 }, () => {
        const before = process.cpuUsage()
        readBlock(archive.source, located, archiveTag, needs)
        return process.cpuUsage(before).user
      })
      return Promise.resolve(Math.min(...times) / 1e6)
    })
    costs.set(`${preset} ${codecName(block.codec)}`, { said: blockCost(archive, block).seconds, took })
  }
  archive.close()
  return costs
}

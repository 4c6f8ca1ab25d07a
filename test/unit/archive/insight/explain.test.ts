import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Archive } from '../../../../src-main/archive/archive'
import { createArchive } from '../../../../src-main/archive/create'
import { ArchiveInsight } from '../../../../src-main/archive/insight/archive-insight'
import { wholeLength } from '../../../../src-main/archive/insight/contest'
import { ArchiveRows } from '../../../../src-main/archive/rows/archive-rows'
import type { LmzError } from '../../../../src-main/contract/error'
import { Random, seed } from '../../../support/random'
import { suiteFolder } from '../../../support/suite-folder'

const home = suiteFolder()
const blockSize = 64 * 1024
let archive: Archive
let insight: ArchiveInsight

function idOf(name: string): number {
  return archive.index.resolve(['tree', name])?.id ?? 0
}

function sum(values: Iterable<number>): number {
  let total = 0
  for (const value of values) total += value
  return total
}

beforeAll(async () => {
  const tree = join(home, 'tree')
  mkdirSync(tree)
  const random = new Random(seed)
  writeFileSync(join(tree, 'prose.txt'), random.text(150_000))
  writeFileSync(join(tree, 'noise.bin'), random.bytes(70_000))
  const rows = Array.from({ length: 9000 }, (_nothing, n) => `${n},${(n * 7919) % 997},${(n * n) % 1009}\n`)
  writeFileSync(join(tree, 'table.csv'), rows.join(''))
  const path = join(home, 'explained.lmz')
  await createArchive(path, [tree], { preset: 'balanced', blockSize, primers: false })
  archive = await Archive.open(path)
  insight = new ArchiveInsight(archive, new ArchiveRows(archive))
}, 120_000)

afterAll(async () => {
  await insight.close()
  archive.close()
})

describe('the surprise map of a file', () => {
  it('can be that of a model of choice, which knows more or less, and says so', async () => {
    const own = await insight.surprise(idOf('prose.txt'), 0, 2000)
    const other = await insight.surprise(idOf('prose.txt'), 0, 2000, 'neural')
    expect([own.model, own.basis]).toEqual(['mix', 'stored'])
    expect([other.model, other.basis, other.overheadBits]).toEqual(['neural', 'chosen', undefined])
    expect(sum(other.milliBits)).not.toBe(sum(own.milliBits))
    expect(other.bytes).toEqual(own.bytes)
    const same = await insight.surprise(idOf('prose.txt'), 0, 2000, 'mix')
    expect([same.basis, sum(same.milliBits)]).toEqual(['stored', sum(own.milliBits)])
    const forecast = await insight.forecast(idOf('prose.txt'), 50, 5, 'neural')
    expect(-Math.log2(forecast.probability) * 1000).toBeCloseTo(other.milliBits[50] ?? 0, -1)
    const noise = await insight.surprise(idOf('noise.bin'), 0, 100, 'neural')
    expect([noise.model, noise.basis]).toEqual(['neural', 'chosen'])
  })

  it('adds up to the stored size of its blocks within 1 %, overhead included to the bit', async () => {
    const raw = readFileSync(join(home, 'tree/prose.txt'))
    const bytes: Uint8Array[] = []
    let blocks = 0
    for (let offset = 0; offset < raw.length;) {
      const map = await insight.surprise(idOf('prose.txt'), offset, raw.length)
      expect(map).toMatchObject({ offset, model: 'mix', basis: 'stored' })
      const stored = map.block.storedBytes * 8
      expect(map.blockBits + (map.overheadBits ?? NaN)).toBeCloseTo(stored, 6)
      expect(Math.abs(map.overheadBits ?? NaN)).toBeLessThan(stored * 0.01)
      if (map.bytes.length === map.block.rawBytes) {
        expect(sum(map.milliBits) / 1000).toBeCloseTo(map.blockBits, 2)
        blocks++
      }
      bytes.push(map.bytes)
      offset += map.bytes.length
    }
    expect(Buffer.concat(bytes).equals(raw)).toBe(true)
    expect(blocks).toBeGreaterThan(0)
  })

  it('says where the bits are not those of the archive: a map would show what was never stored', async () => {
    const noise = await insight.surprise(idOf('noise.bin'), 0, 100)
    expect(noise).toMatchObject({ basis: 'otherCodec', model: 'mix' })
    expect(noise.overheadBits).toBeUndefined()
    expect(noise.bytes).toHaveLength(100)
    const table = await insight.surprise(idOf('table.csv'), 0, 100)
    expect(table.basis).toBe('transformed')
    expect(table.transform).toMatch(/columns|decimal/)
  })

  it('has forecasts that agree with it', async () => {
    const at = 40_000
    const map = await insight.surprise(idOf('prose.txt'), at, 1)
    const forecast = await insight.forecast(idOf('prose.txt'), at, 5)
    expect(forecast.offset).toBe(at)
    expect(forecast.actual).toBe(map.bytes[0])
    expect(forecast.likeliest).toHaveLength(5)
    expect(forecast.entropyBits).toBeGreaterThan(0)
    expect(-Math.log2(forecast.probability) * 1000).toBeCloseTo(map.milliBits[0] ?? NaN, -0.4)
  })

  it('refuses what is no byte of a file', async () => {
    const reason = (call: Promise<unknown>) => call.then(String, (error: unknown) => (error as LmzError).code)
    expect(await reason(insight.surprise(idOf('prose.txt'), 150_000, 10))).toBe('Usage')
    expect(await reason(insight.surprise(archive.index.resolve(['tree'])?.id ?? 0, 0, 10))).toBe('Usage')
    expect(await reason(insight.forecast(999_999, 0, 3))).toBe('NotFound')
    expect(await reason(insight.contest(999_999))).toBe('Format')
  })
})

describe('a contest of codecs', () => {
  it('gives every codec its whole code, and finds what is stored', async () => {
    const [share] = (await insight.fileAccount(idOf('prose.txt'))).blocks
    const result = await insight.contest(share?.block ?? 0)
    const names = result.contenders.map(({ name }) => name)
    expect(names.toSorted()).toEqual(['mix', 'neural', 'store', 'zstd -19', 'zstd -3'])
    expect(result.contenders.map(wholeLength)).toEqual(result.contenders.map(wholeLength).toSorted((a, b) => a - b))
    const byName = new Map(result.contenders.map((contender) => [contender.name, contender]))
    expect(byName.get('mix')).toMatchObject({ isStored: true, dataBytes: result.storedBytes, modelBytes: 0 })
    expect(byName.get('store')?.dataBytes).toBe(result.rawBytes)
    expect(byName.get('neural')?.sharedModelBytes).toBeGreaterThan(byName.get('mix')?.sharedModelBytes ?? Infinity)
    expect(byName.get('mix')?.seconds).toBeGreaterThan(0)
  })

  it('is broken off at once', async () => {
    const [share] = (await insight.fileAccount(idOf('prose.txt'))).blocks
    const running = insight.contest(share?.block ?? 0).then(String, (error: unknown) => (error as LmzError).code)
    await new Promise((resolve) => setTimeout(resolve, 150))
    const started = performance.now()
    await insight.stop()
    expect(await running).toBe('Cancelled')
    expect(performance.now() - started).toBeLessThan(1000)
  })
})

describe('a trial of block sizes', () => {
  it('codes the same bytes in blocks of each size; larger ones are smaller in all and slower to open', async () => {
    const sample = 400_000
    const small = await insight.tryBlockSize(64 * 1024, sample)
    const large = await insight.tryBlockSize(256 * 1024, sample)
    expect(small.triedBytes).toBe(large.triedBytes)
    expect(small.triedBytes).toBeGreaterThan(150_000)
    expect(large.bitsPerByte).toBeLessThan(small.bitsPerByte)
    expect(large.openSeconds).toBeGreaterThan(small.openSeconds)
  })

  it('chooses a sample with every kind and codec in it', () => {
    const sample = insight.blockSample(3)
    const kinds = new Set(sample.map((id) => archive.index.block(id).kind))
    expect(sample).toHaveLength(3)
    expect(kinds.size).toBe(3)
  })
})

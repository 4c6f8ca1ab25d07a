import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Archive } from '../../src-main/archive/archive'
import { archiveInfo } from '../../src-main/archive/info'
import { LmzError } from '../../src-main/contract/error'
import { hashOf } from '../support/archive-state'
import { anything, examine, readAll } from '../support/examine'
import { Random, seed } from '../support/random'
import { type RandomArchive, randomArchive } from './random-craft'

const seconds = Number(process.env['LMZ_FUZZ_SECONDS'] ?? 30)
/** Only this archive of the seed, to look into a failure. */
const only = process.env['LMZ_FUZZ_ONLY']
const longestExamination = 20_000
const mostMemory = 1.5e9

it('archives full of lies give errors with names or right bytes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lmz-fuzz-'))
  const work = join(folder, 'work')
  mkdirSync(work)
  const outcomes = new Map<string, number>()
  const end = performance.now() + seconds * 1000
  let slowest = 0
  let round = only === undefined ? 0 : Number(only)
  for (; performance.now() < end; round++) {
    const random = new Random(seed * 1_000_003 + round)
    const archive = randomOrNone(random)
    if (archive === undefined) continue
    const label = `LMZ_SEED=${seed} LMZ_FUZZ_ONLY=${round}: ${archive.description}`
    const start = performance.now()
    const failed = join(folder, 'failed.lmz')
    writeFileSync(failed, archive.bytes)
    try {
      // Most are only read, which is a hundred times as quick.
      const outcome = round % 10 === 0 || only !== undefined ? await tryAll(work, archive) : await read(failed, archive)
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
      if (only !== undefined) console.info(label, outcome)
    } catch (cause) {
      throw new Error(`${label}; kept as ${failed}`, { cause })
    }
    slowest = Math.max(slowest, performance.now() - start)
    expect(slowest, label).toBeLessThan(longestExamination)
    expect(process.memoryUsage().rss, label).toBeLessThan(mostMemory)
    if (only !== undefined) break
  }
  const common = [...outcomes].sort(([, left], [, right]) => right - left)
  console.info(`${round} archives, the slowest took ${slowest.toFixed(0)} ms; read, verify, extract, salvage, compact:`)
  for (const [summary, count] of common) console.info(`  ${count} ${summary}`)
  rmSync(folder, { recursive: true })
})

async function tryAll(folder: string, { bytes, files }: RandomArchive): Promise<string> {
  const { read, verify, extracted, salvaged, compacted } = await examine(folder, bytes, files ?? anything)
  return [read, verify, extracted, salvaged, compacted]
    .map((one) => (typeof one === 'string' ? one : 'files'))
    .join(' ')
}

async function read(path: string, { files }: RandomArchive): Promise<string> {
  try {
    const found = await readAll(path, [])
    for (const [name, hash] of files === undefined ? [] : found.files) {
      expect(
        files?.[name]?.map((bytes) => hashOf([bytes])),
        `wrong bytes came out as ${name}`,
      ).toContain(hash)
    }
    const archive = await Archive.open(path)
    try {
      archive.index.checkAll()
      archiveInfo(archive)
      expect([...archive.index.extractionPlan('all')]).toBeInstanceOf(Array)
    } finally {
      archive.close()
    }
    return 'files'
  } catch (thrown) {
    if (thrown instanceof LmzError) return thrown.code
    throw thrown
  }
}

function randomOrNone(random: Random): RandomArchive | undefined {
  try {
    return randomArchive(random)
  } catch {
    return undefined
  }
}

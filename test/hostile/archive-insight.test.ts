import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { Archive } from '../../src-main/archive/archive'
import { createArchive } from '../../src-main/archive/create'
import { ArchiveInsight } from '../../src-main/archive/insight/archive-insight'
import { protectArchive } from '../../src-main/archive/protection/protect'
import { ArchiveRows } from '../../src-main/archive/rows/archive-rows'
import { LmzError, type LmzErrorCode } from '../../src-main/contract/error'
import { type Craft, craftArchive } from '../support/crafted-archive'
import { Random, seed } from '../support/random'
import { suiteFolder } from '../support/suite-folder'
import { temporaryFolder } from '../support/temporary'

const home = suiteFolder()
const text = Buffer.from(new Random(13).text(4000))
const blocks: Craft['blocks'] = [{ files: { 'a.txt': text }, codec: 1 }, { files: { 'b.txt': text.subarray(100) } }]
const allowedCodes: readonly LmzErrorCode[] = [
  'Format',
  'Corrupt',
  'Limit',
  'Unsupported',
  'NotFound',
  'Usage',
  'Repaired',
  'ModelMissing',
]

/** @returns the code of an error that has a name; anything else fails the test */
async function codeOf(call: () => Promise<unknown>): Promise<LmzErrorCode | undefined> {
  try {
    await call()
    return undefined
  } catch (cause) {
    if (!(cause instanceof LmzError)) throw cause
    expect(allowedCodes).toContain(cause.code)
    return cause.code
  }
}

async function explained(
  path: string,
  use: (insight: ArchiveInsight, archive: Archive) => Promise<void>,
): Promise<void> {
  let archive: Archive
  try {
    archive = await Archive.open(path)
  } catch (cause) {
    expect(cause).toBeInstanceOf(LmzError)
    return
  }
  const rows = new ArchiveRows(archive)
  const insight = new ArchiveInsight(archive, rows)
  try {
    await use(insight, archive)
  } finally {
    rows.close()
    await insight.close()
    archive.close()
  }
}

async function accountAddsUp(insight: ArchiveInsight, length: number): Promise<void> {
  const { parts, archiveBytes } = await insight.account()
  expect(archiveBytes).toBe(length)
  expect(parts.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(length)
  expect(parts.every(({ bytes }) => Number.isSafeInteger(bytes) && bytes > 0)).toBe(true)
}

/** What an index or a frame may claim, all checksums being right. */
const lies: readonly (readonly [string, Partial<Craft>])[] = [
  ['a block that is said to lie elsewhere', { tamper: 'UPDATE block SET position = position + 8 WHERE id = 2' }],
  ['blocks that lie at one place', { tamper: 'UPDATE block SET position = (SELECT min(position) FROM block)' }],
  ['a block of a codec that nobody knows', { tamper: 'UPDATE block SET codec = 200' }],
  ['a block whose primer is not there', { tamper: 'UPDATE block SET primer = 77' }],
  ['a block that claims 16 MiB', { tamper: 'UPDATE block SET raw_length = 16777216, stored_length = 16777216' }],
  ['a content without chunks', { tamper: 'UPDATE content SET first_chunk = 1000000, chunk_count = 4' }],
  ['a content of countless chunks', { tamper: 'UPDATE content SET chunk_count = 9007199254740991' }],
  ['chunks of no length', { tamper: 'UPDATE chunk SET length = 0' }],
  ['a size that is not that of its chunks', { tamper: 'UPDATE content SET size = size + 1' }],
  ['a neural block that is noise', { blocks: [{ files: { 'a.txt': text }, codec: 3, stored: text.subarray(0, 900) }] }],
  ['a mix block that is noise', { blocks: [{ files: { 'a.txt': text }, codec: 2, stored: text.subarray(0, 900) }] }],
  ['an empty mix block', { blocks: [{ files: { 'a.txt': text }, codec: 2, stored: Buffer.alloc(0) }] }],
  ['a frame that says another length', { blocks: [{ files: { 'a.txt': text }, header: { rawLength: 99 } }] }],
  [
    'a trailer that reaches over the next frame',
    { blocks: [{ files: { 'a.txt': text }, header: { trailerLength: 300 } }] },
  ],
]

describe('insight into archives that lie', { timeout: 120_000 }, () => {
  it.each(lies)('%s: is told as what it is, and takes no memory that was only claimed', async (_what, lie) => {
    const path = join(temporaryFolder(), 'lies.lmz')
    const { bytes } = craftArchive({ blocks, ...lie })
    writeFileSync(path, bytes)
    const before = process.memoryUsage().rss
    await explained(path, async (insight, archive) => {
      const entry = archive.index.resolve(['a.txt'])?.id ?? 1
      await codeOf(() => accountAddsUp(insight, bytes.length))
      await codeOf(() => insight.fileAccount(entry))
      const code = await codeOf(() => insight.surprise(entry, 0, 100))
      expect(await codeOf(() => insight.forecast(entry, 0, 5))).toBe(code)
      await codeOf(() => insight.contest(1))
      await codeOf(() => insight.tryBlockSize(64 * 1024, 10_000))
      await codeOf(() => Promise.resolve(insight.blockSample(5)))
    })
    expect(process.memoryUsage().rss - before).toBeLessThan(400e6)
  })
})

describe('insight into archives that are damaged', { timeout: 120_000 }, () => {
  const whole = join(home, 'whole.lmz')

  beforeAll(async () => {
    const tree = join(home, 'tree')
    mkdirSync(tree)
    for (let n = 0; n < 6; n++) writeFileSync(join(tree, `${n}.txt`), new Random(n).text(30_000))
    await createArchive(whole, [tree], { preset: 'fast', blockSize: 64 * 1024 })
    await protectArchive(whole, {})
  })

  it('accounts for every byte wherever bytes were changed, or says why it cannot', async () => {
    const random = new Random(seed)
    const right = readFileSync(whole)
    const path = join(home, 'damaged.lmz')
    let accounts = 0
    for (let trial = 0; trial < 60; trial++) {
      const bytes = Buffer.from(right)
      const at = random.below(bytes.length)
      for (let n = 0; n <= trial % 9; n++) bytes[(at + n) % bytes.length] = random.below(256)
      const cut = trial % 4 === 0 ? bytes.subarray(0, bytes.length - random.below(bytes.length >> 1)) : bytes
      writeFileSync(path, cut)
      await explained(path, async (insight) => {
        if ((await codeOf(() => accountAddsUp(insight, cut.length))) === undefined) accounts++
      })
    }
    expect(accounts).toBeGreaterThan(30)
  })
})

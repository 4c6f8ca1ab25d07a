import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Archive } from '../../src-main/archive/archive'
import { createArchive } from '../../src-main/archive/create'
import { salvageArchive } from '../../src-main/archive/salvage/salvage'
import { verifyArchive } from '../../src-main/archive/verify'
import { LmzError } from '../../src-main/contract/error'
import { frameHeaderLength } from '../../src-main/format/frame'
import { readableFiles } from '../support/archive-state'
import { Random, seed } from '../support/random'
import { temporaryFolder } from '../support/temporary'

const random = new Random(seed)
const fileCount = 60
/** Lengths that are tried; a campaign sets 1000. */
const cutCount = Number(process.env['LMZ_CUTS'] ?? 250)

let folder: string
let bytes: Buffer
let whole: Readonly<Record<string, string>>

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lmz-test-'))
  const source = join(folder, 'source')
  mkdirSync(source)
  for (let n = 0; n < fileCount; n++)
    writeFileSync(join(source, `file-${n}`), random.bytes(100_000 + random.below(150_000)))
  // A copy, and files that share chunks: what a file consists of may lie far apart.
  writeFileSync(join(source, 'copy'), readFileSync(join(source, 'file-3')))
  writeFileSync(
    join(source, 'joined'),
    Buffer.concat(['file-50', 'file-2'].map((name) => readFileSync(join(source, name)))),
  )
  const archive = join(folder, 'whole.lmz')
  await createArchive(archive, [source], { preset: 'fast', blockSize: 512 * 1024 })
  bytes = readFileSync(archive)
  whole = (await readableFiles(archive)).whole
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** How many files an archive that was cut off says it still has. */
interface Claim {
  readonly stored: number
  readonly total: number
}

/** Opens a cut archive and checks, without reading them, that the files it claims to have lie before the cut. */
async function claimOf(path: string): Promise<Claim | LmzError> {
  let archive: Archive
  try {
    archive = await Archive.open(path)
  } catch (thrown) {
    if (thrown instanceof LmzError) return thrown
    throw thrown
  }
  try {
    expect(archive.condition).toBe('degraded')
    const [, stored, total] = /(\d+) of (\d+) files can be extracted/.exec(archive.notices.join()) ?? []
    let found = 0
    for (const { content } of archive.index.entries()) {
      if (content === undefined) continue
      found++
      for (const piece of archive.index.piecesOf(content)) {
        const { position, storedLength } = archive.index.block(piece.block)
        expect(position + frameHeaderLength + storedLength).toBeLessThanOrEqual(archive.source.size)
      }
    }
    expect(Number(stored)).toBe(found)
    return { stored: found, total: Number(total) }
  } finally {
    archive.close()
  }
}

describe('an archive that is cut off anywhere', () => {
  it(
    'gives what its last checkpoint says it has, all of it right, and names the rest',
    { timeout: 120_000 },
    async () => {
      const path = join(temporaryFolder(), 'cut.lmz')
      expect(bytes.length).toBeGreaterThan(9_000_000)
      writeFileSync(path, bytes)
      const cuts = Array.from({ length: cutCount }, () => random.below(bytes.length)).sort(
        (left, right) => right - left,
      )
      const counts = new Set<number>()
      for (const [round, cut] of cuts.entries()) {
        truncateSync(path, cut)
        const claim = await claimOf(path)
        if (claim instanceof LmzError) {
          expect(claim.code, `cut at ${cut}`).toBeOneOf(['Corrupt', 'Format'])
          // Only before the first checkpoint is there no list of files.
          expect(cut).toBeLessThan(3_600_000)
          continue
        }
        expect(claim.total).toBe(Object.keys(whole).length)
        counts.add(claim.stored)
        if (round % (cutCount / 25) !== 0) continue
        const readable = await readableFiles(path)
        expect(Object.keys(readable.whole), `cut at ${cut}`).toHaveLength(claim.stored)
        expect(readable.lost).toHaveLength(claim.total - claim.stored)
        expect(whole).toMatchObject(readable.whole)
        expect(readFileSync(path).equals(bytes.subarray(0, cut)), 'reading changed the archive').toBe(true)
      }
      // There are several checkpoints, so that less is lost the later the cut.
      expect(counts.size).toBeGreaterThan(4)
    },
  )

  it('can be salvaged: the new archive has exactly those files, and is whole', { timeout: 120_000 }, async () => {
    const path = join(temporaryFolder(), 'cut.lmz')
    for (let round = 0; round < 8; round++) {
      const cut = Math.floor(bytes.length * (0.4 + 0.07 * round)) + random.below(1000)
      writeFileSync(path, bytes.subarray(0, cut))
      const { whole: readable, lost } = await readableFiles(path)
      const target = `${path}.${round}`
      const report = await salvageArchive(path, target)
      expect(report).toMatchObject({ files: Object.keys(readable).length, lostFiles: lost.length })
      expect((await readableFiles(target)).whole).toEqual(readable)
      expect((await verifyArchive(target)).problems).toEqual([])
      expect(readFileSync(path).equals(bytes.subarray(0, cut)), 'salvaging changed the archive').toBe(true)
    }
  })

  it('before its first list of files still gives the bytes of its blocks', async () => {
    const path = join(temporaryFolder(), 'cut.lmz')
    writeFileSync(path, bytes.subarray(0, 1_060_000))
    const target = `${path}.rescued`
    const report = await salvageArchive(path, target)
    expect(report.lostFiles).toBe(-1)
    expect(report.files).toBeGreaterThan(0)
    expect((await verifyArchive(target)).problems).toEqual([])
  })
})

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { Archive } from '../../src-main/archive/archive'
import { cellHash, encodePiece } from '../../src-main/format/parity/record'
import { frameHeaderLength } from '../../src-main/format/frame'
import { createArchive, protectArchive, repairArchive, verifyArchive } from '../../src-main/shells/library/index'
import { readableFiles } from '../support/archive-state'
import { overwrite } from '../support/parity-trials'
import { makeProtected, newestRun, type ProtectedArchive } from '../support/protected-archive'
import { Random, seed } from '../support/random'
import { temporaryFolder } from '../support/temporary'

const random = new Random(seed)
let sample: ProtectedArchive

beforeAll(async () => {
  sample = await makeProtected(random, { bytes: 400_000, cellLength: 512 })
})

function stored(bytes: Buffer): string {
  const path = join(temporaryFolder(), 'damaged.lmz')
  writeFileSync(path, bytes)
  return path
}

function changed(change: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(sample.bytes)
  change(bytes)
  return bytes
}

/** Files that come out are right; @returns how many are lost */
async function lostOf(bytes: Buffer, label: string): Promise<number> {
  const { whole, lost } = await readableFiles(stored(bytes))
  expect(sample.whole, `${label}: wrong bytes came out`).toMatchObject(whole)
  return lost.length
}

/** The repaired archive is the one that was damaged, byte for byte. */
async function expectRepaired(bytes: Buffer, label: string): Promise<void> {
  const path = stored(bytes)
  const target = join(temporaryFolder(), 'repaired.lmz')
  const { lostFiles } = await repairArchive(path, target)
  expect(lostFiles, label).toBe(0)
  expect(readFileSync(target).equals(sample.bytes), `${label}: the repaired archive is another`).toBe(true)
  expect(readFileSync(path).equals(bytes), `${label}: the damaged archive was changed`).toBe(true)
}

/** The same, but the last footer was lost, and with it the time of it. */
async function expectHealthy(bytes: Buffer, label: string): Promise<void> {
  const target = join(temporaryFolder(), 'repaired.lmz')
  await repairArchive(stored(bytes), target)
  const { condition, notices, problems, protection } = await verifyArchive(target)
  expect({ condition, notices, problems }, label).toEqual({ condition: 'intact', notices: [], problems: [] })
  expect(protection, label).toMatchObject({ repairableBytes: 0, movedBytes: 0, lostBytes: 0, damagedParity: 0 })
  expect((await readableFiles(target)).whole, label).toEqual(sample.whole)
}

describe('a protected archive is repaired to what it was', () => {
  it('after any cell was overwritten', { timeout: 120_000 }, async () => {
    const { cellLength, position } = sample.run.description
    const step = process.env['LMZ_LONG'] === '1' ? 1 : 67
    for (let at = 0; at + cellLength < position; at += cellLength * step) {
      await expectRepaired(
        changed((bytes) => overwrite(bytes, random, at, cellLength)),
        `cell at ${at}`,
      )
    }
  })

  it('after as much of its start as was promised was destroyed', async () => {
    const promised = Math.floor(sample.bytes.length * 0.05)
    await expectRepaired(
      changed((bytes) => bytes.fill(0, 0, promised)),
      'the start',
    )
  })

  it('after its parity was destroyed, but for one description', { timeout: 120_000 }, async () => {
    const { position } = sample.run.description
    const cut = changed((bytes) => overwrite(bytes, random, position + 192, sample.run.payloadLength - 256))
    await expectRepaired(cut, 'all but the first record')
    const middle = changed((bytes) => overwrite(bytes, random, position, sample.run.payloadLength - 64))
    await expectRepaired(middle, 'all but the last record')
  })

  it('after the table of hashes was destroyed, and the copies with XOR cells, and data', async () => {
    const { run } = sample
    const damaged = changed((bytes) => {
      overwrite(bytes, random, run.tablePieceAt(0, 0), run.end - 128 - run.tablePieceAt(0, 0))
      for (let group = 0; group < run.description.groups; group++) {
        overwrite(bytes, random, run.xorRecordAt(0, group) + 128, run.pieceLength)
      }
      overwrite(bytes, random, 100_000, 3000)
    })
    await expectRepaired(damaged, 'hashes')
  })

  it('after bytes were inserted or lost', { timeout: 120_000 }, async () => {
    for (const by of [1, 512, 4096, -1, -512, -4096]) {
      const at = 1000 + random.below(sample.run.length - 10_000)
      const middle = by > 0 ? random.bytes(by) : Buffer.of()
      const rest = sample.bytes.subarray(by < 0 ? at - by : at)
      await expectRepaired(Buffer.concat([sample.bytes.subarray(0, at), middle, rest]), `${by} bytes at ${at}`)
    }
  })

  it('after something was put before it', async () => {
    await expectRepaired(Buffer.concat([random.bytes(100_000), sample.bytes]), 'junk in front')
  })

  it('after its end was destroyed or cut off: then with a new last footer', { timeout: 120_000 }, async () => {
    const { length } = sample.bytes
    await expectHealthy(
      changed((bytes) => bytes.fill(0, length - 208)),
      'footer',
    )
    await expectHealthy(
      changed((bytes) => bytes.fill(0, sample.run.end)),
      'second index and footer',
    )
    await expectHealthy(
      changed((bytes) => bytes.fill(0, sample.run.end - 10_000)),
      'a part of the parity too',
    )
    await expectHealthy(sample.bytes.subarray(0, length - 100), 'cut in the footer')
    await expectHealthy(sample.bytes.subarray(0, sample.run.xorRecordAt(0, 5)), 'cut in the parity')
  })

  it('when nothing is wrong with it: then it is copied', async () => {
    await expectRepaired(sample.bytes, 'whole')
  })
})

describe('a protected archive with more damage than can be undone', () => {
  it('loses the files that are hit, and no others', { timeout: 120_000 }, async () => {
    const path = stored(sample.bytes)
    const archive = await Archive.open(path)
    const firstBlocks = [...archive.index.blocks()].slice(0, 2)
    archive.close()
    const from = firstBlocks[0]?.position ?? 0
    const to = (firstBlocks[1]?.position ?? 0) + 1000
    expect(to - from).toBeGreaterThan(sample.bytes.length * 0.07)
    const damaged = changed((bytes) => overwrite(bytes, random, from, to - from))
    const lost = await lostOf(damaged, 'two blocks')
    expect(lost).toBeGreaterThan(0)
    const { problems, protection, damagedFiles } = await verifyArchive(stored(damaged))
    expect(damagedFiles).toBe(lost)
    expect(problems).toHaveLength(lost)
    expect(protection?.lostBytes).toBeGreaterThan(50_000)
    const target = join(temporaryFolder(), 'repaired.lmz')
    const report = await repairArchive(stored(damaged), target)
    expect(report.lostFiles).toBe(lost)
    expect(report.problems).toHaveLength(lost)
    expect((await verifyArchive(target)).damagedFiles).toBe(lost)
  })

  it('never gives wrong bytes, wherever it was cut off', { timeout: 120_000 }, async () => {
    for (let round = 0; round < 60; round++) {
      const length = random.below(sample.bytes.length)
      const bytes = sample.bytes.subarray(0, length)
      await lostOf(bytes, `length ${length}`).catch((cause: unknown) => {
        expect(cause, `length ${length}`).toMatchObject({ name: 'LmzError' })
      })
    }
  })
})

/** Changes a field of both records that describe the run, with right checksums. */
function forged(field: number, value: number, width = 4): Buffer {
  return changed((bytes) => {
    for (const at of [sample.run.description.position + frameHeaderLength, sample.run.end - 128]) {
      if (width === 4) bytes.writeUInt32LE(value, at + 16 + field)
      else bytes.writeBigUInt64LE(BigInt(value), at + 16 + field)
      bytes.writeUInt32LE(crc32(bytes.subarray(at, at + 124)), at + 124)
    }
  })
}

describe('parity that lies', () => {
  it.each([
    ['no cell length', 56, 0],
    ['cells of 3 bytes', 56, 3],
    ['cells of 4 GiB', 56, 2 ** 31],
    ['no segments', 60, 0],
    ['more segments than cells', 60, 0xffffffff],
    ['no groups', 64, 0],
    ['too many groups', 64, 0xffffffff],
    ['no wide cells', 68, 0],
    ['too many wide cells', 68, 60_000],
  ])('with %s is told as such, and the files come out', async (_what, field, value) => {
    const bytes = forged(field, value)
    const path = stored(bytes)
    expect((await readableFiles(path)).whole).toEqual(sample.whole)
    const { notices, problems } = await verifyArchive(path)
    expect(problems).toEqual([])
    expect(notices.join(' ')).toContain('describes what cannot be')
    const target = join(temporaryFolder(), 'repaired.lmz')
    await expect(repairArchive(path, target)).rejects.toMatchObject({ code: 'Usage' })
    expect(existsSync(target)).toBe(false)
  })

  it.each([
    ['a start behind its end', 16, 2 ** 40],
    ['a start of 2^53', 16, 2 ** 53],
    ['another place', 24, 2 ** 40],
    ['a place over 2^53', 24, 2 ** 60],
    ['a predecessor behind it', 32, 2 ** 40],
  ])('about %s does no harm', async (_what, field, value) => {
    const damaged = forged(field, value, 8)
    overwrite(damaged, random, 50_000, 600)
    expect(await lostOf(damaged, 'forged')).toBeLessThan(3)
  })

  it('about the hash of a cell cannot bring in wrong bytes: blocks have hashes of their own', async () => {
    const { run } = sample
    const cell = 100
    const at = run.positionOf(cell)
    const damaged = changed((bytes) => overwrite(bytes, random, at, 512))
    const { segment, index } = run.placeOf(cell)
    const group = index % run.description.groups
    const hashes = [...run.membersOf(segment, group)].map((member) => {
      const from = run.positionOf(member)
      const bytes = Buffer.alloc(512)
      damaged.copy(bytes, 0, from, Math.min(from + 512, run.description.position))
      return cellHash(bytes)
    })
    const piece = encodePiece(run, segment, group, hashes)
    for (const place of run.pieceCopies(segment, group)) damaged.set(piece, place)
    expect(await lostOf(damaged, 'forged hash')).toBeGreaterThan(0)
  })
})

describe('a single bad cell of 64 KiB', () => {
  it('is repaired from at most 32 others', { timeout: 120_000 }, async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'in'))
    const path = join(folder, 'large.lmz')
    const options = { preset: 'fast', blockSize: 64 * 1024, primers: false } as const
    for (let n = 0; n < 8; n++) writeFileSync(join(folder, `in/part-${n}`), random.bytes(8_500_000))
    await createArchive(path, [join(folder, 'in')], options)
    await protectArchive(path)
    const { cellLength } = (await newestRun(path)).description
    expect(cellLength).toBe(65_536)
    const bytes = readFileSync(path)
    overwrite(bytes, random, 20 * 65_536, 65_536)
    writeFileSync(path, bytes)
    const archive = await Archive.open(path)
    for (const block of archive.index.blocks()) archive.readBlock(block.id)
    const [run] = archive.repairs.healer?.runs ?? []
    const states = [...(run?.states().values() ?? [])]
    expect(states.filter(({ kind }) => kind === 'healed')).toHaveLength(1)
    // The bad one, the others of its group, the XOR cell, and those beside it that its blocks lie in.
    expect(run?.cells.bytesRead ?? Infinity).toBeLessThan(36 * (65_536 + 1000))
    archive.close()
  })
})

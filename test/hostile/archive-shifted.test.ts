import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addToArchive } from '../../src-main/archive/add'
import { Archive } from '../../src-main/archive/archive'
import { createArchive } from '../../src-main/archive/create'
import { salvageArchive } from '../../src-main/archive/salvage/salvage'
import { verifyArchive } from '../../src-main/archive/verify'
import { frameHeaderLength } from '../../src-main/format/frame'
import { readableFiles } from '../support/archive-state'
import { Random, seed } from '../support/random'
import { temporaryFolder } from '../support/temporary'

const random = new Random(seed)

interface Sample {
  readonly bytes: Buffer
  readonly whole: Readonly<Record<string, string>>
  /** The stretches of the archive that each file needs. */
  readonly needs: Readonly<Record<string, readonly (readonly [start: number, end: number])[]>>
  /** Where the data of the last commit begins. */
  readonly lastCommit: number
}

let folder: string
let one: Sample
let two: Sample

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lmz-test-'))
  const archive = join(folder, 'whole.lmz')
  const options = { preset: 'fast', blockSize: 64 * 1024 } as const
  await createArchive(archive, [makeSource('first')], options)
  one = await sampleOf(archive, 64)
  await addToArchive(archive, [makeSource('second')])
  two = await sampleOf(archive, one.bytes.length)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function makeSource(name: string): string {
  const source = join(folder, name)
  mkdirSync(source)
  for (let n = 0; n < 20; n++) writeFileSync(join(source, `text-${n}`), random.text(10_000 + random.below(50_000)))
  for (let n = 0; n < 5; n++) writeFileSync(join(source, `noise-${n}`), random.bytes(80_000))
  return source
}

async function sampleOf(path: string, lastCommit: number): Promise<Sample> {
  const { whole } = await readableFiles(path)
  const archive = await Archive.open(path)
  const { index } = archive
  const needs: Record<string, (readonly [number, number])[]> = {}
  for (const { id, content } of index.entries()) {
    if (content === undefined) continue
    needs[index.pathOf(id).join('/')] = [...index.piecesOf(content)].map(({ block }) => {
      const { position, storedLength } = index.block(block)
      return [position, position + frameHeaderLength + storedLength]
    })
  }
  archive.close()
  return { bytes: readFileSync(path), whole, needs, lastCommit }
}

/** Salvages damaged bytes; all files that need no byte of `from` to `to` must come out right, and no file wrong. */
async function expectSalvaged(sample: Sample, damaged: Buffer, from: number, to: number, label: string): Promise<void> {
  const work = temporaryFolder()
  const path = join(work, 'damaged.lmz')
  writeFileSync(path, damaged)
  const target = join(work, 'rescued.lmz')
  await salvageArchive(path, target)
  const { whole } = await readableFiles(target)
  expect(sample.whole, `${label}: wrong bytes`).toMatchObject(whole)
  const isUntouched = (name: string): boolean =>
    sample.needs[name]?.every(([start, end]) => end <= from || start >= to) ?? false
  const missing = Object.keys(sample.whole).filter((name) => isUntouched(name) && !(name in whole))
  expect(missing, `${label}: files were lost that are all there`).toEqual([])
  expect((await verifyArchive(target)).problems).toEqual([])
  expect(readFileSync(path).equals(damaged)).toBe(true)
}

const changes = [
  ['a byte inserted', 1],
  ['512 bytes inserted', 512],
  ['64 KiB inserted', 65_536],
  ['a byte missing', -1],
  ['512 bytes missing', -512],
  ['10,000 bytes missing', -10_000],
] as const

function shifted(bytes: Buffer, at: number, by: number): Buffer {
  const middle = by > 0 ? random.bytes(by) : Buffer.of()
  return Buffer.concat([bytes.subarray(0, at), middle, bytes.subarray(by < 0 ? at - by : at)])
}

describe.each(changes)('an archive with %s', (_change, by) => {
  it('gives up no file but those of the blocks that are hit', { timeout: 60_000 }, async () => {
    for (let round = 0; round < 4; round++) {
      const at = random.below(one.bytes.length - 2000)
      await expectSalvaged(one, shifted(one.bytes, at, by), at, at + Math.max(1, -by), `at ${at}`)
    }
  })

  it('in its last change gives up no file but those of the blocks that are hit', { timeout: 60_000 }, async () => {
    for (let round = 0; round < 4; round++) {
      const at = two.lastCommit + random.below(two.bytes.length - two.lastCommit - 20_000)
      await expectSalvaged(two, shifted(two.bytes, at, by), at, at + Math.max(1, -by), `at ${at}`)
    }
  })

  it('says that it is damaged, and reads nothing wrong', { timeout: 60_000 }, async () => {
    const path = join(temporaryFolder(), 'damaged.lmz')
    for (let round = 0; round < 4; round++) {
      const at = random.below(one.bytes.length - 2000)
      writeFileSync(path, shifted(one.bytes, at, by))
      const { whole, lost } = await readableFiles(path)
      expect(one.whole).toMatchObject(whole)
      const archive = await Archive.open(path)
      archive.close()
      expect(archive.condition).toBe('degraded')
      const [, stored, total] = /(\d+) of (\d+) files can be extracted/.exec(archive.notices.join()) ?? []
      expect(Number(total)).toBe(Object.keys(whole).length + lost.length)
      expect(Number(stored)).toBe(Object.keys(whole).length)
    }
  })
})

describe('an archive whose newest list of files is damaged', () => {
  it(
    'is salvaged with the checkpoints of the last change, not with the list before it',
    { timeout: 60_000 },
    async () => {
      const work = temporaryFolder()
      const archive = join(work, 'target.lmz')
      const source = join(work, 'large')
      mkdirSync(source)
      for (let n = 0; n < 30; n++) writeFileSync(join(source, `file-${n}`), random.bytes(150_000))
      writeFileSync(archive, one.bytes)
      await addToArchive(archive, [source])
      const whole = await readableFiles(archive)
      const bytes = readFileSync(archive)
      const opened = await Archive.open(archive)
      const at = (opened.footer?.index.position ?? 0) + 100
      opened.close()
      bytes[at] = (bytes[at] ?? 0) ^ 1
      writeFileSync(archive, bytes)
      const target = join(work, 'rescued.lmz')
      await salvageArchive(archive, target)
      const rescued = await readableFiles(target)
      expect(whole.whole).toMatchObject(rescued.whole)
      expect(Object.keys(rescued.whole).length).toBeGreaterThan(Object.keys(one.whole).length + 10)
      expect((await verifyArchive(target)).problems).toEqual([])
    },
  )
})

import { closeSync, mkdirSync, openSync, readFileSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { addToArchive } from '../../src-main/archive/add'
import { Archive } from '../../src-main/archive/archive'
import { createArchive } from '../../src-main/archive/create'
import { salvageArchive } from '../../src-main/archive/salvage/salvage'
import { verifyArchive } from '../../src-main/archive/verify'
import { LmzError } from '../../src-main/contract/error'
import { frameHeaderLength } from '../../src-main/format/frame'
import { type Readable, readableFiles, stateOf } from '../support/archive-state'
import { Random, seed } from '../support/random'
import { suiteFolder } from '../support/suite-folder'

const isLong = process.env['LMZ_LONG'] === '1'
const folder = suiteFolder()
const damaged = join(folder, 'damaged.lmz')
const kib64 = 64 * 1024

/** An archive of two commits and several blocks of noise, and which stretches of it each file needs. */
interface Sample {
  readonly bytes: Buffer
  readonly firstLength: number
  readonly firstFiles: Readable['whole']
  readonly files: Readable['whole']
  readonly needs: ReadonlyMap<string, readonly (readonly [from: number, to: number])[]>
}
let sample: Sample

beforeAll(async () => {
  const random = new Random(seed)
  const source = join(folder, 'source')
  mkdirSync(source)
  const path = join(folder, 'whole.lmz')
  for (let n = 0; n < 6; n++) writeFileSync(join(source, `file-${n}`), random.bytes(40_000))
  await createArchive(path, [source], { preset: 'fast', blockSize: kib64 })
  const firstLength = readFileSync(path).length
  const { whole: firstFiles } = await readableFiles(path)
  for (let n = 4; n < 9; n++) writeFileSync(join(source, `file-${n}`), random.bytes(30_000))
  await addToArchive(path, [source])
  const { whole: files } = await readableFiles(path)
  sample = { bytes: readFileSync(path), firstLength, firstFiles, files, needs: await placesOf(path) }
})

async function placesOf(path: string): Promise<Sample['needs']> {
  const archive = await Archive.open(path)
  const places = new Map<string, (readonly [number, number])[]>()
  for (const { block, pieces } of archive.index.extractionPlan('all')) {
    for (const { entry } of pieces) {
      const name = archive.index.pathOf(entry).join('/')
      const place = [block.position, block.position + frameHeaderLength + block.storedLength] as const
      places.set(name, [...(places.get(name) ?? []), place])
    }
  }
  archive.close()
  return places
}

/** Files that need nothing of the stretches. */
function untouchedBy(...stretches: readonly (readonly [number, number])[]): string[] {
  return [...sample.needs]
    .filter(([, places]) => places.every(([from, to]) => stretches.every(([start, end]) => to <= start || from >= end)))
    .map(([name]) => name)
}

function withZeros(...stretches: readonly (readonly [number, number])[]): Buffer {
  const bytes = Buffer.from(sample.bytes)
  for (const [from, to] of stretches) bytes.fill(0, from, to)
  return bytes
}

/** Reads what can be read; all of it is of one of the states. */
async function readDamaged(bytes: Uint8Array): Promise<readonly string[] | 'nothing'> {
  writeFileSync(damaged, bytes)
  try {
    const { whole } = await readableFiles(damaged)
    const isOf = (state: Readable['whole']): boolean =>
      Object.entries(whole).every(([name, hash]) => state[name] === hash)
    expect(isOf(sample.files) || isOf(sample.firstFiles), 'wrong bytes came out').toBe(true)
    return Object.keys(whole)
  } catch (thrown) {
    if (!(thrown instanceof LmzError)) throw thrown
    return 'nothing'
  }
}

/** Salvages the damaged archive. @returns the hashes of the files in the new one */
async function salvaged(): Promise<Readable['whole']> {
  const target = join(folder, `salvaged-${Math.random()}.lmz`)
  await salvageArchive(damaged, target)
  expect((await verifyArchive(target)).problems).toEqual([])
  return (await readableFiles(target)).whole
}

describe('a stretch of an archive that is lost', () => {
  it('at its beginning costs the files in it: the header is not needed', async () => {
    const expected = untouchedBy([0, kib64])
    expect(expected.length).toBeGreaterThan(4)
    expect(await readDamaged(withZeros([0, kib64]))).toEqual(expect.arrayContaining(expected))
    const saved = await salvaged()
    for (const name of expected) expect(saved[name], name).toBe(sample.files[name])
  })

  it('at its end leaves the change before, and salvage gives every block that is whole', async () => {
    const { length } = sample.bytes
    const lost = [length - kib64, length] as const
    await readDamaged(withZeros(lost))
    expect(await stateNames()).toEqual(Object.keys(sample.firstFiles).sort())
    const saved = Object.values(await salvaged())
    for (const name of untouchedBy(lost))
      if (name in sample.firstFiles) expect(saved).toContain(sample.firstFiles[name])
  })

  it('at both ends leaves what lies between, and nothing wrong', async () => {
    const { length } = sample.bytes
    await readDamaged(withZeros([0, kib64], [length - kib64, length]))
    const saved = await salvaged()
    expect(Object.keys(saved).length).toBeGreaterThan(0)
  })

  it(
    'anywhere costs the files whose blocks are hit and no others: each 4 KiB in turn',
    { timeout: 120_000 },
    async () => {
      const indexes = sample.bytes.length - 4096
      for (let from = 0; from < indexes; from += isLong ? 512 : 4096) {
        const lost = [from, from + 4096] as const
        const found = await readDamaged(withZeros(lost))
        expect(found, `from ${from}`).not.toBe('nothing')
        // In the lists of files at the ends of the two changes, it may cost the newer change.
        const isOlder = (await stateNames()).length === Object.keys(sample.firstFiles).length
        if (!isOlder) expect(found, `from ${from}`).toEqual(expect.arrayContaining(untouchedBy(lost)))
        else expect(from, 'the older state is shown').toBeGreaterThan(sample.firstLength)
      }
    },
  )

  it('at any length gives the last change that is whole', { timeout: 600_000 }, async () => {
    const random = new Random(seed)
    const { bytes, firstLength } = sample
    for (let n = 0; n < (isLong ? 1000 : 60); n++) {
      const length = random.below(bytes.length)
      const found = await readDamaged(bytes.subarray(0, length))
      if (length >= firstLength) expect(found, `length ${length}`).toEqual(Object.keys(sample.firstFiles))
    }
  })

  async function stateNames(): Promise<string[]> {
    const archive = await Archive.open(damaged)
    try {
      const names = [...archive.index.descendants(0)].filter(({ kind }) => kind === 'file')
      return names.map(({ id }) => archive.index.pathOf(id).join('/')).sort()
    } finally {
      archive.close()
    }
  }
})

describe('bytes around an archive', () => {
  it('before it (a mail header, a program that unpacks it): everything is read, and it is said', async () => {
    const junk = new Random(3).bytes(1_000_000)
    const found = await readDamaged(Buffer.concat([junk, sample.bytes]))
    expect(found).toEqual(Object.keys(sample.files))
    const archive = await Archive.open(damaged)
    expect(archive.condition).toBe('degraded')
    expect(archive.notices.join(' ')).toContain('1.0 MB were inserted')
    expect(() => archive.refuseIfDegraded()).toThrow('Nothing was changed')
    archive.close()
  })

  it('behind it, in any number: everything is read, soon', { timeout: 60_000 }, async () => {
    writeFileSync(damaged, sample.bytes)
    const length = isLong ? 2 ** 30 : 2 ** 26
    truncateSync(damaged, sample.bytes.length + length)
    const file = openSync(damaged, 'r+')
    // False frames at intervals, and a last byte that is no zero.
    for (let at = sample.bytes.length; at < sample.bytes.length + length; at += 1_000_003) {
      writeSync(file, sample.bytes, sample.bytes.length - 208, 200, at)
    }
    closeSync(file)
    const start = performance.now()
    expect((await readableFiles(damaged)).whole).toEqual(sample.files)
    expect(performance.now() - start).toBeLessThan(20_000)
  })
})

it('a clock that goes back does not make an older change the newest', async () => {
  const path = join(folder, 'clock.lmz')
  const note = join(folder, 'note.txt')
  const clock = vi.spyOn(Date, 'now')
  try {
    for (const [year, text] of [
      [2030, 'first'],
      [2020, 'second'],
      [1990, 'third'],
    ] as const) {
      clock.mockReturnValue(Date.UTC(year, 9, 31, 2, 30))
      writeFileSync(note, text)
      if (text === 'first') await createArchive(path, [note], { preset: 'fast' })
      else await addToArchive(path, [note])
    }
  } finally {
    clock.mockRestore()
  }
  expect((await stateOf(path))['note.txt']).toContain(' 5 ')
  const archive = await Archive.open(path)
  expect([...archive.commits()].map(({ sequence }) => sequence)).toEqual([3, 2, 1])
  expect(Buffer.from(archive.readBlock(3)).toString()).toBe('third')
  archive.close()
})

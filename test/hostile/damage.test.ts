import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { Archive } from '../../src-main/archive/archive'
import { addToArchive } from '../../src-main/archive/add'
import { createArchive } from '../../src-main/archive/create'
import { fileBytes } from '../../src-main/archive/read-file'
import { LmzError } from '../../src-main/contract/error'
import { seed } from '../support/random'
import { temporaryFolder } from '../support/temporary'

/** Contents by path, of all files that can be read; what cannot be read is left out. */
type Contents = Readonly<Record<string, string>>

async function contentsOf(path: string): Promise<Contents> {
  const archive = await Archive.open(path)
  const contents: Record<string, string> = {}
  try {
    for (const entry of archive.index.descendants(0)) {
      if (entry.kind !== 'file') continue
      try {
        const bytes = Buffer.concat([...fileBytes(archive, entry.id)])
        contents[archive.index.pathOf(entry.id).join('/')] = bytes.toString('latin1')
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(LmzError)
      }
    }
    return contents
  } finally {
    archive.close()
  }
}

/** The archive's bytes after one commit and after a second, and what each holds. */
interface Sample {
  readonly first: Buffer
  readonly second: Buffer
  readonly firstContents: Contents
  readonly secondContents: Contents
}

async function makeSample(folder: string): Promise<Sample> {
  const source = join(folder, 'source')
  mkdirSync(join(source, 'deep'), { recursive: true })
  writeFileSync(join(source, 'a.txt'), 'The first file of a small archive. '.repeat(12))
  writeFileSync(
    join(source, 'deep/b.json'),
    JSON.stringify(Array.from({ length: 40 }, (_, n) => ({ n, square: n * n }))),
  )
  const path = join(folder, 'small.lmz')
  await createArchive(path, [source])
  const first = readFileSync(path)
  const firstContents = await contentsOf(path)
  writeFileSync(join(source, 'a.txt'), 'The first file has changed. '.repeat(10))
  writeFileSync(join(source, 'c.txt'), 'A third file. '.repeat(20))
  await addToArchive(path, [source])
  return { first, second: readFileSync(path), firstContents, secondContents: await contentsOf(path) }
}

let sample: Sample

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lmz-test-'))
  sample = await makeSample(folder).finally(() => rmSync(folder, { recursive: true }))
})

/** Opens damaged bytes and checks that what comes out is a part of one of the archive's true states. */
async function expectHarmless(
  bytes: Uint8Array,
  states: readonly Contents[],
  path: string,
  label: string,
): Promise<void> {
  writeFileSync(path, bytes)
  let contents: Contents
  try {
    contents = await contentsOf(path)
  } catch (thrown) {
    expect(thrown, label).toBeInstanceOf(LmzError)
    return
  }
  const isPartOf = (state: Contents): boolean => Object.entries(contents).every(([name, text]) => state[name] === text)
  expect(states.some(isPartOf), `${label}: wrong bytes came out`).toBe(true)
  expect(readFileSync(path).equals(bytes), `${label}: reading changed the archive`).toBe(true)
}

describe('a damaged archive never gives wrong bytes', () => {
  it('sets out with all its files', () => {
    expect(Object.keys(sample.firstContents)).toEqual(['source/a.txt', 'source/deep/b.json'])
    expect(Object.keys(sample.secondContents)).toEqual(['source/a.txt', 'source/c.txt', 'source/deep/b.json'])
  })

  it('with any one byte changed', { timeout: 120_000 }, async () => {
    const path = join(temporaryFolder(), 'damaged.lmz')
    for (let at = 0; at < sample.first.length; at++) {
      for (const mask of [0x01, 0xff]) {
        const damaged = Buffer.from(sample.first)
        damaged[at] = (damaged[at] ?? 0) ^ mask
        await expectHarmless(damaged, [sample.firstContents], path, `byte ${at} xor ${mask}`)
      }
    }
  })

  it('with any one byte of two commits changed: the first or the second state', { timeout: 120_000 }, async () => {
    const path = join(temporaryFolder(), 'damaged.lmz')
    const states = [sample.firstContents, sample.secondContents]
    // Which third of the bytes is tried depends on the seed.
    for (let at = seed % 3; at < sample.second.length; at += 3) {
      const damaged = Buffer.from(sample.second)
      damaged[at] = (damaged[at] ?? 0) ^ 0x10
      await expectHarmless(damaged, states, path, `byte ${at}`)
    }
  })

  it(
    'cut off at any length: an error, or the state of the last commit that is whole',
    { timeout: 120_000 },
    async () => {
      const path = join(temporaryFolder(), 'cut.lmz')
      for (let length = 0; length < sample.second.length; length++) {
        const cut = sample.second.subarray(0, length)
        if (length < sample.first.length) await expectHarmless(cut, [sample.firstContents], path, `length ${length}`)
        else {
          writeFileSync(path, cut)
          expect(await contentsOf(path), `length ${length}`).toEqual(sample.firstContents)
        }
      }
    },
  )

  it('with bytes inserted or deleted anywhere', { timeout: 120_000 }, async () => {
    const path = join(temporaryFolder(), 'shifted.lmz')
    const { first } = sample
    for (let at = 0; at < first.length; at += 13) {
      for (const inserted of [1, 512]) {
        const longer = Buffer.concat([first.subarray(0, at), Buffer.alloc(inserted, 0x5a), first.subarray(at)])
        await expectHarmless(longer, [sample.firstContents], path, `${inserted} bytes inserted at ${at}`)
      }
      const shorter = Buffer.concat([first.subarray(0, at), first.subarray(at + 1)])
      await expectHarmless(shorter, [sample.firstContents], path, `byte ${at} deleted`)
    }
  })

  it('with anything appended: all of it, and a word about the rest', async () => {
    const path = join(temporaryFolder(), 'junk.lmz')
    writeFileSync(path, Buffer.concat([sample.second, Buffer.alloc(2_000_000, 'junk ')]))
    expect(await contentsOf(path)).toEqual(sample.secondContents)
    const archive = await Archive.open(path)
    expect(archive.condition).toBe('torn')
    expect(archive.notices.join(' ')).toContain('2.0 MB')
    archive.close()
  })

  it('says so plainly when it is no archive at all', async () => {
    const path = join(temporaryFolder(), 'notes.txt')
    for (const bytes of [Buffer.alloc(0), Buffer.from('just text'), Buffer.alloc(300_000, 'x')]) {
      writeFileSync(path, bytes)
      await expect(Archive.open(path)).rejects.toMatchObject({
        code: 'Format',
        message: 'notes.txt is not an lmz archive.',
      })
    }
  })
})

import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addToArchive } from '../../../src-main/archive/add'
import { Archive } from '../../../src-main/archive/archive'
import { createArchive } from '../../../src-main/archive/create'
import { extractArchive } from '../../../src-main/archive/extraction/extract'
import { archiveInfo } from '../../../src-main/archive/info'
import { compactArchive, removeFromArchive } from '../../../src-main/archive/rewrite'
import { salvageArchive } from '../../../src-main/archive/salvage/salvage'
import { verifyArchive } from '../../../src-main/archive/verify'
import { presets } from '../../../src-main/codecs/presets'
import { presetNames } from '../../../src-main/contract/preset'
import {
  archiveTagOf,
  contentHashOf,
  encodeFrameHeader,
  frameHeaderLength,
  frameTypes,
} from '../../../src-main/format/frame'
import { readAll } from '../../support/examine'
import { Random } from '../../support/random'
import { temporaryFolder } from '../../support/temporary'

/** A preset with a codec that makes use of primers. */
const preset = presetNames.find((name) => presets[name].candidates.some(({ codec }) => codec.usesPrimer === true))
const options = { preset: preset ?? 'balanced', blockSize: 64 * 1024 } as const

/** A service's log: lines of a few forms with numbers that say nothing. */
function logOf(random: Random, service: Random, length: number): Buffer {
  const forms = Array.from({ length: 60 }, () => service.text(60 + service.below(100)).toString())
  const lines: string[] = []
  for (let total = 0, second = 0; total < length; total += lines.at(-1)?.length ?? 0) {
    second += random.below(3)
    const [form = ''] = forms.slice(Math.floor(random.share() ** 2 * forms.length))
    lines.push(`2026-11-21 ${String(second).padStart(8, '0')} ${form}${random.bytes(4).toString('hex')}\n`)
  }
  return Buffer.from(lines.join('').slice(0, length))
}

const logLength = 800_000
let folder: string
let tree: string
/** An archive of a log that gets a primer, and a few files that do not. */
let made: string

describe('primers of an archive', { timeout: 120_000 }, () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lmz-test-'))
    tree = join(folder, 'tree')
    mkdirSync(join(tree, 'logs'), { recursive: true })
    writeFileSync(join(tree, 'logs/first.log'), logOf(new Random(1), new Random(100), logLength))
    writeFileSync(join(tree, 'note.md'), 'Of another kind.\n'.repeat(100))
    writeFileSync(join(tree, 'noise.bin'), new Random(4).bytes(70_000))
    made = join(folder, 'made.lmz')
    await createArchive(made, [tree], options)
  }, 120_000)

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const copyOf = (name: string): string => {
    const path = join(temporaryFolder(), name)
    copyFileSync(made, path)
    return path
  }

  it('are chosen where they pay, and info shows both terms of the sum', async () => {
    const info = await infoOf(made)
    expect(info.primers).toBe(1)
    expect(info.primedBlocks).toBeGreaterThanOrEqual(logLength / options.blockSize)
    expect(info.primerBytes).toBeLessThan(info.primerRawBytes)
    expect(info.primedDataBytes).toBeLessThan(info.dataBytes)
    expect(info.dataBytes + info.primerBytes + info.indexBytes + info.overheadBytes).toBe(info.archiveBytes)
    const plain = join(temporaryFolder(), 'plain.lmz')
    // Two blocks do not fill up: there is nothing to pay for a primer.
    await createArchive(plain, [join(tree, 'logs')], { ...options, blockSize: 1024 * 1024 })
    expect((await infoOf(plain)).primers).toBe(0)
  })

  it('give back every byte, from the whole and from a single file', async () => {
    expect((await verifyArchive(made)).problems).toEqual([])
    const out = join(temporaryFolder(), 'out')
    const all = await extractArchive(made, [], out)
    expect(all.problems).toEqual([])
    for (const name of ['logs/first.log', 'note.md', 'noise.bin']) {
      expect(readFileSync(join(out, 'tree', name)).equals(readFileSync(join(tree, name))), name).toBe(true)
    }
    const one = await extractArchive(made, ['tree/note.md'], join(out, 'one'))
    const { primerBytes } = await infoOf(made)
    expect(one.archiveBytesRead).toBeLessThan(all.archiveBytesRead - primerBytes)
  })

  it('are the same for the same input', async () => {
    const again = join(temporaryFolder(), 'again.lmz')
    await createArchive(again, [tree], options)
    expect(await framesOf(again)).toEqual(await framesOf(made))
  })

  it('serve new data of their sort, without another one', async () => {
    const path = copyOf('added.lmz')
    const before = await infoOf(path)
    mkdirSync(join(folder, 'more'), { recursive: true })
    writeFileSync(join(folder, 'more/second.log'), logOf(new Random(2), new Random(100), logLength))
    await addToArchive(path, [join(folder, 'more')])
    const after = await infoOf(path)
    expect(after).toMatchObject({ primers: 1, primerRawBytes: before.primerRawBytes })
    expect(after.primedBlocks).toBeGreaterThan(before.primedBlocks + 0.8 * (logLength / options.blockSize))
    expect((await verifyArchive(path)).problems).toEqual([])
  })

  it('come anew for new data of another sort; what has not changed brings none', async () => {
    const path = copyOf('added.lmz')
    await addToArchive(path, [tree])
    expect((await infoOf(path)).primers).toBe(1)
    mkdirSync(join(folder, 'other'), { recursive: true })
    writeFileSync(join(folder, 'other/other.log'), logOf(new Random(3), new Random(200), logLength))
    await addToArchive(path, [join(folder, 'other')])
    expect((await infoOf(path)).primers).toBe(2)
    expect((await verifyArchive(path)).problems).toEqual([])
    await removeFromArchive(path, ['tree/logs'])
    expect((await infoOf(path)).primers).toBe(1)
    expect((await verifyArchive(path)).problems).toEqual([])
    await compactArchive(path)
    const { files } = await readAll(path, [])
    expect([...files.keys()]).toEqual(['other/other.log', 'tree/noise.bin', 'tree/note.md'])
  })

  it('make exactly their own files unreadable when they are damaged', async () => {
    const path = copyOf('damaged.lmz')
    const [primer] = (await framesOf(path)).primers
    const bytes = readFileSync(path)
    const at = (primer?.position ?? 0) + frameHeaderLength + 100
    bytes[at] = (bytes[at] ?? 0) ^ 0x10
    writeFileSync(path, bytes)
    const { problems } = await verifyArchive(path)
    expect(problems.map((problem) => problem.path)).toEqual(['tree/logs/first.log'])
    expect(problems[0]?.error.message).toMatch(
      /^Primer 1 at byte \d+ is damaged\. Block \d+ cannot be read without it\.$/,
    )
    const messages: string[] = []
    expect([...(await readAll(path, messages)).files.keys()]).toEqual(['tree/noise.bin', 'tree/note.md'])
  })

  it('are found by scanning when the index is lost, the right one of two with one number', async () => {
    const folder = temporaryFolder()
    const [primer = { position: 0, length: 0 }] = (await framesOf(made)).primers
    const bytes = readFileSync(made)
    const whole = await infoOf(made)
    const end = bytes.length - 208 - whole.indexBytes - frameHeaderLength
    const behindPrimer = primer.position + primer.length
    // The nearest primer of that number is one that an unfinished change left.
    const other = otherPrimer(archiveTagOf(bytes.subarray(16, 32)))
    const damaged = Buffer.concat([bytes.subarray(0, behindPrimer), other, bytes.subarray(behindPrimer, end)])
    writeFileSync(join(folder, 'damaged.lmz'), damaged)
    await salvageArchive(join(folder, 'damaged.lmz'), join(folder, 'rescued.lmz'))
    const { files } = await readAll(join(folder, 'rescued.lmz'), [])
    expect(files.size).toBe(whole.blocks)
    expect(await infoOf(join(folder, 'rescued.lmz'))).toMatchObject({ primers: 1, primedBlocks: whole.primedBlocks })
  })
})

/** A primer frame of number 1 with other bytes. */
function otherPrimer(archiveTag: number): Buffer {
  const bytes = new Random(77).text(40_000)
  const lengths = { rawLength: bytes.length, storedLength: bytes.length }
  const fields = { type: frameTypes.primer, codec: 0, kind: 3, id: 1, archiveTag, contentHash: contentHashOf(bytes) }
  return Buffer.concat([encodeFrameHeader({ ...fields, ...lengths }), bytes])
}

interface Frames {
  readonly blocks: readonly string[]
  readonly primers: readonly { readonly position: number; readonly length: number }[]
}

async function framesOf(path: string): Promise<Frames> {
  const archive = await Archive.open(path)
  try {
    return {
      blocks: [...archive.index.blocks()].map((block) => JSON.stringify(block)),
      primers: [...archive.index.primers()].map(({ position, storedLength }) => {
        return { position, length: frameHeaderLength + storedLength }
      }),
    }
  } finally {
    archive.close()
  }
}

async function infoOf(path: string): Promise<ReturnType<typeof archiveInfo>> {
  const archive = await Archive.open(path)
  try {
    return archiveInfo(archive)
  } finally {
    archive.close()
  }
}

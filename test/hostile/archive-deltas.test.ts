import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { Archive } from '../../src-main/archive/archive'
import { DecodingThread } from '../../src-main/archive/file-reader'
import { removeFromArchive } from '../../src-main/archive/rewrite'
import { salvageArchive } from '../../src-main/archive/salvage/salvage'
import { delta } from '../../src-main/codecs/delta/delta'
import { contentHashOf } from '../../src-main/format/frame'
import { movedWeights, weights } from '../support/checkpoints'
import { type Craft, craftArchive, type CraftedBlock } from '../support/crafted-archive'
import { type Allowed, examine, readAll } from '../support/examine'
import { Random } from '../support/random'
import { temporaryFolder } from '../support/temporary'

const random = new Random(21)
const old = weights(random, 3000)
const young = movedWeights(random, old, 1e-6)
const younger = movedWeights(random, young, 1e-6)
const other = random.text(700)
const files: Allowed = { old: [old], young: [young], younger: [younger], other: [other] }

async function differing(raw: Buffer, base: Buffer, id: number, hash = contentHashOf(base)): Promise<CraftedBlock> {
  const stored = await delta.encode(raw, { kind: 'tensor', base: { id, hash, bytes: base, offset: 0 } }, 0)
  expect(stored.length).toBeLessThan(raw.length)
  return { files: { [nameOf(raw)]: raw }, codec: delta.number, stored }
}

function nameOf(raw: Buffer): string {
  return raw === old ? 'old' : raw === young ? 'young' : 'younger'
}

const alone = { files: { old } }
const text = { files: { other } }

describe('blocks that are coded against another', () => {
  let right: Craft['blocks']
  let named: Craft['blocks']
  beforeAll(async () => {
    right = [alone, await differing(young, old, 1), text, await differing(younger, old, 1)]
    named = right.slice(0, 3)
  })

  it('come out whole, and go on being so in copies', async () => {
    const everything = ['old', 'young', 'other', 'younger']
    const found = await examine(temporaryFolder(), craftArchive({ blocks: right }).bytes, files)
    const whole = { read: everything, extracted: everything, salvaged: everything, compacted: everything }
    expect(sorted(found)).toMatchObject(sorted({ ...whole, problems: [], verify: [] }))
  })

  it('outlive their base', async () => {
    const path = join(temporaryFolder(), 'x.lmz')
    writeFileSync(path, craftArchive({ blocks: right }).bytes)
    await removeFromArchive(path, ['old'])
    expect([...(await readAll(path, [])).files.keys()].sort()).toEqual(['other', 'young', 'younger'])
    const archive = await Archive.open(path)
    const bases = [...archive.index.blocks()].map((block) => [block.id, archive.baseOf(block)?.id])
    archive.close()
    for (const [id, base] of bases) if (base !== undefined) expect(base).toBeLessThan(id ?? 0)
  })

  const left = ['old', 'other']
  const lies: readonly (readonly [claim: string, forge: () => Promise<CraftedBlock>])[] = [
    ['itself', () => differing(young, old, 2)],
    ['a later block', () => differing(young, old, 3)],
    ['a block that is not there', () => differing(young, old, 2 ** 40)],
    ['block 0', () => differing(young, old, 0)],
    ['a block of other bytes', () => differing(young, old, 1, contentHashOf(other))],
    ['block 2^64 - 1', async () => withHead(await differing(young, old, 1), (head) => head.writeBigInt64LE(-1n, 0))],
    [
      'an offset beyond all blocks',
      async () => withHead(await differing(young, old, 1), (head) => head.writeInt32LE(-(2 ** 31), 24)),
    ],
    ['elements of 3 bytes', async () => withHead(await differing(young, old, 1), (head) => head.writeUInt8(3, 28))],
    [
      '4 GiB of code',
      async () => withHead(await differing(young, old, 1), (head) => head.writeUInt32LE(2 ** 32 - 1, 32)),
    ],
  ]

  it.each(lies)('that name %s cost their own files and no others', async (_claim, forge) => {
    const { bytes } = craftArchive({ blocks: [alone, await forge(), text] })
    const found = await examine(temporaryFolder(), bytes, files)
    expect(found).toMatchObject({ read: left, extracted: left, salvaged: left, verify: ['young'] })
    expect(found.problems).toEqual(['Corrupt'])
    expect(found.compacted).toBe('Corrupt')
  })

  it('that name each other in a chain are not followed: a base has none itself', async () => {
    const { bytes } = craftArchive({
      blocks: [alone, await differing(young, old, 1), await differing(younger, young, 2)],
    })
    const found = await examine(temporaryFolder(), bytes, files)
    const firstTwo = ['old', 'young']
    expect(found).toMatchObject({ read: firstTwo, extracted: firstTwo, salvaged: firstTwo, verify: ['younger'] })
  })

  it('are lost with their base, and with nothing else', async () => {
    const { bytes, positions } = craftArchive({ blocks: right })
    const damaged = Buffer.from(bytes)
    const at = (positions[0] ?? 0) + 100
    damaged[at] = (damaged[at] ?? 0) ^ 1
    const found = await examine(temporaryFolder(), damaged, files)
    expect(found).toMatchObject({ read: ['other'], extracted: ['other'], salvaged: ['other'] })
    expect(found.verify).toEqual(['old', 'young', 'younger'])
    for (const message of found.messages.slice(1)) expect(message).toMatch(/damaged|cannot be read/)
  })

  it('are whole in a sound copy, though a thread has met the damaged archive before', async () => {
    const { bytes, positions } = craftArchive({ blocks: right })
    const folder = temporaryFolder()
    const damaged = Buffer.from(bytes)
    const at = (positions[0] ?? 0) + 100
    damaged[at] = (damaged[at] ?? 0) ^ 1
    writeFileSync(join(folder, 'damaged.lmz'), damaged)
    writeFileSync(join(folder, 'copy.lmz'), bytes)
    const thread = new DecodingThread()
    const archives = [await Archive.open(join(folder, 'damaged.lmz')), await Archive.open(join(folder, 'copy.lmz'))]
    const [bad, copy] = archives
    try {
      await expect(bad && thread.decode(bad, 2)).rejects.toThrow(/damaged/)
      expect(copy && Buffer.compare(await thread.decode(copy, 2), young)).toBe(0)
      await expect(bad && thread.decode(bad, 2)).rejects.toThrow(/damaged/)
    } finally {
      await thread.close()
      for (const archive of archives) archive.close()
    }
  })

  it('with any of the first bytes changed cost their files alone', async () => {
    const { bytes, positions } = craftArchive({ blocks: named })
    const path = join(temporaryFolder(), 'damaged.lmz')
    for (let at = positions[1] ?? 0; at < (positions[1] ?? 0) + 64 + 60; at++) {
      const damaged = Buffer.from(bytes)
      damaged[at] = (damaged[at] ?? 0) ^ 0x10
      writeFileSync(path, damaged)
      const { files: read } = await readAll(path, [])
      expect(
        [...read.keys()].filter((name) => name !== 'young'),
        `byte ${at}`,
      ).toEqual(left)
    }
  })

  it('are found by a scan together with their base, when there is no index', async () => {
    const { bytes, indexPosition, positions } = craftArchive({ blocks: right })
    expect(await scanned(bytes.subarray(0, indexPosition))).toEqual([1, 2, 3, 4])
    const damaged = Buffer.from(bytes.subarray(0, indexPosition))
    damaged.fill(0, positions[0], positions[1])
    expect(await scanned(damaged)).toEqual([3])
  })
})

function withHead(block: CraftedBlock, change: (head: Buffer) => void): CraftedBlock {
  const stored = Buffer.from(block.stored ?? [])
  change(stored)
  return { ...block, stored }
}

/** Numbers of the blocks that a salvage without an index finds. */
async function scanned(bytes: Uint8Array): Promise<readonly number[]> {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'damaged.lmz'), bytes)
  await salvageArchive(join(folder, 'damaged.lmz'), join(folder, 'rescued.lmz'))
  const { files: found } = await readAll(join(folder, 'rescued.lmz'), [])
  return [...found.keys()].map((name) => Number(name.slice(6, 12)))
}

function sorted(found: object): Record<string, unknown> {
  const entries = Object.entries(found) as [string, unknown][]
  return Object.fromEntries(entries.map(([name, value]) => [name, Array.isArray(value) ? [...value].sort() : value]))
}

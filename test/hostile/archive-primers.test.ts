import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Archive } from '../../src-main/archive/archive'
import { archiveInfo } from '../../src-main/archive/info'
import { compactArchive, removeFromArchive } from '../../src-main/archive/rewrite'
import { salvageArchive } from '../../src-main/archive/salvage/salvage'
import { contentHashOf, maximumPrimerLength } from '../../src-main/format/frame'
import { type Craft, craftArchive, type CraftedPrimer, idOfB } from '../support/crafted-archive'
import { type Allowed, examine, readAll } from '../support/examine'
import { Random } from '../support/random'
import { temporaryFolder } from '../support/temporary'

const random = new Random(11)
const first = { 'a.txt': random.text(3000) }
const second = { 'b.txt': random.text(2500), 'c.txt': random.text(600) }
const third = { 'd.txt': random.text(1200) }
const fourth = { 'e.txt': random.text(900) }
const files: Allowed = Object.fromEntries(
  Object.entries({ ...first, ...second, ...third, ...fourth }).map(([name, bytes]) => [name, [bytes]]),
)
const everything = ['a.txt', 'b.txt', 'c.txt', 'd.txt', 'e.txt']
/** What is left when primer 1 is lost. */
const withoutPrimed = ['c.txt', 'd.txt', 'e.txt']

const primers: readonly [CraftedPrimer, CraftedPrimer] = [
  { bytes: random.text(500), codec: 1 },
  { bytes: random.text(400) },
]
/** Of b.txt, a part lies in a block with the primer and a part in one without. */
const blocks: Craft['blocks'] = [
  { files: first, codec: 1, primer: 1 },
  { files: { 'b.txt': second['b.txt'].subarray(0, 1000) }, primer: 1 },
  { files: { 'b.txt': second['b.txt'].subarray(1000), 'c.txt': second['c.txt'] } },
  { files: third, codec: 1, primer: 2 },
  { files: fourth },
]

describe('an archive with primers', () => {
  it('comes out whole, and its primers live on in copies', async () => {
    const { bytes } = craftArchive({ primers, blocks })
    const found = await examine(temporaryFolder(), bytes, files)
    const whole = { read: everything, extracted: everything, salvaged: everything, compacted: everything }
    expect(found).toMatchObject({ ...whole, problems: [], verify: [] })
    const path = join(temporaryFolder(), 'x.lmz')
    writeFileSync(path, bytes)
    const before = await infoOf(path)
    expect(before).toMatchObject({ primers: 2, primerRawBytes: 900, primedBlocks: 3 })
    await compactArchive(path)
    const after = await infoOf(path)
    expect(after).toMatchObject({ primers: 2, primerRawBytes: 900, primedBlocks: 3, primerBytes: before.primerBytes })
    expect(after.primedDataBytes).toBe(before.primedDataBytes)
    expect(after.dataBytes + after.primerBytes + after.indexBytes + after.overheadBytes).toBe(after.archiveBytes)
  })

  it('loses a primer with the last block that needs it', async () => {
    const path = join(temporaryFolder(), 'x.lmz')
    writeFileSync(path, craftArchive({ primers, blocks }).bytes)
    await removeFromArchive(path, ['d.txt'])
    expect(await infoOf(path)).toMatchObject({ primers: 1, primerRawBytes: 500, primedBlocks: 2 })
    expect([...(await readAll(path, [])).files.keys()]).toEqual(['a.txt', 'b.txt', 'c.txt', 'e.txt'])
  })
})

describe('a primer', () => {
  const right = primers[0]
  const cases: readonly (readonly [claim: string, primer: CraftedPrimer])[] = [
    ['whose header claims 4 MiB and a byte', { ...right, header: { rawLength: maximumPrimerLength + 1 } }],
    ['whose header claims 2^48 - 1 bytes', { ...right, header: { rawLength: 2 ** 48 - 1 } }],
    ['whose header claims to be stored in 2^48 - 1 bytes', { ...right, header: { storedLength: 2 ** 48 - 1 } }],
    ['that decodes to more than it says', { bytes: right.bytes, stored: Buffer.concat([right.bytes, right.bytes]) }],
    ['that is stored in no bytes', { bytes: right.bytes, stored: Buffer.alloc(0) }],
    ['whose payload is no zstd', { bytes: right.bytes, codec: 1, stored: right.bytes }],
    ['with the hash of other bytes', { ...right, header: { contentHash: contentHashOf(Buffer.from('other')) } }],
    ['of another archive', { ...right, header: { archiveTag: idOfB.readUInt32LE(0) } }],
    ['with another id than the index says', { ...right, header: { id: 7 } }],
    ['that is a block', { ...right, header: { type: 1 } }],
    ['that is a block of another kind', { ...right, header: { type: 1, kind: 3 } }],
    ['that needs a flag of the future', { ...right, header: { flags: 0x8000 } }],
    ['of a codec of the future', { ...right, codec: 99 }],
  ]

  it.each(cases)('%s costs the files that need it and no others', async (_claim, primer) => {
    const { bytes } = craftArchive({ primers: [primer, primers[1]], blocks })
    const found = await examine(temporaryFolder(), bytes, files)
    expect(found).toMatchObject({ read: withoutPrimed, extracted: withoutPrimed, salvaged: withoutPrimed })
    expect(found.verify).toEqual(['a.txt', 'b.txt'])
    expect(found.problems).toHaveLength(2)
  })

  it('that names itself as its primer is read as one without', async () => {
    const { bytes } = craftArchive({ primers: [{ ...right, header: { primer: 1 } }, primers[1]], blocks })
    const found = await examine(temporaryFolder(), bytes, files)
    expect(found).toMatchObject({ read: everything, extracted: everything, verify: [], salvaged: everything })
  })

  it('with any of its bytes changed costs its files, and the message says what is wrong', async () => {
    const folder = temporaryFolder()
    const { bytes, primerPositions, positions } = craftArchive({ primers: [primers[1]], blocks: blocks.slice(0, 3) })
    const path = join(folder, 'damaged.lmz')
    for (let at = primerPositions[0] ?? 0; at < (positions[0] ?? 0); at += 1 + (at % 7)) {
      const damaged = Buffer.from(bytes)
      damaged[at] = (damaged[at] ?? 0) ^ 0x04
      writeFileSync(path, damaged)
      const messages: string[] = []
      expect([...(await readAll(path, messages)).files.keys()], `byte ${at}`).toEqual(['c.txt'])
      for (const message of messages) expect(message, `byte ${at}`).toMatch(/Block [12] cannot be read without it\.$/)
    }
  })
})

describe('a block', () => {
  const cases: readonly (readonly [claim: string, header: { readonly primer: number }])[] = [
    ['that names another primer than the index', { primer: 2 }],
    ['that names no primer where the index has one', { primer: 0 }],
    ['that names a primer that is not there', { primer: 2 ** 32 - 1 }],
  ]
  it.each(cases)('%s costs its own files and no others', async (_claim, header) => {
    const [primed = { files: first }, ...others] = blocks
    const { bytes } = craftArchive({ primers, blocks: [{ ...primed, header }, ...others] })
    const found = await examine(temporaryFolder(), bytes, files)
    const left = ['b.txt', 'c.txt', 'd.txt', 'e.txt']
    expect(found).toMatchObject({ read: left, extracted: left, salvaged: left, verify: ['a.txt'] })
  })

  it('whose primer the index does not know costs its own files when files are taken out', async () => {
    const { bytes } = craftArchive({ primers, blocks, tamper: 'DELETE FROM primer WHERE id = 1' })
    const found = await examine(temporaryFolder(), bytes, files)
    expect(found).toMatchObject({ read: withoutPrimed, extracted: withoutPrimed, verify: 'Format' })
  })
})

describe('salvage without an index', () => {
  const namesOf = async (bytes: Uint8Array): Promise<readonly string[]> => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'damaged.lmz'), bytes)
    await salvageArchive(join(folder, 'damaged.lmz'), join(folder, 'rescued.lmz'))
    return [...(await readAll(join(folder, 'rescued.lmz'), [])).files.keys()]
  }

  it('finds primers by scanning, and copies them with the blocks that need them', async () => {
    const { bytes, indexPosition } = craftArchive({ primers, blocks })
    const folder = temporaryFolder()
    const rescued = join(folder, 'rescued.lmz')
    writeFileSync(join(folder, 'damaged.lmz'), bytes.subarray(0, indexPosition))
    await salvageArchive(join(folder, 'damaged.lmz'), rescued)
    expect([...(await readAll(rescued, [])).files.keys()]).toHaveLength(blocks.length)
    expect(await infoOf(rescued)).toMatchObject({ primers: 2, primerRawBytes: 900, primedBlocks: 3 })
  })

  it('leaves out the blocks of a primer that is lost', async () => {
    const { bytes, indexPosition, primerPositions } = craftArchive({ primers, blocks })
    const damaged = Buffer.from(bytes.subarray(0, indexPosition))
    damaged.fill(0, primerPositions[0], primerPositions[1])
    const names = await namesOf(damaged)
    expect(names.map((name) => name.slice(0, 12))).toEqual(['block 000003', 'block 000004', 'block 000005'])
  })
})

async function infoOf(path: string): Promise<ReturnType<typeof archiveInfo>> {
  const archive = await Archive.open(path)
  try {
    return archiveInfo(archive)
  } finally {
    archive.close()
  }
}

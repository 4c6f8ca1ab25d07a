import { describe, expect, it } from 'vitest'
import { encodeFrameHeader, frameTypes } from '../../src-main/format/frame'
import { type Craft, craftArchive, idOfA, idOfB } from '../support/crafted-archive'
import { type Allowed, examine } from '../support/examine'
import { Random } from '../support/random'
import { temporaryFolder } from '../support/temporary'

const random = new Random(11)
const length = 3000
const contents = ['a', 'b', 'c', 'd'].map(() => random.bytes(length))
const [a = Buffer.of(), b = Buffer.of(), c = Buffer.of(), d = Buffer.of()] = contents
const files: Allowed = { 'a.bin': [a], 'b.bin': [b], 'c.bin': [c] }
/** Three blocks of the same shape, so that only their numbers tell them apart. */
const blocks: Craft['blocks'] = [{ files: { 'a.bin': a } }, { files: { 'b.bin': b } }, { files: { 'c.bin': c } }]
const { bytes: good, positions, indexPosition, footerPosition } = craftArchive({ blocks })
const [first = 0, second = 0, third = 0] = positions
const frame = second - first

describe('an index that places a block', () => {
  const places: readonly (readonly [where: string, sql: string])[] = [
    ['where another is', `UPDATE block SET position = ${first} WHERE id = 2`],
    ['where the next is', `UPDATE block SET position = ${third} WHERE id = 2`],
    [
      'before another that has a smaller number',
      `UPDATE block SET position = ${first + 1} WHERE id = 2; UPDATE block SET position = ${second} WHERE id = 1`,
    ],
    ['in the middle of another', `UPDATE block SET position = ${first + 500} WHERE id = 2`],
    ['so that a byte of two overlaps', 'UPDATE block SET stored_length = stored_length + 1 WHERE id = 1'],
    ['in the header of the archive', 'UPDATE block SET position = 0 WHERE id = 1'],
    ['at -64', 'UPDATE block SET position = -64 WHERE id = 1'],
    ['in the index', `UPDATE block SET position = ${indexPosition}, stored_length = 10 WHERE id = 3`],
    ['inside the index', `UPDATE block SET position = ${indexPosition + 64}, stored_length = 10 WHERE id = 3`],
    ['in the footer', `UPDATE block SET position = ${footerPosition}, stored_length = 144 WHERE id = 3`],
    ['so that it reaches beyond the end', `UPDATE block SET position = ${good.length - 100} WHERE id = 3`],
    ['behind the end', `UPDATE block SET position = ${good.length} WHERE id = 3`],
    ['at 2^53 - 1', `UPDATE block SET position = ${2n ** 53n - 1n} WHERE id = 3`],
    ['at 2^63 - 1', `UPDATE block SET position = ${2n ** 63n - 1n} WHERE id = 3`],
    ['so that it shares chunks with another', 'UPDATE block SET first_chunk = 1 WHERE id = 2'],
    [
      'with chunks in another order than in the file',
      'UPDATE block SET first_chunk = 2 WHERE id = 1; UPDATE block SET first_chunk = 1 WHERE id = 2',
    ],
  ]

  it.each(places)('%s gives no wrong bytes, and says so', async (_where, tamper) => {
    const found = await examine(temporaryFolder(), craftArchive({ blocks, tamper }).bytes, files)
    expect(found.messages.length).toBeGreaterThan(0)
    expect(found.verify.length, 'verify finds nothing wrong').toBeGreaterThan(0)
    if (typeof found.extracted !== 'string') expect(found.problems.length).toBeGreaterThan(0)
  })

  it('in the bytes of a stored file gives no wrong bytes: what is there is no block of this archive', async () => {
    // The file holds a frame that looks right in all but one thing.
    const inner = craftArchive({ blocks: [{ files: { 'x.bin': d } }], archiveId: idOfB })
    const outer = craftArchive({ blocks: [{ files: { 'inner.lmz': inner.bytes } }, { files: { 'b.bin': b } }] })
    const at = (outer.positions[0] ?? 0) + 64 + (inner.positions[0] ?? 0)
    const tamper = `DELETE FROM block WHERE id = 1; UPDATE block SET id = 1, position = ${at}, first_chunk = 2`
    const { bytes } = craftArchive({
      blocks: [{ files: { 'inner.lmz': inner.bytes } }, { files: { 'b.bin': b } }],
      tamper,
    })
    const found = await examine(temporaryFolder(), bytes, { 'inner.lmz': [inner.bytes], 'b.bin': [b] })
    expect(found.read).toEqual([])
  })
})

describe('a frame header that does not agree with the index', () => {
  const lies: readonly (readonly [field: string, header: NonNullable<Craft['blocks'][number]['header']>])[] = [
    ['type', { type: frameTypes.index }],
    ['type, a footer', { type: frameTypes.footer }],
    ['type, one of the future', { type: 77 }],
    ['number', { id: 3 }],
    ['number, of no block', { id: 99 }],
    ['archive', { archiveTag: 0x12345678 }],
    ['codec', { codec: 1 }],
    ['kind', { kind: 1 }],
    ['raw length, shorter', { rawLength: length - 1 }],
    ['raw length, longer', { rawLength: length + 1 }],
    ['stored length, shorter', { storedLength: length - 1 }],
    ['stored length, longer', { storedLength: length + 1 }],
    ['both lengths', { rawLength: length - 1, storedLength: length - 1 }],
    ['content hash', { contentHash: Buffer.alloc(16, 7) }],
  ]

  it.each(lies)('costs the files of that block and no others: %s', async (_field, header) => {
    const lying = blocks.map((block, at) => (at === 1 ? { ...block, header } : block))
    const found = await examine(temporaryFolder(), craftArchive({ blocks: lying }).bytes, files)
    expect(found).toMatchObject({ read: ['a.bin', 'c.bin'], extracted: ['a.bin', 'c.bin'], verify: ['b.bin'] })
    expect(found.problems).toEqual(['Corrupt'])
    expect(found.salvaged).toEqual(['a.bin', 'c.bin'])
  })
})

describe('an index frame or footer that lies', () => {
  const lies: readonly (readonly [what: string, craft: Omit<Craft, 'blocks'>])[] = [
    ['about the raw length of the index', { indexHeader: { rawLength: 4096 } }],
    ['with an index of 2^48 - 1 bytes', { indexHeader: { rawLength: 2 ** 48 - 1 } }],
    ['with an index of 60 MiB', { indexHeader: { rawLength: 60 * 1024 * 1024 } }],
    ['about the stored length of the index', { indexHeader: { storedLength: 100 } }],
    ['about the type of the index', { indexHeader: { type: frameTypes.block } }],
    ['about the codec of the index', { indexHeader: { codec: 0 } }],
    ['about the hash of the index', { indexHeader: { contentHash: Buffer.alloc(16, 9) } }],
    ['about the dictionary of the index', { indexHeader: { flags: 0x0100 } }],
    ['with a flag of the future', { indexHeader: { flags: 0x0200 } }],
    ['with an index at 0', { footer: { index: { position: 0, length: 64, hash: Buffer.alloc(16) } } }],
    ['with an index at 2^53', { footer: { index: { position: 2 ** 53 - 1, length: 64, hash: Buffer.alloc(16) } } }],
    ['with a block for an index', { footer: { index: { position: first, length: frame, hash: Buffer.alloc(16) } } }],
    [
      'with itself for an index',
      { footer: { index: { position: footerPosition - 64, length: 64, hash: Buffer.alloc(16) } } },
    ],
    ['about its own position', { footer: { position: 64 } }],
    ['with itself for its predecessor', { footer: { previous: { position: footerPosition, hash: Buffer.alloc(16) } } }],
    ['with a predecessor that is none', { footer: { previous: { position: first, hash: Buffer.alloc(16) } } }],
    ['about the archive it belongs to', { footer: { archiveId: idOfB } }],
    ['with a version of the future', { footer: { major: 9 } }],
    ['with a feature of the future', { footer: { features: 4 } }],
    ['with a sequence number of 0', { footer: { sequence: 0 } }],
    ['with a time of 2^53 - 1', { footer: { timeMs: 2 ** 53 - 1 } }],
  ]

  it.each(lies)('%s gives an error or right files, never wrong ones', async (_what, craft) => {
    await examine(temporaryFolder(), craftArchive({ blocks, ...craft }).bytes, files)
  })
})

describe('archives that were cut and joined', () => {
  const other = craftArchive({
    blocks: [{ files: { 'x.bin': d } }, { files: { 'y.bin': c } }, { files: { 'z.bin': a } }],
    archiveId: idOfB,
  })
  const both: Allowed = { ...files, 'x.bin': [d], 'y.bin': [c], 'z.bin': [a] }

  it('two archives one after the other are the first, with a word about the rest', async () => {
    const found = await examine(temporaryFolder(), Buffer.concat([good, other.bytes]), files)
    expect(found).toMatchObject({ read: Object.keys(files), extracted: Object.keys(files), verify: [] })
    expect(found.notices.join()).toContain('belong to no finished change')
  })

  it('the header of one before the body of another is told, and nothing comes out', async () => {
    const found = await examine(
      temporaryFolder(),
      Buffer.concat([good.subarray(0, 64), other.bytes.subarray(64)]),
      both,
    )
    expect(found).toMatchObject({ read: 'Format', extracted: 'Format' })
  })

  it('a block of another archive in the place of one costs that one', async () => {
    const bytes = Buffer.from(good)
    other.bytes.copy(bytes, second, other.positions[1], (other.positions[1] ?? 0) + frame)
    const found = await examine(temporaryFolder(), bytes, files)
    expect(found).toMatchObject({ read: ['a.bin', 'c.bin'], extracted: ['a.bin', 'c.bin'], verify: ['b.bin'] })
    expect(found.problems).toEqual(['Corrupt'])
  })

  it('two blocks that changed places cost both', async () => {
    const bytes = Buffer.concat([
      good.subarray(0, first),
      good.subarray(second, second + frame),
      good.subarray(first, first + frame),
      good.subarray(third),
    ])
    const found = await examine(temporaryFolder(), bytes, files)
    expect(found).toMatchObject({ read: ['c.bin'], extracted: ['c.bin'], verify: ['a.bin', 'b.bin'] })
  })

  it('a block that comes twice is read once', async () => {
    const bytes = Buffer.concat([
      good.subarray(0, indexPosition),
      good.subarray(first, second),
      good.subarray(indexPosition),
    ])
    const found = await examine(temporaryFolder(), bytes, files)
    expect(found.salvaged).toEqual(Object.keys(files))
  })

  it('a frame of a type of the future between the others does no harm', async () => {
    const fields = { type: 200, codec: 9, archiveTag: idOfA.readUInt32LE(0), id: 1, rawLength: 5, storedLength: 5 }
    const future = Buffer.concat([
      encodeFrameHeader({ ...fields, contentHash: Buffer.alloc(16) }),
      Buffer.from('12345'),
    ])
    const found = await examine(temporaryFolder(), Buffer.concat([good, future]), files)
    expect(found).toMatchObject({ read: Object.keys(files), verify: [], salvaged: Object.keys(files) })
  })
})

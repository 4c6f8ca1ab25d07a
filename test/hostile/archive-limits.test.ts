import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { extractArchive } from '../../src-main/archive/extraction/extract'
import { contentHashOf, maximumBlockLength } from '../../src-main/format/frame'
import { type Craft, craftArchive } from '../support/crafted-archive'
import { type Allowed, examine } from '../support/examine'
import { Random } from '../support/random'
import { temporaryFolder } from '../support/temporary'

const random = new Random(7)
const first = { 'a.txt': random.text(3000), 'b.txt': random.text(2000) }
const second = { 'c.txt': random.text(2500) }
const files: Allowed = Object.fromEntries(
  Object.entries({ ...first, ...second }).map(([name, bytes]) => [name, [bytes]]),
)
const blocks: Craft['blocks'] = [{ files: first, codec: 1 }, { files: second }]
const everything = ['a.txt', 'b.txt', 'c.txt']

describe('a crafted archive', () => {
  it('comes out whole as long as it tells the truth', async () => {
    const found = await examine(temporaryFolder(), craftArchive({ blocks }).bytes, files)
    expect(found).toMatchObject({
      read: everything,
      extracted: everything,
      problems: [],
      verify: [],
      salvaged: everything,
    })
  })
})

const enormous = 2n ** 53n
/** What an index may claim, and which codes of error it may meet. */
const claims: readonly (readonly [claim: string, sql: string])[] = [
  ['a file of 2^53 - 1 bytes', `UPDATE content SET size = ${enormous - 1n} WHERE id = 1`],
  ['a file of 2^53 bytes', `UPDATE content SET size = ${enormous} WHERE id = 1`],
  ['a file of 2^63 - 1 bytes', `UPDATE content SET size = ${2n ** 63n - 1n} WHERE id = 1`],
  ['a file of -1 bytes', 'UPDATE content SET size = -1 WHERE id = 1'],
  ['a file of -2^63 bytes', 'UPDATE content SET size = -9223372036854775807 - 1 WHERE id = 1'],
  ['files whose sizes add up to more than 2^53', `UPDATE content SET size = ${enormous - 1n}`],
  ['files whose sizes add up to more than 2^63', `UPDATE content SET size = ${2n ** 62n}`],
  [
    'sizes that add up to the right sum, one of them negative',
    'UPDATE content SET size = size - 5000 WHERE id = 1; UPDATE content SET size = size + 5000 WHERE id = 2',
  ],
  ['a size that is a real number', 'UPDATE content SET size = 3000.5 WHERE id = 1'],
  ['a size that is not a number', "UPDATE content SET size = 'NaN' WHERE id = 1"],
  ['a file one byte shorter than its chunks', 'UPDATE content SET size = size - 1 WHERE id = 1'],
  ['a file one byte longer than its chunks', 'UPDATE content SET size = size + 1 WHERE id = 1'],
  ['a file of one byte with chunks of many', 'UPDATE content SET size = 1 WHERE id = 2'],
  ['a file of no bytes with chunks', 'UPDATE content SET size = 0 WHERE id = 2'],
  ['a file of chunks up to 2^53', `UPDATE content SET chunk_count = ${enormous - 2n} WHERE id = 1`],
  ['a file of chunks from 2^53 on', `UPDATE content SET first_chunk = ${enormous - 1n} WHERE id = 1`],
  ['a chunk of 2^53 - 1 bytes', `UPDATE chunk SET length = ${enormous - 1n} WHERE id = 1`],
  ['a chunk of -1 bytes', 'UPDATE chunk SET length = -1 WHERE id = 1'],
  [
    'a chunk that takes a byte from the next',
    'UPDATE chunk SET length = length + 1 WHERE id = 1; UPDATE chunk SET length = length - 1 WHERE id = 2',
  ],
  ['a block of 16 MiB and a byte', `UPDATE block SET raw_length = ${maximumBlockLength + 1} WHERE id = 1`],
  ['a block of -1 bytes', 'UPDATE block SET raw_length = -1 WHERE id = 1'],
  ['a block of 2^53 bytes', `UPDATE block SET raw_length = ${enormous} WHERE id = 1`],
  ['a block stored in 16 MiB and a byte', `UPDATE block SET stored_length = ${maximumBlockLength + 1} WHERE id = 1`],
  ['a block stored in -64 bytes', 'UPDATE block SET stored_length = -64 WHERE id = 1'],
  ['a mode of 32 bits', 'UPDATE entry SET mode = 4294967295 WHERE id = 1'],
  ['a mode of -1', 'UPDATE entry SET mode = -1 WHERE id = 1'],
]

describe('an index that claims', () => {
  it.each(claims)('%s is refused, and at most that file is lost', async (_claim, tamper) => {
    const found = await examine(temporaryFolder(), craftArchive({ blocks, tamper }).bytes, files)
    expect(found.verify, 'verify finds nothing wrong').toSatisfy((result) => result.length > 0)
    expect(found.messages.length).toBeGreaterThan(0)
    if (typeof found.extracted === 'string')
      expect(found.extracted).toBeOneOf(['Format', 'Limit', 'NoSpace', 'Corrupt'])
    else expect(found.problems.length).toBeGreaterThan(0)
  })

  it.each([2n ** 63n - 1n, -(2n ** 63n) + 1n, 0n, -1n])(
    'a time of %s ns gives the files all the same',
    async (time) => {
      const bytes = craftArchive({ blocks, tamper: `UPDATE entry SET mtime_ns = ${time}` }).bytes
      const found = await examine(temporaryFolder(), bytes, files)
      expect(found).toMatchObject({ read: everything, extracted: everything, verify: [], salvaged: everything })
    },
  )
})

describe('a bomb', () => {
  const zeros = Buffer.alloc(maximumBlockLength)
  const bomb = [{ files: { 'a.txt': zeros }, codec: 1 }]
  const many = (count: number): string =>
    `WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n LIMIT ${count})`

  it('of very many files that are one chunk is refused before anything is written', { timeout: 60_000 }, async () => {
    const tamper = `${many(5000)} INSERT INTO entry SELECT n + 1, 0, 'f' || n, NULL, 0, 420, 0, 1, NULL, NULL FROM n;
      ${many(60_000)} INSERT INTO extent SELECT 1, n, 1, 1 FROM n; UPDATE content SET size = 60001 * ${maximumBlockLength}`
    const { bytes } = craftArchive({ blocks: bomb, tamper })
    expect(bytes.length).toBeLessThan(4_000_000)
    await expectNoRoom(bytes)
  })

  it(
    'of one file that is one chunk over and over is refused before anything is written',
    { timeout: 60_000 },
    async () => {
      const copies = 300_000_000
      const tamper = `${many(1000)} INSERT INTO extent SELECT 1, n, 1, 1 FROM n;
      UPDATE content SET size = ${BigInt(copies) * BigInt(maximumBlockLength)}`
      await expectNoRoom(craftArchive({ blocks: bomb, tamper }).bytes)
    },
  )

  async function expectNoRoom(bytes: Buffer): Promise<void> {
    const folder = temporaryFolder()
    const path = join(folder, 'bomb.lmz')
    const out = join(folder, 'out/deeper')
    writeFileSync(path, bytes)
    for (const chosen of [[], ['a.txt']]) {
      await expect(extractArchive(path, chosen, out)).rejects.toMatchObject({ code: 'NoSpace' })
      expect(readdirSync(folder)).toEqual(['bomb.lmz'])
    }
    expect(readFileSync(path).equals(bytes)).toBe(true)
  }

  it('whose files fit, but hold more than they say, stops at what they say', async () => {
    const tamper = `${many(5000)} INSERT INTO extent SELECT 1, n, 1, 1 FROM n; UPDATE content SET size = ${maximumBlockLength}`
    const found = await examine(temporaryFolder(), craftArchive({ blocks: bomb, tamper }).bytes, {})
    expect(found).toMatchObject({ read: [], extracted: 'Format', verify: 'Format' })
  })
})

describe('a block', () => {
  const text = random.text(5000)
  const cases: readonly (readonly [claim: string, block: Craft['blocks'][number]])[] = [
    ['whose header claims 4 GiB', { files: { 'a.txt': text }, header: { rawLength: 2 ** 32 } }],
    ['whose header claims 2^48 - 1 bytes', { files: { 'a.txt': text }, header: { rawLength: 2 ** 48 - 1 } }],
    [
      'whose header claims 16 MiB and a byte',
      { files: { 'a.txt': text }, header: { rawLength: maximumBlockLength + 1 } },
    ],
    ['whose header claims to be stored in 4 GiB', { files: { 'a.txt': text }, header: { storedLength: 2 ** 32 } }],
    [
      'whose header claims to be stored in 2^48 - 1 bytes',
      { files: { 'a.txt': text }, header: { storedLength: 2 ** 48 - 1 } },
    ],
    [
      'that decodes to more than it says',
      { files: { 'a.txt': text }, codec: 1, stored: zstdCompressSync(Buffer.concat([text, text])) },
    ],
    ['that decodes to 1 GiB', { files: { 'a.txt': text }, codec: 1, stored: zstdCompressSync(Buffer.alloc(2 ** 30)) }],
    [
      'that decodes to less than it says',
      { files: { 'a.txt': text }, codec: 1, stored: zstdCompressSync(text.subarray(0, 4000)) },
    ],
    ['that decodes to nothing', { files: { 'a.txt': text }, codec: 1, stored: zstdCompressSync(Buffer.alloc(0)) }],
    ['that is stored in more bytes than it has', { files: { 'a.txt': text }, stored: Buffer.concat([text, text]) }],
    ['that is stored in fewer bytes than it has', { files: { 'a.txt': text }, stored: text.subarray(1) }],
    ['that is stored in no bytes', { files: { 'a.txt': text }, stored: Buffer.alloc(0) }],
    ['whose payload is no zstd', { files: { 'a.txt': text }, codec: 1, stored: text }],
    [
      'of two zstd frames',
      {
        files: { 'a.txt': text },
        codec: 1,
        stored: Buffer.concat([zstdCompressSync(text.subarray(0, 2500)), zstdCompressSync(text)]),
      },
    ],
    [
      'with the hash of other bytes',
      { files: { 'a.txt': text }, header: { contentHash: contentHashOf(Buffer.from('other')) } },
    ],
    ['that needs a flag of the future', { files: { 'a.txt': text }, header: { flags: 0x8000 } }],
    ['of a codec of the future', { files: { 'a.txt': text }, codec: 99 }],
  ]

  it.each(cases)('%s costs its own files and no others', async (_claim, block) => {
    const { bytes } = craftArchive({ blocks: [block, { files: second }] })
    const found = await examine(temporaryFolder(), bytes, { 'a.txt': [text], ...files })
    expect(found).toMatchObject({ read: ['c.txt'], extracted: ['c.txt'], verify: ['a.txt'], salvaged: ['c.txt'] })
    expect(found.problems).toHaveLength(1)
  })
})

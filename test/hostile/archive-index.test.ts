import Database from 'better-sqlite3'
import { closeSync, ftruncateSync, openSync, readdirSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { Archive } from '../../src-main/archive/archive'
import { salvageArchive } from '../../src-main/archive/salvage/salvage'
import { LmzError } from '../../src-main/contract/error'
import { encodeFooter } from '../../src-main/format/footer'
import { archiveTagOf, contentHashOf, encodeFrameHeader, frameTypes } from '../../src-main/format/frame'
import { type Craft, craftArchive, idOfA } from '../support/crafted-archive'
import { examine } from '../support/examine'
import { Random } from '../support/random'
import { temporaryFolder } from '../support/temporary'

const random = new Random(13)
const text = random.text(4000)
const blocks: Craft['blocks'] = [{ files: { 'a.txt': text }, codec: 1 }, { files: { 'b.txt': text.subarray(100) } }]
const allowed = { 'a.txt': [text], 'b.txt': [text.subarray(100)] }

function changedBy(sql: string): (bytes: Uint8Array) => Uint8Array {
  return (bytes) => {
    const database = new Database(Buffer.from(bytes))
    database.unsafeMode()
    database.exec(sql)
    const changed = database.serialize()
    database.close()
    return changed
  }
}

/** Databases that are right by their hash, but are not what an index is. */
const databases: readonly (readonly [what: string, database: (right: Uint8Array) => Uint8Array])[] = [
  ['a trigger', changedBy('CREATE TRIGGER t AFTER INSERT ON entry BEGIN DELETE FROM entry; END')],
  ['a view', changedBy('CREATE VIEW v AS SELECT * FROM entry')],
  ['a view in the place of a table', changedBy('ALTER TABLE entry RENAME TO e; CREATE VIEW entry AS SELECT * FROM e')],
  ['a virtual table', changedBy('CREATE VIRTUAL TABLE v USING fts5(x)')],
  ['a further table', changedBy('CREATE TABLE further(x)')],
  ['a further index', changedBy('CREATE INDEX further ON entry(lower(name))')],
  ['a generated column', changedBy('ALTER TABLE entry ADD COLUMN g INTEGER AS (mode + 1)')],
  [
    'a column of another type',
    changedBy("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'mode INTEGER', 'mode TEXT')"),
  ],
  [
    'a CHECK',
    changedBy(
      "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'mode INTEGER', 'mode INTEGER CHECK(1)')",
    ),
  ],
  ['WAL mode', (right) => Buffer.from(right).fill(2, 18, 20)],
  [
    'another page size',
    (right) => {
      const bytes = Buffer.from(right)
      bytes.writeUInt16BE(512, 16)
      return bytes
    },
  ],
  ['a page too few', (right) => right.subarray(0, -4096)],
  ['a byte too many', (right) => Buffer.concat([right, Buffer.of(0)])],
  ['another schema version', changedBy('PRAGMA user_version = 7')],
  ['the mark of another program', changedBy('PRAGMA application_id = 1')],
  ['no bytes', () => new Uint8Array()],
  ['no database', () => Buffer.alloc(40_960, 'text ')],
]

describe('an index with', () => {
  it.each(databases)('%s is refused; salvage gives the bytes of the blocks', async (what, database) => {
    const found = await examine(temporaryFolder(), craftArchive({ blocks, database }).bytes, allowed)
    const code = what === 'another schema version' ? 'Unsupported' : expect.stringMatching(/^(Format|Corrupt)$/)
    expect(found).toMatchObject({ read: code, extracted: code, verify: code })
    if (what !== 'another schema version') expect(found.salvaged).toHaveLength(2)
  })

  /** Rows that break a rule; how each is found is tested with the index. */
  const rows: readonly (readonly [what: string, sql: string])[] = [
    ['a content of chunks that are not there', 'UPDATE content SET first_chunk = 500 WHERE id = 1'],
    ['a file of a content that is not there', 'UPDATE entry SET content = 500 WHERE id = 1'],
    ['a chunk that is not there', 'DELETE FROM chunk WHERE id = 1'],
    ['a directory that is its own parent', 'UPDATE entry SET kind = 1, content = NULL, parent = 1 WHERE id = 1'],
    ['a file in a file', 'UPDATE entry SET parent = 1 WHERE id = 2'],
    ['a name with a slash', "UPDATE entry SET name = '../a.txt' WHERE id = 1"],
    ['the name ".."', "UPDATE entry SET name = '..' WHERE id = 1"],
    ['a name of bytes', "UPDATE entry SET name = x'61ff' WHERE id = 1"],
    ['a name of a million characters', "UPDATE entry SET name = printf('%.*c', 1000000, 'x') WHERE id = 1"],
    ['two entries of one name', "UPDATE entry SET name = 'a.txt'"],
    ['a hard link to itself', 'UPDATE entry SET kind = 3, content = NULL, link = 1 WHERE id = 1'],
    ['a symlink without a target', 'UPDATE entry SET kind = 2, content = NULL WHERE id = 1'],
    ['a block of another codec', 'UPDATE block SET codec = 77 WHERE id = 1'],
    ['a block that is not there', 'DELETE FROM block WHERE id = 1'],
    [
      'a chunk number of 2^40',
      'UPDATE block SET first_chunk = 1 << 40 WHERE id = 2; UPDATE chunk SET id = 1 << 40 WHERE id = 2; UPDATE content SET first_chunk = 1 << 40 WHERE id = 2',
    ],
    ['a setting of a megabyte', "INSERT INTO setting VALUES('comment', printf('%.*c', 1000000, 'x'))"],
  ]

  it.each(rows)('%s gives no wrong bytes, and no error without a name', async (_what, tamper) => {
    const found = await examine(temporaryFolder(), craftArchive({ blocks, tamper }).bytes, allowed)
    // Gaps between numbers are allowed, but nobody makes room for them.
    if (tamper.includes('1 << 40')) expect(found).toMatchObject({ read: ['a.txt', 'b.txt'], compacted: 'Limit' })
    else expect(found.verify.length).toBeGreaterThan(0)
  })
})

describe('an index frame of gigabytes', () => {
  /** A file that is mostly a hole, as an attacker sends it in a few kilobytes. */
  function makeSparse(path: string, rawLength: number, storedLength: number): void {
    const payload = zstdCompressSync(Buffer.alloc(1000))
    const hash = contentHashOf(Buffer.alloc(1000))
    const archiveTag = archiveTagOf(idOfA)
    const common = { type: frameTypes.index, codec: 1, id: 1, archiveTag, contentHash: hash }
    const { bytes } = craftArchive({ blocks: [] })
    const file = openSync(path, 'w')
    writeSync(file, bytes, 0, 64, 0)
    writeSync(file, encodeFrameHeader({ ...common, rawLength, storedLength }), 0, 64, 64)
    writeSync(file, payload, 0, payload.length, 128)
    const position = 128 + storedLength
    ftruncateSync(file, position)
    const version = { sequence: 1, major: 1, minor: 0, features: 0, archiveId: idOfA }
    const index = { position: 64, length: 64 + storedLength, hash }
    const previous = { position: 0, hash: new Uint8Array(16) }
    writeSync(file, encodeFooter({ ...version, index, previous, position, timeMs: 0, keySlots: 0 }), 0, 208, position)
    closeSync(file)
  }

  it.each([
    [1000, 4.4e9],
    [1000, 3e8],
    [6e7, 4.4e9],
    [2 ** 47, 4.4e9],
  ])('that claims %d bytes, stored in %d, is refused before it is read', async (rawLength, storedLength) => {
    const folder = temporaryFolder()
    const path = join(folder, 'sparse.lmz')
    makeSparse(path, rawLength, storedLength)
    const before = process.memoryUsage().rss
    await expect(Archive.open(path)).rejects.toBeInstanceOf(LmzError)
    expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000)
    expect(readdirSync(folder)).toEqual(['sparse.lmz'])
  })

  it('and blocks of gigabytes are passed over by salvage', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'sparse.lmz')
    const { bytes } = craftArchive({ blocks: [{ files: { a: text } }, { files: { b: text } }] })
    const end = 3e9
    const file = openSync(path, 'w')
    const lying = craftArchive({
      blocks: [{ files: { a: text }, header: { storedLength: end - 2000, rawLength: 2 ** 40 } }],
    })
    writeSync(file, lying.bytes, 0, 500, 0)
    writeSync(file, bytes, 64, 5000, end)
    closeSync(file)
    const before = process.memoryUsage().rss
    const report = await salvageArchive(path, join(folder, 'rescued.lmz'))
    expect(report).toMatchObject({ files: 1, lostFiles: -1 })
    expect(process.memoryUsage().rss - before).toBeLessThan(300_000_000)
  })
})

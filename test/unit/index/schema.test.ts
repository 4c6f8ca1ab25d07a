import { createHash } from 'node:crypto'
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { IndexWriter } from '../../../src-main/index/index-writer'
import { applicationId, emptyIndexBytes, headerFields, pageSize, schemaVersions } from '../../../src-main/index/schema'
import { finish, sampleBytes } from './sample-index'

/** Sets what SQLite itself decides to what an index has. */
function withFixedCounters(bytes: Buffer): Buffer {
  const { changeCounter, versionValidFor, sqliteVersion } = headerFields
  for (const field of [changeCounter, 40, versionValidFor]) bytes.writeUInt32BE(1, field)
  bytes.writeUInt32BE(3_037_000, sqliteVersion)
  return bytes
}

describe('the empty index', () => {
  it('never changes: every archive with a small index would become unreadable', () => {
    const hash = createHash('sha256').update(emptyIndexBytes()).digest('hex')
    expect(emptyIndexBytes()).toHaveLength(8 * pageSize)
    expect(hash).toBe('8c43a446b08e9da90d0ffd8376cc91b4ca6be8dca62b854e4a51b21b2c6ce49d')
  })

  it('is what SQLite makes of the table definitions', () => {
    const database = new Database(':memory:')
    database.pragma(`application_id = ${applicationId}`)
    database.pragma('user_version = 1')
    for (const statement of schemaVersions.get(1) ?? []) database.exec(statement)
    database.exec('VACUUM')
    const bytes = withFixedCounters(database.serialize())
    database.close()
    expect(bytes.equals(emptyIndexBytes())).toBe(true)
  })

  it('is what a writer without rows writes', () => {
    expect(Buffer.from(finish(IndexWriter.create())).equals(emptyIndexBytes())).toBe(true)
  })

  it('is accepted by SQLite as a sound database', () => {
    const database = new Database(Buffer.from(emptyIndexBytes()))
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok')
    expect(database.pragma('user_version', { simple: true })).toBe(1)
    expect(database.pragma('application_id', { simple: true })).toBe(applicationId)
    database.close()
  })
})

describe('snapshots', () => {
  it('begin with the first page of the empty index but for the page count, so that schemas compare by bytes', () => {
    const bytes = Buffer.from(sampleBytes())
    const expected = Buffer.from(emptyIndexBytes().subarray(0, pageSize))
    expected.writeUInt32BE(bytes.length / pageSize, headerFields.pageCount)
    expect(bytes.subarray(0, pageSize).equals(expected)).toBe(true)
  })

  it('cost a small archive few bytes with the empty index as dictionary', () => {
    const bytes = sampleBytes()
    const params = { [constants.ZSTD_c_compressionLevel]: 19 }
    const alone = zstdCompressSync(bytes, { params })
    const stored = zstdCompressSync(bytes, { params, dictionary: emptyIndexBytes() })
    expect(stored.length).toBeLessThan(550)
    expect(stored.length).toBeLessThan(alone.length - 400)
    expect(zstdDecompressSync(stored, { dictionary: emptyIndexBytes() }).equals(bytes)).toBe(true)
  })
})

import { blake3 } from '@noble/hashes/blake3.js'
import Database from 'better-sqlite3'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { crc32, zstdDecompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { addToArchive } from '../../src-main/archive/add'
import { createArchive } from '../../src-main/archive/create'
import { emptyIndexBytes, schemaVersions } from '../../src-main/index/schema'
import { craftArchive } from '../support/crafted-archive'
import { temporaryFolder } from '../support/temporary'

const docs = resolve(import.meta.dirname, '../../docs')

/*
 * A reader written from docs/format.md alone, without any code of lmz: proof that the page is enough. Offsets below are
 * those of its tables.
 */

interface Frame {
  readonly type: number
  readonly codec: number
  readonly flags: number
  readonly id: number
  readonly kind: number
  readonly primer: number
  readonly raw: Buffer
}

function readFrame(archive: Buffer, position: number): Frame {
  const header = archive.subarray(position, position + 64)
  expect(header.subarray(0, 4).toString('hex')).toBe('d36c7a66')
  expect(crc32(header.subarray(0, 60))).toBe(header.readUInt32LE(60))
  expect(header.subarray(8, 12)).toEqual(archive.subarray(16, 20))
  const codec = header.readUInt8(5)
  const flags = header.readUInt16LE(6)
  const payload = archive.subarray(position + 64, position + 64 + header.readUIntLE(22, 6))
  const dictionary = readFileSync(join(docs, 'format/empty-index-1.sqlite'))
  const options = (flags & 0x0100) === 0 ? {} : { dictionary }
  const raw = codec === 0 ? payload : zstdDecompressSync(payload, options)
  expect(raw).toHaveLength(header.readUIntLE(16, 6))
  expect(Buffer.from(blake3(raw).subarray(0, 16))).toEqual(header.subarray(28, 44))
  const [type, kind] = [header.readUInt8(4), header.readUInt8(52)]
  const [id, primer] = [header.readUInt32LE(12), header.readUInt32LE(56)]
  return { type, codec, flags, id, kind, primer, raw }
}

/** Codecs 0 and 1 make no use of a primer; here it only has to be where and what the index says. */
function readPrimer(archive: Buffer, database: Database.Database, id: number): void {
  const row = database.prepare('SELECT * FROM primer WHERE id = ?').get(id) as Record<string, number>
  const frame = readFrame(archive, row['position'] ?? 0)
  expect(frame).toMatchObject({ type: 5, id, primer: 0, codec: row['codec'], kind: row['kind'] })
  expect(frame.raw).toHaveLength(row['raw_length'] ?? -1)
}

function readAll(archive: Buffer): Record<string, string> {
  expect(archive.subarray(0, 8).toString('hex')).toBe('d34c4d5a0d0a1a0a')
  expect(crc32(archive.subarray(0, 60))).toBe(archive.readUInt32LE(60))
  const footer = readFrame(archive, archive.length - 208)
  expect(footer.type).toBe(3)
  expect(Number(footer.raw.readBigUInt64LE(80))).toBe(archive.length - 208)
  const index = readFrame(archive, Number(footer.raw.readBigUInt64LE(24)))
  const database = new Database(index.raw)

  const blocks = database.prepare('SELECT * FROM block ORDER BY id').all() as Record<string, number>[]
  const chunks = new Map<number, Buffer>()
  for (const block of blocks) {
    const { raw, primer } = readFrame(archive, block['position'] ?? 0)
    expect(block['primer']).toBe(primer === 0 ? null : primer)
    if (primer !== 0) readPrimer(archive, database, primer)
    let offset = 0
    const first = block['first_chunk'] ?? 0
    for (let id = first; id < first + (block['chunk_count'] ?? 0); id++) {
      const length = database.prepare('SELECT length FROM chunk WHERE id = ?').pluck().get(id) as number
      chunks.set(id, raw.subarray(offset, offset + length))
      offset += length
    }
    expect(offset).toBe(raw.length)
  }

  const runOf = (row: Record<string, number>): Buffer[] =>
    Array.from(
      { length: row['chunk_count'] ?? 0 },
      (_, at) => chunks.get((row['first_chunk'] ?? 0) + at) ?? Buffer.alloc(0),
    )
  const files: Record<string, string> = {}
  const paths = new Map<number, string>([[0, '']])
  for (const entry of database.prepare('SELECT * FROM entry ORDER BY id').all() as Record<string, unknown>[]) {
    const path = `${paths.get(entry['parent'] as number) ?? '?'}/${entry['name'] as string}`
    paths.set(entry['id'] as number, path)
    if (entry['kind'] !== 0) continue
    const id = entry['content'] as number
    const content = database.prepare('SELECT * FROM content WHERE id = ?').get(id) as Record<string, number>
    const extents = database.prepare('SELECT * FROM extent WHERE content = ? ORDER BY sequence').all(id)
    const runs = [content, ...(extents as Record<string, number>[])]
    const bytes = Buffer.concat(runs.flatMap(runOf))
    expect(bytes).toHaveLength(content['size'] ?? -1)
    files[path] = bytes.toString('latin1')
  }
  return files
}

describe('docs/format.md', () => {
  it('is enough to write a reader in another language', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'in/deep'), { recursive: true })
    const texts = {
      'one.txt': 'A file of some words.\n'.repeat(50),
      'deep/two.json': JSON.stringify(Array.from({ length: 3000 }, (_, n) => ({ n, half: n / 2 }))),
      'deep/empty': '',
      'three.bin': Array.from({ length: 500_000 }, (_, n) => String.fromCharCode((n * n * 31) >> 7))
        .join('')
        .slice(0, 400_000),
    }
    const write = (name: string, text: string): void => writeFileSync(join(folder, 'in', name), text, 'latin1')
    for (const [name, text] of Object.entries(texts)) write(name, text)
    const archive = join(folder, 'x.lmz')
    await createArchive(archive, [join(folder, 'in')], { preset: 'fast', blockSize: 64 * 1024 })
    write('one.txt', 'changed')
    write('copies', texts['deep/two.json'] + texts['one.txt'] + texts['deep/two.json'])
    await addToArchive(archive, [join(folder, 'in')])
    const expected: Record<string, string> = { '/in/one.txt': 'changed' }
    for (const name of ['deep/two.json', 'deep/empty', 'three.bin'] as const) {
      expected[`/in/${name}`] = Buffer.from(texts[name], 'latin1').toString('latin1')
    }
    expected['/in/copies'] = texts['deep/two.json'] + texts['one.txt'] + texts['deep/two.json']
    expect(readAll(readFileSync(archive))).toEqual(expected)
  })

  it('is enough to find the primers of blocks', () => {
    const files = { a: Buffer.from('a block with a primer '.repeat(9)), b: Buffer.from('one without') }
    const primers = [{ bytes: Buffer.from('first') }, { bytes: Buffer.from('second '.repeat(50)), codec: 1 }]
    const blocks = [{ files: { a: files.a }, codec: 1, primer: 2 }, { files: { b: files.b } }]
    expect(readAll(craftArchive({ primers, blocks }).bytes)).toEqual({ '/a': files.a.toString(), '/b': 'one without' })
  })

  it('shows the schema as it is', () => {
    const page = readFileSync(join(docs, 'format.md'), 'utf8')
    for (const statement of schemaVersions.get(1) ?? []) expect(page).toContain(statement)
  })

  it('comes with the dictionary of small indexes, byte for byte', () => {
    expect(readFileSync(join(docs, 'format/empty-index-1.sqlite')).equals(emptyIndexBytes())).toBe(true)
  })
})

import { cmac, gcm } from '@noble/ciphers/aes.js'
import { argon2id } from '@noble/hashes/argon2.js'
import { blake3 } from '@noble/hashes/blake3.js'
import { hkdf } from '@noble/hashes/hkdf.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
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

/** XAES-256-GCM by its specification. @throws unless the tag is right */
function openXaes(key: Uint8Array, nonce: Buffer, associated: Buffer, sealed: Buffer): Buffer {
  const half = (counter: number): Uint8Array =>
    cmac(Buffer.concat([Buffer.of(0, counter, 0x58, 0), nonce.subarray(0, 12)]), key)
  const derived = Uint8Array.from(Buffer.concat([half(1), half(2)]))
  return Buffer.from(gcm(derived, Uint8Array.from(nonce.subarray(12)), associated).decrypt(sealed))
}

/** The plain archive that is inside of an encrypted one, frame for frame, by where the sealed frames stand. */
function decrypted(
  archive: Buffer,
  password: string,
): { readonly index: Buffer; readonly blockAt: (at: number) => Buffer } {
  const ascii = (text: string): Buffer => Buffer.from(text, 'latin1')
  const footer = archive.subarray(-192)
  expect(archive.readUInt32LE(12)).toBe(1)
  const archiveId = footer.subarray(8, 24)
  const keysAt = Number(footer.readBigUInt64LE(128))
  expect(archive.readUInt8(keysAt + 4)).toBe(6)
  const keys = archive.subarray(keysAt + 64, keysAt + 64 + archive.readUIntLE(keysAt + 22, 6))
  expect(Buffer.from(blake3(keys).subarray(0, 16))).toEqual(footer.subarray(144, 160))
  let master: Buffer | undefined
  for (let n = 0; n < keys.readUInt8(1); n++) {
    const slot = keys.subarray(56 + n * 112, 56 + (n + 1) * 112)
    expect(crc32(slot.subarray(0, 108))).toBe(slot.readUInt32LE(108))
    const cost = { p: slot.readUIntLE(1, 3), t: slot.readUInt32LE(4), m: slot.readUInt32LE(8), dkLen: 32 }
    const key = argon2id(password.normalize('NFC'), slot.subarray(12, 28), cost)
    try {
      const associated = Buffer.concat([ascii('lmz 1 slot'), slot.subarray(0, 28)])
      master = openXaes(key, slot.subarray(28, 52), associated, slot.subarray(52, 100))
    } catch {
      continue
    }
  }
  if (master === undefined) throw new Error('not the password')
  expect(Buffer.from(hkdf(sha256, master, new Uint8Array(), ascii('lmz 1 commitment'), 32))).toEqual(
    keys.subarray(24, 56),
  )
  const frameKey = hkdf(sha256, master, archiveId, ascii('lmz 1 frames'), 32)
  const footerKey = hkdf(sha256, master, archiveId, ascii('lmz 1 footers'), 32)
  expect(Buffer.from(hmac(sha256, footerKey, footer.subarray(0, 160)))).toEqual(footer.subarray(160))
  const mask = hmac(sha256, footerKey, Buffer.concat([ascii('time'), footer.subarray(0, 88), footer.subarray(96, 160)]))
  const time = Buffer.from(footer.subarray(88, 96).map((byte, at) => byte ^ (mask[at] ?? 0)))
  expect(Math.abs(Number(time.readBigUInt64LE()) - Date.now())).toBeLessThan(600_000)

  /** The inner frame: header, payload, trailer. */
  const open = (position: number): Buffer => {
    const outer = archive.subarray(position, position + 64)
    expect(outer.readUInt8(4)).toBe(7)
    const sealed = archive.subarray(position + 64, position + 64 + outer.readUIntLE(22, 6))
    const parts: Buffer[] = []
    const lengthAt = (at: number): number => (at === 19 ? 16_400 : 1_048_592)
    for (let at = 19; at < sealed.length; at += lengthAt(at)) {
      const end = at + lengthAt(at)
      const number = Buffer.alloc(5)
      number.writeUInt32BE(parts.length)
      number.writeUInt8(end >= sealed.length ? 1 : 0, 4)
      const nonce = Buffer.concat([sealed.subarray(0, 19), number])
      parts.push(openXaes(frameKey, nonce, Buffer.concat([archiveId, outer]), sealed.subarray(at, end)))
    }
    const plain = Buffer.concat(parts)
    const [stored, trailer] = [plain.readUIntLE(22, 6), plain.readUIntLE(53, 3)]
    return Buffer.concat([plain.subarray(0, 64), plain.subarray(64 + trailer, 64 + trailer + stored)])
  }
  const index = open(Number(footer.readBigUInt64LE(24)))
  const named = hmac(sha256, footerKey, Buffer.concat([ascii('index'), index.subarray(28, 44)]))
  expect(Buffer.from(named.subarray(0, 16))).toEqual(footer.subarray(40, 56))
  return { index, blockAt: open }
}

describe('docs/format.md, "Encryption"', () => {
  it('is enough to write a reader in another language', { timeout: 60_000 }, async () => {
    const folder = temporaryFolder()
    const text = 'Nur mit dem Passwort zu lesen. '.repeat(9000)
    writeFileSync(join(folder, 'geheim.txt'), text)
    writeFileSync(join(folder, 'later.txt'), 'later')
    const path = join(folder, 'secret.lmz')
    const password = 'cafe\u0301'
    const stretchCost = { memoryKib: 256, passes: 2, lanes: 2 }
    await createArchive(path, [join(folder, 'geheim.txt')], { preset: 'fast', password, stretchCost })
    await addToArchive(path, [join(folder, 'later.txt')], { password, preset: 'fast' })
    const archive = readFileSync(path)
    expect(() => decrypted(archive, 'wrong')).toThrow('not the password')
    const { index, blockAt } = decrypted(archive, password)
    // Frames inside are those of a plain archive, so they are read by the same code.
    const asPlain = (frame: Buffer): Frame => readFrame(Buffer.concat([archive.subarray(0, 64), frame]), 64)
    writeFileSync(join(folder, 'index.sqlite'), asPlain(index).raw)
    const database = new Database(join(folder, 'index.sqlite'), { readonly: true })
    const lineages = (database.prepare("SELECT value FROM setting WHERE key = 'lineages 1'").pluck().get() as string)
      .split(',')
      .map((entry) => entry.split(' '))
    expect(lineages).toHaveLength(2)
    let raw = ''
    const rows = database.prepare('SELECT * FROM block ORDER BY id').all() as Record<string, number>[]
    for (const { id = 0, position = 0, codec } of rows) {
      const frame = asPlain(blockAt(position))
      expect(frame).toMatchObject({ type: 1, id, codec })
      const mark = lineages.findLast(([first]) => Number(first) <= id)?.[2]
      expect(
        archive
          .readBigUInt64LE(position + 44)
          .toString(16)
          .padStart(16, '0'),
      ).toBe(mark)
      raw += frame.raw.toString()
    }
    database.close()
    expect(raw).toBe(`${text}later`)
  })
})

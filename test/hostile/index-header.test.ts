import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { ArchiveIndex } from '../../src-main/index/archive-index'
import { emptyIndexBytes, pageSize } from '../../src-main/index/schema'
import { fileLength, sampleBytes, withIndex } from '../unit/index/sample-index'

const format = expect.objectContaining({ code: 'Format' }) as Error

function open(bytes: Uint8Array): void {
  withIndex(bytes, () => undefined)
}

/** The sample after some SQL, as any SQLite program would leave it; freed of everything but the change itself. */
function changed(sql: string): Uint8Array {
  const database = new Database(Buffer.from(sampleBytes()))
  database.unsafeMode()
  database.exec(sql)
  const bytes = database.serialize()
  database.close()
  return bytes
}

function patched(offset: number, ...values: number[]): Uint8Array {
  const bytes = Buffer.from(sampleBytes())
  bytes.set(values, offset)
  return bytes
}

describe('an index with a schema of its own', () => {
  const schemas = {
    'a further table': 'CREATE TABLE extra(x)',
    'a trigger': 'CREATE TRIGGER t AFTER INSERT ON entry BEGIN DELETE FROM entry; END',
    'a view': 'CREATE VIEW v AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n',
    'a view in the place of a table': 'DROP TABLE setting; CREATE VIEW setting AS SELECT 1 AS key, 2 AS value',
    'a virtual table': 'CREATE VIRTUAL TABLE v USING fts5(x)',
    'a virtual table in the place of a table':
      'DROP TABLE setting; CREATE VIRTUAL TABLE setting USING fts5(key, value)',
    'a generated column': 'ALTER TABLE entry ADD COLUMN path TEXT AS (name || name)',
    'a further column': 'ALTER TABLE entry ADD COLUMN extra INTEGER',
    'a check':
      'DROP TABLE setting; CREATE TABLE setting(key TEXT PRIMARY KEY, value TEXT NOT NULL CHECK (value > 1)) STRICT',
    'an expression index': 'CREATE INDEX i ON entry(lower(name))',
    'a partial index': 'CREATE INDEX i ON entry(name) WHERE parent = 0',
    'a list of names': 'CREATE UNIQUE INDEX entry_by_parent ON entry(parent, name)',
    'a table in the place of the list of names':
      'CREATE TABLE entry_by_parent(parent, name, id, PRIMARY KEY(parent, name)) WITHOUT ROWID',
    'a changed type':
      "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'mode INTEGER', 'mode ANY')",
    'a changed collation':
      "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'name TEXT', 'name TEXT COLLATE NOCASE')",
    'a default with a function':
      "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'parent INTEGER', 'parent INTEGER DEFAULT (random())')",
    'two tables in one place': 'PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = 2',
    'a table of another name': 'ALTER TABLE setting RENAME TO settings',
    statistics: 'ANALYZE',
    'no table at all': 'PRAGMA writable_schema = ON; DELETE FROM sqlite_schema',
  }

  it.each(Object.entries(schemas))('is refused: %s', (_name, sql) => {
    expect(() => open(changed(sql))).toThrow(format)
  })

  it('is refused for one changed letter in a table definition', () => {
    const bytes = Buffer.from(sampleBytes())
    const at = bytes.indexOf('CREATE TABLE chunk')
    bytes[at] = 'c'.charCodeAt(0)
    expect(() => open(bytes)).toThrow(format)
  })
})

describe('an index with a header of its own', () => {
  const headers: Record<string, Uint8Array> = {
    'no magic': patched(0, 0x73),
    'WAL mode for readers': patched(19, 2),
    'WAL mode for writers': patched(18, 2),
    'WAL mode for both': patched(18, 2, 2),
    'another page size': patched(16, 0x02, 0x00),
    'a page size of 65536': patched(16, 0x00, 0x01),
    'reserved space': patched(20, 32),
    'text in UTF-16': patched(59, 2),
    'another schema format': patched(47, 1),
    'automatic vacuum': patched(52, 0, 0, 0, 7),
    'a free page': patched(32, 0, 0, 0, 7, 0, 0, 0, 1),
    'one page more than there is': patched(28, 0, 0, 0, 9),
    'one page less than there is': patched(28, 0, 0, 0, 7),
    'no pages': patched(28, 0, 0, 0, 0),
    'another application': patched(68, 0, 0, 0, 0),
    'version 0': patched(60, 0, 0, 0, 0),
    'bytes behind the last page': Buffer.concat([sampleBytes(), Buffer.from('more')]),
    'a page behind the last': Buffer.concat([sampleBytes(), Buffer.alloc(pageSize)]),
    'half of its last page': sampleBytes().subarray(0, -pageSize / 2),
    'no last page': sampleBytes().subarray(0, -pageSize),
    'one page only': sampleBytes().subarray(0, pageSize),
    'a header only': sampleBytes().subarray(0, 100),
    'nothing at all': new Uint8Array(),
    'random bytes, as of an encrypted database': Buffer.alloc(8 * pageSize, 0xa5),
  }

  it.each(Object.entries(headers))('is refused: %s', (_name, bytes) => {
    expect(() => open(bytes)).toThrow(format)
  })

  it('is told from damage when it is of a newer version', () => {
    expect(() => open(patched(60, 0, 0, 0, 2))).toThrow(expect.objectContaining({ code: 'Unsupported' }))
    expect(() => open(patched(60, 0xff, 0xff, 0xff, 0xff))).toThrow(expect.objectContaining({ code: 'Unsupported' }))
  })

  it('is refused at every length it can be cut to', () => {
    const bytes = emptyIndexBytes()
    for (let length = 0; length < bytes.length; length += 61) {
      expect(() => open(bytes.subarray(0, length))).toThrow(format)
    }
  })

  it('is accepted whatever version of SQLite wrote it', () => {
    const bytes = Buffer.from(sampleBytes())
    bytes.writeUInt32BE(77, 24)
    bytes.writeUInt32BE(77, 92)
    bytes.writeUInt32BE(3_045_000, 96)
    withIndex(bytes, (index) => expect(index.totals().entries).toBe(9))
  })
})

describe('files beside an index', () => {
  it.each(['-wal', '-journal'])('are never read: a planted %s is refused', (suffix) => {
    const directory = mkdtempSync(join(tmpdir(), 'lmz-index-'))
    try {
      const path = join(directory, 'index')
      writeFileSync(path, sampleBytes())
      writeFileSync(path + suffix, plantedJournal())
      expect(() => ArchiveIndex.fromFile(path, { fileLength })).toThrow(format)
      expect(readFileSync(path).equals(sampleBytes())).toBe(true)
    } finally {
      rmSync(directory, { recursive: true })
    }
  })

  function plantedJournal(): Buffer {
    const journal = Buffer.alloc(1024)
    Buffer.from('d9d505f920a163d7', 'hex').copy(journal)
    return journal
  }
})

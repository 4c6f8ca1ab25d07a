/**
 * The tables of an index (docs/format.md, "Index"). All integers are signed 64-bit; ids and sizes stay below 2^53.
 *
 * - `entry`: one row a file, directory, symlink or hard link. `parent` is the id of its directory, 0 at the top level, and
 *   always less than `id`, so a cycle cannot be written down. `name` is one path component; `raw_name` its exact bytes when
 *   they are not valid UTF-8. `kind`: 0 file, 1 directory, 2 symlink, 3 hard link. `mode`: POSIX permission bits.
 *   `mtime_ns`: nanoseconds since 1970 UTC. `content`: of a file; null only in a checkpoint, for a file that was not stored
 *   yet. `target`: of a symlink. `link`: of a hard link, the id of a file entry less than `id`.
 *   No two entries have the same `parent` and `name`. No index over the names is stored: it would be a sixth of the size,
 *   and another place for lies. Readers make their own, and thereby find duplicate names.
 * - `content`: the bytes of a file, shared by equal files: `chunk_count` consecutive chunks from `first_chunk` on, then the
 *   runs in `extent`. An empty content is (size 0, first_chunk 0, chunk_count 0).
 * - `extent`: further runs of a content, `sequence` 1, 2, 3...
 * - `chunk`: a piece of content, by its length in bytes. What helps to find equal chunks is in the frame of their block.
 * - `block`: `chunk_count` consecutive chunks from `first_chunk` on, one after the other, so that a chunk's offset is the sum
 *   of the lengths before it and overlaps cannot be expressed. `position`: file offset of its frame header; `stored_length`:
 *   bytes of its payload; `codec`, `kind`, `model` (first 8 bytes of the model's hash) and `primer` as in its frame header.
 *   `first_chunk` and `position` increase with `id`, and neither chunks nor frames of two blocks overlap.
 * - `primer`: bytes that the blocks naming it start from, by the place of their frame; columns as of `block`. `position`
 *   increases with `id`, and frames do not overlap. A primer needs no other, so a cycle cannot be written down.
 * - `setting`: creator, comment, preset, block size.
 */
const tablesOfVersion1 = [
  'CREATE TABLE entry(id INTEGER PRIMARY KEY, parent INTEGER NOT NULL, name TEXT NOT NULL, raw_name BLOB, kind INTEGER NOT NULL, mode INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, content INTEGER, target TEXT, link INTEGER) STRICT',
  'CREATE TABLE content(id INTEGER PRIMARY KEY, size INTEGER NOT NULL, first_chunk INTEGER NOT NULL, chunk_count INTEGER NOT NULL) STRICT',
  'CREATE TABLE extent(content INTEGER NOT NULL, sequence INTEGER NOT NULL, first_chunk INTEGER NOT NULL, chunk_count INTEGER NOT NULL, PRIMARY KEY(content, sequence)) STRICT, WITHOUT ROWID',
  'CREATE TABLE chunk(id INTEGER PRIMARY KEY, length INTEGER NOT NULL) STRICT',
  'CREATE TABLE block(id INTEGER PRIMARY KEY, first_chunk INTEGER NOT NULL, chunk_count INTEGER NOT NULL, position INTEGER NOT NULL, stored_length INTEGER NOT NULL, raw_length INTEGER NOT NULL, codec INTEGER NOT NULL, kind INTEGER NOT NULL, model BLOB, primer INTEGER) STRICT',
  'CREATE TABLE primer(id INTEGER PRIMARY KEY, position INTEGER NOT NULL, stored_length INTEGER NOT NULL, raw_length INTEGER NOT NULL, codec INTEGER NOT NULL, kind INTEGER NOT NULL) STRICT',
  'CREATE TABLE setting(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID',
] as const

/** Every schema that was ever released, by number, in the order its tables are created. None is ever changed. */
export const schemaVersions: ReadonlyMap<number, readonly string[]> = new Map([[1, tablesOfVersion1]])

/** The version that is written. */
export const schemaVersion = 1

/** "LMZI": tells an index from any other SQLite database. */
export const applicationId = 0x4c4d5a49

export const pageSize = 4096
const databaseHeaderLength = 100

/** Byte offsets in the database header (https://www.sqlite.org/fileformat.html, section 1.3). */
export const headerFields = {
  changeCounter: 24,
  pageCount: 28,
  userVersion: 60,
  applicationId: 68,
  versionValidFor: 92,
  sqliteVersion: 96,
} as const

/** What the header's counters and its SQLite version are set to, so that they do not differ from machine to machine. */
const fixedCounter = 1
const fixedSqliteVersion = 3_037_000

const pageTypes = { indexLeaf: 0x0a, tableLeaf: 0x0d } as const

/**
 * The database without any row, 32 KiB: made here page by page from the table definitions, so that it is the same bytes
 * under every version of SQLite. It serves as zstd dictionary of small index frames, and its first page is, but for the
 * page count, the first page of every index: that is how a schema is compared.
 */
export function emptyIndexBytes(version: number = schemaVersion): Uint8Array {
  const statements = schemaVersions.get(version) ?? []
  const bytes = Buffer.alloc((statements.length + 1) * pageSize)
  writeDatabaseHeader(bytes, version, statements.length + 1)
  writeSchemaPage(bytes, statements)
  statements.forEach((sql, index) => {
    const isIndexTree = sql.includes('WITHOUT ROWID')
    const start = (index + 1) * pageSize
    bytes.writeUInt8(isIndexTree ? pageTypes.indexLeaf : pageTypes.tableLeaf, start)
    bytes.writeUInt16BE(pageSize, start + 5)
  })
  return bytes
}

function writeDatabaseHeader(bytes: Buffer, version: number, pageCount: number): void {
  bytes.write('SQLite format 3\0', 0, 'latin1')
  bytes.writeUInt16BE(pageSize, 16)
  // Rollback journal for readers and writers, no reserved space, and SQLite's fixed payload fractions.
  bytes.set([1, 1, 0, 64, 32, 32], 18)
  bytes.writeUInt32BE(fixedCounter, headerFields.changeCounter)
  bytes.writeUInt32BE(pageCount, headerFields.pageCount)
  // Schema cookie, schema format 4, text in UTF-8.
  bytes.writeUInt32BE(fixedCounter, 40)
  bytes.writeUInt32BE(4, 44)
  bytes.writeUInt32BE(1, 56)
  bytes.writeUInt32BE(version, headerFields.userVersion)
  bytes.writeUInt32BE(applicationId, headerFields.applicationId)
  bytes.writeUInt32BE(fixedCounter, headerFields.versionValidFor)
  bytes.writeUInt32BE(fixedSqliteVersion, headerFields.sqliteVersion)
}

/** Table sqlite_schema on page 1: cells from the page's end downwards, pointers to them from its start upwards. */
function writeSchemaPage(bytes: Buffer, statements: readonly string[]): void {
  let start = pageSize
  statements.forEach((sql, index) => {
    const cell = schemaCell(sql, index + 1)
    start -= cell.length
    cell.copy(bytes, start)
    bytes.writeUInt16BE(start, databaseHeaderLength + 8 + 2 * index)
  })
  bytes.writeUInt8(pageTypes.tableLeaf, databaseHeaderLength)
  bytes.writeUInt16BE(statements.length, databaseHeaderLength + 3)
  bytes.writeUInt16BE(start, databaseHeaderLength + 5)
}

/** One row of sqlite_schema (type, name, tbl_name, rootpage, sql); its tree begins on page `rowId` + 1. */
function schemaCell(sql: string, rowId: number): Buffer {
  const name = tableNameOf(sql)
  const texts = ['table', name, name].map((text) => Buffer.from(text))
  const statement = Buffer.from(sql)
  const oneByteInteger = 1
  const types = [...texts.flatMap((text) => textType(text)), oneByteInteger, ...textType(statement)]
  const record = Buffer.concat([
    Buffer.from([types.length + 1, ...types]),
    ...texts,
    Buffer.from([rowId + 1]),
    statement,
  ])
  return Buffer.concat([Buffer.from([...variableLength(record.length), rowId]), record])
}

function textType(text: Buffer): number[] {
  return variableLength(13 + 2 * text.length)
}

/** SQLite's variable-length integer: big-endian groups of 7 bits. */
function variableLength(value: number): number[] {
  return value < 128 ? [value] : [...variableLength(Math.floor(value / 128)).map((byte) => byte | 128), value % 128]
}

export function tableNameOf(sql: string): string {
  return /^CREATE TABLE (\w+)\(/.exec(sql)?.[1] ?? ''
}

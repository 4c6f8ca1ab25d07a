import Database from 'better-sqlite3'
import { ArchiveIndex } from '../../../src-main/index/archive-index'
import { IndexWriter } from '../../../src-main/index/index-writer'
import { emptyIndexBytes, pageSize, schemaVersions } from '../../../src-main/index/schema'

export const mtimeNs = 1_763_700_000_123_456_789n
/** An archive long enough for all blocks of the samples. */
export const fileLength = 1_000_000

/**
 * Two blocks of four and two chunks, the second with a primer; every kind of entry; a content of several runs, one shared by two files, an empty one.
 *
 *     docs/            1
 *     docs/a.txt       2  content 1 (chunks 1, 2)
 *     docs/b.txt       3  content 2 (chunks 2, 3, 4 and 5 across both blocks, then 1)
 *     docs/copy.txt    4  content 1
 *     docs/link        5  symlink to a.txt
 *     docs/other       6  hard link to b.txt
 *     docs/empty       7  content 3
 *     docs/sub/        8
 *     docs/sub/last    9  content 4 (chunk 6)
 */
export function sampleWriter(): IndexWriter {
  const writer = IndexWriter.create()
  const common = { mtimeNs, mode: 0o644 }
  const docs = writer.addEntry({ parent: 0, name: 'docs', kind: 'directory', mode: 0o755, mtimeNs })
  const first = [100, 200, 300, 400]
  writer.addBlock({ chunkLengths: first, position: 64, storedLength: 500, rawLength: 1000, codec: 1, kind: 0 })
  writer.addPrimer({ id: 3, position: 628, storedLength: 8, rawLength: 40, codec: 1, kind: 1 })
  const model = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)
  const place = { position: 700, storedLength: 90, rawLength: 110, codec: 2, kind: 1 }
  writer.addBlock({ id: 7, chunkLengths: [50, 60], ...place, model, primer: 3 })
  writer.addPrimer({ id: 5, position: 860, storedLength: 40, rawLength: 80, codec: 0, kind: 2 })
  const shared = writer.addContent({ size: 300, runs: [{ firstChunk: 1, chunkCount: 2 }] })
  const runs = [
    { firstChunk: 2, chunkCount: 4 },
    { firstChunk: 1, chunkCount: 1 },
  ]
  const long = writer.addContent({ size: 1050, runs })
  const empty = writer.addContent({ size: 0, runs: [] })
  const last = writer.addContent({ size: 60, runs: [{ firstChunk: 6, chunkCount: 1 }] })
  writer.addEntry({ ...common, parent: docs, name: 'a.txt', kind: 'file', content: shared })
  const file = writer.addEntry({ ...common, parent: docs, name: 'b.txt', kind: 'file', content: long })
  writer.addEntry({ ...common, parent: docs, name: 'copy.txt', kind: 'file', content: shared })
  writer.addEntry({ ...common, parent: docs, name: 'link', kind: 'symlink', mode: 0o777, target: 'a.txt' })
  writer.addEntry({ ...common, parent: docs, name: 'other', kind: 'hardLink', link: file })
  writer.addEntry({ ...common, parent: docs, name: 'empty', kind: 'file', content: empty })
  const below = writer.addEntry({ parent: docs, name: 'sub', kind: 'directory', mode: 0o755, mtimeNs })
  writer.addEntry({ ...common, parent: below, name: 'last', kind: 'file', content: last })
  writer.setSetting('creator', 'lmz test')
  writer.setSetting('comment', 'Grüße')
  return writer
}

/** The bytes of what a writer made; the writer is closed. */
export function finish(writer: IndexWriter): Uint8Array {
  try {
    return writer.snapshot()
  } finally {
    writer.close()
  }
}

export function sampleBytes(): Uint8Array {
  return finish(sampleWriter())
}

/** Opens, uses and closes an index. */
export function withIndex<T>(
  bytes: Uint8Array,
  use: (index: ArchiveIndex) => T,
  options: { readonly checkpoint?: boolean; readonly fileLength?: number; readonly structureCheckLimit?: number } = {},
): T {
  const index = ArchiveIndex.fromBytes(bytes, { fileLength, ...options })
  try {
    return use(index)
  } finally {
    index.close()
  }
}

/**
 * Changes a valid index in ways its schema forbids, as an attacker with a hex editor would: the statements run under a schema
 * without types and constraints, and afterwards the proper first page is put back.
 */
export function tampered(bytes: Uint8Array, sql: string): Uint8Array {
  const loose = new Database(Buffer.from(bytes))
  loose.unsafeMode()
  loose.pragma('writable_schema = ON')
  for (const statement of schemaVersions.get(1) ?? []) {
    const relaxed = statement
      .replaceAll(' NOT NULL', '')
      .replace(' STRICT, WITHOUT', ' WITHOUT')
      .replace(' STRICT', '')
      .replaceAll(/(?<= )(\w+) (?:INTEGER|TEXT|BLOB)(?! PRIMARY)/g, '$1')
      .replaceAll(/\((\w+) INTEGER(?! PRIMARY)/g, '($1')
    loose.prepare('UPDATE sqlite_schema SET sql = ? WHERE sql = ?').run(relaxed, statement)
  }
  const copy = new Database(loose.serialize())
  loose.close()
  copy.exec(sql)
  copy.exec('VACUUM')
  const result = copy.serialize()
  copy.close()
  return withProperFirstPage(result)
}

/** Gives a database the first page an index has, with its own page count. */
export function withProperFirstPage(bytes: Uint8Array): Uint8Array {
  const result = Buffer.from(bytes)
  result.set(emptyIndexBytes().subarray(0, pageSize))
  result.writeUInt32BE(result.length / pageSize, 28)
  return result
}

/** Uses everything there is; what is thrown is the test's concern. */
export function readEverything(index: ArchiveIndex): void {
  const drain = (items: Iterator<unknown>): void => {
    while (items.next().done !== true);
  }
  index.settings()
  for (const entry of index.entries()) {
    index.pathOf(entry.id)
    index.resolve(index.pathOf(entry.id))
    if (entry.content !== undefined) drain(index.piecesOf(entry.content))
  }
  drain(index.descendants(0))
  drain(index.search('*a*'))
  drain(index.search('docs/*'))
  for (const { id, primer } of index.blocks()) {
    index.chunkLengths(id)
    if (primer !== undefined) index.primer(primer)
  }
  drain(index.primers())
  drain(index.contents())
  drain(index.extractionPlan('all'))
  index.lastChunkId()
  index.totals()
  const uses = new Map<number, number>()
  for (const page of index.entryFacts()) for (const { content } of page) uses.set(content, (uses.get(content) ?? 0) + 1)
  drain(index.contentShares(uses))
}

import { type Entry, entryKinds } from '../contract/entry'
import type { ArchiveIndex } from './archive-index'
import { noteHardLink } from './remove-entries'
import type { Block, Content, PrimerRow } from './rows'
import type { ScratchDatabase } from './scratch-database'

export function insertEntry(database: ScratchDatabase, entry: Omit<Entry, 'size'>): void {
  const { id, parent, name, rawName, kind, mode, mtimeNs, content, target, link } = entry
  const sql = 'INSERT INTO entry VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'
  database.run(sql, id, parent, name, asBuffer(rawName), entryKinds[kind], mode, mtimeNs, content, target, link)
  if (link !== undefined) noteHardLink(database, link, id)
}

export function insertContent(database: ScratchDatabase, { id, size, runs }: Content): void {
  const [first = { firstChunk: 0, chunkCount: 0 }, ...others] = runs
  database.run('INSERT INTO content VALUES(?, ?, ?, ?)', id, size, first.firstChunk, first.chunkCount)
  others.forEach(({ firstChunk, chunkCount }, index) => {
    database.run('INSERT INTO extent VALUES(?, ?, ?, ?)', id, index + 1, firstChunk, chunkCount)
  })
}

/** Inserts a block and its chunks. */
export function insertBlock(database: ScratchDatabase, block: Block, chunkLengths: Iterable<number>): void {
  const { id, firstChunk, chunkCount, position, storedLength, rawLength, codec, kind, model, primer } = block
  const sql = 'INSERT INTO block VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'
  const lengths = [position, storedLength, rawLength]
  database.run(sql, id, firstChunk, chunkCount, ...lengths, codec, kind, asBuffer(model), primer)
  let chunk = firstChunk
  for (const length of chunkLengths) database.run('INSERT INTO chunk VALUES(?, ?)', chunk++, length)
}

export function insertPrimer(database: ScratchDatabase, primer: PrimerRow): void {
  const { id, position, storedLength, rawLength, codec, kind } = primer
  database.run('INSERT INTO primer VALUES(?, ?, ?, ?, ?, ?)', id, position, storedLength, rawLength, codec, kind)
}

/** Ids and places behind which new rows go. */
export interface LastRows {
  readonly entry: number
  readonly content: number
  readonly block: Block | undefined
  readonly primer: PrimerRow | undefined
}

/** Rows after which others may do some work: about a millisecond's. */
const stepLength = 256

/** Copies all rows of an index into an empty database, under the same ids; yields now and then. @throws LmzError `Format` */
export function* copyRows(database: ScratchDatabase, index: ArchiveIndex): Generator<void, LastRows> {
  let [entry, content]: [number, number] = [0, 0]
  let block: Block | undefined
  let primer: PrimerRow | undefined
  for (const [key, value] of index.settings()) database.run('INSERT INTO setting VALUES(?, ?)', key, value)
  for (const next of index.primers()) {
    insertPrimer(database, next)
    primer = next
  }
  for (const next of index.blocks()) {
    insertBlock(database, next, index.chunkLengths(next.id).lengths)
    block = next
    yield
  }
  for (const next of index.contents()) {
    insertContent(database, next)
    content = next.id
    if (content % stepLength === 0) yield
  }
  for (const next of index.entries()) {
    insertEntry(database, next)
    entry = next.id
    if (entry % stepLength === 0) yield
  }
  return { entry, content, block, primer }
}

/** better-sqlite3 takes bytes as Buffer only. */
export function asBuffer(bytes: Uint8Array | undefined): Buffer | undefined {
  return bytes === undefined ? undefined : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

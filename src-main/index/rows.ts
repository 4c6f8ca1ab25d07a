import type { Entry } from '../contract/entry'
import { LmzError } from '../contract/error'
import { frameHeaderLength, maximumBlockLength, maximumPrimerLength, modelPrefixLength } from '../format/frame'
import { headerLength } from '../format/header'
import type { Row, Value } from './sqlite-value'
import {
  entryFault,
  entryKindOf,
  largestBlockId,
  largestPrimerId,
  longestName,
  longestTarget,
  mostChunksInBlock,
} from './rules'

/** Consecutive chunks. */
export interface Run {
  readonly firstChunk: number
  readonly chunkCount: number
}

/** The bytes of a file: the chunks of its runs, one after the other. */
export interface Content {
  readonly id: number
  readonly size: number
  readonly runs: readonly Run[]
}

export interface Block extends Run {
  readonly id: number
  /** File offset of its frame header. */
  readonly position: number
  /** Bytes of the payload behind the frame header. */
  readonly storedLength: number
  readonly rawLength: number
  readonly codec: number
  /** Number of its content kind. */
  readonly kind: number
  /** First 8 bytes of the hash of the model it needs. */
  readonly model?: Uint8Array | undefined
  /** Id of the frame that holds its primer. */
  readonly primer?: number | undefined
}

/** Raw bytes that blocks start from, and where their frame lies. */
export interface PrimerRow {
  readonly id: number
  /** File offset of its frame header. */
  readonly position: number
  readonly storedLength: number
  readonly rawLength: number
  readonly codec: number
  /** Number of the content kind it was made for. */
  readonly kind: number
}

/** SQL for a column whose values, if too long to be valid, are not even loaded: 0 stands for them and is refused as of a wrong type. */
export function bounded(column: string, limit: number): string {
  return `iif(octet_length(${column}) > ${limit}, 0, ${column})`
}

const name = bounded('e.name', longestName)
const rawName = bounded('e.raw_name', longestName)
const target = bounded('e.target', longestTarget)

/** Columns of {@link entryOf}; their tables are {@link entryTables} or joined in another way. */
export const entryColumns = `e.id, e.parent, ${name}, ${rawName}, e.kind, e.mode, e.mtime_ns, e.content, ${target}, e.link, p.kind, f.kind, c.size`
/** What an entry row refers to comes with it, so that each row is checked whole when it leaves the database. */
export const entryJoins = `LEFT JOIN entry AS p ON p.id = e.parent LEFT JOIN entry AS f ON f.id = e.link
  LEFT JOIN content AS c ON c.id = iif(e.kind = 3, f.content, e.content)`
export const entryTables = `entry AS e ${entryJoins}`

const directoryKind = 1n
const fileKind = 0n

/** @throws LmzError `Format` that says what row is wrong, and why */
export function fault(row: string, reason: string): LmzError {
  return new LmzError('Format', `The index of the archive is not valid: ${row}: ${reason}.`, { subject: row })
}

/** A stored integer. @throws LmzError `Format` */
export function integer(value: Value | undefined, least: number, most: number, row: string, column: string): number {
  const number = typeof value === 'bigint' ? Number(value) : Number.NaN
  if (!(number >= least && number <= most)) throw fault(row, `its ${column} is ${shown(value)}`)
  return number
}

/** An id, size or offset: at least `least`, below 2^53. @throws LmzError `Format` */
export function natural(value: Value | undefined, least: number, row: string, column: string): number {
  return integer(value, least, Number.MAX_SAFE_INTEGER, row, column)
}

function shown(value: Value | undefined): string {
  if (typeof value === 'bigint') return value.toString()
  return value === null || value === undefined ? 'missing' : 'of a wrong type'
}

/** A value of type TEXT; whether its bytes are valid is checked by {@link Exactness}. @throws LmzError `Format` */
export function text(value: Value | undefined, row: string, column: string): string {
  if (typeof value !== 'string') throw fault(row, `its ${column} is missing, too long or of a wrong type`)
  return value
}

function optional<T>(value: Value | undefined, read: (value: Value) => T): T | undefined {
  return value === null || value === undefined ? undefined : read(value)
}

function blob(value: Value, row: string, column: string): Uint8Array {
  if (!Buffer.isBuffer(value)) throw fault(row, `its ${column} is too long or of a wrong type`)
  return Uint8Array.from(value)
}

/** Where an id range of rows must lie, and what an unfinished job may have left open. */
export interface RowLimits {
  /** Bytes of the archive; no block reaches beyond them. */
  readonly fileLength: number
  /** Whether files without content are allowed. */
  readonly isCheckpoint: boolean
}

/**
 * Text that is not valid UTF-8 arrives with U+FFFD in place of its wrong bytes. Since U+FFFD may also be meant, the bytes
 * themselves decide: this gets them by entry id and column.
 */
export type ExactBytes = (id: number, column: 'name' | 'target') => Value | undefined

/** Checks and converts a row of {@link entryColumns}. @throws LmzError `Format` that names the entry */
export function entryOf(row: Row, limits: RowLimits, exactBytes: ExactBytes): Entry {
  const [rawId, parent, nameValue, rawNameValue, kind, mode, mtimeNs, content, targetValue, link] = row
  const [, , , , , , , , , , parentKind, linkKind, size] = row
  const id = natural(rawId, 1, 'entry', 'id')
  const label = `entry ${id}`
  const entryKind = entryKindOf(integer(kind, 0, 255, label, 'kind'))
  if (entryKind === undefined) throw fault(label, `its kind is ${shown(kind)}`)
  if (typeof mtimeNs !== 'bigint') throw fault(label, 'its mtime is not an integer')
  const entry = {
    id,
    parent: integer(parent, 0, id - 1, label, 'parent'),
    name: text(nameValue, label, 'name'),
    rawName: optional(rawNameValue, (value) => blob(value, label, 'raw name')),
    kind: entryKind,
    mode: natural(mode, 0, label, 'mode'),
    mtimeNs,
    size: size === null ? 0 : natural(size, 0, label, 'size'),
    content: optional(content, (value) => natural(value, 1, label, 'content')),
    target: optional(targetValue, (value) => text(value, label, 'target')),
    link: optional(link, (value) => integer(value, 1, id - 1, label, 'link')),
  }
  const reason = entryFault(entry)
  if (reason !== undefined) throw fault(label, reason)
  if (entry.parent !== 0 && parentKind !== directoryKind) throw fault(label, `entry ${entry.parent} is no directory`)
  if (entry.link !== undefined && linkKind !== fileKind) throw fault(label, `entry ${entry.link} is no file to link to`)
  if (entry.content !== undefined && size === null) throw fault(label, `there is no content ${entry.content}`)
  const needsContent = entryKind === 'file' || entryKind === 'hardLink'
  if (needsContent && size === null && !limits.isCheckpoint) throw fault(label, 'it is a file without contents')
  checkExact(entry.name, () => exactBytes(id, 'name'), label, 'name')
  if (entry.target !== undefined) checkExact(entry.target, () => exactBytes(id, 'target'), label, 'target')
  return entry
}

/** @throws LmzError `Format` for text whose stored bytes are not valid UTF-8 */
export function checkExact(decoded: string, bytes: () => Value | undefined, row: string, column: string): void {
  if (!decoded.includes('\uFFFD')) return
  const stored = bytes()
  if (Buffer.isBuffer(stored) && stored.equals(Buffer.from(decoded))) return
  throw fault(row, `its ${column} is not valid UTF-8`)
}

export const blockColumns = `id, first_chunk, chunk_count, position, stored_length, raw_length, codec, kind, ${bounded('model', modelPrefixLength)}, primer`

/** Checks and converts a row of {@link blockColumns}. @throws LmzError `Format` that names the block */
export function blockOf(row: Row, limits: RowLimits): Block {
  const [rawId, firstChunk, chunkCount, position, storedLength, rawLength, codec, kind, model, primer] = row
  const id = integer(rawId, 1, largestBlockId, 'block', 'id')
  const label = `block ${id}`
  const rawBytes = integer(rawLength, 1, maximumBlockLength, label, 'raw length')
  const block = {
    id,
    firstChunk: natural(firstChunk, 1, label, 'first chunk'),
    // Every chunk has at least one byte.
    chunkCount: integer(chunkCount, 1, Math.min(rawBytes, mostChunksInBlock), label, 'chunk count'),
    position: natural(position, headerLength, label, 'position'),
    storedLength: integer(storedLength, 0, maximumBlockLength, label, 'stored length'),
    rawLength: rawBytes,
    codec: integer(codec, 0, 255, label, 'codec'),
    kind: integer(kind, 0, 255, label, 'kind'),
    model: optional(model, (value) => blob(value, label, 'model')),
    primer: optional(primer, (value) => integer(value, 1, largestPrimerId, label, 'primer')),
  }
  if (block.model !== undefined && block.model.length !== modelPrefixLength)
    throw fault(label, 'its model is not 8 bytes')
  if (!Number.isSafeInteger(block.firstChunk + block.chunkCount)) throw fault(label, 'its chunk ids are too large')
  if (frameEnd(block) > limits.fileLength) throw fault(label, 'it reaches beyond the end of the archive')
  return block
}

export const primerColumns = 'id, position, stored_length, raw_length, codec, kind'

/** Checks and converts a row of {@link primerColumns}. @throws LmzError `Format` that names the primer */
export function primerOf(row: Row, limits: RowLimits): PrimerRow {
  const [rawId, position, storedLength, rawLength, codec, kind] = row
  const id = integer(rawId, 1, largestPrimerId, 'primer', 'id')
  const label = `primer ${id}`
  const primer = {
    id,
    position: natural(position, headerLength, label, 'position'),
    storedLength: integer(storedLength, 0, maximumPrimerLength, label, 'stored length'),
    rawLength: integer(rawLength, 1, maximumPrimerLength, label, 'raw length'),
    codec: integer(codec, 0, 255, label, 'codec'),
    kind: integer(kind, 0, 255, label, 'kind'),
  }
  if (frameEnd(primer) > limits.fileLength) throw fault(label, 'it reaches beyond the end of the archive')
  return primer
}

/** File offset behind the payload of a block or primer. */
export function frameEnd(frame: Pick<Block, 'position' | 'storedLength'>): number {
  return frame.position + frameHeaderLength + frame.storedLength
}

/** Chunk id behind a block's or run's last chunk. */
export function chunkEnd(run: Run): number {
  return run.firstChunk + run.chunkCount
}

/** @throws LmzError `Format` when `block` does not lie behind `previous` in chunk ids and in the file */
export function checkOrder(previous: Block, block: Block): void {
  if (chunkEnd(previous) > block.firstChunk)
    throw fault(`block ${block.id}`, `it shares chunks with block ${previous.id}`)
  if (frameEnd(previous) > block.position) throw fault(`block ${block.id}`, `it overlaps block ${previous.id}`)
}

/** Checks and converts a run. A null or empty run is refused here. @throws LmzError `Format` */
export function runOf(first: Value | undefined, count: Value | undefined, label: string): Run {
  const run = {
    firstChunk: natural(first, 1, label, 'first chunk'),
    chunkCount: natural(count, 1, label, 'chunk count'),
  }
  if (!Number.isSafeInteger(chunkEnd(run))) throw fault(label, 'its chunk ids are too large')
  return run
}

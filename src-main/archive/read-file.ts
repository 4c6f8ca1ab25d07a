import { LmzError } from '../contract/error'
import type { Piece } from '../index/contents'
import type { Archive } from './archive'
import { displayPath } from './selection'

/**
 * The bytes of a file, in order, a block's share at a time; only blocks that hold some of it are read.
 * @throws LmzError `Usage` for an entry without content, `NotFound` for a file a cut-off archive does not hold, `Corrupt`
 */
export function* fileBytes(archive: Archive, entryId: number): Generator<Uint8Array> {
  for (const { block, offset, length } of archive.index.piecesOf(contentOfFile(archive, entryId))) {
    yield archive.readBlock(block).subarray(offset, offset + length)
  }
}

/**
 * A part of a file: at most `length` bytes from `offset` on, fewer at the file's end.
 * @throws LmzError as {@link fileBytes}
 */
export function readFileRange(archive: Archive, entryId: number, offset: number, length: number): Uint8Array {
  const ranges = [...blockRanges(archive, entryId, offset, length)]
  return Buffer.concat(ranges.map(({ block, from, to }) => archive.readBlock(block).subarray(from, to)))
}

/** Where a part of a file lies, in order: bytes [from, to) of a block's raw bytes. @throws LmzError `Usage`, `Corrupt` as {@link fileBytes} */
export function* blockRanges(archive: Archive, entryId: number, offset: number, length: number) {
  let pieceStart = 0
  for (const piece of archive.index.piecesOf(contentOfFile(archive, entryId))) {
    if (pieceStart >= offset + length) return
    const from = piece.offset + Math.max(offset, pieceStart) - pieceStart
    const to = piece.offset + Math.min(offset + length, pieceStart + piece.length) - pieceStart
    if (from < to) yield { block: piece.block, from, to }
    pieceStart += piece.length
  }
}

/** Where a file lies, in order. @throws LmzError as {@link fileBytes} */
export function piecesOfFile(archive: Archive, entryId: number): Iterable<Piece> {
  return archive.index.piecesOf(contentOfFile(archive, entryId))
}

/** Bytes of a file, or of the file a hard link stands for. @throws LmzError as {@link fileBytes} */
export function contentSize(archive: Archive, entryId: number): number {
  contentOfFile(archive, entryId)
  return archive.index.entry(entryId)?.size ?? 0
}

/** The content of a file, or of the file a hard link stands for. @throws LmzError `Usage`, `Corrupt` as {@link fileBytes} */
export function contentOfFile(archive: Archive, entryId: number): number {
  const entry = archive.index.entry(entryId)
  const file = entry?.link === undefined ? entry : archive.index.entry(entry.link)
  if (entry === undefined || file?.kind !== 'file') {
    throw new LmzError('Usage', `${displayPath(archive, entryId)} is not a file.`)
  }
  if (file.content === undefined) {
    const path = displayPath(archive, entryId)
    throw new LmzError('Corrupt', `${path} lies in the part of the archive that is missing.`, { subject: path })
  }
  return file.content
}

import { LmzError } from '../contract/error'
import type { Archive } from './archive'
import { displayPath } from './selection'

/**
 * The bytes of a file, in order, a block's share at a time; only blocks that hold some of it are read.
 * @throws LmzError `Usage` for an entry without content, `NotFound` for a file a cut-off archive does not hold, `Corrupt`
 */
export function* fileBytes(archive: Archive, entryId: number): Generator<Uint8Array> {
  for (const { block, offset, length } of archive.index.piecesOf(contentOf(archive, entryId))) {
    yield archive.readBlock(block).subarray(offset, offset + length)
  }
}

/**
 * A part of a file: at most `length` bytes from `offset` on, fewer at the file's end.
 * @throws LmzError as {@link fileBytes}
 */
export function readFileRange(archive: Archive, entryId: number, offset: number, length: number): Uint8Array {
  const parts: Uint8Array[] = []
  let pieceStart = 0
  for (const piece of archive.index.piecesOf(contentOf(archive, entryId))) {
    if (pieceStart >= offset + length) break
    const from = Math.max(offset, pieceStart) - pieceStart
    const to = Math.min(offset + length, pieceStart + piece.length) - pieceStart
    if (from < to) parts.push(archive.readBlock(piece.block).subarray(piece.offset + from, piece.offset + to))
    pieceStart += piece.length
  }
  return Buffer.concat(parts)
}

/** The content of a file, or of the file a hard link stands for. */
function contentOf(archive: Archive, entryId: number): number {
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

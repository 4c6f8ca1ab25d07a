import { crc32 } from 'node:zlib'
import { blake3 } from '../../kernels/blake3'
import { contentHashOf, equalBytes } from '../frame'
import {
  cellHashLength,
  decodeDescription,
  descriptionLength,
  encodeDescription,
  type ParityRun,
  recordHeaderLength,
} from './run'

/**
 * Parity comes in records that say by themselves what they are, so that they are found by scanning when all else is lost. The header of
 * one, little-endian:
 *
 *      0   4  magic D3 6C 7A 72
 *      4   1  kind: 0 the description alone, 1 XOR cell, 2 wide cell
 *      5   3  zero
 *      8   4  segment
 *     12   4  number of the XOR group or wide cell in its segment
 *     16  80  description of the run
 *     96  16  hash of the cell
 *    112  12  zero
 *    124   4  CRC-32 of bytes 0 to 123
 *
 * Behind it come the pieces of hashes that lie with the cell, then the cell.
 */
export interface ParityRecord {
  readonly kind: number
  readonly segment: number
  readonly number: number
  readonly run: ParityRun
  readonly cellHash: Uint8Array
}

export const recordKinds = { description: 0, xor: 1, wide: 2 } as const
export const recordMagic = Uint8Array.of(0xd3, 0x6c, 0x7a, 0x72)

const noCell = new Uint8Array(16)

export function encodeRecordHeader(
  run: ParityRun,
  { kind, segment = 0, number = 0, cell }: { kind: number; segment?: number; number?: number; cell?: Uint8Array },
): Uint8Array {
  const bytes = Buffer.alloc(recordHeaderLength)
  bytes.set(recordMagic, 0)
  bytes.writeUInt8(kind, 4)
  bytes.writeUInt32LE(segment, 8)
  bytes.writeUInt32LE(number, 12)
  bytes.set(encodeDescription(run.description), 16)
  bytes.set(cell === undefined ? noCell : contentHashOf(cell), 96)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 124)), 124)
  return bytes
}

/**
 * @returns undefined when the bytes are not an intact record header
 * @throws LmzError `Format` for an intact header that describes what cannot be
 */
export function decodeRecordHeader(bytes: Uint8Array): ParityRecord | undefined {
  if (bytes.length < recordHeaderLength) return undefined
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, recordHeaderLength)
  if (!recordMagic.every((byte, index) => view[index] === byte)) return undefined
  if (crc32(view.subarray(0, 124)) !== view.readUInt32LE(124)) return undefined
  return {
    kind: view.readUInt8(4),
    segment: view.readUInt32LE(8),
    number: view.readUInt32LE(12),
    run: decodeDescription(view.subarray(16, 16 + descriptionLength)),
    cellHash: Uint8Array.from(view.subarray(96, 112)),
  }
}

/** Where a record of its kind stands in an archive that kept its length; undefined for a number out of range. */
export function placeOfRecord({ kind, segment, number, run }: ParityRecord): number | undefined {
  const { segments, groups, wide } = run.description
  if (segment >= segments) return undefined
  if (kind === recordKinds.xor && number < groups) return run.xorRecordAt(segment, number)
  if (kind === recordKinds.wide && number < wide) return run.wideRecordAt(segment, number)
  return undefined
}

/** The hash of a cell, filled up with zeros to its full length. */
export function cellHash(cell: Uint8Array): Uint8Array {
  return blake3(cell).subarray(0, cellHashLength)
}

/**
 * A piece: the hashes of the cells of a group, zeros for cells a shorter segment does not have, and the hash of the piece, which
 * binds it to its place.
 */
export function encodePiece(run: ParityRun, segment: number, group: number, hashes: readonly Uint8Array[]): Uint8Array {
  const piece = new Uint8Array(run.pieceLength)
  hashes.forEach((hash, at) => piece.set(hash, at * cellHashLength))
  const end = run.pieceLength - cellHashLength
  piece.set(pieceHash(run, segment, group, piece.subarray(0, end)), end)
  return piece
}

/** @returns the hashes in order of the group's cells; undefined for a damaged piece, or that of another place */
export function decodePiece(
  run: ParityRun,
  segment: number,
  group: number,
  piece: Uint8Array,
): readonly Uint8Array[] | undefined {
  const end = run.pieceLength - cellHashLength
  const hashes = piece.subarray(0, end)
  if (!equalBytes(pieceHash(run, segment, group, hashes), piece.subarray(end, end + cellHashLength))) return undefined
  return Array.from({ length: end / cellHashLength }, (_, at) =>
    hashes.slice(at * cellHashLength, (at + 1) * cellHashLength),
  )
}

function pieceHash(run: ParityRun, segment: number, group: number, hashes: Uint8Array): Uint8Array {
  const place = Buffer.alloc(8)
  place.writeUInt32LE(segment, 0)
  place.writeUInt32LE(group, 4)
  return blake3(Buffer.concat([run.hash, place, hashes])).subarray(0, cellHashLength)
}

import { LmzError } from '../../contract/error'
import { contentHashOf, frameHeaderLength } from '../frame'
import { levelsFor, type SegmentShape } from './segment-code'

/**
 * What a parity frame protects, and with what: all bytes of the archive from where the parity frame before it ends, or from the first
 * byte, up to the frame itself. Everything else about the frame follows from these numbers (docs/format.md, "Parity").
 */
export interface RunDescription {
  readonly archiveId: Uint8Array
  /** The first byte that is covered. */
  readonly from: number
  /** Where the parity frame stands; the bytes before it, from `from` on, are covered. */
  readonly position: number
  /** The parity frame before this one; position 0 if it is the first. */
  readonly previous: { readonly position: number; readonly hash: Uint8Array }
  /** Bytes of a cell, a power of two. */
  readonly cellLength: number
  readonly segments: number
  /** XOR groups of each segment. */
  readonly groups: number
  /** Wide cells of each segment. */
  readonly wide: number
}

export const descriptionLength = 80
export const recordHeaderLength = 128
/** Bytes of a cell's hash, and of the hash of a piece of hashes. */
export const cellHashLength = 8
/** Cells that follow each other belong to the same segment in units of so many. */
export const unitCells = 16

const shortestCell = 32
const longestCell = 64 * 1024
/** Of all XOR cells of a segment, and of its wide cells: a reader can bound its memory from the description alone. */
const mostCellBytes = 64 * 1024 * 1024
const fieldSize = 65_536

export function encodeDescription(run: RunDescription): Uint8Array {
  const bytes = Buffer.alloc(descriptionLength)
  bytes.set(run.archiveId, 0)
  bytes.writeBigUInt64LE(BigInt(run.from), 16)
  bytes.writeBigUInt64LE(BigInt(run.position), 24)
  bytes.writeBigUInt64LE(BigInt(run.previous.position), 32)
  bytes.set(run.previous.hash, 40)
  bytes.writeUInt32LE(run.cellLength, 56)
  bytes.writeUInt32LE(run.segments, 60)
  bytes.writeUInt32LE(run.groups, 64)
  bytes.writeUInt32LE(run.wide, 68)
  return bytes
}

/** @throws LmzError `Format` for numbers that no writer puts down; nothing is allocated before */
export function decodeDescription(bytes: Uint8Array): ParityRun {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, descriptionLength)
  return new ParityRun({
    archiveId: Uint8Array.from(view.subarray(0, 16)),
    from: offsetAt(view, 16),
    position: offsetAt(view, 24),
    previous: { position: offsetAt(view, 32), hash: Uint8Array.from(view.subarray(40, 56)) },
    cellLength: view.readUInt32LE(56),
    segments: view.readUInt32LE(60),
    groups: view.readUInt32LE(64),
    wide: view.readUInt32LE(68),
  })
}

/** Values over 2^53 cannot be offsets of a real file and become Infinity. */
function offsetAt(view: Buffer, at: number): number {
  const value = view.readBigUInt64LE(at)
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.POSITIVE_INFINITY : Number(value)
}

/** A place in a run: the number of a cell within its segment. */
export interface CellPlace {
  readonly segment: number
  readonly index: number
}

/** A description with all that follows from it: where cells, records and tables lie. */
export class ParityRun {
  readonly description: RunDescription
  /** First 16 bytes of the BLAKE3 of the description. */
  readonly hash: Uint8Array
  readonly cells: number
  /** Cells of the largest segment. */
  readonly mostCells: number
  /** Bytes of a piece: the hashes of a group's cells and the hash of these. */
  readonly pieceLength: number
  readonly piecesOfWide: number
  readonly xorRecordLength: number
  readonly wideRecordLength: number
  readonly payloadLength: number

  /** @throws LmzError `Format` */
  constructor(description: RunDescription) {
    this.description = description
    const { from, position, previous, cellLength, segments, groups, wide } = description
    const follows = previous.position === 0 ? from === 0 : previous.position < from
    this.#require(Number.isFinite(position) && from < position && follows)
    this.#require(cellLength >= shortestCell && cellLength <= longestCell && (cellLength & (cellLength - 1)) === 0)
    this.cells = Math.ceil((position - from) / cellLength)
    const units = Math.ceil(this.cells / unitCells)
    this.#require(segments >= 1 && segments <= units)
    this.mostCells = Math.min(this.cells, Math.ceil(units / segments) * unitCells)
    this.#require(groups >= 1 && groups <= fieldSize && groups * cellLength <= mostCellBytes)
    this.#require(wide >= 1 && wide <= fieldSize)
    const width = 2 ** levelsFor(wide)
    this.#require(width * cellLength <= mostCellBytes)
    this.#require((Math.ceil(this.mostCells / width) + 1) * width <= fieldSize)
    this.pieceLength = (Math.ceil(this.mostCells / groups) + 1) * cellHashLength
    this.piecesOfWide = Math.ceil(groups / wide)
    this.xorRecordLength = recordHeaderLength + this.pieceLength + cellLength
    this.wideRecordLength = recordHeaderLength + this.piecesOfWide * this.pieceLength + cellLength
    const records = groups * this.xorRecordLength + wide * this.wideRecordLength
    this.payloadLength = 2 * recordHeaderLength + segments * (records + groups * this.pieceLength)
    this.#require(Number.isSafeInteger(position + this.payloadLength))
    this.hash = contentHashOf(encodeDescription(description))
  }

  #require(holds: boolean): void {
    if (holds) return
    const { position } = this.description
    throw new LmzError('Format', `The parity record at byte ${position} describes what cannot be.`, {
      offset: position,
    })
  }

  /** Where the frame ends. */
  get end(): number {
    return this.description.position + frameHeaderLength + this.payloadLength
  }

  /** Bytes that are covered. */
  get length(): number {
    return this.description.position - this.description.from
  }

  placeOf(cell: number): CellPlace {
    const { segments } = this.description
    const unit = Math.floor(cell / unitCells)
    return { segment: unit % segments, index: Math.floor(unit / segments) * unitCells + (cell % unitCells) }
  }

  cellAt({ segment, index }: CellPlace): number {
    const unit = Math.floor(index / unitCells) * this.description.segments + segment
    return unit * unitCells + (index % unitCells)
  }

  segmentCells(segment: number): number {
    const { segments } = this.description
    const units = Math.ceil(this.cells / unitCells)
    const own = Math.floor((units - segment - 1) / segments) + 1
    const hasLast = (units - 1) % segments === segment
    return own * unitCells - (hasLast ? units * unitCells - this.cells : 0)
  }

  shapeOf(segment: number): SegmentShape {
    const { cellLength, groups, wide } = this.description
    return { cells: this.segmentCells(segment), cellLength, groups, wide }
  }

  /** File offset of a cell; the last one may go on beyond what is covered, and counts as filled up with zeros. */
  positionOf(cell: number): number {
    return this.description.from + cell * this.description.cellLength
  }

  /** Cells of a segment that are in a group. */
  *membersOf(segment: number, group: number): Generator<number> {
    const cells = this.segmentCells(segment)
    for (let index = group; index < cells; index += this.description.groups) yield this.cellAt({ segment, index })
  }

  xorRecordAt(segment: number, group: number): number {
    const { segments } = this.description
    return this.#recordsAt + (group * segments + segment) * this.xorRecordLength
  }

  wideRecordAt(segment: number, row: number): number {
    const { segments, groups } = this.description
    return this.xorRecordAt(0, groups) + (row * segments + segment) * this.wideRecordLength
  }

  /** Where the piece of a group lies in the table. */
  tablePieceAt(segment: number, group: number): number {
    const { wide, groups } = this.description
    return this.wideRecordAt(0, wide) + (segment * groups + group) * this.pieceLength
  }

  /** All places of a group's piece of hashes: in the table, with its XOR cell, with a wide cell. */
  pieceCopies(segment: number, group: number): readonly number[] {
    const { wide } = this.description
    const inWide = this.wideRecordAt(segment, group % wide) + Math.floor(group / wide) * this.pieceLength
    return [
      this.tablePieceAt(segment, group),
      this.xorRecordAt(segment, group) + recordHeaderLength,
      inWide + recordHeaderLength,
    ]
  }

  get #recordsAt(): number {
    return this.description.position + frameHeaderLength + recordHeaderLength
  }
}

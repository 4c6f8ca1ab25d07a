import { LmzError } from '../../contract/error'
import type { ByteSource } from '../../format/byte-source'
import { contentHashOf, equalBytes, frameHeaderLength } from '../../format/frame'
import { cellHash, decodePiece, decodeRecordHeader, recordKinds } from '../../format/parity/record'
import { type ParityRun, recordHeaderLength } from '../../format/parity/run'
import { readUpTo } from './patched-source'

/** Where the bytes of a cell were found. */
export interface FoundCell {
  readonly bytes: Uint8Array
  /** How far from its place. */
  readonly shift: number
}

/** Hashes that are kept, some hundred megabytes: a piece has up to 65,536 of them. */
const mostHashes = 1024 * 1024

/**
 * Reads cells and parity records of a run, and tells by their hashes whether they are whole. What is not at its place is looked for
 * as far from it as other parts of the archive were found.
 */
export class CellReader {
  readonly #source: ByteSource
  readonly #run: ParityRun
  /** The one that was right last is tried first. */
  #shifts: readonly number[]
  readonly #pieces = new Map<string, readonly Uint8Array[] | undefined>()
  #keptHashes = 0
  /** Bytes of the archive that were read, for who wants to know what repairing costs. */
  bytesRead = 0

  constructor(source: ByteSource, run: ParityRun, shifts: readonly number[]) {
    this.#source = source
    this.#run = run
    this.#shifts = shifts
  }

  /** The recorded hash of a cell; undefined if all copies of it are lost. */
  hashOf(cell: number): Uint8Array | undefined {
    const { segment, index } = this.#run.placeOf(cell)
    const { groups } = this.#run.description
    return this.#pieceOf(segment, index % groups)?.[Math.floor(index / groups)]
  }

  /** A cell that is whole; undefined for one that is damaged, missing, or whose hash is lost. */
  find(cell: number): FoundCell | undefined {
    const hash = this.hashOf(cell)
    if (hash === undefined) return undefined
    for (const shift of this.#shifts) {
      // What lies outside of the file reads as zeros, and may be right, but nobody can read it from there.
      if (shift !== 0 && !this.#isInFile(cell, shift)) continue
      const bytes = this.#cellAt(cell, shift)
      if (!equalBytes(cellHash(bytes), hash)) continue
      this.#prefer(shift)
      return { bytes, shift }
    }
    return undefined
  }

  /** The bytes at a cell's place, right or not; zeros for what lies outside of the file. */
  raw(cell: number): Uint8Array {
    return this.#cellAt(cell, 0)
  }

  /** @returns undefined for a damaged one */
  xorCell(segment: number, group: number): Uint8Array | undefined {
    const { xorRecordLength } = this.#run
    const place = this.#run.xorRecordAt(segment, group)
    return this.#recordCell({ kind: recordKinds.xor, segment, number: group }, place, xorRecordLength)
  }

  /** @returns undefined for a damaged one */
  wideCell(segment: number, row: number): Uint8Array | undefined {
    const { wideRecordLength } = this.#run
    const place = this.#run.wideRecordAt(segment, row)
    return this.#recordCell({ kind: recordKinds.wide, segment, number: row }, place, wideRecordLength)
  }

  /** Whether a copy of a piece of hashes is whole where it should be. */
  isPieceAt(segment: number, group: number, place: number): boolean {
    const bytes = this.#read(place, this.#run.pieceLength)
    return decodePiece(this.#run, segment, group, bytes) !== undefined
  }

  /** How many of the two records that only describe the run are not at their places. */
  damagedDescriptions(): number {
    const { position } = this.#run.description
    const places = [position + frameHeaderLength, this.#run.end - recordHeaderLength]
    return places.filter((place) => {
      const header = this.#headerAt(place)
      return header === undefined || !equalBytes(header.run.hash, this.#run.hash)
    }).length
  }

  #pieceOf(segment: number, group: number): readonly Uint8Array[] | undefined {
    const key = `${segment} ${group}`
    if (this.#pieces.has(key)) return this.#pieces.get(key)
    const piece = this.#findPiece(segment, group)
    // A piece that is lost takes room as well.
    const room = 1 + (piece?.length ?? 0)
    if (this.#keptHashes + room > mostHashes) {
      this.#pieces.clear()
      this.#keptHashes = 0
    }
    this.#pieces.set(key, piece)
    this.#keptHashes += room
    return piece
  }

  #findPiece(segment: number, group: number): readonly Uint8Array[] | undefined {
    for (const place of this.#run.pieceCopies(segment, group)) {
      for (const shift of this.#shifts) {
        const bytes = this.#read(place + shift, this.#run.pieceLength)
        const piece = decodePiece(this.#run, segment, group, bytes)
        if (piece !== undefined) return piece
      }
    }
    return undefined
  }

  #recordCell(
    wanted: { readonly kind: number; readonly segment: number; readonly number: number },
    place: number,
    length: number,
  ): Uint8Array | undefined {
    for (const shift of this.#shifts) {
      const header = this.#headerAt(place + shift)
      if (header === undefined || !equalBytes(header.run.hash, this.#run.hash)) continue
      if (header.kind !== wanted.kind || header.segment !== wanted.segment || header.number !== wanted.number) continue
      const { cellLength } = this.#run.description
      const cell = this.#read(place + shift + length - cellLength, cellLength)
      if (equalBytes(contentHashOf(cell), header.cellHash)) return cell
    }
    return undefined
  }

  #headerAt(position: number) {
    try {
      return decodeRecordHeader(this.#read(position, recordHeaderLength))
    } catch (cause) {
      if (cause instanceof LmzError && cause.code === 'Format') return undefined
      throw cause
    }
  }

  #isInFile(cell: number, shift: number): boolean {
    const from = this.#run.positionOf(cell) + shift
    return from >= 0 && from + this.#coveredOf(cell) <= this.#source.size
  }

  /** How many bytes of a cell are covered: of the last one, maybe fewer. */
  #coveredOf(cell: number): number {
    const { cellLength, position } = this.#run.description
    return Math.min(cellLength, position - this.#run.positionOf(cell))
  }

  /** Filled up with zeros behind the covered bytes. */
  #cellAt(cell: number, shift: number): Uint8Array {
    const { cellLength } = this.#run.description
    const from = this.#run.positionOf(cell)
    const covered = this.#coveredOf(cell)
    const bytes = this.#read(from + shift, covered)
    if (covered === cellLength) return bytes
    const filled = new Uint8Array(cellLength)
    filled.set(bytes)
    return filled
  }

  #read(position: number, length: number): Uint8Array {
    this.bytesRead += length
    return readUpTo(this.#source, position, length)
  }

  #prefer(shift: number): void {
    if (this.#shifts[0] !== shift) this.#shifts = [shift, ...this.#shifts.filter((other) => other !== shift)]
  }
}

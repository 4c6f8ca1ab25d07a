import type { ByteSource } from '../../format/byte-source'
import { archiveTagOf, encodeFrameHeader, frameTypes } from '../../format/frame'
import { cellHash, encodePiece, encodeRecordHeader, recordKinds } from '../../format/parity/record'
import { cellHashLength, type ParityRun, unitCells } from '../../format/parity/run'
import { SegmentCode } from '../../format/parity/segment-code'
import { type ParityKernel, startParityKernel } from '../../kernels/parity-kernel'
import { type ArchiveSink, type ArchiveSource, type Storage, unfinishedPath } from '../storage'

/** Told after each stretch of bytes; may wait, or throw to end the work. */
export type OnCovered = (bytes: number) => Promise<void>

export interface RunToWrite {
  readonly run: ParityRun
  /** The archive, with all bytes that the run covers. */
  readonly source: ByteSource
  /** Sequence number of the commit the frame belongs to. */
  readonly commit: number
  readonly storage: Storage
  /** Beside this path, parity of large runs is kept until all of it is there. */
  readonly path: string
  readonly onCovered?: OnCovered | undefined
}

/**
 * Reads what a run covers, once, and appends its parity frame. The parity cells of all segments alternate in the file, so that damage in
 * one place takes few of each; of more than one segment they wait in a file of their own meanwhile.
 */
export async function writeRun(sink: Pick<ArchiveSink, 'append'>, parts: RunToWrite): Promise<void> {
  const { run, commit } = parts
  const frameHeader = encodeFrameHeader({
    type: frameTypes.parity,
    codec: 0,
    archiveTag: archiveTagOf(run.description.archiveId),
    id: commit,
    rawLength: run.payloadLength,
    storedLength: run.payloadLength,
    contentHash: run.hash,
  })
  const kernel = startParityKernel()
  const hashes: Uint8Array[] = []
  if (run.description.segments === 1) {
    const segment = await encodeSegment(parts, kernel, 0)
    hashes.push(segment.hashes)
    await sink.append(frameHeader)
    await appendPayload(sink, run, hashes, ({ kind, number }) =>
      kind === recordKinds.xor ? segment.code.xorCell(number) : segment.code.wideCell(number),
    )
    return
  }
  const waiting = await WaitingCells.create(parts)
  try {
    for (let number = 0; number < run.description.segments; number++) {
      const segment = await encodeSegment(parts, kernel, number)
      hashes.push(segment.hashes)
      await waiting.add(segment.code)
    }
    const cells = waiting.open()
    await sink.append(frameHeader)
    await appendPayload(sink, run, hashes, (cell) => cells.read(cell))
  } finally {
    await waiting.remove()
  }
}

interface ParityCell {
  readonly kind: number
  readonly segment: number
  readonly number: number
}

interface EncodedSegment {
  readonly code: SegmentCode
  /** By number in the segment. */
  readonly hashes: Uint8Array
}

async function encodeSegment(
  { run, source, onCovered }: RunToWrite,
  kernel: ParityKernel,
  segment: number,
): Promise<EncodedSegment> {
  const shape = run.shapeOf(segment)
  const code = new SegmentCode(shape, kernel)
  const hashes = new Uint8Array(shape.cells * cellHashLength)
  for (let index = 0; index < shape.cells; index += unitCells) {
    const count = Math.min(unitCells, shape.cells - index)
    const bytes = readCells(source, run, run.cellAt({ segment, index }), count)
    for (let at = 0; at < count; at++) {
      const cell = bytes.subarray(at * shape.cellLength, (at + 1) * shape.cellLength)
      hashes.set(cellHash(cell), (index + at) * cellHashLength)
    }
    code.put(index, bytes)
    await onCovered?.(bytes.length)
  }
  code.finish()
  return { code, hashes }
}

/** Cells that follow each other, the last one of the run filled up with zeros. */
export function readCells(source: ByteSource, run: ParityRun, cell: number, count: number): Uint8Array {
  const { cellLength, position } = run.description
  const from = run.positionOf(cell)
  const length = count * cellLength
  const present = Math.min(length, position - from)
  const bytes = source.read(from, present)
  if (present === length) return bytes
  const filled = new Uint8Array(length)
  filled.set(bytes)
  return filled
}

async function appendPayload(
  sink: Pick<ArchiveSink, 'append'>,
  run: ParityRun,
  hashes: readonly Uint8Array[],
  cellOf: (cell: ParityCell) => Uint8Array,
): Promise<void> {
  const { segments, groups, wide } = run.description
  const pieceOf = (segment: number, group: number): Uint8Array => {
    const ofSegment = hashes[segment] ?? new Uint8Array()
    const members: Uint8Array[] = []
    for (let index = group; index * cellHashLength < ofSegment.length; index += groups) {
      members.push(ofSegment.subarray(index * cellHashLength, (index + 1) * cellHashLength))
    }
    return encodePiece(run, segment, group, members)
  }
  const description = encodeRecordHeader(run, { kind: recordKinds.description })
  await sink.append(description)
  for (let number = 0; number < groups; number++) {
    for (let segment = 0; segment < segments; segment++) {
      const place = { kind: recordKinds.xor, segment, number }
      const cell = cellOf(place)
      await sink.append(encodeRecordHeader(run, { ...place, cell }), pieceOf(segment, number), cell)
    }
  }
  const unused = new Uint8Array(run.pieceLength)
  for (let number = 0; number < wide; number++) {
    for (let segment = 0; segment < segments; segment++) {
      const place = { kind: recordKinds.wide, segment, number }
      const cell = cellOf(place)
      const pieces = Array.from({ length: run.piecesOfWide }, (_, at) => {
        const group = number + at * wide
        return group < groups ? pieceOf(segment, group) : unused
      })
      await sink.append(encodeRecordHeader(run, { ...place, cell }), ...pieces, cell)
    }
  }
  for (let segment = 0; segment < segments; segment++) {
    for (let group = 0; group < groups; group++) await sink.append(pieceOf(segment, group))
  }
  await sink.append(description)
}

/** Parity cells of all segments of a run, in a file beside the archive. */
class WaitingCells {
  readonly #run: ParityRun
  readonly #storage: Storage
  readonly #path: string
  readonly #sink: ArchiveSink
  #source: ArchiveSource | undefined

  private constructor({ run, storage }: RunToWrite, path: string, sink: ArchiveSink) {
    this.#run = run
    this.#storage = storage
    this.#path = path
    this.#sink = sink
  }

  static async create(parts: RunToWrite): Promise<WaitingCells> {
    const path = unfinishedPath(parts.path)
    return new WaitingCells(parts, path, await parts.storage.createSink(path))
  }

  async add(code: SegmentCode): Promise<void> {
    const { groups, wide } = this.#run.description
    for (let group = 0; group < groups; group++) await this.#sink.append(code.xorCell(group))
    for (let row = 0; row < wide; row++) await this.#sink.append(code.wideCell(row))
  }

  open(): { read(cell: ParityCell): Uint8Array } {
    const { groups, wide, cellLength } = this.#run.description
    const source = (this.#source ??= this.#storage.openSource(this.#path))
    return {
      read: ({ kind, segment, number }) => {
        const cell = segment * (groups + wide) + (kind === recordKinds.xor ? number : groups + number)
        return source.read(cell * cellLength, cellLength)
      },
    }
  }

  async remove(): Promise<void> {
    this.#source?.close()
    await this.#sink.close().catch(() => undefined)
    await this.#storage.remove(this.#path).catch(() => undefined)
  }
}

import { fstatSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { mix } from '../../codecs/mix/mix'
import { codecByNumber } from '../../codecs/registry'
import { encodeBlock } from '../../codecs/encode-block'
import type { Base } from '../../codecs/codec'
import type { Candidate } from '../../codecs/presets'
import { contentKindOf } from '../../contract/content-kind'
import { LmzError, toLmzError } from '../../contract/error'
import { stretchPassword } from '../../crypto/stretch'
import { contentHashOf } from '../../format/frame'
import { type FrameSource, readFrame } from '../../format/frame-reader'
import { FrameSeal } from '../../format/seal'
import { ingestBatch } from '../../intake/ingest'
import { readSamples } from '../../intake/sample'
import { findInFiles } from '../../intake/tensors/find-in-files'
import { blake3 } from '../../kernels/blake3'
import { type PriorArena, usePriorArena } from '../../models/prior-arena'
import { writePiece, writeWholeFile } from '../../outlet/write-file'
import { BlockNeeds } from '../bases/block-needs'
import { readBlock, readHints, readStoredBlock, readWithHash } from '../block-reader'
import { chunkHint } from '../packing/chunk-table'
import { tryBlock } from '../estimate/try-block'
import { type BlockBytes, chancesInBlock, measureBlock } from '../insight/measure-block'
import { readExactly } from '../storage'
import { chooseSegments } from '../primer/coverage'
import { readPrimer } from '../primer/reader'
import { PatchedSource } from '../protection/patched-source'
import { sealRest } from '../encryption/sealed-rest'
import { effectiveRank } from '../tensors/effective-rank'
import { valueStatistics } from '../tensors/value-statistics'
import type {
  BaseToRead,
  BlockToRead,
  CandidateChoice,
  EncodeInput,
  EncodeResult,
  IngestInput,
  MeasureInput,
  PieceFailure,
  PieceToWrite,
  SampleInput,
  SegmentsInput,
  SourceToRead,
  TaskName,
  Tasks,
  TrialInput,
} from './tasks'

/*
 * A worker thread of the pool: takes a task, does it, answers. Tasks are independent, so a thread keeps nothing but its
 * instances of the WebAssembly kernels and the newest primers and bases of the archives that its pool read last.
 */
const needsByOpening = new Map<number, BlockNeeds>()

/** A job may read one archive and write another; windows, of which each has one, share a thread. */
const mostOpenings = 2

/** A task's answer and the buffers in it that are handed over. */
interface Outcome<Result> {
  readonly result: Result
  readonly transfer?: readonly ArrayBuffer[]
}

type Handlers = {
  readonly [Name in TaskName]: (
    input: Tasks[Name]['input'],
  ) => Outcome<Tasks[Name]['result']> | Promise<Outcome<Tasks[Name]['result']>>
}

const handlers: Handlers = {
  async ingest({ requests, buffer, chunking }: IngestInput) {
    const results = await ingestBatch(requests, new Uint8Array(buffer), chunking)
    return { result: results }
  },
  async sample({ requests, buffer }: SampleInput) {
    return { result: await readSamples(requests, new Uint8Array(buffer)) }
  },
  findTensors(files) {
    return { result: findInFiles(files) }
  },
  chooseSegments({ sample, pieces, limit }: SegmentsInput) {
    return { result: chooseSegments(sample, pieces, limit) }
  },
  async measure({ blocks, kind, candidate, primer, base }: MeasureInput) {
    const codec = codecByNumber(candidate.codec)
    const lengths: number[] = []
    for (const block of blocks)
      lengths.push((await codec.encode(block, { kind, primer, base }, candidate.effort)).length)
    return { result: lengths }
  },
  encode,
  async tryBlock({ raw, kind, candidates, chunking, isDecoded, primer, base }: TrialInput) {
    return { result: await tryBlock(raw, { kind, primer, base }, codecsOf(candidates), { chunking, isDecoded }) }
  },
  decode(input) {
    const raw = read(input)
    return { result: raw, transfer: ownedBuffer(raw) }
  },
  checkPayload(input) {
    read(input)
    const frame = readFrame(sourceOf(input), input.block.position)
    const { contentHash } = frame.header
    const stored = frame.payload()
    return { result: { stored, contentHash }, transfer: ownedBuffer(stored) }
  },
  readPrimer(input) {
    return { result: readPrimer(sourceOf(input), input.primer, input.archiveTag) }
  },
  verify(input) {
    const hashes = hashChunks(read(input), input.lengths)
    const hints = readHints(sourceOf(input), input.block)
    const agrees = hints.every((hint, at) => hint === chunkHint(hashes.subarray(at * 32)))
    return { result: agrees && hints.length === input.lengths.length }
  },
  async measureBlock(input) {
    const measured = await measureBlock(bytesOf(input, read(input)), input.model)
    return { result: measured, transfer: ownedBuffer(measured.milliBits) }
  },
  async measureRaw({ raw, kind }) {
    const stored = await mix.encode(raw, { kind }, 0)
    return { result: await measureBlock({ codec: mix.number, stored, raw, context: { kind } }) }
  },
  async forecast(input) {
    const chances = await chancesInBlock(bytesOf(input, input.raw), input.offset, input.model)
    return { result: chances }
  },
  hashChunks(input) {
    const hashes = hashChunks(read(input), input.lengths)
    return { result: hashes, transfer: [hashes.buffer] }
  },
  async stretch({ password, salt, cost, allowCostly }) {
    return { result: await stretchPassword(password, salt, cost, allowCostly) }
  },
  valueStatistics({ type, bytes, isBigEndian }) {
    return { result: valueStatistics(type, new Uint8Array(bytes), isBigEndian) }
  },
  effectiveRank({ type, shape, bytes, ...form }) {
    return { result: effectiveRank(type, shape, new Uint8Array(bytes), form) }
  },
  extract(input) {
    const raw = read(input)
    const failures: PieceFailure[] = []
    input.pieces.forEach((piece, index) => {
      try {
        write(piece, raw.subarray(piece.blockOffset, piece.blockOffset + piece.length))
      } catch (thrown) {
        failures.push({ piece: index, error: toLmzError(thrown, `Cannot write ${piece.displayPath}`).toData() })
      }
    })
    return { result: failures }
  },
}

/** BLAKE3 of consecutive pieces, 32 bytes each. */
function hashChunks(raw: Uint8Array, lengths: readonly number[]): Uint8Array<ArrayBuffer> {
  const hashes = new Uint8Array(32 * lengths.length)
  let start = 0
  lengths.forEach((length, at) => {
    hashes.set(blake3(raw.subarray(start, start + length)), at * 32)
    start += length
  })
  return hashes
}

async function encode({
  buffer,
  length,
  kind,
  candidates,
  primer,
  base,
  sealing,
}: EncodeInput): Promise<Outcome<EncodeResult>> {
  const raw = new Uint8Array(buffer, 0, length)
  const context = { kind: contentKindOf(kind), primer, base: base && readBase(base) }
  const { codec, stored, isPrimed, rejected } = await encodeBlock(raw, context, codecsOf(candidates))
  const contentHash = contentHashOf(raw)
  const storedLength = stored.length
  const sealed = sealing && sealRest(sealing, stored, new Uint8Array(buffer))
  // What is stored is never longer than the raw bytes, which nobody needs any more.
  if (sealed === undefined && stored.buffer !== buffer) raw.set(stored)
  const common = { codec: codec.number, kind, rawLength: length, storedLength, contentHash, isPrimed }
  return { result: { ...common, sealed, rejected: rejected?.toData() } }
}

/** @returns undefined for a base that cannot be read: then the block is coded alone */
function readBase(input: BaseToRead): Base | undefined {
  const { block, offset, archiveTag } = input
  try {
    const { bytes, hash } = readWithHash(sourceOf(input), block, archiveTag, needsFor(input))
    return { id: block.id, hash, bytes, offset }
  } catch (cause) {
    if (cause instanceof LmzError && cause.code !== 'Io') return undefined
    throw cause
  }
}

function codecsOf(candidates: readonly CandidateChoice[]): Candidate[] {
  return candidates.map(({ codec, effort, kinds }) => ({ codec: codecByNumber(codec), effort, kinds }))
}

function write(piece: PieceToWrite, bytes: Uint8Array): void {
  const { path, displayPath, whole, fileOffset } = piece
  if (whole === undefined) writePiece(path, fileOffset, bytes, displayPath)
  else writeWholeFile(path, bytes, { ...whole, displayPath })
}

function read(input: BlockToRead): Uint8Array {
  return readBlock(sourceOf(input), input.block, input.archiveTag, needsFor(input))
}

function bytesOf(input: BlockToRead, raw: Uint8Array): BlockBytes {
  const { block, archiveTag } = input
  const { header, stored, primer, base } = readStoredBlock(sourceOf(input), block, archiveTag, needsFor(input))
  return { codec: header.codec, stored, raw, context: { kind: contentKindOf(header.kind), primer, base } }
}

/** What is repaired must not be taken for the damaged one that is kept in mind, nor the other way round. */
function needsFor(input: SourceToRead): BlockNeeds {
  if (hasPatches(input)) return new BlockNeeds()
  const { opening } = input
  const needs = needsByOpening.get(opening) ?? new BlockNeeds()
  needsByOpening.delete(opening)
  needsByOpening.set(opening, needs)
  const [oldest = opening] = needsByOpening.keys()
  if (needsByOpening.size > mostOpenings) needsByOpening.delete(oldest)
  return needs
}

function hasPatches({ patches = [] }: SourceToRead): boolean {
  return patches.length > 0
}

function sourceOf(input: SourceToRead): FrameSource {
  const { descriptor, fileSize, sealKey, patches = [] } = input
  const seal = sealKey && new FrameSeal(sealKey)
  const read = (position: number, length: number): Uint8Array => readExactly(descriptor, position, length)
  if (!hasPatches(input)) return { size: fileSize, read, seal }
  return new PatchedSource({ size: fstatSync(descriptor).size, read, seal }, fileSize, patches)
}

/** The buffer under these bytes if they have it to themselves; pooled buffers of Node must not be handed over. */
function ownedBuffer(bytes: Uint8Array | Uint32Array): ArrayBuffer[] {
  const { buffer } = bytes
  return buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength ? [buffer] : []
}

usePriorArena(workerData as PriorArena)
const port = parentPort
port?.on('message', ({ id, name, input }: { id: number; name: TaskName; input: never }) => {
  const answer = async (): Promise<void> => {
    try {
      const { result, transfer } = await handlers[name](input)
      port.postMessage({ id, result }, transfer ?? [])
    } catch (thrown) {
      port.postMessage({ id, error: toLmzError(thrown, 'A worker failed').toData() })
    }
  }
  void answer()
})

import { zstdCompressSync } from 'node:zlib'
import { chunkHint } from '../../src-main/archive/packing/chunk-table'
import { encodeFooter, type Footer } from '../../src-main/format/footer'
import {
  archiveTagOf,
  contentHashOf,
  encodeFrameHeader,
  type FrameFields,
  frameTypes,
  hintLength,
} from '../../src-main/format/frame'
import { encodeHeader } from '../../src-main/format/header'
import { IndexWriter } from '../../src-main/index/index-writer'
import { blake3 } from '../../src-main/kernels/blake3'
import { tampered } from '../unit/index/sample-index'

export interface CraftedBlock {
  /** The files it holds, a chunk each, by name. A file may go on in a later block. */
  readonly files: Readonly<Record<string, Uint8Array>>
  /** 0 (store) unless given. */
  readonly codec?: number
  /** Number of its primer, from 1. */
  readonly primer?: number
  /** A payload that is not the right one. */
  readonly stored?: Uint8Array
  /** What the frame header says instead of the truth; the index still tells the truth. */
  readonly header?: Partial<FrameFields>
}

export interface CraftedPrimer {
  readonly bytes: Uint8Array
  /** 0 (store) unless given. */
  readonly codec?: number
  /** A payload that is not the right one. */
  readonly stored?: Uint8Array
  /** What the frame header says instead of the truth; the index still tells the truth. */
  readonly header?: Partial<FrameFields>
}

/** An archive of which any statement may be a lie; every checksum is right. */
export interface Craft {
  readonly archiveId?: Uint8Array
  /** They stand before the blocks. */
  readonly primers?: readonly CraftedPrimer[]
  readonly blocks: readonly CraftedBlock[]
  /** SQL that changes the index, without types and constraints to stop it. */
  readonly tamper?: string
  /** Bytes in the place of the index database. */
  readonly database?: (right: Uint8Array) => Uint8Array
  readonly indexHeader?: Partial<FrameFields>
  readonly footer?: Partial<Footer>
}

export interface CraftedArchive {
  readonly bytes: Buffer
  /** Positions of the blocks' frame headers. */
  readonly positions: readonly number[]
  readonly primerPositions: readonly number[]
  readonly indexPosition: number
  readonly footerPosition: number
}

export const idOfA = Buffer.from('archive A, sixte')
export const idOfB = Buffer.from('brchive B, sixte')
const mtimeNs = 1_763_700_000_123_456_000n

export function craftArchive({
  archiveId = idOfA,
  primers = [],
  blocks,
  tamper,
  database,
  indexHeader,
  footer,
}: Craft): CraftedArchive {
  const archiveTag = archiveTagOf(archiveId)
  const version = { major: 1, minor: 0, features: 0 }
  const parts: Uint8Array[] = [encodeHeader({ ...version, archiveId, keySlots: 0 })]
  let position = parts[0]?.length ?? 0
  const append = (fields: FrameFields, payload: Uint8Array): number => {
    const start = position
    parts.push(encodeFrameHeader(fields), payload)
    position += 64 + payload.length
    return start
  }

  const index = IndexWriter.create()
  const pieces = new Map<string, { firstChunk: number; length: number }[]>()
  const primerPositions = primers.map(({ bytes, codec = 0, stored, header }, at) => {
    const payload = stored ?? (codec === 1 ? zstdCompressSync(bytes) : bytes)
    const common = { codec, kind: 0, id: at + 1, rawLength: bytes.length, storedLength: payload.length }
    const right = { ...common, type: frameTypes.primer, archiveTag, contentHash: contentHashOf(bytes) }
    const start = append({ ...right, ...header }, payload)
    index.addPrimer({ ...common, position: start })
    return start
  })
  const positions = blocks.map(({ files, codec = 0, primer, stored, header }, at) => {
    const chunks = Object.values(files)
    const raw = Buffer.concat(chunks)
    const payload = stored ?? (codec === 1 ? zstdCompressSync(raw) : raw)
    const hints = Buffer.alloc(chunks.length * hintLength)
    chunks.forEach((bytes, chunk) => hints.writeBigInt64LE(chunkHint(blake3(bytes)), chunk * hintLength))
    const common = { codec, kind: 0, id: at + 1, rawLength: raw.length, storedLength: payload.length }
    const contentHash = contentHashOf(raw)
    const type = frameTypes.block
    const right = { ...common, type, archiveTag, contentHash, trailerLength: hints.length, primer: primer ?? 0 }
    const start = append({ ...right, ...header }, Buffer.concat([payload, hints]))
    const chunkLengths = chunks.map((bytes) => bytes.length)
    const { firstChunk } = index.addBlock({ ...common, position: start, primer, chunkLengths })
    Object.entries(files).forEach(([name, { length }], chunk) => {
      pieces.set(name, [...(pieces.get(name) ?? []), { firstChunk: firstChunk + chunk, length }])
    })
    return start
  })
  for (const [name, chunks] of pieces) {
    const size = chunks.reduce((sum, { length }) => sum + length, 0)
    const content = index.addContent({ size, runs: chunks.map(({ firstChunk }) => ({ firstChunk, chunkCount: 1 })) })
    index.addEntry({ parent: 0, name, kind: 'file', mode: 0o644, mtimeNs, content })
  }
  const right = index.snapshot()
  index.close()

  const changed = tamper === undefined ? right : tampered(right, tamper)
  const raw = database?.(changed) ?? changed
  const payload = zstdCompressSync(raw)
  const hash = contentHashOf(raw)
  const lengths = { rawLength: raw.length, storedLength: payload.length }
  const common = { type: frameTypes.index, codec: 1, id: 1, archiveTag, contentHash: hash }
  const indexPosition = append({ ...common, ...lengths, ...indexHeader }, payload)
  const footerPosition = position
  parts.push(
    encodeFooter({
      sequence: 1,
      ...version,
      archiveId,
      index: { position: indexPosition, length: 64 + payload.length, hash },
      previous: { position: 0, hash: new Uint8Array(16) },
      position: footerPosition,
      timeMs: 1_763_700_000_000,
      keySlots: 0,
      ...footer,
    }),
  )
  return { bytes: Buffer.concat(parts), positions, primerPositions, indexPosition, footerPosition }
}

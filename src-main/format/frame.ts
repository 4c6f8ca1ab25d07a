import { crc32 } from 'node:zlib'
import { LmzError } from '../contract/error'
import { blake3 } from '../kernels/blake3'

/**
 * Everything after the header is frames: a 64-byte frame header and its payload. A frame says all that is needed to
 * decode it, so a lost index can be worked around by scanning (docs/format.md, "Frames"). Little-endian:
 *
 *      0   4  magic D3 6C 7A 66
 *      4   1  type
 *      5   1  codec
 *      6   2  flags; the high byte's bits must be understood, the low byte's may be ignored
 *      8   4  archive tag: the first 4 bytes of the archive id
 *     12   4  id: number of the block or primer, or the commit's sequence number
 *     16   6  raw length
 *     22   6  stored length: the payload that follows
 *     28  16  content hash: first 16 bytes of BLAKE3 of the raw bytes
 *     44   8  model: first 8 bytes of the model's hash, zero if none; of a sealed frame its lineage
 *     52   1  content kind
 *     53   3  trailer length: bytes behind the payload; of a block, 8 for each chunk
 *     56   4  primer: id of the frame that holds the block's primer, 0 if none
 *     60   4  CRC-32 of bytes 0 to 59
 */
export interface FrameHeader {
  readonly type: number
  readonly codec: number
  readonly flags: number
  readonly archiveTag: number
  readonly id: number
  readonly rawLength: number
  readonly storedLength: number
  readonly contentHash: Uint8Array
  readonly model: Uint8Array
  readonly kind: number
  /**
   * Bytes behind the payload that decoding does not need. Of a block: the hints of its chunks, each the first 8 bytes of
   * the chunk's BLAKE3, by which equal data is looked for; nothing relies on them unverified.
   */
  readonly trailerLength: number
  readonly primer: number
  /** Of a sealed frame and the frame inside it: tells the commit that wrote it from all others. */
  readonly lineage?: bigint | undefined
}

export const frameHeaderLength = 64
export const contentHashLength = 16
export const modelPrefixLength = 8
/** Stands for the id of a primer in the frame header of what has none. */
export const noPrimer = 0
/** Bytes of a chunk's hint in a block's trailer. */
export const hintLength = 8
export const frameMagic = Uint8Array.of(0xd3, 0x6c, 0x7a, 0x66)

/** Numbers are never reused. A reader skips frame types it does not know. */
export const frameTypes = { block: 1, index: 2, footer: 3, parity: 4, primer: 5, keys: 6, sealed: 7 } as const

export const frameFlags = {
  /** An index written in mid-job: salvage may use it, opening never does. */
  checkpoint: 0x0001,
  /** The payload is zstd with the empty index of its schema version as dictionary. */
  indexDictionary: 0x0100,
} as const

/** No block is larger, so a reader can bound its memory from the header alone. */
export const maximumBlockLength = 16 * 1024 * 1024
/** A model reads a primer before the first block of a file that is taken out: this bounds the time that takes. */
export const maximumPrimerLength = 4 * 1024 * 1024

const lengthLimits: ReadonlyMap<number, { readonly what: string; readonly bytes: number }> = new Map([
  [frameTypes.block, { what: 'block', bytes: maximumBlockLength }],
  [frameTypes.primer, { what: 'primer', bytes: maximumPrimerLength }],
])

const knownRequiredFlags = 0x0100
const noModel = new Uint8Array(modelPrefixLength)

/** Fields a writer must give; the rest have the values of a plain frame. */
export type FrameFields = Pick<FrameHeader, 'type' | 'codec' | 'archiveTag' | 'id' | 'rawLength' | 'storedLength'> &
  Pick<FrameHeader, 'contentHash'> &
  Partial<FrameHeader>

export function encodeFrameHeader(fields: FrameFields): Uint8Array {
  const bytes = Buffer.alloc(frameHeaderLength)
  bytes.set(frameMagic, 0)
  bytes.writeUInt8(fields.type, 4)
  bytes.writeUInt8(fields.codec, 5)
  bytes.writeUInt16LE(fields.flags ?? 0, 6)
  bytes.writeUInt32LE(fields.archiveTag, 8)
  bytes.writeUInt32LE(fields.id, 12)
  bytes.writeUIntLE(fields.rawLength, 16, 6)
  bytes.writeUIntLE(fields.storedLength, 22, 6)
  bytes.set(fields.contentHash, 28)
  if (fields.lineage === undefined) bytes.set(fields.model ?? noModel, 44)
  else bytes.writeBigUInt64LE(fields.lineage, 44)
  bytes.writeUInt8(fields.kind ?? 0, 52)
  bytes.writeUIntLE(fields.trailerLength ?? 0, 53, 3)
  bytes.writeUInt32LE(fields.primer ?? noPrimer, 56)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 60)), 60)
  return bytes
}

/** @returns undefined when the bytes are not an intact frame header */
export function decodeFrameHeader(bytes: Uint8Array): FrameHeader | undefined {
  if (bytes.length < frameHeaderLength) return undefined
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, frameHeaderLength)
  if (!frameMagic.every((byte, index) => view[index] === byte)) return undefined
  if (crc32(view.subarray(0, 60)) !== view.readUInt32LE(60)) return undefined
  const type = view.readUInt8(4)
  return {
    type,
    codec: view.readUInt8(5),
    flags: view.readUInt16LE(6),
    archiveTag: view.readUInt32LE(8),
    id: view.readUInt32LE(12),
    rawLength: view.readUIntLE(16, 6),
    storedLength: view.readUIntLE(22, 6),
    contentHash: Uint8Array.from(view.subarray(28, 44)),
    model: Uint8Array.from(view.subarray(44, 52)),
    kind: view.readUInt8(52),
    trailerLength: view.readUIntLE(53, 3),
    primer: view.readUInt32LE(56),
    ...(type === frameTypes.sealed ? { lineage: view.readBigUInt64LE(44) } : {}),
  }
}

/** Bytes of a whole frame. */
export function frameLength({ storedLength, trailerLength }: FrameHeader): number {
  return frameHeaderLength + storedLength + trailerLength
}

/** The archive tag that all frames of the archive with this id carry. */
export function archiveTagOf(archiveId: Uint8Array): number {
  return Buffer.from(archiveId.buffer, archiveId.byteOffset, archiveId.length).readUInt32LE(0)
}

/** First 16 bytes of BLAKE3: what a frame's raw bytes are checked against. */
export function contentHashOf(raw: Uint8Array): Uint8Array {
  return blake3(raw).subarray(0, contentHashLength)
}

export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0
}

/**
 * @throws LmzError `Unsupported` for required flags of a newer version, `Limit` for a block over {@link maximumBlockLength}, a
 *   primer over {@link maximumPrimerLength}
 */
export function checkFrameHeader(header: FrameHeader, position: number): void {
  if ((header.flags & 0xff00 & ~knownRequiredFlags) !== 0) {
    throw new LmzError('Unsupported', `The record at byte ${position} needs a newer lmz.`, { offset: position })
  }
  const limit = lengthLimits.get(header.type)
  if (limit !== undefined && (header.rawLength > limit.bytes || header.storedLength > limit.bytes)) {
    const claim = `claims ${header.rawLength} bytes; ${limit.bytes / 2 ** 20} MiB is the most`
    throw new LmzError('Limit', `The ${limit.what} at byte ${position} ${claim}.`, { offset: position })
  }
}

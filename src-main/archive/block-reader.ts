import { type Base, payloadHeadLength, type Primer } from '../codecs/codec'
import { baseOfCodec, codecByNumber } from '../codecs/registry'
import { contentKindOf } from '../contract/content-kind'
import { LmzError } from '../contract/error'
import { contentHashOf, equalBytes, type FrameHeader, frameTypes, hintLength, noPrimer } from '../format/frame'
import { type FrameSource, readFrame } from '../format/frame-reader'
import type { BlockNeeds } from './bases/block-needs'
import { type IndexedFrame, isHeaderOf } from './indexed-frame'

/** Where a block lies and what the index says of it. */
export interface LoneLocation extends IndexedFrame {
  /** Where the primer lies that its codec reads first. */
  readonly primer: IndexedFrame | undefined
}

/** The same with what else it takes to decode it. */
export interface BlockLocation extends LoneLocation {
  /** Where the block lies that it is coded against; see base-block.ts. */
  readonly base?: LoneLocation
}

/**
 * Reads, decodes and checks one block: one ranged read of its frame and, unless it is at hand, one each of its primer's and its base's;
 * nothing else of the archive.
 * @throws LmzError `Corrupt` when the frame disagrees with the index or the bytes with their hash, or the same of its
 *   primer or base; `Auth` (damaged) in an encrypted archive; `Unsupported`, `Limit`
 */
export function readBlock(
  source: FrameSource,
  block: BlockLocation,
  archiveTag: number,
  needs: BlockNeeds,
): Uint8Array {
  return readWithHash(source, block, archiveTag, needs).bytes
}

/** The same, and the hash of the raw bytes. @throws LmzError as {@link readBlock} */
export function readWithHash(
  source: FrameSource,
  block: BlockLocation,
  archiveTag: number,
  needs: BlockNeeds,
): { readonly bytes: Uint8Array; readonly hash: Uint8Array } {
  const { stored, header, primer, base } = readStoredBlock(source, block, archiveTag, needs)
  return { bytes: decodePayload(stored, header, block.position, { primer, base }), hash: header.contentHash }
}

/**
 * The first bytes of a block's payload; the rest is not read.
 * @throws LmzError `Corrupt` when its frame is damaged or disagrees with the index; `Auth` (damaged), `Unsupported`, `Limit`
 */
export function readPayloadHead(source: FrameSource, block: LoneLocation, archiveTag: number): Uint8Array {
  const frame = readFrame(source, block.position)
  if (!isHeaderOf(block, frameTypes.block, archiveTag, frame.header)) throw isNotAsIndexed(block)
  return frame.payloadHead(payloadHeadLength)
}

/** A block that has not been decoded, and what its codec reads first. */
export interface StoredBlock {
  readonly header: FrameHeader
  readonly stored: Uint8Array
  readonly primer: Primer | undefined
  readonly base: Base | undefined
}

/** Reads a block without decoding it; its primer and its base are decoded. @throws LmzError as {@link readBlock} */
export function readStoredBlock(
  source: FrameSource,
  block: BlockLocation,
  archiveTag: number,
  needs: BlockNeeds,
): StoredBlock {
  const frame = readFrame(source, block.position)
  const { header } = frame
  const { primer: primerAt } = block
  const isOwnHeader = isHeaderOf(block, frameTypes.block, archiveTag, header)
  if (!isOwnHeader || header.primer !== (primerAt?.id ?? noPrimer)) throw isNotAsIndexed(block)
  const stored = frame.payload()
  const primer = primerAt === undefined ? undefined : needs.primer(source, primerAt, archiveTag, block.id)
  const base = readBase(source, block, stored, archiveTag, needs)
  return { header, stored, primer, base }
}

function isNotAsIndexed({ id, position }: LoneLocation): LmzError {
  return new LmzError('Corrupt', `Block ${id} is not what the index says it is.`, { offset: position })
}

/** The block that a payload is coded against; undefined if it is coded alone. */
function readBase(
  source: FrameSource,
  block: BlockLocation,
  stored: Uint8Array,
  archiveTag: number,
  needs: BlockNeeds,
): Base | undefined {
  const based = baseOfCodec(block.codec)
  if (based === undefined) return undefined
  const name = based.name(stored)
  const { base: location } = block
  const known =
    location &&
    needs.base(location, archiveTag, block.id, () => {
      return { id: location.id, ...readWithHash(source, location, archiveTag, needs) }
    })
  if (known?.id === name.id && equalBytes(known.hash, name.hash)) return { ...known, offset: 0 }
  const message = `Block ${block.id} is coded against another block than number ${name.id} is.`
  throw new LmzError('Corrupt', message, { offset: block.position })
}

/** Decodes a payload and checks it against the frame's content hash. @throws LmzError as {@link readBlock} */
export function decodePayload(
  stored: Uint8Array,
  header: {
    readonly id: number
    readonly codec: number
    readonly kind: number
    readonly rawLength: number
    readonly contentHash: Uint8Array
  },
  position: number,
  { primer, base }: { readonly primer?: Primer | undefined; readonly base?: Base | undefined },
): Uint8Array {
  const isDamaged = `Block ${header.id} at byte ${position} is damaged.`
  try {
    const context = { kind: contentKindOf(header.kind), primer, base }
    const raw = codecByNumber(header.codec).decode(stored, header.rawLength, context)
    if (!equalBytes(contentHashOf(raw), header.contentHash)) {
      throw new LmzError('Corrupt', isDamaged, { offset: position })
    }
    return raw
  } catch (cause) {
    if (cause instanceof LmzError && cause.code !== 'Corrupt') throw cause
    throw new LmzError('Corrupt', isDamaged, { offset: position, cause })
  }
}

/**
 * The hints of a block's chunks, from its trailer.
 * @returns none for a damaged frame: equal data is then stored again, and nothing is lost
 */
export function readHints(source: FrameSource, block: { readonly position: number }): BigInt64Array {
  try {
    const bytes = readFrame(source, block.position).trailer()
    const hints = new BigInt64Array(Math.floor(bytes.length / hintLength))
    const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    hints.forEach((_zero, at) => (hints[at] = view.readBigInt64LE(at * hintLength)))
    return hints
  } catch (cause) {
    if (cause instanceof LmzError && cause.code !== 'Io') return new BigInt64Array()
    throw cause
  }
}

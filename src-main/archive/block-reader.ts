import type { Primer } from '../codecs/codec'
import { codecByNumber } from '../codecs/registry'
import { contentKindOf } from '../contract/content-kind'
import { LmzError } from '../contract/error'
import { contentHashOf, equalBytes, type FrameHeader, frameTypes, hintLength, noPrimer } from '../format/frame'
import { type FrameSource, readFrame } from '../format/frame-reader'
import { type IndexedFrame, isHeaderOf } from './indexed-frame'
import type { PrimerCache } from './primer/reader'

/** Where a block lies and what the index says of it. */
export interface BlockLocation extends IndexedFrame {
  /** Where the primer lies that its codec reads first. */
  readonly primer: IndexedFrame | undefined
}

/**
 * Reads, decodes and checks one block: one ranged read of its frame and, unless it is at hand, one of its primer's; nothing
 * else of the archive.
 * @throws LmzError `Corrupt` when the frame disagrees with the index or the bytes with their hash, or the same of its
 *   primer; `Auth` (damaged) in an encrypted archive; `Unsupported`, `Limit`
 */
export function readBlock(
  source: FrameSource,
  block: BlockLocation,
  archiveTag: number,
  primers: PrimerCache,
): Uint8Array {
  const { stored, header, primer } = readStoredBlock(source, block, archiveTag, primers)
  return decodePayload(stored, header, block.position, primer)
}

/** A block that has not been decoded, and what its codec reads first. */
export interface StoredBlock {
  readonly header: FrameHeader
  readonly stored: Uint8Array
  readonly primer: Primer | undefined
}

/** Reads a block without decoding it; its primer is decoded. @throws LmzError as {@link readBlock} */
export function readStoredBlock(
  source: FrameSource,
  block: BlockLocation,
  archiveTag: number,
  primers: PrimerCache,
): StoredBlock {
  const frame = readFrame(source, block.position)
  const { header } = frame
  const { primer: primerAt } = block
  const isOwnHeader = isHeaderOf(block, frameTypes.block, archiveTag, header)
  if (!isOwnHeader || header.primer !== (primerAt?.id ?? noPrimer)) {
    throw new LmzError('Corrupt', `Block ${block.id} is not what the index says it is.`, { offset: block.position })
  }
  const stored = frame.payload()
  const primer = primerAt === undefined ? undefined : primers.get(source, primerAt, archiveTag, block.id)
  return { header, stored, primer }
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
  primer: Primer | undefined,
): Uint8Array {
  const isDamaged = `Block ${header.id} at byte ${position} is damaged.`
  try {
    const context = { kind: contentKindOf(header.kind), primer }
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

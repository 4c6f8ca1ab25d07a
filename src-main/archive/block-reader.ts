import { codecByNumber } from '../codecs/registry'
import { contentKindOf } from '../contract/content-kind'
import { LmzError } from '../contract/error'
import type { ByteSource } from '../format/byte-source'
import {
  contentHashOf,
  equalBytes,
  type FrameHeader,
  frameHeaderLength,
  frameTypes,
  hintLength,
  readFrameHeader,
} from '../format/frame'

/** Where a block lies and what the index says of it; the frame header must say the same. */
export interface BlockLocation {
  readonly id: number
  readonly position: number
  readonly storedLength: number
  readonly rawLength: number
  readonly codec: number
  readonly kind: number
}

/**
 * Reads, decodes and checks one block: one ranged read of its frame, nothing else of the archive.
 * @throws LmzError `Corrupt` when the frame disagrees with the index or the bytes with their hash; `Unsupported`, `Limit`
 */
export function readBlock(source: ByteSource, block: BlockLocation, archiveTag: number): Uint8Array {
  const header = readFrameHeader(source, block.position)
  if (!agrees(header, block, archiveTag)) {
    throw new LmzError('Corrupt', `Block ${block.id} is not what the index says it is.`, { offset: block.position })
  }
  const stored = source.read(block.position + frameHeaderLength, header.storedLength)
  return decodePayload(stored, header, block.position)
}

/** Whether the header of this very block stands where the index says; its payload is not looked at. */
export function isBlockAt(source: ByteSource, block: BlockLocation, archiveTag: number): boolean {
  try {
    return agrees(readFrameHeader(source, block.position), block, archiveTag)
  } catch (cause) {
    if (cause instanceof LmzError && cause.code !== 'Io') return false
    throw cause
  }
}

function agrees(header: FrameHeader, block: BlockLocation, archiveTag: number): boolean {
  return (
    header.type === frameTypes.block &&
    header.archiveTag === archiveTag &&
    header.id === block.id &&
    header.codec === block.codec &&
    header.kind === block.kind &&
    header.rawLength === block.rawLength &&
    header.storedLength === block.storedLength
  )
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
): Uint8Array {
  const isDamaged = `Block ${header.id} at byte ${position} is damaged.`
  try {
    const raw = codecByNumber(header.codec).decode(stored, header.rawLength, { kind: contentKindOf(header.kind) })
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
export function readHints(source: ByteSource, block: { readonly position: number }): BigInt64Array {
  try {
    const { storedLength, trailerLength } = readFrameHeader(source, block.position)
    const bytes = source.read(block.position + frameHeaderLength + storedLength, trailerLength)
    const hints = new BigInt64Array(Math.floor(trailerLength / hintLength))
    const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    hints.forEach((_zero, at) => (hints[at] = view.readBigInt64LE(at * hintLength)))
    return hints
  } catch (cause) {
    if (cause instanceof LmzError && cause.code !== 'Io') return new BigInt64Array()
    throw cause
  }
}

/** Keeps the newest decoded blocks, up to a number of bytes, so that neighbours in a block cost one decoding. */
export class BlockCache {
  readonly #blocks = new Map<number, Uint8Array>()
  readonly #limit: number
  #total = 0

  constructor(limit: number = 64 * 1024 * 1024) {
    this.#limit = limit
  }

  get(id: number, load: () => Uint8Array): Uint8Array {
    const known = this.#blocks.get(id)
    if (known !== undefined) {
      this.#blocks.delete(id)
      this.#blocks.set(id, known)
      return known
    }
    const raw = load()
    this.#blocks.set(id, raw)
    this.#total += raw.length
    for (const [oldest, bytes] of this.#blocks) {
      if (this.#total <= this.#limit || oldest === id) break
      this.#blocks.delete(oldest)
      this.#total -= bytes.length
    }
    return raw
  }
}

import type { ContentKind } from '../contract/content-kind'

/** What a codec may know about a block beside its bytes; the decoder gets the same from the frame. */
export interface BlockContext {
  /** What the block holds; all its chunks are of this kind. */
  readonly kind: ContentKind
}

/**
 * Turns one block into stored bytes and back. A codec sees blocks, never archives, and keeps no state between them.
 * Effort is the codec's own scale (zstd: its level); it must not be needed to decode.
 */
export interface Codec {
  /** Stored in frames; never reused for another algorithm or parameter format. */
  readonly number: number
  readonly name: string
  /** Long encodings yield to the event loop at least every 100 ms, so that a cancelled worker can stop. */
  encode(raw: Uint8Array, context: BlockContext, effort: number): Promise<Uint8Array>
  /**
   * @returns exactly `rawLength` bytes
   * @throws LmzError `Corrupt` for bytes this codec cannot have written, without allocating more than the block needs
   */
  decode(stored: Uint8Array, rawLength: number, context: BlockContext): Uint8Array
}

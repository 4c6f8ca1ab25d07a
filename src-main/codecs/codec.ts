import type { ContentKind } from '../contract/content-kind'

/** What a codec may know about a block beside its bytes; the decoder gets the same from the frame. */
export interface BlockContext {
  /** What the block holds; all its chunks are of this kind. */
  readonly kind: ContentKind
  /** What the block's codec reads first, if it makes use of such a thing; the decoder must be given the same. */
  readonly primer?: Primer | undefined
  /** The block that this one is coded against, for a codec with {@link Codec.baseOf}; the decoder must be given the same. */
  readonly base?: Base | undefined
}

/** How a payload names the block it is coded against: by number, and by the hash of its raw bytes, should numbers be wrong. */
export interface BaseName {
  readonly id: number
  /** 16 bytes. */
  readonly hash: Uint8Array
  /** Where in the base's raw bytes the counterpart of the block's first byte stands. May lie outside. */
  readonly offset: number
}

/** Another block of the same archive, and what it holds. */
export interface Base extends BaseName {
  readonly bytes: Uint8Array
}

/** Raw bytes that a model reads before a block, as if they stood before it. */
export interface Primer {
  /** The same for no two primers of different bytes, such as their hash: names a state that a codec keeps. */
  readonly key: string
  readonly bytes: Uint8Array
}

/** Bytes of a payload that are enough to tell which block it needs, and which way it was coded. */
export const payloadHeadLength = 64

/**
 * Turns one block into stored bytes and back. A codec sees blocks, never archives, and keeps no state between them.
 * Effort is the codec's own scale (zstd: its level); it must not be needed to decode.
 */
export interface Codec {
  /** Stored in frames; never reused for another algorithm or parameter format. */
  readonly number: number
  readonly name: string
  /** Kinds that it is of use for; all, if not given. */
  readonly kinds?: readonly ContentKind[]
  /** Codecs that it has compared itself with: what they make of a block is longer, or it would have returned the raw bytes. */
  readonly covers?: readonly Codec[]
  /** Codecs that, where this one made the smallest block so far, are tried on a piece first, and on the block only if they do better there. */
  readonly doubts?: readonly Codec[]
  /** Whether it finds something in data of its kinds that looks incompressible to others. */
  readonly seesThroughNoise?: boolean
  /** Whether a block's primer makes a difference to it; without this, it is not handed one and its frames name none. */
  readonly usesPrimer?: boolean
  /** Set if a block can only be decoded with another one, which is coded without a third. */
  readonly baseOf?: {
    /** The block that a payload needs, by its first {@link payloadHeadLength} bytes. @throws LmzError `Corrupt` */
    readonly name: (stored: Uint8Array) => BaseName
    /** The same payload for a copy in which the base has another number. */
    readonly renamed: (stored: Uint8Array, id: number) => Uint8Array
  }
  /** For codecs that have a way which is decoded many times as fast: whether a payload was coded so, by its first {@link payloadHeadLength} bytes. */
  readonly isQuick?: (stored: Uint8Array) => boolean
  /** Long encodings yield to the event loop at least every 100 ms, so that a cancelled worker can stop. */
  encode(raw: Uint8Array, context: BlockContext, effort: number): Promise<Uint8Array>
  /**
   * @returns exactly `rawLength` bytes
   * @throws LmzError `Corrupt` for bytes this codec cannot have written, without allocating more than the block needs
   */
  decode(stored: Uint8Array, rawLength: number, context: BlockContext): Uint8Array
  /**
   * Whether the stored bytes decode to the raw ones, as far as the effort goes: for codecs that decode as slowly as they encode, so
   * that decoding all would double the time. Without it, a new block is decoded whole.
   */
  reproduces?(stored: Uint8Array, raw: Uint8Array, context: BlockContext, effort: number): boolean
  /**
   * What predicted the bytes of a stored block one after the other, for codecs that do.
   * @throws LmzError as `decode`
   */
  predictorOf?(stored: Uint8Array, rawLength: number, context: BlockContext): BlockPredictor
}

/** Says of a block's bytes what each was given by the model that coded them. Long work lets others run, as encoding does. */
export interface BlockPredictor {
  /** Of what was coded in place of the raw bytes; undefined where these were. */
  readonly transform?: string | undefined
  /** What each of a block's bytes costs, in bits. */
  costs(raw: Uint8Array): Promise<Float64Array>
  /** The probabilities of all 256 values that the byte behind these first ones of a block could have. */
  chances(before: Uint8Array): Promise<Float64Array>
}

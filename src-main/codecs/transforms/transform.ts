import type { ContentKind } from '../../contract/content-kind'

/**
 * A reversible rewriting of a block's bytes that a codec's model predicts better than the bytes themselves.
 * Pure. What `forward` chooses may depend on rounding; what it chose is stored, and `inverse` is integer work, the same on
 * every machine.
 */
export interface Transform {
  /** Stored with the block, one byte; never reused for another algorithm or layout. 0 stands for no transform. */
  readonly number: number
  readonly name: string
  /** What its result is modelled as, where that is not what the block is; not needed to decode. */
  readonly resultKind?: ContentKind
  /** @returns `undefined` where the block has no such structure */
  forward(raw: Uint8Array): Uint8Array | undefined
  /**
   * @returns exactly `rawLength` bytes
   * @throws LmzError `Corrupt` for bytes that `forward` cannot have made, without allocating more than `rawLength` and a little
   */
  inverse(transformed: Uint8Array, rawLength: number): Uint8Array
}

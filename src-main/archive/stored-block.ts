import { hintLength } from '../format/frame'
import type { SealedRest } from './encryption/sealed-rest'

/** A block or a primer as it comes from a worker, ready to be stored. */
export interface StoredFrame {
  readonly codec: number
  readonly kind: number
  readonly rawLength: number
  readonly contentHash: Uint8Array
  readonly stored: Uint8Array
}

export interface StoredBlock extends StoredFrame {
  /** Id of the primer it is decoded with. */
  readonly primer: number | undefined
  /** Of an encrypted archive: what a worker has sealed. `stored` is then the part of the payload that goes before it. */
  readonly sealedRest?: SealedRest | undefined
}

/** A chunk of a block: its length, and the hint by which later changes find equal data. */
export interface StoredChunk {
  readonly length: number
  readonly hint: bigint
}

/** A block's trailer. */
export function encodeHints(chunks: readonly StoredChunk[]): Uint8Array {
  const hints = Buffer.alloc(chunks.length * hintLength)
  chunks.forEach(({ hint }, at) => hints.writeBigInt64LE(hint, at * hintLength))
  return hints
}

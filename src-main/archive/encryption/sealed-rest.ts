import { frameHeaderLength } from '../../format/frame'
import { firstSegmentLength, FrameSeal, FrameSealer, sealedLength, type SealKey } from '../../format/seal'

/** What a worker needs to seal a block that it has encoded. */
export interface Sealing {
  readonly key: SealKey
  readonly lineage: bigint
  /** The block's trailer. */
  readonly trailer: Uint8Array
}

/**
 * The segments of a sealed frame but the first. That one has the frame's header, of which not everything is known when a block is
 * encoded; whoever writes the frame seals it.
 */
export interface SealedRest {
  /** The sealed frame's header and nonce. */
  readonly head: Uint8Array
  /** Bytes of the payload, in all segments. */
  readonly storedLength: number
  readonly sealed: Uint8Array
}

/** Bytes that {@link sealRest} may need for a block of so many raw bytes. */
export function roomForSealing(rawLength: number, trailerLength: number): number {
  return sealedLength(frameHeaderLength + trailerLength + rawLength)
}

/**
 * Seals what it can of a block's frame.
 * @param stored the payload, in front of `room` or elsewhere
 * @param room gets the payload's part in the first segment, which is not sealed, and behind it the sealed segments
 * @returns how long both are, in place of the payload
 */
export function sealRest(
  { key, lineage, trailer }: Sealing,
  stored: Uint8Array,
  room: Uint8Array,
): { readonly head: Uint8Array; readonly openLength: number; readonly sealedLength: number } {
  const seal = new FrameSeal(key)
  const sealer = FrameSealer.start(seal, frameHeaderLength + trailer.length + stored.length, lineage)
  const inFirst = firstSegmentLength - frameHeaderLength
  const openLength = Math.min(stored.length, Math.max(0, inFirst - trailer.length))
  // Sealed bytes may come to stand where plain ones are still to be read.
  const plain = stored.buffer === room.buffer ? stored.slice() : stored
  room.set(plain.subarray(0, openLength))
  const sealed = sealer.sealRest(room.subarray(openLength), trailer.subarray(inFirst), plain.subarray(openLength))
  return { head: sealer.head, openLength, sealedLength: sealed }
}

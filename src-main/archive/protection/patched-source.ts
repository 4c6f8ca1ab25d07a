import type { ByteSource } from '../../format/byte-source'
import type { FrameSource } from '../../format/frame-reader'
import { readExactly } from '../storage'
import type { Patch } from './patch'

/**
 * A source in which patches stand in for stretches of what lies below. Below may end earlier: what is in no patch then is zeros.
 */
export class PatchedSource implements FrameSource {
  readonly size: number
  readonly #below: FrameSource
  readonly #patches: readonly Patch[]

  /** @param size as the archive was meant to be */
  constructor(below: FrameSource, size: number, patches: readonly Patch[]) {
    this.#below = below
    this.size = size
    this.#patches = patches
  }

  get seal() {
    return this.#below.seal
  }

  read(position: number, length: number): Uint8Array {
    const bytes = readUpTo(this.#below, position, length)
    for (const patch of this.#patches) {
      const from = Math.max(position, patch.position)
      const to = Math.min(position + length, patch.position + patch.length)
      if (from >= to) continue
      const piece = readExactly(patch.descriptor, patch.offset + from - patch.position, to - from)
      bytes.set(piece, from - position)
    }
    return bytes
  }
}

/** A copy of a stretch; zeros for what lies outside of the source. */
export function readUpTo(source: ByteSource, position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  const from = Math.max(0, position)
  const to = Math.min(position + length, source.size)
  if (from < to) bytes.set(source.read(from, to - from), from - position)
  return bytes
}

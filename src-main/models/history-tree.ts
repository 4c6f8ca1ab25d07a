/**
 * A slot's 15 bit histories as a tree: node 1 is a nibble's first bit, node n's children are 2n (after a zero) and 2n + 1
 * (after a one). A child has a history exactly where its parent has seen that bit, so only histories that exist are stored,
 * and each goes to the stream of its parent's history and its own bit: what is deterministic goes on so, and such a
 * stream holds few different values.
 */
export const historiesPerSlot = 15
export const slotsPerLine = 4
export const lineLength = 64

/** By history: whether it has seen a zero, a one (bits 0 and 1). */
export type SeenBits = Uint8Array

/** Streams: one for roots, and two for each history a parent may have. */
export const streamCount = 1 + 256 * 2

/** The stream of a child: `bit` says which one of its parent it is. */
export function streamOf(parentHistory: number, bit: number): number {
  return 1 + parentHistory * 2 + bit
}

import type { NetShape } from './net-file'

/** Bytes before a position that its rows may depend on. */
export const historyLength = 8

/**
 * The rows of the n-gram table that a byte is predicted with, as the kernel computes them (docs/models.md, "Rows").
 * @param history the bytes before it, the latest first; zeros before the start
 * @param rows one an order
 */
export function placeRows({ table_bits: tableBits }: NetShape, history: Uint8Array, rows: Int32Array): void {
  const last = history[0] ?? 0
  rows[0] = last
  let hash = Math.imul(last + 1, 0x9e3779b1)
  hash ^= hash >>> 15
  let first = 256
  tableBits.forEach((bits, at) => {
    const byte = history[at + 1] ?? 0
    hash = Math.imul(hash ^ (byte + 1), 0x85ebca6b)
    hash ^= hash >>> 13
    rows[at + 1] = first + (at === 0 && bits === 16 ? (byte << 8) | last : hash >>> (32 - bits))
    first += 2 ** bits
  })
}

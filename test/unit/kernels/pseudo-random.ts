/**
 * Bytes that look random and are the same everywhere: x = 1664525 x + 1013904223 mod 2^32 from x = seed on, and of each
 * new x the highest byte. Golden values rest on it, so it must never change.
 */
export function pseudoRandomBytes(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let state = seed
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    bytes[i] = state >>> 24
  }
  return bytes
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

import type { Direction } from './x86'

/**
 * ARM64: the distances of BL (calls, 26 bits of words) and ADRP (addresses, 21 bits of 4 KiB pages) become places in the
 * block, as in the ARM64 filter of xz 5.4; and each word is stored with its highest byte first, since that is where the opcode
 * is. Opcodes and distances do not share bits and the sums wrap, so every word has exactly one image.
 *
 * Rewrites `source[start, end)` to the same place in `target`; bytes that do not fill a word are copied.
 * @param alignment block offset of the words modulo 4
 */
export function convertArm64(
  source: Uint8Array,
  target: Uint8Array,
  start: number,
  end: number,
  alignment: number,
  direction: Direction,
): void {
  target.set(source.subarray(start, end), start)
  const isForward = direction === 'forward'
  const first = start + ((alignment - start) & 3)
  for (let at = first; at + 4 <= end; at += 4) {
    const a = source[at] ?? 0
    const b = source[at + 1] ?? 0
    const c = source[at + 2] ?? 0
    const d = source[at + 3] ?? 0
    if (isForward) {
      const word = shiftTarget(a | (b << 8) | (c << 16) | (d << 24), at >> 2, at >> 12)
      target[at] = word >>> 24
      target[at + 1] = word >>> 16
      target[at + 2] = word >>> 8
      target[at + 3] = word
    } else {
      const word = shiftTarget((a << 24) | (b << 16) | (c << 8) | d, -(at >> 2), -(at >> 12))
      target[at] = word
      target[at + 1] = word >>> 8
      target[at + 2] = word >>> 16
      target[at + 3] = word >>> 24
    }
  }
}

function shiftTarget(word: number, words: number, pages: number): number {
  if (word >>> 26 === 0x25) return (word & 0xfc000000) | ((word + words) & 0x03ffffff)
  if ((word & 0x9f000000) >>> 0 === 0x90000000) {
    // Bits 29 and 30 are the lowest of the distance, 5 to 23 the rest.
    const page = (((word >>> 29) & 3) | ((word >>> 3) & 0x1ffffc)) + pages
    return (word & 0x9f00001f) | ((page & 3) << 29) | ((page & 0x1ffffc) << 3)
  }
  return word
}

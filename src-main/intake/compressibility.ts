/**
 * Tells data that is compressed or encrypted already by two cheap statistics of up to eight 4 KiB pieces, evenly spread:
 *
 * - order-0 entropy: a Huffman or FSE stage can only gain where byte values are unevenly used. Base64 and other
 *   small alphabets show here (6.0 bits a byte at most), floating-point numbers too (their exponents repeat).
 * - repeats: a match finder can only gain where strings of four bytes come back. In random bytes, fewer than one in
 *   100,000 positions of a piece repeats an earlier four bytes.
 */
const pieceLength = 4096
const pieceCount = 8

/** Bits a byte over which an entropy coder saves less than about 2 %. */
const entropyThreshold = 7.84
/** Share of positions; a repeat of four bytes saves about two. */
const repeatThreshold = 0.01

const hashBits = 12
const counts = new Uint32Array(256)
const lastSeen = new Uint32Array(1 << hashBits)

/**
 * Whether zstd would save less than about 2 % on this data. Takes about 0.1 ms, whatever the length; data of less than
 * 1 KiB is never judged incompressible. Synchronous and not reentrant.
 */
export function looksIncompressible(data: Uint8Array): boolean {
  if (data.length < 1024) return false
  const pieces = Math.min(pieceCount, Math.ceil(data.length / pieceLength))
  const stride = pieces === 1 ? 0 : Math.floor((data.length - pieceLength) / (pieces - 1))
  counts.fill(0)
  let sampled = 0
  let repeated = 0
  for (let piece = 0; piece < pieces; piece++) {
    const bytes = data.subarray(piece * stride, piece * stride + pieceLength)
    for (const byte of bytes) counts[byte] = (counts[byte] ?? 0) + 1
    repeated += countRepeats(bytes)
    sampled += bytes.length
  }
  return repeated <= sampled * repeatThreshold && entropyOf(counts, sampled) >= entropyThreshold
}

/** Positions of a piece where the next four bytes were seen before in the piece. */
function countRepeats(bytes: Uint8Array): number {
  lastSeen.fill(0)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let repeats = 0
  for (let position = 0; position + 4 <= bytes.length; position++) {
    const four = view.getUint32(position, true)
    const slot = Math.imul(four, 0x9e3779b1) >>> (32 - hashBits)
    const previous = (lastSeen[slot] ?? 0) - 1
    if (previous >= 0 && view.getUint32(previous, true) === four) repeats++
    lastSeen[slot] = position + 1
  }
  return repeats
}

/** Bits a byte, corrected for the sample's size (Miller and Madow): a finite sample always looks a little uneven. */
function entropyOf(histogram: Uint32Array, total: number): number {
  let bits = 0
  let used = 0
  for (const count of histogram) {
    if (count === 0) continue
    used++
    bits -= (count / total) * Math.log2(count / total)
  }
  return bits + (used - 1) / (2 * Math.LN2 * total)
}

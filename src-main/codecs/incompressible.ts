import { constants, zstdCompressSync } from 'node:zlib'

const pieceLength = 4 * 1024
const pieceCount = 16
/** Data saved by less than this share in the sample is not worth a codec's time. */
const worthwhileSaving = 0.02

const fastest = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

/**
 * Tells early that a block is already compressed or encrypted: 16 pieces of 4 KiB, evenly spread, are put through
 * zstd's fastest level together (about 0.3 ms). Blocks no longer than the sample are never judged: trying costs little.
 */
export function isIncompressible(raw: Uint8Array): boolean {
  const sampleLength = pieceLength * pieceCount
  if (raw.length <= 2 * sampleLength) return false
  const sample = Buffer.allocUnsafe(sampleLength)
  const stride = Math.floor((raw.length - pieceLength) / (pieceCount - 1))
  for (let piece = 0; piece < pieceCount; piece++) {
    sample.set(raw.subarray(piece * stride, piece * stride + pieceLength), piece * pieceLength)
  }
  return zstdCompressSync(sample, fastest).length > sampleLength * (1 - worthwhileSaving)
}

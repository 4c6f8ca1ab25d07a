import { once } from 'node:events'
import { constants, createZstdCompress, zstdCompressSync, zstdDecompressSync, type ZstdOptions } from 'node:zlib'
import { LmzError } from '../../contract/error'
import type { Codec } from '../codec'

/**
 * zstd (RFC 8878) through node:zlib: the codec of the fast preset and the one without a model that everything falls
 * back to. The window covers the whole block; at high levels blocks over 2 MiB are also searched for matches at long distance.
 */
export const zstd: Codec = {
  number: 1,
  name: 'zstd',
  encode(raw, _context, effort) {
    return effort < thoroughFrom
      ? Promise.resolve(zstdCompressSync(raw, options(raw, effort)))
      : encodeInSlices(raw, effort)
  },
  decode: (stored, rawLength) => decodeZstd(stored, rawLength),
}

/**
 * From this level on a block takes longer than a cancelled job may, so it is fed in slices between which a worker stops; and
 * matches at long distance are searched for, which at low levels costs a fifth of the speed.
 */
const thoroughFrom = 10
const sliceLength = 64 * 1024
const longDistanceFrom = 2 * 1024 * 1024

function options(raw: Uint8Array, level: number): ZstdOptions {
  return {
    pledgedSrcSize: raw.length,
    chunkSize: outputChunk(compressBound(raw.length)),
    params: {
      [constants.ZSTD_c_compressionLevel]: level,
      [constants.ZSTD_c_windowLog]: windowLogFor(raw.length),
      [constants.ZSTD_c_enableLongDistanceMatching]: level >= thoroughFrom && raw.length > longDistanceFrom ? 1 : 0,
    },
  }
}

/** The smallest window that reaches from a block's end to its start. */
function windowLogFor(length: number): number {
  const smallest = 10
  return Math.min(24, Math.max(smallest, Math.ceil(Math.log2(Math.max(1, length)))))
}

/**
 * The longest a frame of so many bytes can get. Into that much room zstd encodes straight from its input; into less, it
 * copies the input first.
 */
function compressBound(length: number): number {
  return length + Math.ceil(length / 256) + 1024
}

/** One output buffer of the block's size: with node:zlib's 16 KiB pieces decoding is a third as fast. */
function outputChunk(length: number): number {
  const smallestAllowed = 64
  return Math.max(smallestAllowed, length)
}

async function encodeInSlices(raw: Uint8Array, level: number): Promise<Uint8Array> {
  const stream = createZstdCompress(options(raw, level))
  const parts: Buffer[] = []
  stream.on('data', (part: Buffer) => parts.push(part))
  const ended = once(stream, 'end')
  for (let at = 0; at < raw.length; at += sliceLength) {
    if (!stream.write(raw.subarray(at, at + sliceLength))) await once(stream, 'drain')
  }
  stream.end()
  await ended
  return Buffer.concat(parts)
}

/**
 * Decodes one zstd frame of known length, optionally against a dictionary.
 * @throws LmzError `Corrupt`
 */
export function decodeZstd(stored: Uint8Array, rawLength: number, dictionary?: Uint8Array): Uint8Array {
  let raw: Uint8Array
  try {
    raw = zstdDecompressSync(stored, {
      maxOutputLength: Math.max(1, rawLength),
      chunkSize: outputChunk(rawLength),
      ...(dictionary === undefined ? {} : { dictionary }),
    })
  } catch (cause) {
    throw new LmzError('Corrupt', 'A zstd block cannot be decoded: its bytes are damaged.', { cause })
  }
  if (raw.length !== rawLength) {
    throw new LmzError('Corrupt', `A zstd block holds ${raw.length} bytes where ${rawLength} were declared.`)
  }
  return raw
}

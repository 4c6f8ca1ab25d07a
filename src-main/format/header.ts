import { crc32 } from 'node:zlib'
import { LmzError } from '../contract/error'

/**
 * The first 64 bytes of an archive, little-endian (docs/format.md, "Header"):
 *
 *      0   8  magic D3 4C 4D 5A 0D 0A 1A 0A
 *      8   2  format version, major: a reader refuses a greater one
 *     10   2  format version, minor: a reader accepts any
 *     12   4  feature flags; a reader refuses a set bit it does not know
 *     16  16  archive id, random
 *     32   8  position of the key slots, 0 if not encrypted
 *     40  20  zero
 *     60   4  CRC-32 of bytes 0 to 59
 */
export interface Header {
  readonly major: number
  readonly minor: number
  readonly features: number
  readonly archiveId: Uint8Array
  readonly keySlots: number
}

export const headerLength = 64
export const formatMajor = 1
export const formatMinor = 0

/** In PNG's manner: a byte over 127, CR LF, end-of-file for DOS, LF: any text-mode transfer breaks one of them. */
export const headerMagic = Uint8Array.of(0xd3, 0x4c, 0x4d, 0x5a, 0x0d, 0x0a, 0x1a, 0x0a)

export const featureFlags = {
  /** Blocks, primers and indexes are sealed, and footers authenticated. */
  encrypted: 0x00000001,
} as const

const knownFeatures = featureFlags.encrypted

export function encodeHeader(header: Header): Uint8Array {
  const bytes = Buffer.alloc(headerLength)
  bytes.set(headerMagic, 0)
  bytes.writeUInt16LE(header.major, 8)
  bytes.writeUInt16LE(header.minor, 10)
  bytes.writeUInt32LE(header.features, 12)
  bytes.set(header.archiveId, 16)
  bytes.writeBigUInt64LE(BigInt(header.keySlots), 32)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 60)), 60)
  return bytes
}

export function hasHeaderMagic(bytes: Uint8Array): boolean {
  return bytes.length >= headerMagic.length && headerMagic.every((byte, index) => bytes[index] === byte)
}

/**
 * @returns the header, or undefined when these bytes are not an intact one
 * @throws LmzError `Unsupported` for an intact header of a newer version or with unknown features
 */
export function decodeHeader(bytes: Uint8Array): Header | undefined {
  if (bytes.length < headerLength || !hasHeaderMagic(bytes)) return undefined
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, headerLength)
  if (crc32(view.subarray(0, 60)) !== view.readUInt32LE(60)) return undefined
  const header: Header = {
    major: view.readUInt16LE(8),
    minor: view.readUInt16LE(10),
    features: view.readUInt32LE(12),
    archiveId: Uint8Array.from(view.subarray(16, 32)),
    keySlots: Number(view.readBigUInt64LE(32)),
  }
  checkVersion(header.major, header.features)
  return header
}

/** @throws LmzError `Unsupported` */
export function checkVersion(major: number, features: number): void {
  if (major > formatMajor) {
    throw new LmzError('Unsupported', `This archive has format version ${major}; this lmz reads up to ${formatMajor}.`)
  }
  if ((features & ~knownFeatures) !== 0) {
    throw new LmzError('Unsupported', 'This archive uses a feature that this lmz does not know. A newer lmz opens it.')
  }
}

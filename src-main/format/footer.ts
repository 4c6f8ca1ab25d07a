import { LmzError } from '../contract/error'
import type { ByteSource } from './byte-source'
import {
  archiveTagOf,
  contentHashOf,
  decodeFrameHeader,
  encodeFrameHeader,
  equalBytes,
  frameHeaderLength,
  frameTypes,
} from './frame'
import { checkVersion, featureFlags } from './header'

/**
 * A footer makes a commit real. It is the last frame of its commit, always stored plain, 208 bytes with its frame
 * header (256 in an encrypted archive), and repeats what the archive header says, so that a lost header costs nothing. Payload, little-endian:
 *
 *      0   4  sequence number of the commit, from 1
 *      4   2  format version, major
 *      6   2  format version, minor
 *      8  16  archive id
 *     24   8  position of the index frame
 *     32   8  length of the index frame, header included
 *     40  16  content hash of the index
 *     56   8  position of the previous footer, 0 if none
 *     64  16  content hash of the previous footer's payload, zero if none
 *     80   8  position of this footer
 *     88   8  time of the commit, milliseconds since 1970
 *     96   8  position of the parity frame, 0 if none
 *    104   8  length of the parity frame
 *    112  16  hash of what the parity frame describes: equal to the one in its frame header
 *    128   8  position of the key slots, 0 if not encrypted
 *    136   4  feature flags, as in the header
 *    140   4  zero
 *
 * and of an encrypted archive, whose payload is 192 bytes long:
 *
 *    144  16  content hash of the key slots
 *    160  32  authentication code of bytes 0 to 159
 */
export interface Footer {
  readonly sequence: number
  readonly major: number
  readonly minor: number
  readonly features: number
  readonly archiveId: Uint8Array
  readonly index: { readonly position: number; readonly length: number; readonly hash: Uint8Array }
  readonly previous: { readonly position: number; readonly hash: Uint8Array }
  readonly position: number
  readonly timeMs: number
  readonly keySlots: number
  /** The newest parity frame, its header included; none if nothing is protected. */
  readonly parity?: ParityPlace | undefined
  /** Of an encrypted archive. */
  readonly authentication?: FooterAuthentication | undefined
}

export interface ParityPlace {
  readonly position: number
  readonly length: number
  readonly hash: Uint8Array
}

/** What the footer of an encrypted archive has beside the fields of every footer. */
export interface FooterAuthentication {
  readonly keySlotsHash: Uint8Array
  /** Authenticates the rest of the payload: see footer-authentication.ts. */
  readonly code: Uint8Array
  /** The payload as it is in the file. */
  readonly payload: Uint8Array
}

export const footerPayloadLength = 144
export const footerLength = frameHeaderLength + footerPayloadLength
/** In an encrypted archive. */
export const sealedFooterPayloadLength = 192
export const footerLengths = [footerLength, frameHeaderLength + sealedFooterPayloadLength] as const

/** Where a footer's frame ends in the file. */
export function footerEnd({ position, authentication }: Footer): number {
  return position + frameHeaderLength + (authentication?.payload.length ?? footerPayloadLength)
}

/** The complete footer frame. */
export function encodeFooter(footer: Footer): Uint8Array {
  return footerFrame(footer, footer.authentication?.payload ?? encodeFooterFields(footer))
}

/** The fields that every footer has: bytes 0 to 143 of the payload. */
export function encodeFooterFields(footer: Footer): Buffer {
  const payload = Buffer.alloc(footerPayloadLength)
  payload.writeUInt32LE(footer.sequence, 0)
  payload.writeUInt16LE(footer.major, 4)
  payload.writeUInt16LE(footer.minor, 6)
  payload.set(footer.archiveId, 8)
  payload.writeBigUInt64LE(BigInt(footer.index.position), 24)
  payload.writeBigUInt64LE(BigInt(footer.index.length), 32)
  payload.set(footer.index.hash, 40)
  payload.writeBigUInt64LE(BigInt(footer.previous.position), 56)
  payload.set(footer.previous.hash, 64)
  payload.writeBigUInt64LE(BigInt(footer.position), 80)
  payload.writeBigUInt64LE(BigInt(footer.timeMs), 88)
  if (footer.parity !== undefined) {
    payload.writeBigUInt64LE(BigInt(footer.parity.position), 96)
    payload.writeBigUInt64LE(BigInt(footer.parity.length), 104)
    payload.set(footer.parity.hash, 112)
  }
  payload.writeBigUInt64LE(BigInt(footer.keySlots), 128)
  payload.writeUInt32LE(footer.features, 136)
  return payload
}

function footerFrame(footer: Footer, payload: Uint8Array): Uint8Array {
  const header = encodeFrameHeader({
    type: frameTypes.footer,
    codec: 0,
    archiveTag: archiveTagOf(footer.archiveId),
    id: footer.sequence,
    rawLength: payload.length,
    storedLength: payload.length,
    contentHash: contentHashOf(payload),
  })
  return Buffer.concat([header, payload])
}

/**
 * Whether a footer repeats the state of the one before it: its index stands right behind the parity frame that it names, and so is the second
 * copy of the index of that state.
 */
export function isRepeatOf(footer: Footer, previous: Footer): boolean {
  const { parity, index } = footer
  return (
    parity !== undefined &&
    index.position === parity.position + parity.length &&
    footer.previous.position === previous.position &&
    equalBytes(footer.previous.hash, footerHash(previous))
  )
}

/** The hash by which a later footer refers to this one. */
export function footerHash(footer: Footer): Uint8Array {
  return contentHashOf(encodeFooter(footer).subarray(frameHeaderLength))
}

/**
 * Decodes the footer frame that starts at `position`.
 * @returns undefined when there is no intact footer that was written for this very position
 * @throws LmzError `Unsupported` for an intact footer of a newer format version
 */
export function readFooter(source: ByteSource, position: number): Footer | undefined {
  const footer = readDisplacedFooter(source, position)
  return footer?.position === position ? footer : undefined
}

/**
 * The same, but the footer may have been written for another position: evidence of a commit in an archive that lost or
 * gained bytes before it.
 */
export function readDisplacedFooter(source: ByteSource, position: number): Footer | undefined {
  if (position < 0 || position + footerLength > source.size) return undefined
  const header = decodeFrameHeader(source.read(position, frameHeaderLength))
  if (header?.type !== frameTypes.footer) return undefined
  const length = header.storedLength
  const isSealed = length === sealedFooterPayloadLength
  if (!isSealed && length !== footerPayloadLength) return undefined
  if (position + frameHeaderLength + length > source.size) return undefined
  const payload = Buffer.from(source.read(position + frameHeaderLength, length))
  if (!equalBytes(contentHashOf(payload), header.contentHash)) return undefined
  const footer: Footer = {
    sequence: payload.readUInt32LE(0),
    major: payload.readUInt16LE(4),
    minor: payload.readUInt16LE(6),
    archiveId: Uint8Array.from(payload.subarray(8, 24)),
    index: {
      position: offsetAt(payload, 24),
      length: offsetAt(payload, 32),
      hash: Uint8Array.from(payload.subarray(40, 56)),
    },
    previous: { position: offsetAt(payload, 56), hash: Uint8Array.from(payload.subarray(64, 80)) },
    position: offsetAt(payload, 80),
    timeMs: timeAt(payload, 88),
    keySlots: offsetAt(payload, 128),
    features: payload.readUInt32LE(136),
    parity: parityOf(payload),
    ...(isSealed ? { authentication: authenticationOf(payload) } : {}),
  }
  if (isSealed !== isEncrypted(footer)) return undefined
  checkVersion(footer.major, footer.features)
  checkExtents(footer)
  return footer
}

function parityOf(payload: Buffer): ParityPlace | undefined {
  const position = offsetAt(payload, 96)
  if (position === 0) return undefined
  return { position, length: offsetAt(payload, 104), hash: Uint8Array.from(payload.subarray(112, 128)) }
}

/** Whether the commit is one of an encrypted archive. */
export function isEncrypted({ features }: Pick<Footer, 'features'>): boolean {
  return (features & featureFlags.encrypted) !== 0
}

function authenticationOf(payload: Buffer): FooterAuthentication {
  return {
    keySlotsHash: payload.subarray(footerPayloadLength, 160),
    code: payload.subarray(160),
    payload,
  }
}

/** @throws LmzError `Format` */
function checkExtents(footer: Footer): void {
  const { index, previous, position, parity } = footer
  if (parity !== undefined && (parity.length < frameHeaderLength || parity.position + parity.length > position)) {
    throw new LmzError('Format', `The commit record at byte ${position} names parity outside of the archive.`, {
      offset: position,
    })
  }
  const indexEnd = index.position + index.length
  if (index.position < frameHeaderLength || index.length < frameHeaderLength || indexEnd > position) {
    throw new LmzError('Format', `The commit record at byte ${position} points outside of the archive.`, {
      offset: position,
    })
  }
  if (previous.position >= position) {
    throw new LmzError('Format', `The commit record at byte ${position} names a later one as its predecessor.`, {
      offset: position,
    })
  }
}

/** The greatest number of milliseconds since 1970 that is a date (ECMA-262, "Time Values and Time Range"). */
const lastTime = 8.64e15

/** A time, milliseconds since 1970; 0 for a number that is none, for nothing but people's curiosity depends on it. */
export function timeAt(payload: Buffer, at: number): number {
  const time = offsetAt(payload, at)
  return time > lastTime ? 0 : time
}

/** A 64-bit field as a number. Values over 2^53 cannot be offsets of a real file and become Infinity. */
function offsetAt(payload: Buffer, at: number): number {
  const value = payload.readBigUInt64LE(at)
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.POSITIVE_INFINITY : Number(value)
}

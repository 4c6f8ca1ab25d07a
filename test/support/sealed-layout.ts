import { crc32, zstdDecompressSync } from 'node:zlib'
import type { Encryption } from '../../src-main/archive/encryption/encryption'
import { authenticate } from '../../src-main/crypto/derived-keys'
import { nonceLength, tagLength } from '../../src-main/crypto/xaes'
import { contentHashOf, frameHeaderLength, frameMagic, frameTypes } from '../../src-main/format/frame'
import { secretIndexHash } from '../../src-main/format/footer-authentication'
import { paddedLength } from '../../src-main/format/padding'
import { firstSegmentLength, type FrameSeal, segmentLength } from '../../src-main/format/seal'
import { signKeySlots } from './crafted-keys'

/*
 * The layout of an encrypted archive: in the place of what is encrypted stands the plaintext, and zeros are where tags belong. So the plaintext
 * can be changed by whoever knows no more than bytes, and is then encrypted where it stands: no position changes.
 */

/** Random bytes in front of a sealed frame's segments. */
export const prefixLength = 19

interface Segment {
  /** Where its plaintext starts in the frame's payload. */
  readonly at: number
  readonly length: number
  readonly isLast: boolean
}

/** The segments of a sealed frame's payload of so many bytes; a last one that has no room for a tag is left out. */
function segmentsOf(payloadLength: number): readonly Segment[] {
  const segments: Segment[] = []
  for (let at = prefixLength, most = firstSegmentLength; at + tagLength < payloadLength; most = segmentLength) {
    const length = Math.min(most, payloadLength - at - tagLength)
    segments.push({ at, length, isLast: at + length + tagLength === payloadLength })
    at += length + tagLength
  }
  return segments
}

/** Puts plaintext to its places in a sealed frame's payload. */
export function scatter(plaintext: Uint8Array, payload: Uint8Array): void {
  let from = 0
  for (const { at, length } of segmentsOf(payload.length)) {
    payload.set(plaintext.subarray(from, from + length), at)
    from += length
  }
}

function gather(payload: Buffer): Buffer {
  return Buffer.concat(segmentsOf(payload.length).map(({ at, length }) => payload.subarray(at, at + length)))
}

/** A sealed frame that lies in the bytes as a whole. */
interface SealedPlace {
  readonly outer: Buffer
  readonly payload: Buffer
}

function sealedFrameAt(bytes: Buffer, at: number): SealedPlace | undefined {
  if (at + frameHeaderLength > bytes.length || bytes.readUInt8(at + 4) !== frameTypes.sealed) return undefined
  const [start, length] = [at + frameHeaderLength, bytes.readUIntLE(at + 22, 6)]
  if (length <= prefixLength || start + length > bytes.length) return undefined
  return { outer: bytes.subarray(at, start), payload: bytes.subarray(start, start + length) }
}

function positionsOf(bytes: Buffer): number[] {
  const found: number[] = []
  for (let at = bytes.indexOf(frameMagic); at !== -1; at = bytes.indexOf(frameMagic, at + 1)) found.push(at)
  return found
}

/** Encrypts a layout where it stands. */
export function sealLayout(layout: Uint8Array, seal: FrameSeal): Buffer {
  const bytes = Buffer.from(layout)
  // By the layout: what is encrypted may look like anything.
  for (const at of positionsOf(Buffer.from(layout))) {
    const frame = sealedFrameAt(bytes, at)
    if (frame !== undefined) sealPayload(frame, seal)
  }
  return bytes
}

function sealPayload({ outer, payload }: SealedPlace, seal: FrameSeal): void {
  const nonce = Buffer.alloc(nonceLength)
  payload.copy(nonce, 0, 0, prefixLength)
  const key = seal.messageKey(nonce)
  for (const [number, { at, length, isLast }] of segmentsOf(payload.length).entries()) {
    nonce.writeUInt32BE(number, prefixLength)
    nonce.writeUInt8(isLast ? 1 : 0, nonceLength - 1)
    const cipher = key.sealing(nonce, seal.associated(outer))
    payload.set(Buffer.concat([cipher.update(payload.subarray(at, at + length)), cipher.final()]), at)
    payload.set(cipher.getAuthTag(), at + length)
  }
}

/**
 * What a commit of somebody with the password would look like that says what was changed: hashes, checksums and codes are made to fit, and
 * each footer is told where it, its index and its key slots are. Every fourth layout, by its length, keeps what its footers say.
 */
export function signLayout(layout: Buffer, { keys }: Encryption): void {
  if (layout.length >= frameHeaderLength) layout.writeUInt32LE(crc32(layout.subarray(0, 60)), 60)
  const isTold = layout.length % 4 !== 0
  let index: { readonly at: number; readonly length: number; readonly hash: Uint8Array } | undefined
  let slots: { readonly at: number; readonly hash: Uint8Array } | undefined
  for (const at of positionsOf(layout)) {
    if (at + frameHeaderLength > layout.length) continue
    const type = layout.readUInt8(at + 4)
    if (type === frameTypes.keys) {
      const hash = signKeySlots(layout, at)
      if (hash !== undefined) slots = { at, hash }
    } else if (type === frameTypes.sealed) {
      const frame = sealedFrameAt(layout, at)
      const hash = frame === undefined ? undefined : signInner(frame)
      if (frame !== undefined && hash !== undefined) {
        index = { at, length: frameHeaderLength + frame.payload.length, hash: secretIndexHash(hash, keys.footers) }
      }
      signHeader(layout, at)
    } else if (type === frameTypes.footer && at + frameHeaderLength + 192 <= layout.length) {
      const payload = layout.subarray(at + frameHeaderLength, at + frameHeaderLength + 192)
      if (isTold) {
        payload.writeBigUInt64LE(BigInt(at), 80)
        if (index !== undefined) {
          payload.writeBigUInt64LE(BigInt(index.at), 24)
          payload.writeBigUInt64LE(BigInt(index.length), 32)
          payload.set(index.hash, 40)
        }
        if (slots !== undefined) {
          payload.writeBigUInt64LE(BigInt(slots.at), 128)
          payload.set(slots.hash, 144)
        }
      }
      payload.set(authenticate(keys.footers, payload.subarray(0, 160)), 160)
      layout.set(contentHashOf(payload), at + 28)
      signHeader(layout, at)
    }
  }
}

function signHeader(bytes: Buffer, at: number): void {
  bytes.writeUInt32LE(crc32(bytes.subarray(at, at + 60)), at + 60)
}

/** @returns the content hash of an index */
function signInner({ payload }: SealedPlace): Uint8Array | undefined {
  const plaintext = gather(payload)
  if (plaintext.length < frameHeaderLength) return undefined
  const trailerLength = plaintext.readUIntLE(53, 3)
  const start = frameHeaderLength + trailerLength
  const fits = paddedLength(start + plaintext.readUIntLE(22, 6)) === plaintext.length
  if (!fits && plaintext.length >= start) plaintext.writeUIntLE(plaintext.length - start, 22, 6)
  const stored = plaintext.subarray(start, start + plaintext.readUIntLE(22, 6))
  const raw = decoded(plaintext.readUInt8(5), stored)
  const isIndex = plaintext.readUInt8(4) === frameTypes.index
  const hash = raw === undefined ? plaintext.subarray(28, 44) : contentHashOf(raw)
  plaintext.set(hash, 28)
  if (isIndex && raw !== undefined) plaintext.writeUIntLE(raw.length, 16, 6)
  signHeader(plaintext, 0)
  scatter(plaintext, payload)
  return isIndex ? hash : undefined
}

function decoded(codec: number, stored: Buffer): Uint8Array | undefined {
  if (codec === 0) return stored
  try {
    return codec === 1 ? zstdDecompressSync(stored, { maxOutputLength: 1 << 20 }) : undefined
  } catch {
    return undefined
  }
}

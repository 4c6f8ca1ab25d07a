import { randomBytes } from 'node:crypto'
import { LmzError } from '../contract/error'
import { requireCiphers } from '../crypto/self-test'
import { keyLength, type MessageKey, nonceLength, sliceLength, tagLength, Xaes } from '../crypto/xaes'
import type { ByteSource } from './byte-source'
import {
  archiveTagOf,
  decodeFrameHeader,
  encodeFrameHeader,
  type FrameHeader,
  frameHeaderLength,
  frameTypes,
} from './frame'
import { paddedLength } from './padding'

/*
 * A sealed frame (docs/format.md, "Sealed frames") holds a whole plain frame, padded, in encrypted segments. Its own header tells
 * nothing but how long it is and which commit wrote it.
 *
 * The segments are STREAM (Hoang, Reyhanitabar, Rogaway, Vizár: "Online Authenticated-Encryption and its Nonce-Reuse
 * Misuse-Resistance", CRYPTO 2015): each is authentic by itself, so that a part can be read without the rest and memory stays bounded, and
 * none can be left out, moved or added.
 */

/** Plaintext bytes of the first segment: enough for header and hints, which are looked at in many frames. */
export const firstSegmentLength = 16 * 1024
/** Of the other segments; the last one may have fewer. */
export const segmentLength = 1024 * 1024
/** Random bytes in front of the segments: the part of the nonces that all segments of a frame share. */
const prefixLength = nonceLength - 5

/** The key for the frames of one archive, as plain data: worker threads are handed it. */
export interface SealKey {
  /** 32 bytes. */
  readonly key: Uint8Array
  readonly archiveId: Uint8Array
}

/** Seals and opens the frames of one archive. */
export class FrameSeal {
  readonly data: SealKey
  readonly #cipher: Xaes

  /** @throws LmzError `Unsupported` where this program cannot encrypt */
  constructor({ key, archiveId }: SealKey) {
    requireCiphers()
    if (key.length !== keyLength) throw new RangeError('not a key')
    this.data = { key, archiveId }
    this.#cipher = new Xaes(key)
  }

  get archiveTag(): number {
    return archiveTagOf(this.data.archiveId)
  }

  /** Overwrites the key; nothing can be sealed or opened afterwards. */
  forget(): void {
    this.#cipher.forget()
  }

  messageKey(prefix: Uint8Array): MessageKey {
    return this.#cipher.messageKey(prefix)
  }

  /** What each segment is bound to beside its place: the archive, and all of the frame header outside. */
  associated(outerHeader: Uint8Array): Uint8Array {
    return Buffer.concat([this.data.archiveId, outerHeader])
  }
}

/** The stored length of the sealed frame that holds so many bytes of a plain one. */
export function sealedLength(plainLength: number): number {
  const padded = paddedLength(plainLength)
  return prefixLength + padded + segmentCount(padded, 0) * tagLength
}

/** Segments of so many bytes, each of them with so many more. */
function segmentCount(length: number, more: number): number {
  return 1 + Math.max(0, Math.ceil((length - firstSegmentLength - more) / (segmentLength + more)))
}

/** Where the plaintext of a segment begins in that of the frame. */
function segmentStart(number: number): number {
  return number === 0 ? 0 : firstSegmentLength + (number - 1) * segmentLength
}

/** Seals one frame, whose bytes may come in parts: header, then trailer, then payload. No two sealers of a head seal the same segment. */
export class FrameSealer {
  /** The frame header outside, and the nonce's random part: the first bytes of the sealed frame. */
  readonly head: Uint8Array
  readonly #nonce = Buffer.alloc(nonceLength)
  readonly #key: MessageKey
  readonly #associated: Uint8Array
  #cipher: ReturnType<MessageKey['sealing']> | undefined
  #room = 0
  #counter = 0
  /** Plaintext bytes to come, padding included. */
  #left: number
  #padding: number

  /**
   * @param plainLength of the plain frame, header and trailer included
   * @param head of the sealer that calls {@link sealRest}, for the one that calls {@link sealFirst}
   */
  constructor(seal: FrameSeal, plainLength: number, head: Uint8Array) {
    this.head = head
    this.#nonce.set(head.subarray(frameHeaderLength))
    this.#key = seal.messageKey(this.#nonce)
    this.#associated = seal.associated(head.subarray(0, frameHeaderLength))
    this.#left = paddedLength(plainLength)
    this.#padding = this.#left - plainLength
  }

  /**
   * Starts a frame, under a nonce that no other has.
   * @param lineage tells the commit that writes the frame from all others, of copies of the archive too
   */
  static start(seal: FrameSeal, plainLength: number, lineage: bigint): FrameSealer {
    const outer = encodeFrameHeader({
      type: frameTypes.sealed,
      codec: 0,
      archiveTag: seal.archiveTag,
      id: 0,
      rawLength: 0,
      storedLength: sealedLength(plainLength),
      contentHash: new Uint8Array(16),
      lineage,
    })
    return new FrameSealer(seal, plainLength, Buffer.concat([outer, randomBytes(prefixLength)]))
  }

  /** @returns the sealed bytes that are ready by now */
  push(...parts: readonly Uint8Array[]): Uint8Array {
    const sealed: Uint8Array[] = []
    for (const part of parts) this.#add(part, (bytes) => sealed.push(bytes))
    return Buffer.concat(sealed)
  }

  /** Pads, and ends the last segment. @returns the sealed bytes that are left */
  finish(): Uint8Array {
    const sealed: Uint8Array[] = []
    this.#finish((bytes) => sealed.push(bytes))
    return Buffer.concat(sealed)
  }

  /**
   * Seals a frame that is there as a whole.
   * @param target gets the sealed bytes behind the head; it has room for them
   * @returns how many there are
   */
  sealInto(target: Uint8Array, ...parts: readonly Uint8Array[]): number {
    let length = 0
    const put = (bytes: Uint8Array): void => {
      target.set(bytes, length)
      length += bytes.length
    }
    for (const part of parts) this.#add(part, put)
    this.#finish(put)
    return length
  }

  /**
   * Seals all segments but the first, for which not everything is known yet: {@link sealFirst} is to be called once for the same head.
   * @param target as for {@link sealInto}
   * @param parts the plain frame without its first {@link firstSegmentLength} bytes
   * @returns how many sealed bytes there are; 0 if the frame is no longer than that
   */
  sealRest(target: Uint8Array, ...parts: readonly Uint8Array[]): number {
    if (this.#left <= firstSegmentLength) return 0
    this.#left -= firstSegmentLength
    this.#counter = 1
    return this.sealInto(target, ...parts)
  }

  /** @param parts the plain frame's first {@link firstSegmentLength} bytes, or all of it if it has fewer */
  sealFirst(...parts: readonly Uint8Array[]): Uint8Array {
    if (this.#left <= firstSegmentLength) return Buffer.concat([this.push(...parts), this.finish()])
    const sealed = this.push(...parts)
    if (sealed.length !== firstSegmentLength + tagLength) throw new RangeError('That is not the first segment.')
    return sealed
  }

  #finish(put: (sealed: Uint8Array) => void): void {
    const zeros = new Uint8Array(Math.min(this.#padding, sliceLength))
    for (let left = this.#padding; left > 0; left -= zeros.length) {
      this.#add(zeros.subarray(0, Math.min(left, zeros.length)), put)
    }
    if (this.#left !== 0) throw new RangeError(`${this.#left} bytes of a frame to be sealed are missing.`)
  }

  #add(part: Uint8Array, put: (sealed: Uint8Array) => void): void {
    if (part.length > this.#left) throw new RangeError('A frame to be sealed is longer than it was said to be.')
    let rest = part
    while (rest.length > 0) {
      this.#cipher ??= this.#startSegment()
      const taken = rest.subarray(0, Math.min(this.#room, sliceLength))
      put(this.#cipher.update(taken))
      rest = rest.subarray(taken.length)
      this.#room -= taken.length
      this.#left -= taken.length
      if (this.#room > 0) continue
      put(this.#cipher.final())
      put(this.#cipher.getAuthTag())
      this.#cipher = undefined
    }
  }

  #startSegment(): ReturnType<MessageKey['sealing']> {
    const most = this.#counter === 0 ? firstSegmentLength : segmentLength
    this.#room = Math.min(this.#left, most)
    writePlace(this.#nonce, this.#counter++, this.#left <= most)
    return this.#key.sealing(this.#nonce, this.#associated)
  }
}

/** A segment's place, in the last five bytes of its nonce: its number, and whether it is the last. */
function writePlace(nonce: Buffer, counter: number, isLast: boolean): void {
  nonce.writeUInt32BE(counter, prefixLength)
  nonce.writeUInt8(isLast ? 1 : 0, nonceLength - 1)
}

/** A sealed frame in a source, opened as far as it is asked for. */
export class SealedFrame {
  /** The header of the plain frame inside, with the lineage from outside. */
  readonly header: FrameHeader
  readonly #source: ByteSource
  readonly #position: number
  readonly #key: MessageKey
  readonly #associated: Uint8Array
  readonly #nonce = Buffer.alloc(nonceLength)
  /** Plaintext bytes, padding included. */
  readonly #length: number
  readonly #segments: number
  readonly #first: Uint8Array

  /**
   * Opens the first segment.
   * @param outer the decoded header at `position`; the frame is known to lie inside the source
   * @throws LmzError `Auth` (damaged)
   */
  constructor(source: ByteSource, seal: FrameSeal, position: number, outer: FrameHeader) {
    this.#source = source
    this.#position = position
    const outerBytes = source.read(position, frameHeaderLength)
    this.#associated = seal.associated(outerBytes)
    const sealedBytes = outer.storedLength - prefixLength
    this.#segments = segmentCount(sealedBytes, tagLength)
    this.#length = sealedBytes - this.#segments * tagLength
    if (this.#length < frameHeaderLength || segmentCount(this.#length, 0) !== this.#segments) throw isChanged(position)
    this.#nonce.set(source.read(position + frameHeaderLength, prefixLength))
    this.#key = seal.messageKey(this.#nonce)
    this.#first = new Uint8Array(Math.min(firstSegmentLength, this.#length))
    this.#open(0, this.#first)
    const inner = decodeFrameHeader(this.#first)
    if (inner === undefined || inner.type === frameTypes.sealed || inner.archiveTag !== seal.archiveTag) {
      throw isChanged(position)
    }
    const plainLength = frameHeaderLength + inner.trailerLength + inner.storedLength
    if (paddedLength(plainLength) !== this.#length) throw isChanged(position)
    this.header = { ...inner, lineage: outer.lineage }
  }

  /** @throws LmzError `Auth` (damaged) */
  trailer(): Uint8Array {
    return this.#bytes(frameHeaderLength, this.header.trailerLength)
  }

  /** @throws LmzError `Auth` (damaged) */
  payload(): Uint8Array {
    return this.#bytes(frameHeaderLength + this.header.trailerLength, this.header.storedLength)
  }

  /** The first bytes of the payload; only segments that hold some of them are opened. @throws LmzError `Auth` (damaged) */
  payloadHead(length: number): Uint8Array {
    return this.#bytes(frameHeaderLength + this.header.trailerLength, Math.min(length, this.header.storedLength))
  }

  /** The payload in pieces of at most a segment. @throws LmzError `Auth` (damaged) */
  *payloadPieces(): Generator<Uint8Array> {
    const start = frameHeaderLength + this.header.trailerLength
    const end = start + this.header.storedLength
    for (let number = 0; segmentStart(number) < end; number++) {
      const at = segmentStart(number)
      if (segmentStart(number + 1) <= start) continue
      yield this.#segment(number).subarray(Math.max(0, start - at), end - at)
    }
  }

  /** Plaintext from `start` on; each segment is opened where its bytes are wanted. */
  #bytes(start: number, length: number): Uint8Array {
    const end = start + length
    if (end <= this.#first.length) return this.#first.slice(start, end)
    let last = this.#segments - 1
    while (segmentStart(last) >= end) last--
    const bytes = Buffer.allocUnsafeSlow(Math.max(0, this.#endOf(last) - start))
    for (let number = 0; number <= last; number++) {
      const at = segmentStart(number)
      if (this.#endOf(number) <= start) continue
      if (at >= start && number > 0) this.#open(number, bytes.subarray(at - start))
      else bytes.set(this.#segment(number).subarray(start - at))
    }
    return bytes.subarray(0, length)
  }

  #segment(number: number): Uint8Array {
    if (number === 0) return this.#first
    const bytes = Buffer.allocUnsafeSlow(this.#endOf(number) - segmentStart(number))
    this.#open(number, bytes)
    return bytes
  }

  #endOf(number: number): number {
    return Math.min(segmentStart(number + 1), this.#length)
  }

  /** Reads a segment by one ranged read, and opens it. */
  #open(number: number, plaintext: Uint8Array): void {
    const at = segmentStart(number)
    const place = this.#position + frameHeaderLength + prefixLength + at + number * tagLength
    writePlace(this.#nonce, number, number === this.#segments - 1)
    const sealed = this.#source.read(place, this.#endOf(number) - at + tagLength)
    if (!this.#key.openInto(plaintext, this.#nonce, this.#associated, sealed)) throw isChanged(this.#position)
  }
}

function isChanged(position: number): LmzError {
  const message = `The encrypted record at byte ${position} is damaged, or was changed by somebody without the password.`
  return new LmzError('Auth', message, { offset: position, reason: 'damaged' })
}

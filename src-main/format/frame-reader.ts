import { LmzError } from '../contract/error'
import type { ByteSource } from './byte-source'
import {
  checkFrameHeader,
  decodeFrameHeader,
  type FrameHeader,
  frameHeaderLength,
  frameLength,
  frameTypes,
} from './frame'
import { type FrameSeal, SealedFrame } from './seal'

/** The bytes of an archive and, of an encrypted one, what opens its frames. */
export interface FrameSource extends ByteSource {
  /** Set once the password is known. All blocks, primers and indexes must be sealed then: a plain one is not the archive's. */
  readonly seal?: FrameSeal | undefined
}

/** A frame whose header is right; its other bytes are read when they are asked for. */
export interface Frame {
  /** Of a sealed frame, that of the frame inside. */
  readonly header: FrameHeader
  /** @throws LmzError `Io`, `Corrupt`, of a sealed frame `Auth` (damaged) */
  payload(): Uint8Array
  /** The first bytes of the payload, or all of a shorter one; the rest is not read. @throws LmzError as `payload` */
  payloadHead(length: number): Uint8Array
  /** The payload in pieces of at most a mebibyte. @throws LmzError as `payload` */
  payloadPieces(): Iterable<Uint8Array>
  /** @throws LmzError as `payload` */
  trailer(): Uint8Array
}

/** What an encrypted archive has only in sealed frames. */
const secretTypes: readonly number[] = [frameTypes.block, frameTypes.index, frameTypes.primer]
const pieceLength = 1024 * 1024

/**
 * Reads and checks the frame header at `position`, and opens the frame if it is sealed; the payload is known to lie inside the source.
 * @throws LmzError `Corrupt` when there is no intact header or the payload is cut off, `Auth` for a sealed frame that is not
 *   authentic (damaged) or for which the password is missing, `Unsupported` for required flags of a newer version, `Limit` for a
 *   block or primer over its limit
 */
export function readFrame(source: FrameSource, position: number): Frame {
  const outer =
    position >= 0 && position + frameHeaderLength <= source.size
      ? decodeFrameHeader(source.read(position, frameHeaderLength))
      : undefined
  if (outer === undefined) {
    throw new LmzError('Corrupt', `The record at byte ${position} is damaged.`, { offset: position })
  }
  if (position + frameLength(outer) > source.size) {
    throw new LmzError('Corrupt', `The record at byte ${position} is cut off.`, { offset: position })
  }
  checkFrameHeader(outer, position)
  return openFrame(source, position, outer)
}

/** The header alone, of a sealed frame that of the frame inside. @throws LmzError as {@link readFrame} */
export function readFrameHeader(source: FrameSource, position: number): FrameHeader {
  return readFrame(source, position).header
}

/**
 * A frame by its own header, which lies inside the source as a whole.
 * @throws LmzError `Auth`, `Unsupported`, `Limit` as {@link readFrame}; `Corrupt` for a plain frame where only sealed ones belong
 */
export function openFrame(source: FrameSource, position: number, outer: FrameHeader): Frame {
  const { seal } = source
  if (outer.type !== frameTypes.sealed) {
    if (seal !== undefined && secretTypes.includes(outer.type)) {
      const message = `The record at byte ${position} is not encrypted as the archive is: it does not belong to it.`
      throw new LmzError('Auth', message, { offset: position, reason: 'damaged' })
    }
    return new PlainFrame(source, position, outer)
  }
  if (seal === undefined) {
    const message = `The record at byte ${position} is encrypted.`
    throw new LmzError('Auth', message, { offset: position, reason: 'password' })
  }
  const frame = new SealedFrame(source, seal, position, outer)
  checkFrameHeader(frame.header, position)
  return frame
}

class PlainFrame implements Frame {
  readonly header: FrameHeader
  readonly #source: ByteSource
  readonly #payloadAt: number

  constructor(source: ByteSource, position: number, header: FrameHeader) {
    this.header = header
    this.#source = source
    this.#payloadAt = position + frameHeaderLength
  }

  payload(): Uint8Array {
    return this.#source.read(this.#payloadAt, this.header.storedLength)
  }

  payloadHead(length: number): Uint8Array {
    return this.#source.read(this.#payloadAt, Math.min(length, this.header.storedLength))
  }

  *payloadPieces(): Generator<Uint8Array> {
    const { storedLength } = this.header
    for (let at = 0; at < storedLength; at += pieceLength) {
      yield this.#source.read(this.#payloadAt + at, Math.min(pieceLength, storedLength - at))
    }
  }

  trailer(): Uint8Array {
    return this.#source.read(this.#payloadAt + this.header.storedLength, this.header.trailerLength)
  }
}

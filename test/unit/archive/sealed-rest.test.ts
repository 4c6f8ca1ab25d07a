import { describe, expect, it } from 'vitest'
import { roomForSealing, sealRest } from '../../../src-main/archive/encryption/sealed-rest'
import { encodeFrameHeader, frameHeaderLength } from '../../../src-main/format/frame'
import { readFrame } from '../../../src-main/format/frame-reader'
import { firstSegmentLength, FrameSeal, FrameSealer, segmentLength } from '../../../src-main/format/seal'
import { Random, seed } from '../../support/random'

const seal = new FrameSeal({ key: Buffer.alloc(32, 7), archiveId: Buffer.alloc(16, 8) })
const inFirst = firstSegmentLength - frameHeaderLength

/** As a worker and the writer do it between them; `inPlace` when the payload is already where the result goes. */
function sealInTwo(payload: Uint8Array, trailer: Uint8Array, inPlace: boolean): Buffer {
  const room = new Uint8Array(roomForSealing(payload.length, trailer.length))
  if (inPlace) room.set(payload)
  const stored = inPlace ? room.subarray(0, payload.length) : payload
  const { head, openLength, sealedLength } = sealRest({ key: seal.data, lineage: 3n, trailer }, stored, room)
  const header = encodeFrameHeader({
    type: 1,
    codec: 0,
    archiveTag: seal.archiveTag,
    id: 9,
    rawLength: payload.length,
    storedLength: payload.length,
    trailerLength: trailer.length,
    contentHash: Buffer.alloc(16),
  })
  const sealer = new FrameSealer(seal, header.length + trailer.length + payload.length, head)
  const first = sealer.sealFirst(header, trailer.subarray(0, inFirst), room.subarray(0, openLength))
  return Buffer.concat([head, first, room.subarray(openLength, openLength + sealedLength)])
}

describe('a frame that a worker and the writer seal between them', () => {
  const random = new Random(seed)
  const payloads = [1, inFirst - 8, inFirst - 1, inFirst, inFirst + 1, 50_000, inFirst + segmentLength, 3_000_000]
  const trailers = [0, 8, 2040 * 8, 2043 * 8, 16_384 * 8]
  it.each(payloads.flatMap((payload) => trailers.map((trailer) => [payload, trailer] as const)))(
    'is what a reader takes for one: %i bytes with a trailer of %i',
    (payloadLength, trailerLength) => {
      const [payload, trailer] = [random.bytes(payloadLength), random.bytes(trailerLength)]
      for (const inPlace of [false, true]) {
        const bytes = sealInTwo(payload, trailer, inPlace)
        const source = {
          size: bytes.length,
          read: (at: number, length: number) => bytes.subarray(at, at + length),
          seal,
        }
        const frame = readFrame(source, 0)
        expect(frame.header.id).toBe(9)
        expect(Buffer.compare(frame.trailer(), trailer)).toBe(0)
        expect(Buffer.compare(frame.payload(), payload)).toBe(0)
      }
    },
  )

  it('takes no other bytes for its first segment: a nonce would be used for two texts', () => {
    const sealer = FrameSealer.start(seal, 40_000, 3n)
    expect(() => sealer.sealFirst(Buffer.alloc(firstSegmentLength - 1))).toThrow(RangeError)
    const another = FrameSealer.start(seal, 40_000, 3n)
    expect(() => another.sealFirst(Buffer.alloc(firstSegmentLength + 1))).toThrow(RangeError)
  })
})

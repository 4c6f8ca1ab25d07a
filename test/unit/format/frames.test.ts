import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { MemorySource } from '../../../src-main/format/byte-source'
import { encodeFooter, type Footer, footerLength, readFooter } from '../../../src-main/format/footer'
import {
  archiveTagOf,
  contentHashOf,
  decodeFrameHeader,
  encodeFrameHeader,
  frameHeaderLength,
  frameTypes,
} from '../../../src-main/format/frame'
import { readFrameHeader } from '../../../src-main/format/frame-reader'
import { decodeHeader, encodeHeader, headerLength } from '../../../src-main/format/header'
import { findLastFooter, scanFrames } from '../../../src-main/format/scan'

const archiveId = Uint8Array.from({ length: 16 }, (_, index) => index + 1)
const header = { major: 1, minor: 0, features: 0, archiveId, keySlots: 0 }

function blockFrame(id: number, payload: Uint8Array, tag = archiveTagOf(archiveId)): Buffer {
  const fields = { type: frameTypes.block, codec: 0, archiveTag: tag, id, kind: 1 }
  const lengths = { rawLength: payload.length, storedLength: payload.length }
  return Buffer.concat([encodeFrameHeader({ ...fields, ...lengths, contentHash: contentHashOf(payload) }), payload])
}

function footerAt(position: number, sequence = 1): Footer {
  return {
    ...header,
    sequence,
    index: { position: headerLength, length: 80, hash: new Uint8Array(16).fill(7) },
    previous: { position: 0, hash: new Uint8Array(16) },
    position,
    timeMs: 1_700_000_000_000,
  }
}

describe('archive header', () => {
  it('comes back as it was written, so that archives stay readable', () => {
    const bytes = encodeHeader(header)
    expect(bytes).toHaveLength(headerLength)
    expect(decodeHeader(bytes)).toEqual(header)
  })

  it('is not accepted with any single byte changed, so that damage is seen', () => {
    const bytes = encodeHeader(header)
    for (let at = 0; at < bytes.length; at++) {
      const damaged = Uint8Array.from(bytes)
      damaged[at] = (damaged[at] ?? 0) ^ 0x40
      expect(decodeHeader(damaged), `byte ${at}`).toBeUndefined()
    }
  })

  it('of a newer major version or with an unknown feature is refused by name, not called damaged', () => {
    expect(() => decodeHeader(encodeHeader({ ...header, major: 2 }))).toThrow(
      expect.objectContaining({ code: 'Unsupported' }),
    )
    expect(() => decodeHeader(encodeHeader({ ...header, features: 2 }))).toThrow(
      expect.objectContaining({ code: 'Unsupported' }),
    )
    expect(decodeHeader(encodeHeader({ ...header, minor: 9 }))?.minor).toBe(9)
  })
})

describe('frame header', () => {
  const fields = {
    type: frameTypes.block,
    codec: 1,
    flags: 0,
    archiveTag: 0xfeedbeef,
    id: 42,
    rawLength: 2 ** 40 + 5,
    storedLength: 123,
    contentHash: randomBytes(16),
    model: Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]),
    kind: 3,
    trailerLength: 24,
    primer: 9,
  }

  it('comes back as it was written, lengths over 32 bits included', () => {
    expect(decodeFrameHeader(encodeFrameHeader(fields))).toEqual({
      ...fields,
      contentHash: Uint8Array.from(fields.contentHash),
    })
  })

  it('is not accepted with any single bit changed', () => {
    const bytes = encodeFrameHeader(fields)
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const damaged = Uint8Array.from(bytes)
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(decodeFrameHeader(damaged), `bit ${bit}`).toBeUndefined()
    }
  })

  it('that claims more than the file holds, or than a block may, is refused before anything is allocated', () => {
    const cutOff = new MemorySource(encodeFrameHeader({ ...fields, rawLength: 10, storedLength: 0 }))
    expect(() => readFrameHeader(cutOff, 0)).toThrow(expect.objectContaining({ code: 'Corrupt' }))
    const huge = new MemorySource(encodeFrameHeader({ ...fields, storedLength: 0, trailerLength: 0 }))
    expect(() => readFrameHeader(huge, 0)).toThrow(expect.objectContaining({ code: 'Limit' }))
  })

  it('with a required flag of a newer version is refused as unsupported', () => {
    const newer = encodeFrameHeader({ ...fields, rawLength: 0, storedLength: 0, trailerLength: 0, flags: 0x8000 })
    expect(() => readFrameHeader(new MemorySource(newer), 0)).toThrow(expect.objectContaining({ code: 'Unsupported' }))
  })
})

describe('footer', () => {
  it('comes back as it was written, and only at the position it was written for', () => {
    const footer = footerAt(500)
    const bytes = Buffer.concat([Buffer.alloc(500), encodeFooter(footer)])
    expect(readFooter(new MemorySource(bytes), 500)).toEqual(footer)
    const moved = Buffer.concat([Buffer.alloc(501), encodeFooter(footer)])
    expect(readFooter(new MemorySource(moved), 501)).toBeUndefined()
  })

  it('that points outside of the archive is refused', () => {
    const outside = { ...footerAt(500), index: { position: 400, length: 5000, hash: new Uint8Array(16) } }
    const bytes = Buffer.concat([Buffer.alloc(500), encodeFooter(outside)])
    expect(() => readFooter(new MemorySource(bytes), 500)).toThrow(expect.objectContaining({ code: 'Format' }))
  })

  it('is found behind any torn tail, and the newest intact one wins', () => {
    const start = Buffer.alloc(300)
    const first = encodeFooter(footerAt(300, 1))
    const second = encodeFooter(footerAt(300 + footerLength, 2))
    const whole = Buffer.concat([start, first, second])
    expect(findLastFooter(new MemorySource(whole))?.sequence).toBe(2)
    for (let cut = 1; cut < footerLength; cut += 7) {
      const torn = whole.subarray(0, whole.length - cut)
      expect(findLastFooter(new MemorySource(torn))?.sequence, `cut by ${cut}`).toBe(1)
    }
    const junk = Buffer.concat([whole, randomBytes(3 * 1024 * 1024)])
    expect(findLastFooter(new MemorySource(junk))?.sequence).toBe(2)
  })

  it('is found where its magic lies across two search windows', () => {
    for (const shift of [0, 1, 2, 3, 4, 207, 208]) {
      const tail = 1024 * 1024 - footerLength + shift
      const bytes = Buffer.concat([Buffer.alloc(300), encodeFooter(footerAt(300)), Buffer.alloc(tail)])
      expect(findLastFooter(new MemorySource(bytes))?.position, `shift ${shift}`).toBe(300)
    }
  })
})

describe('scanning for frames', () => {
  const payloads = [10, 5000, 0, 70_000].map((length) => randomBytes(length))
  const archive = Buffer.concat([
    encodeHeader(header),
    ...payloads.map((payload, index) => blockFrame(index + 1, payload)),
  ])

  function idsIn(bytes: Uint8Array, from = 0): number[] {
    const frames = [...scanFrames(new MemorySource(bytes), from, archiveTagOf(archiveId))]
    return frames.flatMap((frame) => (frame === undefined ? [] : [frame.header.id]))
  }

  it('finds every frame, so that blocks can be saved without an index', () => {
    expect(idsIn(archive, headerLength)).toEqual([1, 2, 3, 4])
  })

  it('finds those behind inserted, deleted and overwritten bytes', () => {
    const at = headerLength + frameHeaderLength + 10 + frameHeaderLength + 100
    expect(idsIn(Buffer.concat([archive.subarray(0, at), randomBytes(513), archive.subarray(at)]))).toEqual([
      1, 2, 3, 4,
    ])
    expect(idsIn(Buffer.concat([archive.subarray(0, at), archive.subarray(at + 1)]))).toEqual([1, 2, 3, 4])
    const overwritten = Buffer.from(archive)
    overwritten.fill(0, headerLength, headerLength + 20)
    expect(idsIn(overwritten)).toEqual([2, 3, 4])
  })

  it('does not take frames of an archive that is stored inside for its own', () => {
    const inner = Buffer.concat([blockFrame(77, randomBytes(50), 0x1234), blockFrame(78, randomBytes(50), 0x1234)])
    const outer = Buffer.concat([encodeHeader(header), blockFrame(1, inner), blockFrame(2, Buffer.from('x'))])
    expect(idsIn(outer)).toEqual([1, 2])
  })

  it('reads a file full of false magics only once', () => {
    const bytes = Buffer.alloc(4 * 1024 * 1024, Buffer.from([0xd3, 0x6c, 0x7a, 0x66]))
    let bytesRead = 0
    const source = new MemorySource(bytes)
    const counting = {
      size: source.size,
      read: (position: number, length: number) => {
        bytesRead += length
        return source.read(position, length)
      },
    }
    expect([...scanFrames(counting, 0, undefined)].every((frame) => frame === undefined)).toBe(true)
    expect(bytesRead).toBeLessThan(bytes.length * (2 + frameHeaderLength / 4))
  })
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { Archive } from '../../src-main/archive/archive'
import { verifyArchive } from '../../src-main/archive/verify'
import { decodeFrameHeader, encodeFrameHeader, frameHeaderLength } from '../../src-main/format/frame'
import { readFrame } from '../../src-main/format/frame-reader'
import { firstSegmentLength, FrameSeal, FrameSealer, segmentLength } from '../../src-main/format/seal'
import { makeEncrypted, password } from '../support/encrypted-archive'
import { suiteFolder } from '../support/suite-folder'
import { errorOf, frameAt, isDamaged, makeTamperedArchive, type TamperedArchive } from '../support/tampering'
import { temporaryFolder } from '../support/temporary'

/*
 * Somebody without the password changes the file. Nothing they do may come out as if it were the user's data: it is told as damage, by
 * code `Auth`, before anything is decoded.
 */

const folder = suiteFolder()
let tampered: TamperedArchive

beforeAll(async () => {
  tampered = await makeTamperedArchive(folder)
}, 60_000)

describe('a wrong password', () => {
  it('is told from damage, and soon: nobody would know what to do', async () => {
    const { whole } = tampered
    const blocks = await tampered.blocksOf(whole)
    const start = performance.now()
    await expect(Archive.open(tampered.path, undefined, { password: 'wrong' })).rejects.toMatchObject({
      code: 'Auth',
      reason: 'password',
    })
    expect(performance.now() - start).toBeLessThan(5000)
    const flipped = Buffer.from(whole)
    const at = (blocks[0] ?? 0) + frameHeaderLength + 1000
    flipped[at]! ^= 1
    const opened = await tampered.open(flipped)
    expect(errorOf(() => opened.readBlock(1))).toEqual(isDamaged)
    opened.close()
    const report = await verifyArchive(join(folder, 'changed.lmz'), { password })
    expect(report.damagedFiles).toBeGreaterThan(0)
    expect(report.problems[0]?.error).toEqual(isDamaged)
  })
})

describe('every byte of a sealed frame', () => {
  it('is authentic, its header too: flipped fields would be believed', async () => {
    const { whole, masterKey } = tampered
    const blocks = await tampered.blocksOf(whole)
    const position = blocks[1] ?? 0
    const header = decodeFrameHeader(whole.subarray(position))!
    const opened = await Archive.open(tampered.path, undefined, { masterKey })
    const { seal } = opened.source
    const read = (bytes: Buffer): unknown =>
      errorOf(() =>
        readFrame(
          { size: bytes.length, read: (at, length) => bytes.subarray(at, at + length), seal },
          position,
        ).payload(),
      )
    expect(read(whole)).toBeUndefined()
    // With the checksum made right again, as whoever does it on purpose would.
    const fields = { ...header, storedLength: header.storedLength }
    const changes = {
      codec: { codec: 1 },
      flags: { flags: 1 },
      id: { id: 7 },
      rawLength: { rawLength: 12 },
      shorter: { storedLength: header.storedLength - 1 },
      segment: { storedLength: 19 },
      contentHash: { contentHash: Buffer.alloc(16, 1) },
      kind: { kind: 3 },
      primer: { primer: 1 },
      lineage: { lineage: header.lineage! ^ 1n },
    }
    for (const [name, change] of Object.entries(changes)) {
      const bytes = Buffer.from(whole)
      bytes.set(encodeFrameHeader({ ...fields, ...change }), position)
      expect(read(bytes), name).toEqual(isDamaged)
    }
    for (const offset of [0, 10, 18, 19, 100, header.storedLength - 17, header.storedLength - 1]) {
      const bytes = Buffer.from(whole)
      bytes[position + frameHeaderLength + offset]! ^= 0x10
      expect(read(bytes), `byte ${offset}`).toEqual(isDamaged)
    }
    opened.close()
  })

  it('cannot be exchanged for another segment, left out or repeated', () => {
    const seal = new FrameSeal({ key: Buffer.alloc(32, 1), archiveId: Buffer.alloc(16, 2) })
    const payload = Buffer.alloc(firstSegmentLength + 2 * segmentLength - 64, 'not to be reordered')
    const inner = encodeFrameHeader({
      type: 1,
      codec: 0,
      archiveTag: seal.archiveTag,
      id: 1,
      rawLength: payload.length,
      storedLength: payload.length,
      contentHash: Buffer.alloc(16),
    })
    const sealer = FrameSealer.start(seal, inner.length + payload.length, 5n)
    const frame = Buffer.concat([sealer.head, sealer.push(inner, payload), sealer.finish()])
    const read = (bytes: Buffer): unknown => {
      const source = { size: bytes.length, read: (at: number, length: number) => bytes.subarray(at, at + length), seal }
      return errorOf(() => expect(Buffer.from(readFrame(source, 0).payload())).toEqual(payload))
    }
    expect(read(frame)).toBeUndefined()
    const start = 64 + 19
    const ends = [0, 1, 2, 3].map(
      (at) => start + (at === 0 ? 0 : firstSegmentLength + (at - 1) * segmentLength) + at * 16,
    )
    const segments = [0, 1, 2].map((at) => frame.subarray(ends[at], ends[at + 1]))
    for (const order of [[1, 0, 2], [0, 2, 1], [0, 1], [0, 2], [0], [0, 1, 1, 2], [1, 2]]) {
      const body = Buffer.concat(order.map((at) => segments[at] ?? Buffer.alloc(0)))
      const outer = { ...decodeFrameHeader(frame)!, storedLength: 19 + body.length }
      const relabelled = Buffer.concat([encodeFrameHeader(outer), frame.subarray(64, start), body])
      expect(read(relabelled), order.join()).toEqual(isDamaged)
      // The header as it was, so that only the segments themselves can tell.
      const padded = Buffer.concat([frame.subarray(0, start), body, Buffer.alloc(frame.length)])
      expect(read(padded.subarray(0, frame.length)), order.join()).toEqual(isDamaged)
    }
  })
})

describe('frames that are authentic, but not in their place', () => {
  it('are not taken for others: swapped, of another archive, of a copy that was changed apart', async () => {
    const { whole, fork } = tampered
    const blocks = await tampered.blocksOf(whole)
    const [left = 0, right = 0] = blocks
    const leftFrame = frameAt(whole, left)
    const rightFrame = frameAt(whole, right)
    expect(leftFrame.equals(rightFrame)).toBe(false)
    const swapped = Buffer.from(whole)
    swapped.fill(0, left, left + leftFrame.length)
    swapped.set(rightFrame.subarray(0, Math.min(leftFrame.length, rightFrame.length)), left)
    let opened = await tampered.open(swapped)
    expect(errorOf(() => opened.readBlock(1))).toMatchObject({ code: expect.stringMatching(/Auth|Corrupt/) as string })
    opened.close()

    // Both forks gave the same number to another block of the same length.
    const last = blocks.at(-1) ?? 0
    const theirs = frameAt(fork, (await tampered.blocksOf(fork)).at(-1) ?? 0)
    expect(theirs).toHaveLength(frameAt(whole, last).length)
    const spliced = Buffer.from(whole)
    spliced.set(theirs, last)
    opened = await tampered.open(spliced)
    expect(errorOf(() => opened.readBlock(blocks.length))).toMatchObject({ code: 'Corrupt' })
    opened.close()

    const strange = await makeEncrypted(temporaryFolder())
    const strangeFrame = frameAt(readFileSync(strange), (await tampered.blocksOf(readFileSync(strange)))[0] ?? 0)
    const moved = Buffer.from(whole)
    const header = decodeFrameHeader(leftFrame)!
    moved.set(strangeFrame, left)
    moved.set(encodeFrameHeader({ ...decodeFrameHeader(strangeFrame)!, archiveTag: header.archiveTag }), left)
    opened = await tampered.open(moved)
    expect(errorOf(() => opened.readBlock(1))).toMatchObject({ code: 'Auth', reason: 'damaged' })
    opened.close()
  }, 30_000)

  it('are not read where plain ones stand in their place: anybody can write those', async () => {
    const { whole, masterKey } = tampered
    const opened = await Archive.open(tampered.path, undefined, { masterKey })
    const frame = readFrame(opened.source, [...opened.index.blocks()][0]?.position ?? 0)
    const plain = Buffer.concat([
      encodeFrameHeader({ ...frame.header, lineage: undefined }),
      frame.payload(),
      frame.trailer(),
    ])
    const bytes = Buffer.from(whole)
    bytes.set(plain, [...opened.index.blocks()][0]?.position ?? 0)
    opened.close()
    const changed = await tampered.open(bytes)
    expect(errorOf(() => changed.readBlock(1))).toEqual(isDamaged)
    changed.close()
  })
})

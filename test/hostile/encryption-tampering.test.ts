import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { addToArchive } from '../../src-main/archive/add'
import { Archive } from '../../src-main/archive/archive'
import { packIndex } from '../../src-main/archive/index-frame'
import { MasterKey } from '../../src-main/archive/master-key'
import { fileBytes } from '../../src-main/archive/read-file'
import { findEntry } from '../../src-main/archive/selection'
import { verifyArchive } from '../../src-main/archive/verify'
import { LmzError } from '../../src-main/contract/error'
import { commitmentOf } from '../../src-main/crypto/derived-keys'
import { encodeFooter, type Footer, footerEnd } from '../../src-main/format/footer'
import { decodeFrameHeader, encodeFrameHeader, frameHeaderLength, frameLength } from '../../src-main/format/frame'
import { readFrame } from '../../src-main/format/frame-reader'
import { encodeKeySlots, readKeySlots } from '../../src-main/format/key-slots'
import { scanFrames } from '../../src-main/format/scan'
import { firstSegmentLength, FrameSeal, FrameSealer, segmentLength } from '../../src-main/format/seal'
import { IndexWriter } from '../../src-main/index/index-writer'
import { MemorySource } from '../../src-main/format/byte-source'
import { makeEncrypted, password } from '../support/encrypted-archive'
import { suiteFolder } from '../support/suite-folder'
import { temporaryFolder } from '../support/temporary'

/*
 * Somebody without the password changes the file. Nothing they do may come out as if it were the user's data: it is told as damage, by
 * code `Auth`, before anything is decoded.
 */

const folder = suiteFolder()
let archive: string
let whole: Buffer
/** So that a password need not be tried each time. */
let masterKey: MasterKey | undefined
/** The archive after its first commit alone, and copies of that, changed apart. */
let first: Buffer
let fork: Buffer

beforeAll(async () => {
  archive = await makeEncrypted(folder)
  first = readFileSync(archive)
  writeFileSync(join(folder, 'one.bin'), Buffer.alloc(50_000, 'A'))
  writeFileSync(join(folder, 'other.bin'), Buffer.alloc(50_000, 'B'))
  const other = join(folder, 'fork.lmz')
  writeFileSync(other, first)
  await addToArchive(other, [join(folder, 'other.bin')], { password, preset: 'fast' })
  fork = readFileSync(other)
  await addToArchive(archive, [join(folder, 'one.bin')], { password, preset: 'fast' })
  whole = readFileSync(archive)
  const opened = await Archive.open(archive, undefined, { password })
  masterKey = opened.encryption?.masterKey.copy()
  opened.close()
}, 60_000)

function open(bytes: Uint8Array, name = 'changed.lmz'): Promise<Archive> {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return Archive.open(path, undefined, { masterKey, password })
}

async function framesOf(bytes: Buffer): Promise<{ readonly blocks: number[]; readonly positions: number[] }> {
  const opened = await open(bytes, 'looked-at.lmz')
  const blocks = [...opened.index.blocks()].map(({ position }) => position)
  opened.close()
  const positions = [...scanFrames(new MemorySource(bytes), 0, undefined)].flatMap((frame) => frame?.position ?? [])
  return { blocks, positions }
}

function frameAt(bytes: Buffer, position: number): Buffer {
  const header = decodeFrameHeader(bytes.subarray(position))
  if (header === undefined) throw new Error(`no frame at ${position}`)
  return bytes.subarray(position, position + frameLength(header))
}

/** The error of reading a block, by the archive's own index. */
function errorOf(read: () => unknown): unknown {
  try {
    read()
    return undefined
  } catch (thrown) {
    return thrown
  }
}

const isDamaged = expect.objectContaining({ code: 'Auth', reason: 'damaged' }) as LmzError

describe('a wrong password', () => {
  it('is told from damage, and soon: nobody would know what to do', async () => {
    const { blocks } = await framesOf(whole)
    const start = performance.now()
    await expect(Archive.open(archive, undefined, { password: 'wrong' })).rejects.toMatchObject({
      code: 'Auth',
      reason: 'password',
    })
    expect(performance.now() - start).toBeLessThan(5000)
    const flipped = Buffer.from(whole)
    const at = (blocks[0] ?? 0) + frameHeaderLength + 1000
    flipped[at]! ^= 1
    const opened = await open(flipped)
    expect(errorOf(() => opened.readBlock(1))).toEqual(isDamaged)
    opened.close()
    const report = await verifyArchive(join(folder, 'changed.lmz'), { password })
    expect(report.damagedFiles).toBeGreaterThan(0)
    expect(report.problems[0]?.error).toEqual(isDamaged)
  })
})

describe('every byte of a sealed frame', () => {
  it('is authentic, its header too: flipped fields would be believed', async () => {
    const { blocks } = await framesOf(whole)
    const position = blocks[1] ?? 0
    const header = decodeFrameHeader(whole.subarray(position))!
    const opened = await Archive.open(archive, undefined, { masterKey })
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
    const { blocks } = await framesOf(whole)
    const [left = 0, right = 0] = blocks
    const leftFrame = frameAt(whole, left)
    const rightFrame = frameAt(whole, right)
    expect(leftFrame.equals(rightFrame)).toBe(false)
    const swapped = Buffer.from(whole)
    swapped.fill(0, left, left + leftFrame.length)
    swapped.set(rightFrame.subarray(0, Math.min(leftFrame.length, rightFrame.length)), left)
    let opened = await open(swapped)
    expect(errorOf(() => opened.readBlock(1))).toMatchObject({ code: expect.stringMatching(/Auth|Corrupt/) as string })
    opened.close()

    // Both forks gave the same number to another block of the same length.
    const last = blocks.at(-1) ?? 0
    const theirs = frameAt(fork, (await framesOf(fork)).blocks.at(-1) ?? 0)
    expect(theirs).toHaveLength(frameAt(whole, last).length)
    const spliced = Buffer.from(whole)
    spliced.set(theirs, last)
    opened = await open(spliced)
    expect(errorOf(() => opened.readBlock(blocks.length))).toMatchObject({ code: 'Corrupt' })
    opened.close()

    const strange = await makeEncrypted(temporaryFolder())
    const strangeFrame = frameAt(readFileSync(strange), (await framesOf(readFileSync(strange))).blocks[0] ?? 0)
    const moved = Buffer.from(whole)
    const header = decodeFrameHeader(leftFrame)!
    moved.set(strangeFrame, left)
    moved.set(encodeFrameHeader({ ...decodeFrameHeader(strangeFrame)!, archiveTag: header.archiveTag }), left)
    opened = await open(moved)
    expect(errorOf(() => opened.readBlock(1))).toMatchObject({ code: 'Auth', reason: 'damaged' })
    opened.close()
  }, 30_000)

  it('are not read where plain ones stand in their place: anybody can write those', async () => {
    const opened = await Archive.open(archive, undefined, { masterKey })
    const frame = readFrame(opened.source, [...opened.index.blocks()][0]?.position ?? 0)
    const plain = Buffer.concat([
      encodeFrameHeader({ ...frame.header, lineage: undefined }),
      frame.payload(),
      frame.trailer(),
    ])
    const bytes = Buffer.from(whole)
    bytes.set(plain, [...opened.index.blocks()][0]?.position ?? 0)
    opened.close()
    const changed = await open(bytes)
    expect(errorOf(() => changed.readBlock(1))).toEqual(isDamaged)
    changed.close()
  })
})

describe('commits', () => {
  it('that somebody without the password wrote are not the newest state', async () => {
    const opened = await Archive.open(archive, undefined, { masterKey })
    const { footer } = opened
    opened.close()
    const index = IndexWriter.create()
    index.addEntry({ parent: 0, name: 'forged', kind: 'directory', mode: 0o755, mtimeNs: 0n })
    const frame = await packIndex(index)
    const at = whole.length
    const parts: Uint8Array[] = []
    for await (const part of frame.payload()) parts.push(part)
    const stored = Buffer.concat(parts)
    const plainIndex = Buffer.concat([
      encodeFrameHeader({ ...frame, type: 2, id: 3, archiveTag: decodeFrameHeader(frameAt(whole, 64))!.archiveTag }),
      stored,
    ])
    index.close()
    const forged = (features: number, code: Buffer | undefined): Footer => ({
      ...footer!,
      sequence: 3,
      features,
      index: { position: at, length: plainIndex.length, hash: frame.contentHash },
      position: at + plainIndex.length,
      authentication: code === undefined ? undefined : { ...footer!.authentication!, payload: code },
    })
    const signed = Buffer.from(footer!.authentication!.payload)
    signed.writeUInt32LE(3, 0)
    signed.writeBigUInt64LE(BigInt(at + plainIndex.length), 80)
    for (const fake of [forged(0, undefined), forged(1, signed)]) {
      const changed = await open(Buffer.concat([whole, plainIndex, encodeFooter(fake)]))
      expect(changed.condition).toBe('degraded')
      expect(changed.footer?.sequence).toBe(2)
      expect([...changed.index.children(0)].map(({ name }) => name)).not.toContain('forged')
      changed.close()
    }
  })

  it('whose footer was changed in any field are told', async () => {
    const opened = await Archive.open(archive, undefined, { masterKey })
    const { footer } = opened
    opened.close()
    const payload = footer!.authentication!.payload
    for (let at = 0; at < payload.length; at += 3) {
      const changed = Buffer.from(payload)
      changed[at]! ^= 1
      const frame = encodeFooter({ ...footer!, authentication: { ...footer!.authentication!, payload: changed } })
      const bytes = Buffer.concat([whole.subarray(0, footer!.position), frame])
      const told = await open(bytes).then(
        (archive) => {
          archive.close()
          return archive.condition
        },
        (thrown: unknown) => (thrown instanceof LmzError ? thrown.code : thrown),
      )
      // A footer that is none any more is the torn end of a change that was never finished.
      expect(['degraded', 'torn', 'Auth', 'Format', 'Unsupported'], `byte ${at}`).toContain(told)
    }
  }, 60_000)

  it('cannot be cut out of the middle, and an older index does not pass for the newest', async () => {
    const opened = await Archive.open(archive, undefined, { masterKey })
    const footers = [...opened.commits()]
    opened.close()
    expect(footers.map(({ sequence }) => sequence)).toEqual([2, 1])
    const [newest, oldest] = footers as [Footer, Footer]
    const middle = Buffer.concat([whole.subarray(0, oldest.index.position), whole.subarray(footerEnd(oldest))])
    const cut = await open(middle).catch((thrown: unknown) => thrown)
    if (cut instanceof Archive) {
      expect(cut.condition).toBe('degraded')
      cut.close()
    } else expect(cut).toBeInstanceOf(LmzError)

    const replayed = Buffer.from(whole)
    const older = frameAt(whole, oldest.index.position)
    replayed.set(older.subarray(0, newest.index.length), newest.index.position)
    const changed = await open(replayed)
    expect(changed.condition).toBe('degraded')
    changed.close()
  })

  it('keep their order in the chain: a state without its predecessor would hide what was there', async () => {
    const opened = await Archive.open(archive, undefined, { masterKey })
    const [newest, oldest] = [...opened.commits()] as [Footer, Footer]
    opened.close()
    const bytes = Buffer.from(whole)
    bytes[oldest.position + frameHeaderLength + 160]! ^= 1
    const changed = await open(bytes)
    expect([...changed.commits()].map(({ sequence }) => sequence)).toEqual([newest.sequence])
    changed.close()
  })
})

describe('an encrypted archive that lost its ends', () => {
  it('opens with the password where header and footer, or all but one copy of the slots, are gone', async () => {
    const noise = readFileSync(join(folder, 'secret tree/noise.bin'))
    const expectReadable = async (bytes: Buffer, label: string): Promise<void> => {
      const opened = await open(bytes, 'lost.lmz')
      const entry = findEntry(opened, 'secret tree/noise.bin')
      expect(Buffer.concat([...fileBytes(opened, entry.id)]).equals(noise), label).toBe(true)
      opened.close()
    }
    const opened = await open(first, 'lost.lmz')
    const footer = opened.footer!
    opened.close()
    const [slotsLength, front] = [frameAt(first, 64).length, 64 + frameAt(first, 64).length]
    const noLastSlots = Buffer.from(first).fill(0, footer.keySlots, footer.keySlots + slotsLength)
    const noFooter = first.subarray(0, footer.position)
    await expectReadable(first, 'whole')
    await expectReadable(Buffer.from(first).fill(0, 0, 64), 'no header')
    await expectReadable(Buffer.from(first).fill(0, 0, front), 'no header, no slots in front')
    await expectReadable(noLastSlots, 'no slots behind')
    await expectReadable(Buffer.from(noLastSlots).fill(0, 0, 64), 'no header, no slots behind')
    await expectReadable(noFooter, 'no footer')
    await expectReadable(Buffer.from(noFooter).fill(0, 0, 64), 'no footer, no header')
    await expectReadable(Buffer.from(whole).fill(0, 0, front), 'two commits, no front')
  }, 60_000)

  it.each(['front', 'end'])(
    'is told of by verify where the slots at its %s are damaged: the next loss may be the last',
    async (place) => {
      const opened = await open(first, 'lost.lmz')
      const position = place === 'front' ? 64 : opened.footer!.keySlots
      opened.close()
      const path = join(folder, 'lost.lmz')
      writeFileSync(path, Buffer.from(first).fill(0, position + 90, position + 100))
      const report = await verifyArchive(path, { password })
      expect(report).toMatchObject({ condition: 'intact', problems: [] })
      expect(report.notices).toContainEqual(expect.stringMatching(/One copy of its passwords is damaged/))
    },
  )

  it('says that it is damaged, not that the password is wrong, where no slot is left', async () => {
    const bytes = Buffer.from(whole)
    for (const frame of scanFrames(new MemorySource(whole), 0, undefined)) {
      if (frame?.header.type === 6) bytes.fill(0xff, frame.position + 70, frame.position + 230)
    }
    await expect(open(bytes)).rejects.toEqual(isDamaged)
  })
})

describe('what two keys open', () => {
  it('is refused: the data could be made to mean one thing to one reader and another to the next', async () => {
    // A slot whose password opens another master key than the one that the archive commits itself to.
    const cost = { memoryKib: 1024, passes: 1, lanes: 1 }
    const [one, other] = [await MasterKey.create('one', cost), await MasterKey.create('other', cost)]
    const archiveId = Buffer.alloc(16, 5)
    const { frame } = encodeKeySlots({
      generation: 1,
      archiveId,
      commitment: commitmentOf(one.bytes),
      slots: [...one.slots, ...other.slots],
    })
    const keySlots = readKeySlots(new MemorySource(frame), 0)!
    expect(Buffer.from((await MasterKey.unlock(keySlots, 'one', false))?.bytes ?? [])).toEqual(one.bytes)
    await expect(MasterKey.unlock(keySlots, 'other', false)).rejects.toEqual(isDamaged)
    expect(await MasterKey.unlock(keySlots, 'neither', false)).toBeUndefined()
  })
})

describe('what one password costs', () => {
  it.each([
    ['64 GiB', 64 * 1024 * 1024, 3],
    ['a million passes', 64 * 1024, 1_000_000],
  ])('is looked at before it is spent: %s', async (_name, memoryKib, passes) => {
    const keys = readKeySlots(new MemorySource(whole), 64)!
    const slots = keys.slots.map((slot) => ({ ...slot, cost: { memoryKib, passes, lanes: 1 } }))
    const forged = readKeySlots(new MemorySource(encodeKeySlots({ ...keys, slots }).frame), 0)!
    const start = performance.now()
    for (const allowed of [false, true]) {
      await expect(MasterKey.unlock(forged, password, allowed)).rejects.toMatchObject({ code: 'Limit' })
    }
    expect(performance.now() - start).toBeLessThan(1000)
  })
})

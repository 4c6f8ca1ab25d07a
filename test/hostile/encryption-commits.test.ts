import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { Archive } from '../../src-main/archive/archive'
import { packIndex } from '../../src-main/archive/index-frame'
import { fileBytes } from '../../src-main/archive/read-file'
import { findEntry } from '../../src-main/archive/selection'
import { verifyArchive } from '../../src-main/archive/verify'
import { LmzError } from '../../src-main/contract/error'
import { MemorySource } from '../../src-main/format/byte-source'
import { encodeFooter, type Footer, footerEnd } from '../../src-main/format/footer'
import { decodeFrameHeader, encodeFrameHeader, frameHeaderLength } from '../../src-main/format/frame'
import { scanFrames } from '../../src-main/format/scan'
import { IndexWriter } from '../../src-main/index/index-writer'
import { password } from '../support/encrypted-archive'
import { suiteFolder } from '../support/suite-folder'
import { frameAt, isDamaged, makeTamperedArchive, type TamperedArchive } from '../support/tampering'

/*
 * Somebody without the password changes what makes a state of an archive: its footers, the chain of them, and what stands at its ends. No
 * state that its owner did not write may pass for the newest one, and what is left must still open.
 */

const folder = suiteFolder()
let tampered: TamperedArchive

beforeAll(async () => {
  tampered = await makeTamperedArchive(folder)
}, 60_000)

describe('commits', () => {
  it('that somebody without the password wrote are not the newest state', async () => {
    const { whole, masterKey } = tampered
    const opened = await Archive.open(tampered.path, undefined, { masterKey })
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
      const changed = await tampered.open(Buffer.concat([whole, plainIndex, encodeFooter(fake)]))
      expect(changed.condition).toBe('degraded')
      expect(changed.footer?.sequence).toBe(2)
      expect([...changed.index.children(0)].map(({ name }) => name)).not.toContain('forged')
      changed.close()
    }
  })

  it('whose footer was changed in any field are told', async () => {
    const { whole, masterKey } = tampered
    const opened = await Archive.open(tampered.path, undefined, { masterKey })
    const { footer } = opened
    opened.close()
    const payload = footer!.authentication!.payload
    for (let at = 0; at < payload.length; at += 3) {
      const changed = Buffer.from(payload)
      changed[at]! ^= 1
      const frame = encodeFooter({ ...footer!, authentication: { ...footer!.authentication!, payload: changed } })
      const bytes = Buffer.concat([whole.subarray(0, footer!.position), frame])
      const told = await tampered.open(bytes).then(
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
    const { whole, masterKey } = tampered
    const opened = await Archive.open(tampered.path, undefined, { masterKey })
    const footers = [...opened.commits()]
    opened.close()
    expect(footers.map(({ sequence }) => sequence)).toEqual([2, 1])
    const [newest, oldest] = footers as [Footer, Footer]
    const middle = Buffer.concat([whole.subarray(0, oldest.index.position), whole.subarray(footerEnd(oldest))])
    const cut = await tampered.open(middle).catch((thrown: unknown) => thrown)
    if (cut instanceof Archive) {
      expect(cut.condition).toBe('degraded')
      cut.close()
    } else expect(cut).toBeInstanceOf(LmzError)

    const replayed = Buffer.from(whole)
    const older = frameAt(whole, oldest.index.position)
    replayed.set(older.subarray(0, newest.index.length), newest.index.position)
    const changed = await tampered.open(replayed)
    expect(changed.condition).toBe('degraded')
    changed.close()
  })

  it('keep their order in the chain: a state without its predecessor would hide what was there', async () => {
    const { whole, masterKey } = tampered
    const opened = await Archive.open(tampered.path, undefined, { masterKey })
    const [newest, oldest] = [...opened.commits()] as [Footer, Footer]
    opened.close()
    const bytes = Buffer.from(whole)
    bytes[oldest.position + frameHeaderLength + 160]! ^= 1
    const changed = await tampered.open(bytes)
    expect([...changed.commits()].map(({ sequence }) => sequence)).toEqual([newest.sequence])
    changed.close()
  })
})

describe('an encrypted archive that lost its ends', () => {
  it('opens with the password where header and footer, or all but one copy of the slots, are gone', async () => {
    const { whole, first } = tampered
    const noise = readFileSync(join(folder, 'secret tree/noise.bin'))
    const expectReadable = async (bytes: Buffer, label: string): Promise<void> => {
      const opened = await tampered.open(bytes, 'lost.lmz')
      const entry = findEntry(opened, 'secret tree/noise.bin')
      expect(Buffer.concat([...fileBytes(opened, entry.id)]).equals(noise), label).toBe(true)
      opened.close()
    }
    const opened = await tampered.open(first, 'lost.lmz')
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
      const { first } = tampered
      const opened = await tampered.open(first, 'lost.lmz')
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
    const { whole } = tampered
    const bytes = Buffer.from(whole)
    for (const frame of scanFrames(new MemorySource(whole), 0, undefined)) {
      if (frame?.header.type === 6) bytes.fill(0xff, frame.position + 70, frame.position + 230)
    }
    await expect(tampered.open(bytes)).rejects.toEqual(isDamaged)
  })
})

import { describe, expect, it } from 'vitest'
import { Archive } from '../../src-main/archive/archive'
import { scanForRuns } from '../../src-main/archive/protection/find-runs'
import { runSteps } from '../../src-main/archive/protection/steps'
import { LmzError } from '../../src-main/contract/error'
import { MemorySource } from '../../src-main/format/byte-source'
import { encodePiece, encodeRecordHeader, recordKinds } from '../../src-main/format/parity/record'
import { ParityRun } from '../../src-main/format/parity/run'
import { craftArchive, idOfA } from '../support/crafted-archive'
import { Random, seed } from '../support/random'
import { protectCrafted } from '../support/crafted-protected'
import { ScratchFile } from '../support/scratch-file'

/** Of the processor, for opening an archive and reading the first block of it; whatever comes of it, in lmz's own words. */
async function microsecondsToRead(file: Buffer): Promise<number> {
  const scratch = new ScratchFile()
  const before = process.cpuUsage()
  try {
    const opened = await Archive.open('x.lmz', scratch.storageWith(file))
    try {
      opened.readBlock(1)
    } finally {
      opened.close()
    }
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(LmzError)
  } finally {
    scratch.close()
  }
  const { user, system } = process.cpuUsage(before)
  return user + system
}

describe('a file of half a megabyte that claims gigabytes of parity', () => {
  const segments = 1900
  const run = new ParityRun({
    archiveId: idOfA,
    from: 0,
    position: 1_000_000,
    previous: { position: 0, hash: new Uint8Array(16) },
    cellLength: 32,
    segments,
    groups: 1,
    wide: 32_768,
  })

  /** The end of such a frame: the last wide record, so that what follows is found, and hashes that no cell has. */
  function claimingFile(): Buffer {
    const random = new Random(seed)
    const { bytes, footerPosition } = craftArchive({ blocks: [{ files: { a: Buffer.from('a') } }] })
    const last = { kind: recordKinds.wide, segment: segments - 1, number: run.description.wide - 1 }
    const rest = Buffer.alloc(run.wideRecordLength - 128)
    const pieces = Array.from({ length: segments }, (_none, segment) =>
      encodePiece(
        run,
        segment,
        0,
        Array.from({ length: run.segmentCells(segment) }, () => random.bytes(8)),
      ),
    )
    return Buffer.concat([bytes.subarray(0, footerPosition - 300), encodeRecordHeader(run, last), rest, ...pieces])
  }

  it('is answered soon: each of its segments would have tens of thousands of parity cells looked for', async () => {
    expect(await microsecondsToRead(claimingFile())).toBeLessThan(5e6)
  }, 120_000)

  it('has no such parity, for its frame would be far longer than the file', () => {
    const found = runSteps(scanForRuns(new MemorySource(claimingFile()), 0, idOfA))
    expect(found.runs).toHaveLength(0)
  })
})

describe('an archive with more parity cells in a segment than lmz writes', () => {
  it('is answered soon where thousands of its cells are lost: time grows with the third power of their number', async () => {
    const random = new Random(seed)
    const crafted = craftArchive({ blocks: [{ files: { noise: random.bytes(200_000) } }] })
    const { bytes } = await protectCrafted(crafted.bytes, crafted.footerPosition, {
      cellLength: 32,
      segments: 1,
      groups: 1024,
      wide: 4096,
    })
    bytes.fill(0xff, 40_000, 40_000 + 3500 * 32)
    expect(await microsecondsToRead(bytes)).toBeLessThan(5e6)
  }, 120_000)
})

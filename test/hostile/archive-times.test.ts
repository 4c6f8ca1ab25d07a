import { describe, expect, it } from 'vitest'
import { Archive } from '../../src-main/archive/archive'
import { archiveInfo } from '../../src-main/archive/info'
import { MemorySource } from '../../src-main/format/byte-source'
import { encodeFooter, readFooter } from '../../src-main/format/footer'
import { craftArchive } from '../support/crafted-archive'
import { memoryStorage } from '../support/in-memory-archive'

describe('a commit at a time that no calendar has', () => {
  const { bytes, footerPosition } = craftArchive({
    blocks: [{ files: { a: Buffer.from('still there') } }],
    footer: { timeMs: Number.MAX_SAFE_INTEGER },
  })

  it('is a commit like any other: what shows its time would fail otherwise', async () => {
    const archive = await Archive.open('x.lmz', memoryStorage(bytes))
    const [time = NaN] = archiveInfo(archive).commitTimes
    expect(new Date(time).toISOString()).toMatch(/^\d{4}-/)
    archive.close()
  })

  it('is the state that is shown where the newest one is damaged, and not an error in telling of it', async () => {
    const footer = readFooter(new MemorySource(bytes), footerPosition)!
    const index = { position: 64, length: 64, hash: new Uint8Array(16) }
    const damaged = encodeFooter({ ...footer, sequence: 2, position: bytes.length, index })
    const archive = await Archive.open('x.lmz', memoryStorage(Buffer.concat([bytes, damaged])))
    expect(archive.condition).toBe('degraded')
    expect(archive.notices.join()).toMatch(/change 1/)
    archive.close()
  })
})

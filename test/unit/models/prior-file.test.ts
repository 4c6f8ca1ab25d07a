import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { startMixKernel } from '../../../src-main/kernels/mix-kernel'
import { decodePriorFile } from '../../../src-main/models/prior-file'

const file = readFileSync(resolve(import.meta.dirname, '../../../native-models/mix-1/structured.prior'))
/** 8 bytes, and as many for each of two sections of small state, occupancy, checks and 513 streams. */
const headerLength = 8 + (513 + 4) * 8
const corrupt = expect.objectContaining({ code: 'Corrupt' }) as Error

describe('a file with what a model has learnt', () => {
  it('that claims sections of gigabytes is refused before they are unpacked: a damaged installation would take all memory', () => {
    const kernel = startMixKernel()
    // A bomb in the place of the first section; its header says truly what it unpacks to.
    const bomb = zstdCompressSync(Buffer.alloc(80 * 2 ** 20))
    const header = Buffer.from(file.subarray(0, headerLength))
    header.writeUInt32LE(80 * 2 ** 20, 8)
    header.writeUInt32LE(bomb.length, 12)
    const sections = Buffer.concat([header, bomb, file.subarray(headerLength)])
    const before = process.memoryUsage().rss
    expect(() => decodePriorFile(sections, kernel)).toThrow(corrupt)
    expect(process.memoryUsage().rss - before).toBeLessThan(60e6)
  })

  it.each([0, 7, 8, 4000, file.length - 1])('that is cut off after %d bytes is refused', (length) => {
    expect(() => decodePriorFile(file.subarray(0, length), startMixKernel())).toThrow(corrupt)
  })
})

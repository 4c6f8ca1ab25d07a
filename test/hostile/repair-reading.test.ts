import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { Archive } from '../../src-main/archive/archive'
import { readableFiles } from '../support/archive-state'
import { makeProtected, type ProtectedArchive } from '../support/protected-archive'
import { Random, seed } from '../support/random'
import { temporaryFolder } from '../support/temporary'

const random = new Random(seed)
let sample: ProtectedArchive

beforeAll(async () => {
  sample = await makeProtected(random, { bytes: 600_000, cellLength: 512 })
})

async function expectAllOf(damaged: Buffer, label: string): Promise<void> {
  const path = join(temporaryFolder(), 'damaged.lmz')
  writeFileSync(path, damaged)
  const { whole, lost } = await readableFiles(path)
  expect(lost, `${label}: files were lost`).toEqual([])
  expect(whole, label).toEqual(sample.whole)
  expect(readFileSync(path).equals(damaged), `${label}: reading changed the archive`).toBe(true)
}

describe('reading a damaged archive that is protected', () => {
  it('gives all files, whichever cell is zeroed', async () => {
    const { cellLength } = sample.run.description
    for (let cell = 0; cell < sample.run.cells; cell += 61) {
      const damaged = Buffer.from(sample.bytes)
      damaged.fill(0, cell * cellLength, (cell + 1) * cellLength)
      await expectAllOf(damaged, `cell ${cell}`)
    }
  })

  it('gives all files after a burst of five percent', async () => {
    const length = Math.floor(sample.bytes.length * 0.05)
    for (let round = 0; round < 12; round++) {
      const from =
        round === 0 ? 0 : round === 1 ? sample.bytes.length - length : random.below(sample.bytes.length - length)
      const damaged = Buffer.from(sample.bytes)
      random.bytes(length).copy(damaged, from)
      await expectAllOf(damaged, `burst at ${from}`)
    }
  })

  it('gives all files when bytes were inserted or are missing', async () => {
    for (const by of [1, 512, 5000, -1, -512, -5000]) {
      for (let round = 0; round < 3; round++) {
        const at = random.below(sample.bytes.length - 10_000)
        const middle = by > 0 ? random.bytes(by) : Buffer.of()
        const damaged = Buffer.concat([
          sample.bytes.subarray(0, at),
          middle,
          sample.bytes.subarray(by < 0 ? at - by : at),
        ])
        await expectAllOf(damaged, `${by} bytes at ${at}`)
      }
    }
  })

  it('says what was repaired', async () => {
    const path = join(temporaryFolder(), 'damaged.lmz')
    const damaged = Buffer.from(sample.bytes)
    damaged.fill(0, 100_000, 100_700)
    writeFileSync(path, damaged)
    const archive = await Archive.open(path)
    expect(archive.notices).toEqual([])
    for (const { id } of archive.index.blocks()) archive.readBlock(id)
    expect(archive.notices.join(' ')).toMatch(
      /undone while reading: 1\.\d kB \(bytes 99840 to 100863\)\. It concerned source.noise-\d/,
    )
    archive.close()
  })
})

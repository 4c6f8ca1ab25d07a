import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createArchive } from '../../src-main/archive/create'
import { LmzError } from '../../src-main/contract/error'
import type { PresetName } from '../../src-main/contract/preset'
import { type Readable, readableFiles } from '../support/archive-state'
import { memoryStorage } from '../support/in-memory-archive'
import { Random } from '../support/random'
import { temporaryFolder } from '../support/temporary'

/** LMZ_LONG=1 flips every bit of every archive, which takes an hour; otherwise so many, evenly over each. */
const isLong = process.env['LMZ_LONG'] === '1'

interface Case {
  readonly preset: PresetName
  readonly bytes: Buffer
  readonly flips: number
}

const random = new Random(5)
const cases: Readonly<Record<string, Case>> = {
  'store: 64 KiB of noise': { preset: 'fast', bytes: random.bytes(64 * 1024), flips: 400 },
  'zstd: text': { preset: 'fast', bytes: random.text(150_000), flips: 400 },
  'mix: text and tables': {
    preset: 'balanced',
    bytes: Buffer.concat([random.text(2000), Buffer.from('1,2.5,on\n2,3.5,off\n'.repeat(40))]),
    flips: 60,
  },
  'neural: text': {
    preset: 'max',
    bytes: Buffer.from('The keeper of the lamp wrote: all is well. '.repeat(12)),
    flips: 30,
  },
}

describe.each(Object.entries(cases))('%s', (_name, { preset, bytes, flips }) => {
  it('with any one bit flipped gives the right bytes or none', { timeout: isLong ? 7_200_000 : 120_000 }, async () => {
    const folder = temporaryFolder()
    const source = join(folder, 'source')
    mkdirSync(source)
    writeFileSync(join(source, 'file'), bytes)
    const path = join(folder, 'x.lmz')
    await createArchive(path, [source], { preset })
    const archive = readFileSync(path)
    const { whole } = await readableFiles(path)
    const bits = archive.length * 8
    const step = isLong ? 1 : Math.max(1, Math.floor(bits / flips)) | 1
    const outcomes = { right: 0, lost: 0, unreadable: 0 }
    for (let bit = 0; bit < bits; bit += step) {
      const flipped = Buffer.from(archive)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      outcomes[await outcomeOf(flipped, whole, `bit ${bit}`)]++
      if (isLong && outcomes.lost % 20_000 === 1) console.info(`bit ${bit} of ${bits}`)
    }
    if (isLong) console.info(`${archive.length} bytes: ${JSON.stringify(outcomes)}`)
    expect(outcomes.lost, 'no flip has hit a block').toBeGreaterThan(0)
  })
})

async function outcomeOf(
  bytes: Buffer,
  expected: Readable['whole'],
  label: string,
): Promise<'right' | 'lost' | 'unreadable'> {
  try {
    const { whole, lost } = await readableFiles('flipped.lmz', memoryStorage(bytes))
    for (const [name, hash] of Object.entries(whole)) expect(hash, `${label}: wrong bytes`).toBe(expected[name])
    return lost.length > 0 ? 'lost' : 'right'
  } catch (thrown) {
    if (!(thrown instanceof LmzError)) throw thrown
    return 'unreadable'
  }
}

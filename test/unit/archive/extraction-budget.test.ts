import { describe, expect, it } from 'vitest'
import { ExtractionBudget } from '../../../src-main/archive/extraction/extraction-budget'
import type { Block, PrimerRow } from '../../../src-main/index/rows'

function budget(archiveBytes: number): ExtractionBudget {
  const index = { blocks: () => [], primer: (id: number) => ({ id }) as PrimerRow }
  return new ExtractionBudget({ path: '/some/x.lmz', source: { size: archiveBytes }, index })
}

const gibibyte = 2 ** 30
const neural = 3
const block = { id: 1, codec: neural, rawLength: 16 * 2 ** 20 } as Block

describe('what is usual', () => {
  it.each([
    ['a backup of ten terabytes in two', 2e12, 1e13, 40_000_000],
    ['a gigabyte of logs in twenty megabytes', 2e7, 1e9, 300],
    ['sixteen gibibytes of zeros', 3000, 16 * gibibyte, 1],
    ['a million empty files', 4_000_000, 0, 1_000_000],
  ])('is extracted without a question: %s', (_what, archiveBytes, bytes, entries) => {
    expect(() => budget(archiveBytes).checkClaim(bytes, entries)).not.toThrow()
  })

  it.each([
    ['seventeen gibibytes in a kilobyte', 1000, 17 * gibibyte, 1, /17\.9 GB|18\.3 GB/],
    ['a petabyte in a gigabyte', 1e9, 1e15, 1, /1,000,000 times its own size/],
    ['ten million files in a megabyte', 1e6, 1e9, 10_000_000, /--limit-entries 10000000/],
  ])('is not: %s', (_what, archiveBytes, bytes, entries, words) => {
    expect(() => budget(archiveBytes).checkClaim(bytes, entries)).toThrow(words)
  })

  it('is a day of decoding for a small archive, and more for a large one: a language model takes its time', () => {
    const small = budget(1e6)
    const blocksOfADay = Math.floor(86_400_000 / (block.rawLength * 0.016_003))
    for (let count = 0; count < blocksOfADay; count++) small.spend(block)
    expect(() => small.spend(block)).toThrow(/24 hours.*--limit-hours 48/)
    // Five gigabytes of text in one.
    const large = budget(1e9)
    for (let count = 0; count < 300; count++) large.spend(block)
  })
})

import { describe, expect, it } from 'vitest'
import { damageCells, heal, overwrite, protectBytes } from '../support/parity-trials'
import { Random, seed } from '../support/random'
import { temporaryFolder } from '../support/temporary'

/** All trials of what docs/repair.md promises take an hour; the suite runs the first few of the same. */
const isLong = process.env['LMZ_LONG'] === '1'
const longTrials = Number(process.env['LMZ_TRIALS'] ?? 1000)
const timeout = 7_200_000

const shapes = [
  { name: '1,024 cells', cells: 1024, trials: isLong ? longTrials : 25 },
  { name: '16,384 cells, one full segment', cells: 16_384, trials: isLong ? longTrials : 2 },
  { name: '36,000 cells in three segments', cells: 36_000, trials: isLong ? longTrials : 1 },
]
const cellLength = 512

describe.each(shapes)('bytes protected at the normal level, $name', ({ cells, trials }) => {
  it('come back after any burst up to five percent of the file', { timeout }, async () => {
    const random = new Random(seed)
    const whole = await protectBytes(random, cells, cellLength, { folder: temporaryFolder() })
    for (let trial = 0; trial < trials; trial++) {
      const length = Math.floor(whole.file.length * 0.05)
      const from = random.below(whole.file.length - length + 1)
      const damaged = Buffer.from(whole.file)
      overwrite(damaged, random, from, length)
      expect(heal(whole, damaged, `trial ${trial}`), `trial ${trial}: burst of ${length} at ${from}`).toEqual({
        lostBytes: 0,
        isWhole: true,
      })
    }
  })

  it('come back after damage of 3.5 percent of all cells', { timeout }, async () => {
    const random = new Random(seed + 1)
    const whole = await protectBytes(random, cells, cellLength, { folder: temporaryFolder() })
    for (let trial = 0; trial < trials; trial++) {
      const damaged = Buffer.from(whole.file)
      damageCells(damaged, random, cellLength, 0.035)
      expect(heal(whole, damaged, `trial ${trial}`), `trial ${trial}`).toEqual({ lostBytes: 0, isWhole: true })
    }
  })

  it('never come back wrong, at twice that', { timeout }, async () => {
    const random = new Random(seed + 2)
    const whole = await protectBytes(random, cells, cellLength, { folder: temporaryFolder() })
    for (let trial = 0; trial < trials; trial++) {
      const damaged = Buffer.from(whole.file)
      if (trial % 2 === 0) damageCells(damaged, random, cellLength, 0.07)
      else overwrite(damaged, random, random.below(Math.floor(damaged.length * 0.9)), Math.floor(damaged.length * 0.1))
      heal(whole, damaged, `trial ${trial}`)
    }
  })
})

const levels = [
  { level: 'light', burst: 0.025, scattered: 0.015 },
  { level: 'strong', burst: 0.1, scattered: 0.07 },
] as const

describe.each(levels)('bytes protected at the level $level', ({ level, burst, scattered }) => {
  it('come back after as much as docs/repair.md promises', { timeout }, async () => {
    const random = new Random(seed + 4)
    const whole = await protectBytes(random, 1024, cellLength, { level })
    for (let trial = 0; trial < (isLong ? longTrials : 25); trial++) {
      const damaged = Buffer.from(whole.file)
      const length = Math.floor(damaged.length * burst)
      if (trial % 2 === 0) overwrite(damaged, random, random.below(damaged.length - length + 1), length)
      else damageCells(damaged, random, cellLength, scattered)
      expect(heal(whole, damaged, `trial ${trial}`), `trial ${trial}`).toEqual({ lostBytes: 0, isWhole: true })
    }
  })
})

describe('bursts at every alignment', () => {
  it('of five percent of a small file, byte by byte of a cell', { timeout }, async () => {
    const random = new Random(seed + 3)
    const whole = await protectBytes(random, 256, cellLength)
    const length = Math.floor(whole.file.length * 0.05)
    const step = isLong ? 1 : 613
    for (let from = 0; from + length <= whole.file.length; from += step) {
      const damaged = Buffer.from(whole.file)
      overwrite(damaged, random, from, length)
      expect(heal(whole, damaged, `burst at ${from}`).isWhole, `burst of ${length} at ${from}`).toBe(true)
    }
  })
})

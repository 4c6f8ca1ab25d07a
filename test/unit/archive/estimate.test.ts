import { chmodSync, linkSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Archive } from '../../../src-main/archive/archive'
import { createArchive } from '../../../src-main/archive/create'
import { estimateArchive } from '../../../src-main/archive/estimate/estimate'
import { withBounds } from '../../../src-main/archive/estimate/overhead'
import { protectedBytes } from '../../../src-main/archive/estimate/protection'
import { RunPlan } from '../../../src-main/archive/estimate/run-plan'
import { scale } from '../../../src-main/archive/estimate/scale'
import { planTrials } from '../../../src-main/archive/estimate/trial-plan'
import type { BlockTrial } from '../../../src-main/archive/estimate/try-block'
import { LmzError } from '../../../src-main/contract/error'
import { protectionLevels } from '../../../src-main/contract/protection'
import { footerEnd } from '../../../src-main/format/footer'
import { halved, movedWeights, weights } from '../../support/checkpoints'
import { Random, seed } from '../../support/random'
import { snapshot } from '../../support/snapshot'
import { temporaryFolder } from '../../support/temporary'
import { safetensorsFile } from '../../support/tensor-files'

const kibibyte = 1024
const mebibyte = 1024 * kibibyte

function trial(rawLength: number, storedLength: number, decodeSeconds?: number): BlockTrial {
  return { rawLength, storedLength, packSeconds: rawLength / mebibyte, decodeSeconds }
}

describe('what is read of the data', () => {
  it('is all of it where that is little', () => {
    const plan = new RunPlan()
    const sizes = [100, 0, 300 * kibibyte, 5, 700 * kibibyte]
    sizes.forEach((size, at) => plan.add(`/${at}`, size))
    const read = new Map<unknown, number>()
    for (const { requests } of plan.runs()) {
      for (const { path, length, offset } of requests) {
        expect(offset).toBe(read.get(path) ?? 0)
        read.set(path, offset + length)
      }
    }
    expect([...read]).toEqual([
      ['/0', 100],
      ['/2', 300 * kibibyte],
      ['/3', 5],
      ['/4', 700 * kibibyte],
    ])
  })

  it('is spread evenly over more, and bounded: a large folder would be read for minutes', () => {
    const plan = new RunPlan()
    const starts: number[] = []
    plan.add('/large', 100 * 1024 * mebibyte)
    for (const { requests, length } of plan.runs()) {
      expect(length).toBe(256 * kibibyte)
      starts.push(requests[0]?.offset ?? -1)
    }
    expect(starts.length).toBeGreaterThan(16)
    expect(starts.length).toBeLessThanOrEqual(32)
    expect(new Set(starts.slice(1).map((start, at) => start - (starts[at] ?? 0))).size).toBe(1)
    expect(starts.at(-1)).toBeGreaterThan(90 * 1024 * mebibyte)
  })

  it('opens no more files than a sample is worth, and takes whole ones', () => {
    const plan = new RunPlan()
    for (let at = 0; at < 200_000; at++) plan.add(`/${at}`, 300)
    const requests = plan.runs().flatMap((run) => run.requests)
    expect(requests.length).toBeLessThanOrEqual(32 * 256)
    expect(requests.filter(({ offset, length }) => offset === 0 && length === 300).length).toBeGreaterThan(1000)
  })
})

const blocksOf = (bytes: number) => () => bytes

describe('what is tried', () => {
  const sample = (length: number, standsFor: number) => ({
    kind: 'text' as const,
    bytes: new Uint8Array(length),
    standsFor,
  })

  it('is divided by what the kinds stand for, the first block of each first', () => {
    const often = sample(4 * mebibyte, 900 * mebibyte)
    const seldom = sample(4 * mebibyte, 100 * mebibyte)
    const planned = planTrials([often, seldom], 4 * mebibyte, blocksOf(mebibyte))
    expect(planned.slice(0, 2).map((one) => one.sample)).toEqual([often, seldom])
    const lengthOf = (one: typeof often) =>
      planned.filter((item) => item.sample === one).reduce((sum, { raw }) => sum + raw.length, 0)
    expect(lengthOf(often)).toBe(3 * mebibyte)
    expect(lengthOf(seldom)).toBe(Math.floor(0.4 * mebibyte))
  })

  it('is everything where there is time for it, in real blocks', () => {
    const planned = planTrials([sample(2.5 * mebibyte, mebibyte)], 100 * mebibyte, blocksOf(mebibyte))
    expect(planned.map(({ raw }) => raw.length)).toEqual([mebibyte, mebibyte, mebibyte / 2])
  })
})

describe('scaling', () => {
  const kind = 'text' as const

  it('multiplies each kind by what it stands for', () => {
    const text = { kind, standsFor: 100 * mebibyte, blocks: [trial(mebibyte, mebibyte / 4, 2)], correction: 1 }
    const media = { kind, standsFor: 10 * mebibyte, blocks: [trial(mebibyte / 2, mebibyte / 2, 0)], correction: 1 }
    const scaled = scale([text, media], blocksOf(mebibyte))
    expect(scaled.storedBytes).toBe(35 * mebibyte)
    expect(scaled.blocks).toBe(110)
    expect(scaled.packSeconds).toBeCloseTo(110)
    expect(scaled.decodeSeconds).toBeCloseTo((2 * 100) / 110)
    expect(scaled.triedBytes).toBe(1.5 * mebibyte)
  })

  it('takes decoding for a whole block from a shorter one, but no longer than the data', () => {
    const kinds = [{ kind, standsFor: 2 * mebibyte, blocks: [trial(mebibyte, mebibyte / 2, 1)], correction: 1 }]
    expect(scale(kinds, blocksOf(16 * mebibyte)).decodeSeconds).toBeCloseTo(2)
    expect(scale(kinds, blocksOf(mebibyte / 2)).decodeSeconds).toBeCloseTo(0.5)
  })

  it('corrects by what is known of the rest, but never above the raw bytes', () => {
    const blocks = [trial(mebibyte, mebibyte / 2)]
    expect(scale([{ kind, standsFor: mebibyte, blocks, correction: 0.5 }], blocksOf(mebibyte)).storedBytes).toBe(
      mebibyte / 4,
    )
    expect(scale([{ kind, standsFor: mebibyte, blocks, correction: 9 }], blocksOf(mebibyte)).storedBytes).toBe(mebibyte)
  })

  it('gives nothing for nothing', () => {
    expect(scale([], blocksOf(mebibyte))).toMatchObject({ storedBytes: 0, blocks: 0, packSeconds: 0, decodeSeconds: 0 })
    expect(scale([{ kind, standsFor: 5, blocks: [], correction: 1 }], blocksOf(mebibyte)).storedBytes).toBe(0)
  })

  it('never promises less than nothing', () => {
    expect(withBounds(1000, 0.1)).toEqual({ about: 1000, low: 850, high: 1150 })
    expect(withBounds(1000, 7).low).toBeGreaterThan(0)
  })
})

describe('an estimate', () => {
  it('of an empty folder, of one tiny file and of empty files is that of a small archive', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'empty'))
    const ofNothing = await estimateArchive([join(folder, 'empty')])
    expect(ofNothing).toMatchObject({ entries: 1, files: 0, rawBytes: 0, sampledBytes: 0, problems: [], notices: [] })
    expect(ofNothing.presets.map(({ preset }) => preset)).toEqual(['fast', 'balanced', 'max'])
    writeFileSync(join(folder, 'tiny.txt'), 'tiny')
    writeFileSync(join(folder, 'empty', 'none.txt'), '')
    const ofTiny = await estimateArchive([join(folder, 'tiny.txt'), join(folder, 'empty')], { preset: 'fast' })
    expect(ofTiny).toMatchObject({ entries: 3, files: 2, rawBytes: 4, sampledBytes: 4 })
    for (const { archiveBytes, packSeconds, openSeconds } of [...ofNothing.presets, ...ofTiny.presets]) {
      expect(archiveBytes.low).toBeGreaterThan(300)
      expect(archiveBytes.high).toBeLessThan(1000)
      expect([packSeconds, openSeconds].every(Number.isFinite)).toBe(true)
    }
  })

  it('counts a file with two names once, and writes nothing', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'one.txt'), 'some text '.repeat(1000))
    linkSync(join(folder, 'one.txt'), join(folder, 'two.txt'))
    const before = snapshot(folder)
    const archive = join(folder, 'new.lmz')
    const report = await estimateArchive([folder], { archive, preset: 'fast', exclude: ['nothing'] })
    expect(report).toMatchObject({ entries: 3, files: 1, rawBytes: 10_000 })
    expect(snapshot(folder)).toEqual(before)
    expect(readdirSync(folder)).toEqual(['one.txt', 'two.txt'])
  })

  it('goes on where a file of the sample cannot be read any more, and says so', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'gone.txt'), 'gone')
    writeFileSync(join(folder, 'there.txt'), 'there')
    const onProgress = ({ phase }: { readonly phase: string }): void => {
      if (phase === 'scan') rmSync(join(folder, 'gone.txt'), { force: true })
    }
    const report = await estimateArchive([folder], { preset: 'fast', onProgress })
    expect(report).toMatchObject({ files: 2, rawBytes: 9, sampledBytes: 5 })
    expect(report.notices).toHaveLength(1)
  })

  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)('names folders it may not read', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'locked'), { mode: 0 })
    try {
      const { problems } = await estimateArchive([folder], { preset: 'fast' })
      expect(problems).toMatchObject([{ error: { code: 'Io' } }])
    } finally {
      chmodSync(join(folder, 'locked'), 0o700)
    }
  })

  it.each(protectionLevels)('counts what protection adds, to the byte: %s', async (level) => {
    const folder = temporaryFolder()
    for (let n = 0; n < 12; n++) writeFileSync(join(folder, `${n}.bin`), new Random(seed + n).bytes(100_000))
    const path = join(temporaryFolder(), 'new.lmz')
    const { presets } = await estimateArchive([folder], { preset: 'fast' })
    await createArchive(path, [folder], { preset: 'fast', protection: level })
    const archive = await Archive.open(path)
    const [footer, plain] = [...archive.commits()]
    archive.close()
    if (footer === undefined || plain === undefined) throw new Error('a protected archive has two commits')
    const actual = statSync(path).size
    expect(protectedBytes(footerEnd(plain), footer.index.length, level)).toBe(actual)
    const estimated = presets[0]!
    expect(Math.abs(estimated.protectedBytes[level].about / actual - 1)).toBeLessThan(0.02)
    expect(estimated.protectedBytes[level].low).toBeGreaterThan(estimated.archiveBytes.low)
  })

  it.each([
    ['all of which is read', 512],
    ['of which a sample is read', 6144],
  ])(
    'foresees that later checkpoints are stored as differences, %s: twice the room would be asked for',
    async (_what, rows) => {
      const folder = temporaryFolder()
      const random = new Random(seed)
      const [first, bias] = [weights(random, rows * 512), weights(random, 128 * 256)]
      const steps = [0, 1e-4, 2e-4].map((step, at) => {
        const path = join(folder, `step-${at}.safetensors`)
        const [layer, head] =
          step === 0 ? [first, bias] : [movedWeights(random, first, step), movedWeights(random, bias, step)]
        const tensors = [
          { name: 'layer', type: 'BF16' as const, shape: [rows, 512], data: halved(layer) },
          { name: 'head', type: 'F32' as const, shape: [128, 256], data: head },
        ]
        writeFileSync(path, safetensorsFile(tensors, { step: String(at).repeat(at + 1) }))
        return path
      })
      const path = join(folder, 'new.lmz')
      const settings = { preset: 'fast' } as const
      const actualOf = async (paths: readonly string[]): Promise<number> => {
        await createArchive(path, paths, { ...settings, replace: true })
        return statSync(path).size
      }
      const withoutDifferences = (await actualOf(steps.slice(0, 1))) * 3
      const actual = await actualOf(steps)
      expect(actual).toBeLessThan(withoutDifferences * 0.8)
      const report = await estimateArchive(steps, settings)
      const { archiveBytes } = report.presets[0]!
      expect(Math.abs(archiveBytes.about / actual - 1)).toBeLessThan(0.05)
      expect(archiveBytes.low).toBeLessThan(actual)
      expect(archiveBytes.high).toBeGreaterThan(actual)
      expect(archiveBytes.high).toBeLessThan(withoutDifferences)
    },
  )

  it('tells no differences where tensors of one name have nothing in common, or another shape', async () => {
    const folder = temporaryFolder()
    const random = new Random(seed)
    const paths = [512, 512, 640].map((rows, at) => {
      const path = join(folder, `net-${at}.safetensors`)
      const data = weights(random, rows * 256)
      writeFileSync(path, safetensorsFile([{ name: 'layer', type: 'F32', shape: [rows, 256], data }]))
      return path
    })
    const path = join(folder, 'new.lmz')
    await createArchive(path, paths, { preset: 'fast' })
    const { presets } = await estimateArchive(paths, { preset: 'fast' })
    expect(Math.abs(presets[0]!.archiveBytes.about / statSync(path).size - 1)).toBeLessThan(0.03)
  })

  it('fails as making the archive would', async () => {
    const folder = temporaryFolder()
    const archive = join(folder, 'there.lmz')
    writeFileSync(archive, 'precious')
    const codeOf = async (call: Promise<unknown>): Promise<unknown> => {
      const error: unknown = await call.then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      return error instanceof LmzError ? error.code : error
    }
    expect(await codeOf(estimateArchive([folder], { archive }))).toBe('Collision')
    expect(await codeOf(estimateArchive([join(folder, 'none')]))).toBe('NotFound')
    expect(await codeOf(estimateArchive([folder], { signal: AbortSignal.abort() }))).toBe('Cancelled')
    const replacing = await estimateArchive([folder], { archive, replace: true, preset: 'fast' })
    expect(replacing).toMatchObject({ entries: 1, rawBytes: 0 })
  })
})

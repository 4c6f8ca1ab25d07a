import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { addToArchive } from '../../../src-main/archive/add'
import { Archive } from '../../../src-main/archive/archive'
import { createArchive, type CreateOptions } from '../../../src-main/archive/create'
import { archiveInfo } from '../../../src-main/archive/info'
import { protectArchive } from '../../../src-main/archive/protection/protect'
import { repairArchive } from '../../../src-main/archive/protection/repair'
import { compactArchive, removeFromArchive } from '../../../src-main/archive/rewrite'
import { verifyArchive } from '../../../src-main/archive/verify'
import { chooseThreads } from '../../../src-main/archive/workers/worker-pool'
import { frameHeaderLength } from '../../../src-main/format/frame'
import { hashOf } from '../../support/archive-state'
import { readAll } from '../../support/examine'
import { halved, movedWeights, weights } from '../../support/checkpoints'
import { password, stretchCost } from '../../support/encrypted-archive'
import { Random } from '../../support/random'
import { safetensorsFile } from '../../support/tensor-files'
import { suiteFolder } from '../../support/suite-folder'
import { temporaryFolder } from '../../support/temporary'

const sides = [96, 400, 900] as const
const common: CreateOptions = { preset: 'fast', blockSize: 256 * 1024 }

/** Checkpoints of a run: the same tensors, each time a little farther. */
function checkpoints(count: number, random: Random): readonly Buffer[] {
  let tensors = sides.map((side) => weights(random, side * 256))
  return Array.from({ length: count }, (_zero, step) => {
    if (step > 0) tensors = tensors.map((tensor) => movedWeights(random, tensor, 3e-5))
    // A header that gets longer, so that tensors lie elsewhere in the file.
    const metadata = { step: String(10 ** step), note: 'x'.repeat(step) }
    const written = tensors.map((tensor, at) => {
      return { name: `layer.${at}`, type: 'BF16' as const, shape: [sides[at] ?? 0, 256], data: halved(tensor) }
    })
    return safetensorsFile(written, metadata)
  })
}

describe('checkpoints of one run', () => {
  const files = checkpoints(3, new Random(3))
  const folder = suiteFolder()
  const names = files.map((_file, at) => `step-${at}.safetensors`)
  const paths = names.map((name) => join(folder, name))
  beforeAll(() => {
    files.forEach((bytes, at) => writeFileSync(paths[at] ?? '', bytes))
  })
  const path = (): string => join(temporaryFolder(), 'runs.lmz')

  it('cost a part of the first one each, whether they come together or one by one, and come out as they were', async () => {
    const [alone, together, oneByOne] = [path(), path(), path()]
    await createArchive(alone, paths.slice(0, 1), common)
    await createArchive(together, paths, common)
    await createArchive(oneByOne, paths.slice(0, 1), common)
    for (const next of paths.slice(1)) await addToArchive(oneByOne, [next])
    const first = (await infoOf(alone)).dataBytes
    for (const archive of [together, oneByOne]) {
      const { dataBytes, blocksByCodec } = await infoOf(archive)
      expect(blocksByCodec['delta']).toBeGreaterThanOrEqual(6)
      expect(dataBytes).toBeLessThan(first * 2.2)
      await expectFiles(archive, names)
    }
  })

  it('give the same archive with one thread as with many', async () => {
    const lengths = []
    for (const threads of [1, 4]) {
      chooseThreads(threads)
      const archive = path()
      try {
        await createArchive(archive, paths, common)
      } finally {
        chooseThreads(0)
      }
      lengths.push(await blocksOf(archive))
    }
    expect(lengths[0]).toEqual(lengths[1])
  })

  it('find the tensors of a file whose newer version took its place', async () => {
    const source = temporaryFolder()
    const archive = path()
    for (const [at, bytes] of files.entries()) {
      writeFileSync(join(source, 'model.safetensors'), bytes)
      const target = join(source, 'model.safetensors')
      if (at === 0) await createArchive(archive, [target], common)
      else await addToArchive(archive, [target])
    }
    expect((await infoOf(archive)).blocksByCodec['delta']).toBeGreaterThanOrEqual(6)
    expect((await readAll(archive, [])).files.get('model.safetensors')).toBe(hashOf([files[2] ?? Buffer.alloc(0)]))
    await compactArchive(archive)
    expect((await readAll(archive, [])).files.get('model.safetensors')).toBe(hashOf([files[2] ?? Buffer.alloc(0)]))
    // What it was coded against is gone, so it stands for itself.
    expect((await infoOf(archive)).blocksByCodec['delta']).toBeUndefined()
  })

  it('outlive the first one: the second takes its place, and the third is coded against that', async () => {
    const archive = path()
    await createArchive(archive, paths, common)
    const before = await infoOf(archive)
    await compactArchive(archive)
    expect(await infoOf(archive)).toMatchObject({ blocksByCodec: before.blocksByCodec, dataBytes: before.dataBytes })
    await removeFromArchive(archive, ['step-0.safetensors'])
    await expectFiles(archive, names.slice(1))
    const after = await infoOf(archive)
    expect(after.blocksByCodec['delta']).toBeGreaterThanOrEqual(3)
    expect(after.dataBytes).toBeLessThan(before.dataBytes)
  })

  it('in an encrypted archive: the same', async () => {
    const archive = path()
    const unlock = { password }
    await createArchive(archive, paths.slice(0, 2), { ...common, password, stretchCost })
    await addToArchive(archive, paths.slice(2), unlock)
    const opened = await Archive.open(archive, undefined, unlock)
    expect(archiveInfo(opened).blocksByCodec['delta']).toBeGreaterThanOrEqual(6)
    opened.close()
    expect((await verifyArchive(archive, unlock)).problems).toEqual([])
    await removeFromArchive(archive, ['step-1.safetensors'], unlock)
    const { problems, files: left } = await verifyArchive(archive, unlock)
    expect({ problems, left }).toEqual({ problems: [], left: 2 })
  })

  it('are healed with parity, whichever of the two blocks is damaged', async () => {
    const archive = path()
    await createArchive(archive, paths.slice(0, 2), common)
    await protectArchive(archive)
    const whole = readFileSync(archive)
    const { based, base } = await firstPair(archive)
    const inHead = based.position + frameHeaderLength
    const places = [[inHead], [base.position + 2000], [inHead + 3, base.position + 2000, based.position + 5000]]
    for (const damages of places) {
      const bytes = Buffer.from(whole)
      for (const at of damages) bytes[at] = (bytes[at] ?? 0) ^ 1
      const damaged = path()
      writeFileSync(damaged, bytes)
      await expectFiles(damaged, names.slice(0, 2))
      await repairArchive(damaged, `${damaged}.repaired`)
      expect(readFileSync(`${damaged}.repaired`).equals(whole)).toBe(true)
    }
  })

  it('that are damaged are named, and what needs them too', async () => {
    const archive = path()
    await createArchive(archive, paths.slice(0, 2), common)
    const bytes = readFileSync(archive)
    const { base } = await firstPair(archive)
    const at = base.position + 2000
    bytes[at] = (bytes[at] ?? 0) ^ 1
    writeFileSync(archive, bytes)
    const { problems } = await verifyArchive(archive)
    expect(problems.map((problem) => problem.path)).toEqual(names.slice(0, 2))
    expect(problems[1]?.error.message).toMatch(/^Block \d+ .*is damaged\. Block \d+ cannot be read without it\.$/)
  })

  async function expectFiles(archive: string, wanted: readonly string[]): Promise<void> {
    const read = await readAll(archive, [])
    expect([...read.files.keys()]).toEqual(wanted)
    for (const name of wanted)
      expect(read.files.get(name)).toBe(hashOf([files[names.indexOf(name)] ?? Buffer.alloc(0)]))
    const { problems } = await verifyArchive(archive)
    expect(problems).toEqual([])
  }
})

async function infoOf(path: string): Promise<ReturnType<typeof archiveInfo>> {
  const archive = await Archive.open(path)
  try {
    return archiveInfo(archive)
  } finally {
    archive.close()
  }
}

/** The first block that is coded against another, and that one. */
async function firstPair(path: string) {
  const archive = await Archive.open(path)
  try {
    for (const based of archive.index.blocks()) {
      const base = archive.baseOf(based)
      if (base !== undefined) return { based, base }
    }
    throw new Error('there is no delta block')
  } finally {
    archive.close()
  }
}

async function blocksOf(path: string) {
  const archive = await Archive.open(path)
  try {
    return [...archive.index.blocks()]
  } finally {
    archive.close()
  }
}

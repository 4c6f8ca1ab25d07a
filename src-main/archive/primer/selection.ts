import { presets } from '../../codecs/presets'
import { type ContentKind, contentKinds } from '../../contract/content-kind'
import { contentHashOf } from '../../format/frame'
import type { WorkList } from '../../index/work-list'
import type { JobControl } from '../job-control'
import { type BlockSizes, blockSizesOf, type PackSettings } from '../settings'
import type { CandidateChoice } from '../workers/tasks'
import type { WorkerPool } from '../workers/worker-pool'
import { type ChosenPrimer, ChosenPrimers } from './chosen-primers'
import { type DataGroup, DataGroups } from './groups'
import type { EarlierPrimers } from './earlier-primers'
import { primerKey } from './reader'
import { joinSegments, readSample, type Sample } from './sample'
import { planSamples, type SampleSizes } from './sample-plan'
import { type PackPrimer, packPrimer } from './shelf'
import { doesPay, gainOf, mayPay, type Trial, tryNew, tryStored } from './trial'

/** Sizes that are tried, in bytes. */
const primerSizes = [32, 64, 128, 256, 512].map((kibibytes) => kibibytes * 1024)
/** Bytes of all samples together. */
const mostSampled = 16 * 1024 * 1024
const mostSampledOfGroup = 2 * 1024 * 1024
const longestTest = 64 * 1024
/**
 * What may be spent on choosing, in bytes that a model codes, by byte of the group: on a first trial, and on all of them. Most groups
 * have no primer that pays, and are done with after the first.
 */
const firstCostShare = 0.2
const costShare = 0.4
/** A primer is a part of its group at most so large, since what is tried stands for the rest. */
const largestShare = 1 / 8
/** Groups of fewer bytes, or of fewer blocks, could not pay for a trial. */
const leastGroupBytes = 768 * 1024
const leastBlocks = 4

export interface SelectionParts {
  readonly work: WorkList
  readonly pool: WorkerPool
  readonly settings: PackSettings
  readonly control: JobControl
  /** Those of the archive that is added to. */
  readonly earlier: EarlierPrimers
}

/**
 * Looks for primers that pay for themselves: for each group of alike data, a sample of it is tried as what its blocks start
 * from. It is chosen if the blocks become shorter by more than storing it takes (the two-part code of the minimum description
 * length principle). None in presets without a codec that makes use of a primer.
 * @throws LmzError `Cancelled`
 */
export async function selectPrimers(parts: SelectionParts): Promise<ChosenPrimers> {
  const { work, settings, control, pool } = parts
  const { preset } = settings
  // Before anything is read, no kind is known: text has the shortest blocks.
  const blockSize = usualBlock(blockSizesOf(settings, 'text'))
  // The quickest: trials cost what they cost, and what helps one model helps the next.
  const modelling = presets[preset].candidates.findLast(({ codec }) => codec.usesPrimer === true)
  if (modelling === undefined) return new ChosenPrimers()
  const candidate = { codec: modelling.codec.number, effort: modelling.effort }
  const groups = new DataGroups(work, Math.max(leastGroupBytes, leastBlocks * blockSize))
  const sampledOfGroup = Math.min(mostSampledOfGroup, mostSampled / Math.max(1, groups.all.length))
  const plans = planSamples(work, groups, (group) => sampleSizes(group, blockSize, sampledOfGroup))
  const chosen = new Map<DataGroup, ChosenPrimer>()
  const waiting = plans.entries()
  const selectInTurn = async (): Promise<void> => {
    for (const [group, runs] of waiting) {
      await control.checkpoint()
      const sample = await readSample(runs, pool)
      if (sample === undefined) continue
      const primer = await selectFor(group, sample, candidate, parts)
      if (primer !== undefined) chosen.set(group, { kind: sample.kind, primer })
    }
  }
  // The trials of a group follow from each other, so several groups are needed to keep all workers busy.
  await Promise.all(Array.from({ length: pool.size }, selectInTurn))
  return new ChosenPrimers(groups, chosen)
}

/** What pays in long blocks pays in the shorter ones that small files share: rather too long than too short. */
function usualBlock({ large, shared }: BlockSizes): number {
  return Math.min(large, 4 * shared)
}

function sampleSizes({ bytes }: DataGroup, blockSize: number, most: number): SampleSizes {
  const testLength = Math.floor(Math.min(longestTest, blockSize, (bytes * firstCostShare) / 6))
  const tests = Math.max(1, Math.min(4, Math.floor((bytes * firstCostShare) / (8 * testLength))))
  return { candidates: Math.min(most, bytes), testLength, tests }
}

/** The primer that pays most for a group, or none. */
async function selectFor(
  group: DataGroup,
  sample: Sample,
  candidate: CandidateChoice,
  parts: SelectionParts,
): Promise<PackPrimer | undefined> {
  const { pool, settings, earlier, control } = parts
  const { kind, tests, bytes, pieces } = sample
  const groupBytes = group.bytes * sample.share
  const testLength = tests.reduce((total, { length }) => total + length, 0)
  // Two more than the trial itself: what is chosen is coded, and decoded as a check.
  const costOf = (size: number): number => 3 * size + testLength
  let budget = groupBytes * costShare - testLength
  const sizes = primerSizes.filter((size) => size <= groupBytes * largestShare && costOf(size) <= budget)
  const largest = sizes.at(-1)
  if (largest === undefined) return undefined
  const [plain, segments] = await Promise.all([
    pool.run('measure', { blocks: tests, kind, candidate }),
    pool.run('chooseSegments', { sample: bytes, pieces, limit: largest }),
  ])
  const data = { kind, candidate, tests, plain, groupBytes, blockSize: usualBlock(blockSizesOf(settings, kind)) }
  let best: Trial | undefined
  for (const primer of await earlier.ofKind(kind)) {
    if (primer.bytes.length + testLength > budget / 2) continue
    budget -= primer.bytes.length + testLength
    best = better(best, await tryStored(primer, data, pool))
  }
  // What a primer saves by its last bytes is less than what it saves by its first: where the gain falls, it goes on falling.
  let last: Trial | undefined
  for (const size of sizes) {
    if (costOf(size) > budget) break
    const bytes = joinSegments(sample, segments, size)
    // Nothing in it occurs twice, or a smaller size held as much.
    if (bytes.length <= size / 2) break
    await control.checkpoint()
    const trial = await tryNew({ key: primerKey(contentHashOf(bytes)), bytes }, data, pool)
    budget -= size + testLength
    if (last !== undefined && gainOf(trial) <= gainOf(last)) break
    last = trial
    best = better(best, trial)
    if (!mayPay(trial)) break
  }
  await control.checkpoint()
  if (best === undefined || !doesPay(best)) return undefined
  return earlier.find(best.primer) ?? (await store(best, kind, candidate, pool))
}

function better(one: Trial | undefined, other: Trial): Trial {
  return one === undefined || gainOf(other) > gainOf(one) ? other : one
}

/** Codes a primer. Only now is its price known exactly: it is given up if that is too much. */
async function store(
  trial: Trial,
  kind: ContentKind,
  candidate: CandidateChoice,
  pool: WorkerPool,
): Promise<PackPrimer | undefined> {
  const { bytes } = trial.primer
  const buffer = new SharedArrayBuffer(bytes.length)
  new Uint8Array(buffer).set(bytes)
  const input = { buffer, length: bytes.length, kind: contentKinds[kind], candidates: [candidate] }
  const { storedLength, codec, kind: kindNumber, rawLength, contentHash } = await pool.run('encode', input)
  if (!doesPay({ ...trial, price: storedLength })) return undefined
  const stored = new Uint8Array(buffer).slice(0, storedLength)
  return packPrimer(bytes, { codec, kind: kindNumber, rawLength, contentHash, stored })
}

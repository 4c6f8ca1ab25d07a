import { delta } from '../../codecs/delta/delta'
import { presets } from '../../codecs/presets'
import { zstd } from '../../codecs/zstd/zstd'
import type { ContentKind } from '../../contract/content-kind'
import type { JobControl } from '../job-control'
import { blockSizesOf, chunkSizesFor, type PackSettings } from '../settings'
import { withPool, type WorkerPool } from '../workers/worker-pool'
import { baseOfSample, type KindSample } from './kind-samples'
import type { KindTrials } from './scale'
import { blocksOf, type PlannedTrial, planTrials } from './trial-plan'
import type { BlockTrial } from './try-block'

export interface Trials {
  readonly kinds: readonly KindTrials[]
  /** Threads that work at the same time. */
  readonly threads: number
  /** Seconds a fresh thread takes before its codecs are ready. */
  readonly startSeconds: number
}

/** What trying a preset may take, besides starting threads; a little more where there are many kinds. */
const secondsOfTrials = 2
/** Starts a codec. */
const firstProbeLength = 4 * 1024
/** Tells how fast it is. */
const probeLength = 32 * 1024
const reference = { codec: zstd.number, effort: 6 }

/** What is coded against another block is tried so first, as it is when it is packed. */
const difference = { codec: delta.number, effort: 0 }

type Stretch = Pick<PlannedTrial, 'raw' | 'base'>

const nothing: Stretch = { raw: new Uint8Array(), base: undefined }

interface DoneTrial extends Stretch {
  readonly trial: BlockTrial
}

/**
 * Packs as much of the samples as takes about two seconds, in blocks as they would be, with all threads at once: a thread that
 * has the machine to itself would promise too much. @throws LmzError `Cancelled`
 */
export function runTrials(
  samples: readonly KindSample[],
  settings: PackSettings,
  control: JobControl,
): Promise<Trials> {
  return withPool(control.signal, async (pool) => {
    const threads = pool.size
    const sizeOf = (kind: ContentKind) => blockSizesOf(settings, kind).large
    const [largest] = samples
    if (largest === undefined) return { kinds: [], threads, startSeconds: 0 }
    const run = ({ raw, base }: Stretch, { kind }: KindSample, isDecoded: boolean): Promise<BlockTrial> => {
      const own = presets[settings.preset].candidates.map(({ codec, effort, kinds }) => ({
        codec: codec.number,
        effort,
        kinds,
      }))
      const candidates = base === undefined ? own : [difference, ...own]
      const chunking = chunkSizesFor(settings.blockSize)
      return pool.run('tryBlock', { raw, kind, candidates, isDecoded, chunking, base: baseOfSample(base) })
    }
    const probe = (length: number): Promise<number> =>
      inAll(pool, () => run(blocksOf(largest, length)[0] ?? nothing, largest, true))
    const startSeconds = await probe(firstProbeLength)
    const rate = Math.min(probeLength, largest.bytes.length) / Math.max(await probe(probeLength), 1e-6)
    const deadline = performance.now() + secondsOfTrials * 1000
    const planned = planTrials(samples, rate * secondsOfTrials * threads, sizeOf)
    const done = new Map<KindSample, DoneTrial[]>(samples.map((sample) => [sample, []]))
    const next = planned.values()
    const work = async (): Promise<void> => {
      for (const { sample, isFirst, ...stretch } of next) {
        if (!isFirst && performance.now() > deadline) continue
        await control.checkpoint()
        done.get(sample)?.push({ ...stretch, trial: await run(stretch, sample, isFirst) })
      }
    }
    await Promise.all(Array.from({ length: threads }, work))
    const kinds: KindTrials[] = []
    for (const [sample, trials] of done) {
      await control.checkpoint()
      const correction = await correctionOf(sample, trials, sizeOf(sample.kind), pool)
      kinds.push({
        kind: sample.kind,
        standsFor: sample.standsFor,
        blocks: trials.map(({ trial }) => trial),
        isBased: sample.bases !== undefined,
        correction,
      })
    }
    return { kinds, threads, startSeconds }
  })
}

/**
 * By how much a kind's data become shorter than what was tried of it, as far as zstd can tell: it is quick enough for the whole
 * sample, in real blocks. So the part of the sample that was tried need not be typical, and repeats that lie too far apart
 * for a short trial count. Of what is coded against others, the difference tells, which is quicker still.
 */
async function correctionOf(
  sample: KindSample,
  trials: readonly DoneTrial[],
  blockSize: number,
  pool: WorkerPool,
): Promise<number> {
  const { bytes, bases, kind } = sample
  const triedLength = trials.reduce((sum, { raw }) => sum + raw.length, 0)
  if (triedLength === 0 || triedLength === bytes.length) return 1
  const candidate = bases === undefined ? reference : difference
  const lengthOf = async ({ raw, base }: Stretch): Promise<number> => {
    const lengths = await pool.run('measure', { blocks: [raw], kind, candidate, base: baseOfSample(base) })
    return lengths[0] ?? raw.length
  }
  const rateOf = async (blocks: readonly Stretch[], length: number): Promise<number> => {
    const lengths = await Promise.all(blocks.map(lengthOf))
    return lengths.reduce((sum, stored) => sum + stored, 0) / length
  }
  const [ofAll, ofTried] = await Promise.all([
    rateOf(blocksOf(sample, blockSize), bytes.length),
    rateOf(trials, triedLength),
  ])
  // What zstd cannot make shorter is stored as it is, by every preset.
  return Math.min(1, ofAll) / Math.min(1, ofTried)
}

/** Does the same in all threads. @returns mean seconds of packing and decoding */
async function inAll(pool: WorkerPool, work: () => Promise<BlockTrial>): Promise<number> {
  const trials = await Promise.all(Array.from({ length: pool.size }, work))
  const seconds = trials.map(({ packSeconds, decodeSeconds = 0 }) => packSeconds + decodeSeconds)
  return seconds.reduce((sum, second) => sum + second, 0) / seconds.length
}

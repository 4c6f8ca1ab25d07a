import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { presets } from '../../codecs/presets'
import { LmzError } from '../../contract/error'
import type { PresetEstimate } from '../../contract/estimate'
import { type PresetName, presetNames } from '../../contract/preset'
import type { EstimateReport } from '../../contract/report'
import { JobControl, type JobOptions } from '../job-control'
import { blockSizesOf, chunkSizesFor, type PackSettings } from '../settings'
import { withPool } from '../workers/worker-pool'
import { readKindSamples, type Samples } from './kind-samples'
import { expectedChunks, expectedSeconds, indexFrameBytes, overheadBytes, withBounds } from './overhead'
import { withProtection } from './protection'
import { runTrials } from './run-trials'
import { scale } from './scale'
import { spreadOf } from './spread'
import { type Survey, survey } from './survey'
import { TensorVersions } from './tensor-versions'

export interface EstimateOptions extends JobOptions {
  /** Where the archive would be made; nothing is looked for there if not given. */
  readonly archive?: string | undefined
  /** As for createArchive: whether an archive may stand there already. */
  readonly replace?: boolean | undefined
  /** Each, if not given. */
  readonly preset?: PresetName | undefined
  /** Raw bytes of a block, 64 KiB to 16 MiB; each preset's own if not given. */
  readonly blockSize?: number | undefined
  readonly exclude?: readonly string[] | undefined
}

/**
 * Tells what making an archive would give: counts files and bytes, packs a sample of at most 8 MiB in memory, and projects
 * size and time from that, for each preset in about two seconds. Writes nothing, and takes no lock. It looks for
 * tensors that come in several versions (a run's checkpoints), but not for files that occur twice, nor for primers: both make the archive smaller than it says.
 *
 * @param paths what would be packed; see intake/roots.ts
 * @throws LmzError `Collision` if something is where the archive would be, `NotFound` if a path does not exist, `Usage`, `Io`,
 *   `Cancelled`
 */
export async function estimateArchive(
  paths: readonly string[],
  options: EstimateOptions = {},
): Promise<EstimateReport> {
  const control = new JobControl(options)
  const { archive, exclude = [] } = options
  if (archive !== undefined && options.replace !== true && existsSync(archive)) {
    const message = `${basename(archive)} already exists. Nothing was changed. Choose another name.`
    throw new LmzError('Collision', message, { subject: archive })
  }
  const found = await survey({ roots: paths, exclude, archive }, control)
  const samples = await withPool(control.signal, async (pool) => {
    const versions = await TensorVersions.among(found.tensorFiles, pool)
    return readKindSamples(found, versions, pool, control)
  })
  const spread = await spreadOf(samples.kinds)
  const names = options.preset === undefined ? presetNames : [options.preset]
  const estimates: PresetEstimate[] = []
  for (const [at, preset] of names.entries()) {
    control.progress(
      { phase: 'work', entries: at, entriesTotal: names.length, bytes: at, bytesTotal: names.length },
      true,
    )
    const settings = { preset, blockSize: options.blockSize ?? presets[preset].blockSize }
    estimates.push(await estimatePreset(found, samples, spread, settings, control))
  }
  const { entries, files, bytes } = found
  const notices = samples.unreadable === 0 ? [] : [unreadableNotice(samples)]
  const { problems } = control
  return { entries, files, rawBytes: bytes, sampledBytes: samples.bytes, presets: estimates, problems, notices }
}

/**
 * What zstd cannot tell of how another codec does with the untried part of a sample: up to 18 % too much was measured (a folder of
 * web pages of which 64 KiB in 1.5 MB were tried).
 */
const errorOfTrials = 0.2

/** Seconds to open an archive, by entry: its index is read. */
const openingSecondsOfEntry = 0.5e-6

async function estimatePreset(
  found: Survey,
  samples: Samples,
  spread: number,
  settings: PackSettings,
  control: JobControl,
): Promise<PresetEstimate> {
  const { entries, files, bytes } = found
  const { preset, blockSize } = settings
  const { kinds, threads, startSeconds } = await runTrials(samples.kinds, settings, control)
  const { storedBytes, blocks, packSeconds, decodeSeconds, triedBytes } = scale(
    kinds,
    (kind) => blockSizesOf(settings, kind).large,
  )
  const chunks = expectedChunks(files, bytes, chunkSizesFor(blockSize).average)
  const about = storedBytes + overheadBytes({ entries, blocks, chunks })
  const threadSeconds = packSeconds + readingSeconds(found, samples)
  const archiveBytes = withBounds(about, errorOf(spread, samples.bytes, triedBytes, bytes))
  return {
    preset,
    blockSize,
    archiveBytes,
    protectedBytes: withProtection(archiveBytes, indexFrameBytes({ entries, chunks })),
    packSeconds: expectedSeconds({ entries, blocks, threadSeconds, threads }),
    openSeconds: startSeconds + entries * openingSecondsOfEntry + decodeSeconds,
    triedBytes,
  }
}

/**
 * What was tried is no more than like the rest of the sample, and the sample no more than like the rest of the data. What is tried
 * whole leaves nothing open.
 */
function errorOf(spread: number, sampled: number, tried: number, total: number): number {
  if (sampled === 0) return 0
  const ofSample = spread * Math.sqrt(Math.max(0, 1 - sampled / total))
  return ofSample + errorOfTrials * Math.max(0, 1 - tried / sampled)
}

/** Of one thread. Small files cost the opening, large ones their bytes: the dearer of the two ways to count is taken. */
function readingSeconds({ files, bytes }: Survey, { readSeconds, bytes: read, filesRead }: Samples): number {
  return read === 0 ? 0 : readSeconds * Math.max(files / filesRead, bytes / read)
}

function unreadableNotice({ unreadable }: Samples): string {
  const subject = unreadable === 1 ? 'A file' : `${unreadable} files`
  return `${subject} of the sample could not be read; data like that is counted as if it were left out.`
}

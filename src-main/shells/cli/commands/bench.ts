import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatBytes } from '../../../contract/format-bytes'
import type { Problem } from '../../../contract/problem'
import { type PresetName, presetNames } from '../../../contract/preset'
import type { Progress } from '../../../contract/progress'
import { runJob } from '../../../engine/run-job'
import type { CommandContext } from '../context'
import { exitCodes } from '../exit-code'

interface Measurement {
  readonly preset: PresetName
  readonly rawBytes: number
  readonly archiveBytes: number
  /** Raw bytes in a second. */
  readonly packRate: number
  readonly unpackRate: number
}

/** Packs and unpacks a file or folder with each preset and prints what it costs. Comparing with other programs: npm run bench. */
export async function benchCommand(context: CommandContext, path = '.'): Promise<void> {
  const { terminal, setExitCode } = context
  const presets: Measurement[] = []
  const problems = new Map<string, Problem>()
  for (const preset of presetNames) {
    const measured = await measure(context, path, preset, (problem) => problems.set(problem.path, problem))
    if (presets.push(measured) === 1) terminal.line(row('Preset', 'Size', 'Ratio', 'Pack', 'Unpack'))
    const { rawBytes, archiveBytes, packRate, unpackRate } = measured
    const ratio = rawBytes === 0 ? '' : `${((archiveBytes / rawBytes) * 100).toFixed(1)} %`
    terminal.line(row(preset, formatBytes(archiveBytes), ratio, formatRate(packRate), formatRate(unpackRate)))
    await terminal.flush()
  }
  for (const problem of problems.values()) terminal.problem(problem)
  if (problems.size > 0) setExitCode(exitCodes.problems)
  terminal.event('result', { verb: 'bench', presets })
}

async function measure(
  { terminal, signal }: CommandContext,
  path: string,
  preset: PresetName,
  onProblem: (problem: Problem) => void,
): Promise<Measurement> {
  const folder = await mkdtemp(join(tmpdir(), 'lmz-bench-'))
  const onProgress = (progress: Progress): void => terminal.progress(progress)
  try {
    const archive = join(folder, 'bench.lmz')
    const extraction = { destination: join(folder, 'out'), entries: [], overwrite: 'skip', smart: false } as const
    const packing = await timed(() =>
      runJob<'create'>({ verb: 'create', archive, paths: [path], preset }, { signal, onProgress, onProblem }),
    )
    // Links that are not safe to make are no matter here.
    const unpacking = await timed(() =>
      runJob<'extract'>(
        { verb: 'extract', archive, ...extraction, entries: [], links: 'none' },
        { signal, onProgress },
      ),
    )
    const { rawBytes, archiveBytes } = packing.result
    const packRate = rawBytes / packing.seconds
    return { preset, rawBytes, archiveBytes, packRate, unpackRate: rawBytes / unpacking.seconds }
  } finally {
    terminal.clear()
    await rm(folder, { recursive: true, force: true })
  }
}

function row(preset: string, ...numbers: readonly string[]): string {
  return [preset.padEnd(8), ...numbers.map((number) => number.padStart(12))].join(' ')
}

function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(Math.round(bytesPerSecond))}/s`
}

async function timed<Result>(
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly seconds: number }> {
  const started = performance.now()
  const result = await work()
  return { result, seconds: (performance.now() - started) / 1000 }
}

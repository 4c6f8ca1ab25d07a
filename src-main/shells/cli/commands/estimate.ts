import { resolve } from 'node:path'
import type { PresetEstimate } from '../../../contract/estimate'
import { formatBlockSize, formatBytes } from '../../../contract/format-bytes'
import type { PresetName } from '../../../contract/preset'
import type { ProtectionLevel } from '../../../contract/protection'
import type { EstimateReport } from '../../../contract/report'
import type { CommandContext } from '../context'
import { runAndReport } from '../run-and-report'
import { counted } from '../wording'

export interface EstimateCommandOptions {
  readonly preset?: PresetName
  readonly blockSize?: number
  readonly exclude?: string[]
  readonly replace?: boolean
  readonly protect?: ProtectionLevel
}

/** Tells what `create` would give; writes nothing. */
export async function estimateCommand(
  context: CommandContext,
  archive: string,
  paths: string[],
  { preset, blockSize, exclude, replace, protect }: EstimateCommandOptions,
): Promise<void> {
  const settings = { preset, blockSize, exclude, replace }
  const report = await runAndReport<'estimate'>(context, {
    verb: 'estimate',
    archive: resolve(archive),
    paths,
    ...settings,
  })
  for (const line of estimateTable(report, protect)) context.terminal.line(line)
}

const heading = ['Preset', 'Blocks', 'Size', 'likely between', 'Of all', 'Pack', 'Open one file'] as const

/** A table for people, all numbers but the first line's about right only. */
function estimateTable(report: EstimateReport, protection: ProtectionLevel | undefined): string[] {
  const { entries, files, rawBytes, sampledBytes, presets } = report
  const sample = sampledBytes === rawBytes ? 'all of it' : `a sample of ${formatBytes(sampledBytes)}`
  const counts = `${counted(entries, 'entry', 'entries')}, ${counted(files, 'file')}, ${formatBytes(rawBytes)}`
  const rows = [heading, ...presets.map((estimate) => cells(estimate, rawBytes, protection))]
  const widths = heading.map((_title, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const table = rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  '),
  )
  return [`${counts}. Estimated from ${sample}; nothing was written.`, ...table]
}

function cells(
  { preset, blockSize, archiveBytes, protectedBytes, packSeconds, openSeconds }: PresetEstimate,
  rawBytes: number,
  protection: ProtectionLevel | undefined,
): string[] {
  const { about, low, high } = protection === undefined ? archiveBytes : protectedBytes[protection]
  return [
    preset,
    formatBlockSize(blockSize),
    `~${formatRough(about)}`,
    `${formatRough(low)} and ${formatRough(high)}`,
    rawBytes === 0 ? '' : `~${Math.round((about / rawBytes) * 100)} %`,
    `~${formatSeconds(packSeconds)}`,
    `~${formatSeconds(openSeconds)}`,
  ]
}

/** A size of two digits: more would be false. */
function formatRough(bytes: number): string {
  return formatBytes(twoDigits(bytes)).replace(/(\d\d)\.0 /, '$1 ')
}

/** "0.02 s", "1.4 s", "12 s", "4 min", "2.5 h". */
function formatSeconds(seconds: number): string {
  if (seconds < 0.01) return '0.01 s'
  if (seconds < 100) return `${twoDigits(seconds)} s`
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${twoDigits(seconds / 3600)} h`
}

function twoDigits(value: number): number {
  return Number(value.toPrecision(2))
}

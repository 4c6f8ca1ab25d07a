import { isAbsolute, resolve, sep } from 'node:path'
import { formatBytes } from '../../../contract/format-bytes'
import type { PresetName } from '../../../contract/preset'
import type { PackReport } from '../../../contract/report'
import type { CommandContext } from '../context'
import { runAndReport } from '../run-and-report'

interface PackingOptions {
  readonly preset?: PresetName
  readonly blockSize?: number
  readonly exclude: string[]
  readonly comment?: string
}

export async function createCommand(
  context: CommandContext,
  archive: string,
  paths: readonly string[],
  options: PackingOptions & { readonly replace?: boolean },
): Promise<void> {
  const request = { verb: 'create', archive: resolve(archive), paths: paths.map(absolute), ...options } as const
  context.terminal.line(summary('Made', await runAndReport<'create'>(context, request)))
}

export async function addCommand(
  context: CommandContext,
  archive: string,
  paths: readonly string[],
  options: PackingOptions,
): Promise<void> {
  const request = { verb: 'add', archive: resolve(archive), paths: paths.map(absolute), ...options } as const
  context.terminal.line(summary('Added to', await runAndReport<'add'>(context, request)))
}

export async function removeCommand(
  context: CommandContext,
  archive: string,
  entries: readonly string[],
): Promise<void> {
  const request = { archive: resolve(archive), entries: [...entries] }
  context.terminal.line(summary('Removed from', await runAndReport<'remove'>(context, { verb: 'remove', ...request })))
}

export async function compactCommand(context: CommandContext, archive: string): Promise<void> {
  const request = { verb: 'compact', archive: resolve(archive) } as const
  context.terminal.line(summary('Compacted', await runAndReport<'compact'>(context, request)))
}

/** Made absolute as text only: a "." or ".." at the end decides what becomes the top level of the archive. */
function absolute(path: string): string {
  return isAbsolute(path) ? path : `${process.cwd()}${sep}${path}`
}

function summary(verb: string, report: PackReport): string {
  const { archive, entries, rawBytes, archiveBytes } = report
  const share = rawBytes === 0 ? '' : ` (${((archiveBytes / rawBytes) * 100).toFixed(1)} %)`
  const count = `${entries.toLocaleString('en')} ${entries === 1 ? 'entry' : 'entries'}`
  return `${verb} ${archive}: ${count}, ${formatBytes(rawBytes)} in ${formatBytes(archiveBytes)}${share}.`
}

import { resolve } from 'node:path'
import { formatBytes } from '../../../contract/format-bytes'
import type { OverwritePolicy } from '../../../contract/question'
import { exitCodes } from '../exit-code'
import type { CommandContext } from '../context'
import { runAndReport } from '../run-and-report'

interface ExtractOptions {
  readonly directory: string
  readonly overwrite: OverwritePolicy
  readonly smart: boolean
  readonly links: 'safe' | 'all' | 'none'
}

export async function extractCommand(
  context: CommandContext,
  archive: string,
  entries: readonly string[],
  { directory, overwrite, smart, links }: ExtractOptions,
): Promise<void> {
  const report = await runAndReport<'extract'>(context, {
    verb: 'extract',
    archive: resolve(archive),
    entries: [...entries],
    destination: resolve(directory),
    overwrite,
    smart,
    links,
  })
  const files = `${report.files.toLocaleString('en')} ${report.files === 1 ? 'file' : 'files'}`
  context.terminal.line(`Extracted ${files}, ${formatBytes(report.bytes)}, to ${report.destination}.`)
}

export async function verifyCommand(context: CommandContext, archive: string): Promise<void> {
  const report = await runAndReport<'verify'>(context, { verb: 'verify', archive: resolve(archive) })
  if (report.problems.length === 0) {
    const checked = `${report.files.toLocaleString('en')} files, ${formatBytes(report.bytes)} in ${report.blocks} blocks`
    context.terminal.line(`${archive} is whole: ${checked}.`)
    return
  }
  context.setExitCode(exitCodes.damaged)
  context.terminal.line(`${archive} is damaged: ${report.damagedFiles} of ${report.files} files cannot be extracted.`)
}

export async function salvageCommand(context: CommandContext, damaged: string, target: string): Promise<void> {
  const request = { verb: 'salvage', archive: resolve(damaged), target: resolve(target) } as const
  const report = await runAndReport<'salvage'>(context, request)
  const lost = report.lostFiles > 0 ? ` ${report.lostFiles} files are lost.` : ''
  context.terminal.line(`Saved ${report.files} files, ${formatBytes(report.bytes)}, to ${report.target}.${lost}`)
}

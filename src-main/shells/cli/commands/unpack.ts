import { resolve } from 'node:path'
import { formatBytes } from '../../../contract/format-bytes'
import type { OverwritePolicy } from '../../../contract/question'
import type { CommandContext } from '../context'
import { type PasswordFlags, passwordOf } from '../passwords'
import { isTopLevel } from '../../top-level'
import { exitCodes } from '../exit-code'
import { runAndReport } from '../run-and-report'
import { counted, shownPath } from '../wording'
import { describeHealth, needsRepair } from './protect'

interface ExtractOptions extends PasswordFlags {
  readonly directory: string
  readonly overwrite: OverwritePolicy
  readonly smart: boolean
  readonly links: 'safe' | 'all' | 'none'
  readonly limitSize?: number
  readonly limitEntries?: number
  readonly limitHours?: number
}

export async function extractCommand(
  context: CommandContext,
  archive: string,
  entries: string[],
  options: ExtractOptions,
): Promise<void> {
  const { directory, overwrite, smart, links, limitSize, limitEntries, limitHours } = options
  const request = {
    verb: 'extract',
    archive: resolve(archive),
    entries: entries.some(isTopLevel) ? [] : entries,
    destination: resolve(directory),
    overwrite,
    smart,
    links,
    limits: { bytes: limitSize, entries: limitEntries, hours: limitHours },
  } as const
  const report = await runAndReport<'extract'>(context, request, passwordOf(context, options))
  const { files, bytes, destination, problems } = report
  const summary = `Extracted ${counted(files, 'file')}, ${formatBytes(bytes)}, to ${shownPath(destination)}.`
  const trouble = problems.length === 0 ? '' : ` ${counted(problems.length, 'problem')}, see above.`
  context.terminal.line(summary + trouble)
}

export async function verifyCommand(context: CommandContext, archive: string, flags: PasswordFlags): Promise<void> {
  const request = { verb: 'verify', archive: resolve(archive) } as const
  const report = await runAndReport<'verify'>(context, request, passwordOf(context, flags))
  const { files, bytes, blocks, damagedFiles, uncheckedFiles, problems, notices, protection } = report
  const name = shownPath(resolve(archive))
  if (problems.length > 0) {
    const lacksModels = damagedFiles === 0 && uncheckedFiles > 0
    context.setExitCode(lacksModels ? exitCodes.refused : exitCodes.damaged)
    const share = `${damagedFiles + uncheckedFiles} of ${counted(files, 'file')}`
    const says = lacksModels ? `cannot be tested: ${share} need a model` : `is damaged: ${share} cannot be extracted`
    context.terminal.line(`${name} ${says}.`)
    return
  }
  if (protection !== undefined && needsRepair(protection)) {
    context.setExitCode(exitCodes.problems)
    const advice = `lmz repair ${name} <new archive>`
    context.terminal.line(
      `${name} is damaged, but no file is lost. To repair it: ${advice}. ${describeHealth(protection)}`,
    )
    return
  }
  const checked = `${counted(files, 'file')}, ${formatBytes(bytes)} in ${counted(blocks, 'block')}`
  // With a notice told before, "whole" would be too much said.
  context.terminal.line(notices.length === 0 ? `${name} is whole: ${checked}.` : `All can be extracted: ${checked}.`)
}

export async function salvageCommand(
  context: CommandContext,
  damaged: string,
  target: string,
  flags: PasswordFlags,
): Promise<void> {
  const request = { verb: 'salvage', archive: resolve(damaged), target: resolve(target) } as const
  const report = await runAndReport<'salvage'>(context, request, passwordOf(context, flags))
  const { files, bytes, lostFiles, target: made } = report
  if (lostFiles !== 0) context.setExitCode(exitCodes.problems)
  const lost = lostFiles > 0 ? ` Lost: ${counted(lostFiles, 'file')}, see above.` : ''
  context.terminal.line(`Saved ${counted(files, 'file')}, ${formatBytes(bytes)}, to ${shownPath(made)}.${lost}`)
}

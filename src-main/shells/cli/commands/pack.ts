import { resolve } from 'node:path'
import { formatBytes } from '../../../contract/format-bytes'
import type { PresetName } from '../../../contract/preset'
import type { ProtectionLevel } from '../../../contract/protection'
import type { PackReport } from '../../../contract/report'
import type { CommandContext } from '../context'
import { newArchivePassword, type PasswordFlags, passwordOf } from '../passwords'
import { runAndReport } from '../run-and-report'
import { counted, shownPath } from '../wording'
import { estimateCommand } from './estimate'

interface PackingOptions extends PasswordFlags {
  readonly preset?: PresetName
  readonly blockSize?: number
  readonly exclude?: string[]
  readonly comment?: string
}

interface CreatingOptions extends PackingOptions {
  readonly replace?: boolean
  readonly estimate?: boolean
  readonly password?: boolean
  readonly protect?: ProtectionLevel
}

export async function createCommand(
  context: CommandContext,
  archive: string,
  paths: string[],
  options: CreatingOptions,
): Promise<void> {
  if (options.estimate === true) return estimateCommand(context, archive, paths, options)
  const { preset, blockSize, exclude, comment, replace, protect: protection } = options
  const packing = { preset, blockSize, exclude, comment }
  const isNamed = options.passwordFile !== undefined || options.passwordEnv !== undefined
  const encrypt = options.password === true || isNamed
  const archivePath = resolve(archive)
  const request = { verb: 'create', archive: archivePath, paths, replace, protection, encrypt, ...packing } as const
  const passwords = encrypt ? newArchivePassword(context, options) : {}
  const report = await runAndReport<'create'>(context, request, passwords)
  context.terminal.line(`Made ${shownPath(report.archive)}: ${contents(report)}`)
}

export async function addCommand(
  context: CommandContext,
  archive: string,
  paths: string[],
  options: PackingOptions & { readonly into?: string },
): Promise<void> {
  const { preset, blockSize, exclude, comment, into } = options
  const packing = { preset, blockSize, exclude, comment }
  const request = { verb: 'add', archive: resolve(archive), paths, into, ...packing } as const
  const report = await runAndReport<'add'>(context, request, passwordOf(context, options))
  const written = formatBytes(report.writtenBytes)
  context.terminal.line(`Added to ${shownPath(report.archive)}, ${written} longer now: ${contents(report)}`)
}

export async function removeCommand(
  context: CommandContext,
  archive: string,
  entries: string[],
  flags: PasswordFlags,
): Promise<void> {
  const request = { verb: 'remove', archive: resolve(archive), entries } as const
  const report = await runAndReport<'remove'>(context, request, passwordOf(context, flags))
  context.terminal.line(`Removed from ${shownPath(report.archive)}; what is left: ${contents(report)}`)
}

export async function renameCommand(
  context: CommandContext,
  archive: string,
  entry: string,
  name: string,
  flags: PasswordFlags,
): Promise<void> {
  const request = { verb: 'rename', archive: resolve(archive), entry, name } as const
  const report = await runAndReport<'rename'>(context, request, passwordOf(context, flags))
  context.terminal.line(`Renamed ${entry} to ${name} in ${shownPath(report.archive)}.`)
}

export async function compactCommand(context: CommandContext, archive: string, flags: PasswordFlags): Promise<void> {
  const request = { verb: 'compact', archive: resolve(archive) } as const
  const report = await runAndReport<'compact'>(context, request, passwordOf(context, flags))
  context.terminal.line(`Compacted ${shownPath(report.archive)}: ${contents(report)}`)
}

/** "129 entries, 5.5 MB in 1.1 MB (20.1 %)." */
function contents({ entries, rawBytes, archiveBytes, problems }: PackReport): string {
  const share = rawBytes === 0 ? '' : ` (${((archiveBytes / rawBytes) * 100).toFixed(1)} %)`
  const sizes = `${counted(entries, 'entry', 'entries')}, ${formatBytes(rawBytes)} in ${formatBytes(archiveBytes)}${share}.`
  return problems.length === 0 ? sizes : `${sizes} ${counted(problems.length, 'problem')}, see above.`
}

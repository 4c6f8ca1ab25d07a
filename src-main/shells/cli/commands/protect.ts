import { resolve } from 'node:path'
import { formatBytes } from '../../../contract/format-bytes'
import type { ProtectionLevel } from '../../../contract/protection'
import type { ProtectionHealth } from '../../../contract/report'
import type { CommandContext } from '../context'
import { exitCodes } from '../exit-code'
import { type PasswordFlags, passwordOf } from '../passwords'
import { runAndReport } from '../run-and-report'
import { counted, shownPath } from '../wording'

export async function protectCommand(
  context: CommandContext,
  archive: string,
  options: PasswordFlags & { readonly level?: ProtectionLevel },
): Promise<void> {
  const request = { verb: 'protect', archive: resolve(archive), level: options.level } as const
  const report = await runAndReport<'protect'>(context, request, passwordOf(context, options))
  const { archive: path, archiveBytes, writtenBytes } = report
  if (writtenBytes === 0) return
  const share = ((writtenBytes / (archiveBytes - writtenBytes)) * 100).toFixed(1)
  context.terminal.line(`Protected ${shownPath(path)}, ${formatBytes(writtenBytes)} longer now (${share} %).`)
}

export async function repairCommand(
  context: CommandContext,
  damaged: string,
  target: string,
  flags: PasswordFlags,
): Promise<void> {
  const request = { verb: 'repair', archive: resolve(damaged), target: resolve(target) } as const
  const report = await runAndReport<'repair'>(context, request, passwordOf(context, flags))
  const { health, files, lostFiles, target: made } = report
  const whole = `Wrote ${shownPath(made)}, checked: ${counted(files, 'file')}.`
  if (lostFiles > 0) {
    context.setExitCode(exitCodes.damaged)
    context.terminal.line(
      `${whole} ${describeHealth(health)} ${counted(lostFiles, 'file')} cannot be repaired, see above.`,
    )
    return
  }
  context.terminal.line(`${whole} ${describeHealth(health)}`)
}

/** What a repair undoes, in a sentence. */
export function describeHealth(health: ProtectionHealth): string {
  const { repairableBytes, movedBytes, lostBytes, damagedParity } = health
  const parts = [
    [repairableBytes, `${formatBytes(repairableBytes)} computed anew`],
    [movedBytes, `${formatBytes(movedBytes)} put back in place`],
    [damagedParity, `${counted(damagedParity, 'parity record')} written anew`],
    [lostBytes, `${formatBytes(lostBytes)} lost`],
  ] as const
  const told = parts.filter(([amount]) => amount > 0).map(([, text]) => text)
  return told.length === 0 ? 'Nothing was damaged.' : `${told.join(', ')}.`
}

/** Whether anything is damaged that lmz repair would undo. */
export function needsRepair({ repairableBytes, movedBytes, lostBytes, damagedParity }: ProtectionHealth): boolean {
  return repairableBytes + movedBytes + lostBytes + damagedParity > 0
}

import { resolve } from 'node:path'
import { Archive } from '../../archive/archive'
import { LmzError } from '../../contract/error'
import type { CommandContext } from './context'
import { exitCodes } from './exit-code'
import { type PasswordFlags, passwordOf } from './passwords'

export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new LmzError('Cancelled', 'Cancelled.')
}

/** Opens an archive for a command, and tells what is to be told of it. */
export async function withArchive(
  context: CommandContext,
  path: string,
  flags: PasswordFlags,
  work: (archive: Archive) => void | Promise<void>,
): Promise<void> {
  const archive = await Archive.open(resolve(path), undefined, passwordOf(context, flags))
  try {
    const told = new Set(archive.notices)
    for (const notice of told) context.terminal.notice(notice)
    if (archive.condition === 'degraded') context.setExitCode(exitCodes.damaged)
    await work(archive)
    // What was repaired is known when it has been read.
    for (const notice of archive.notices) if (!told.has(notice)) context.terminal.notice(notice)
  } finally {
    archive.close()
  }
}

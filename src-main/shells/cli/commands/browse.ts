import { once } from 'node:events'
import { resolve } from 'node:path'
import { Archive } from '../../../archive/archive'
import { archiveInfo } from '../../../archive/info'
import { fileBytes } from '../../../archive/read-file'
import { findEntry } from '../../../archive/selection'
import { escapeForDisplay } from '../../../contract/display-name'
import type { Entry } from '../../../contract/entry'
import { LmzError } from '../../../contract/error'
import { formatBytes } from '../../../contract/format-bytes'
import { exitCodes } from '../exit-code'
import type { CommandContext } from '../context'

export async function listCommand(
  context: CommandContext,
  path: string,
  folder: string | undefined,
  options: { readonly recursive?: boolean; readonly long?: boolean },
): Promise<void> {
  await withArchive(context, path, (archive) => {
    const { index } = archive
    const start = folder === undefined ? undefined : findEntry(archive, folder)
    const single = start !== undefined && start.kind !== 'directory' ? [start] : undefined
    const parent = start?.id ?? 0
    const entries = single ?? (options.recursive === true ? index.descendants(parent) : index.children(parent))
    for (const entry of entries) show(context, archive, entry, { isLong: options.long === true })
  })
}

export async function findCommand(context: CommandContext, path: string, pattern: string): Promise<void> {
  await withArchive(context, path, (archive) => {
    for (const entry of archive.index.search(pattern)) show(context, archive, entry, { isLong: false })
  })
}

export async function catCommand(context: CommandContext, path: string, entryPath: string): Promise<void> {
  await withArchive(context, path, async (archive) => {
    const entry = findEntry(archive, entryPath)
    for (const bytes of fileBytes(archive, entry.id)) {
      if (context.signal.aborted) throw new LmzError('Cancelled', 'Cancelled.')
      if (!process.stdout.write(bytes)) await once(process.stdout, 'drain')
    }
  })
}

export async function infoCommand(context: CommandContext, path: string): Promise<void> {
  await withArchive(context, path, (archive) => {
    const info = archiveInfo(archive)
    if (context.terminal.isJson) {
      context.terminal.event('result', { verb: 'info', ...info })
      return
    }
    const rows: readonly (readonly [string, string])[] = [
      ['Archive', info.path],
      ['Entries', `${info.files} files, ${info.directories} folders, ${info.symlinks + info.hardLinks} links`],
      ['Content', `${formatBytes(info.rawBytes)}, ${formatBytes(info.uniqueBytes)} without repeats`],
      ['Size', `${formatBytes(info.archiveBytes)} (${info.bitsPerByte.toFixed(2)} bits/byte)`],
      ['  data', formatBytes(info.dataBytes)],
      ['  index', formatBytes(info.indexBytes)],
      ['  other', formatBytes(info.overheadBytes)],
      ['Blocks', `${info.blocks} of up to ${formatBytes(info.blockSize)}: ${codecList(info.blocksByCodec)}`],
      ['Preset', info.preset],
      ['Changes', `${info.commits}, the last on ${new Date(info.commitTimes[0] ?? 0).toLocaleString()}`],
      ['Format', `version ${info.formatVersion}, made by ${info.creator}`],
      ...(info.comment === '' ? [] : [['Comment', escapeForDisplay(info.comment)] as const]),
    ]
    for (const [label, value] of rows) context.terminal.line(`${label.padEnd(9)} ${value}`)
  })
}

function codecList(blocks: Readonly<Record<string, number>>): string {
  const parts = Object.entries(blocks).map(([codec, count]) => `${count} ${codec}`)
  return parts.length === 0 ? 'none' : parts.join(', ')
}

function show(
  { terminal }: CommandContext,
  archive: Archive,
  entry: Entry,
  { isLong }: { readonly isLong: boolean },
): void {
  const path = archive.index.pathOf(entry.id).join('/')
  if (terminal.isJson) {
    const { kind, size, mode, mtimeNs, target } = entry
    terminal.event('entry', { path, kind, size, mode, mtimeNs, ...(target === undefined ? {} : { target }) })
    return
  }
  const shown = escapeForDisplay(path) + (entry.kind === 'directory' ? '/' : '')
  const target = entry.target === undefined ? '' : ` -> ${escapeForDisplay(entry.target)}`
  terminal.line(isLong ? `${longColumns(entry)}  ${shown}${target}` : shown)
}

const kindLetters = { file: '-', directory: 'd', symlink: 'l', hardLink: 'h' } as const

function longColumns({ kind, mode, size, mtimeNs }: Entry): string {
  const permissions = [6, 3, 0].map((shift) => {
    const bits = (mode >> shift) & 7
    return `${bits & 4 ? 'r' : '-'}${bits & 2 ? 'w' : '-'}${bits & 1 ? 'x' : '-'}`
  })
  const time = new Date(Number(mtimeNs / 1_000_000n))
  const shownTime = Number.isNaN(time.getTime()) ? '' : time.toISOString().slice(0, 16).replace('T', ' ')
  return `${kindLetters[kind]}${permissions.join('')} ${String(size).padStart(12)} ${shownTime.padEnd(16)}`
}

async function withArchive(
  context: CommandContext,
  path: string,
  work: (archive: Archive) => void | Promise<void>,
): Promise<void> {
  const archive = await Archive.open(resolve(path))
  try {
    for (const notice of archive.notices) context.terminal.notice(notice)
    await work(archive)
    if (archive.condition === 'degraded') context.setExitCode(exitCodes.damaged)
  } finally {
    archive.close()
  }
}

import type { Archive } from '../../../archive/archive'
import { archiveInfo } from '../../../archive/info'
import { fileBytes } from '../../../archive/read-file'
import { displayPath, findEntry } from '../../../archive/selection'
import type { ArchiveInfo } from '../../../contract/archive-info'
import type { Entry } from '../../../contract/entry'
import { LmzError } from '../../../contract/error'
import { formatBlockSize, formatBytes } from '../../../contract/format-bytes'
import type { CommandContext } from '../context'
import type { PasswordFlags } from '../passwords'
import { entryFields, entryLine } from '../entry-line'
import { isTopLevel } from '../../top-level'
import { throwIfCancelled, withArchive } from '../opened'
import { printTensor } from './tensors'
import { counted, formatTime } from '../wording'

export async function listCommand(
  context: CommandContext,
  path: string,
  folder: string | undefined,
  options: PasswordFlags & { readonly recursive?: boolean; readonly long?: boolean },
): Promise<void> {
  await withArchive(context, path, options, async (archive) => {
    const { index } = archive
    const start = folder === undefined || isTopLevel(folder) ? undefined : findEntry(archive, folder)
    const single = start !== undefined && start.kind !== 'directory' ? [start] : undefined
    const parent = start?.id ?? 0
    const entries = single ?? (options.recursive === true ? index.descendants(parent) : index.children(parent))
    const count = await printAll(context, archive, entries, { isLong: options.long === true })
    context.terminal.event('result', { verb: 'list', entries: count })
  })
}

export async function findCommand(
  context: CommandContext,
  path: string,
  pattern: string,
  flags: PasswordFlags,
): Promise<void> {
  await withArchive(context, path, flags, async (archive) => {
    const count = await printAll(context, archive, archive.index.search(pattern), { isLong: false })
    if (count === 0 && !context.terminal.isJson)
      context.terminal.notice(`Nothing in ${archive.name} matches ${pattern}.`)
    context.terminal.event('result', { verb: 'find', entries: count })
  })
}

/** The bytes of a file, or of one of its tensors, as they are, or in JSON mode as base64 in events. */
export async function catCommand(
  context: CommandContext,
  path: string,
  entryPath: string,
  flags: PasswordFlags & { readonly tensor?: string; readonly npy?: boolean },
): Promise<void> {
  const { terminal, signal } = context
  const { tensor, npy = false } = flags
  if (npy && tensor === undefined) throw new LmzError('Usage', '--npy is for one tensor: name it with --tensor.')
  await withArchive(context, path, flags, async (archive) => {
    if (tensor !== undefined) return printTensor(context, archive, entryPath, { name: tensor, npy })
    const entry = findEntry(archive, entryPath)
    let bytes = 0
    for (const piece of fileBytes(archive, entry.id)) {
      if (terminal.isJson) terminal.event('data', { base64: Buffer.from(piece).toString('base64') })
      await (terminal.isJson ? terminal.flush() : terminal.output.write(piece))
      throwIfCancelled(signal)
      if (terminal.output.isClosed) return
      bytes += piece.length
    }
    terminal.event('result', { verb: 'cat', path: displayPath(archive, entry.id), bytes })
  })
}

export async function infoCommand(context: CommandContext, path: string, flags: PasswordFlags): Promise<void> {
  await withArchive(context, path, flags, (archive) => {
    const info = archiveInfo(archive)
    context.terminal.event('result', { verb: 'info', ...info })
    for (const [label, value] of infoRows(info)) context.terminal.line(`${label.padEnd(9)} ${value}`)
  })
}

function primerRow(info: ArchiveInfo): readonly (readonly [string, string])[] {
  if (info.primers === 0) return []
  const primers = `${counted(info.primers, 'primer')} of ${formatBytes(info.primerRawBytes)} in all`
  const blocks = `${counted(info.primedBlocks, 'block')} of ${formatBytes(info.primedDataBytes)}`
  return [['  primers', `${formatBytes(info.primerBytes)} (${primers}, for ${blocks})`]]
}

function basesRow({ basedBlocks, basedDataBytes }: ArchiveInfo): readonly (readonly [string, string])[] {
  if (basedBlocks === 0) return []
  const blocks = `${basedBlocks.toLocaleString('en')} stored as the difference from another block`
  return [['  bases', `${blocks} (${formatBytes(basedDataBytes)}): reading one takes two, never more`]]
}

/** "1.2 MB (6.3 %, normal): can be repaired when it is damaged". */
function protectionOf({ parityBytes, archiveBytes, protection }: ArchiveInfo): string {
  const share = ((parityBytes / archiveBytes) * 100).toFixed(1)
  return `${formatBytes(parityBytes)} (${share} %, ${protection ?? 'normal'}): it can be repaired when it is damaged`
}

function infoRows(info: ArchiveInfo): readonly (readonly [string, string])[] {
  const { files, directories, symlinks, hardLinks, commits, commitTimes, blocks, blockSize } = info
  const entries = [counted(files, 'file'), counted(directories, 'folder'), counted(symlinks + hardLinks, 'link')]
  const codecs = Object.entries(info.blocksByCodec).map(([codec, count]) => `${count.toLocaleString('en')} ${codec}`)
  const last = commitTimes[0] === undefined ? '' : `, the last on ${formatTime(commitTimes[0])}`
  return [
    ['Archive', info.path],
    ['Entries', entries.join(', ')],
    ['Content', `${formatBytes(info.rawBytes)}, ${formatBytes(info.uniqueBytes)} without repeats`],
    ['Size', `${formatBytes(info.archiveBytes)} (${info.bitsPerByte.toFixed(2)} bits/byte)`],
    ['  data', formatBytes(info.dataBytes)],
    ...primerRow(info),
    ['  index', formatBytes(info.indexBytes)],
    ...(info.parityBytes === 0 ? [] : [['  parity', protectionOf(info)] as const]),
    ['  other', formatBytes(info.overheadBytes)],
    ['Blocks', `${blocks.toLocaleString('en')} of up to ${formatBlockSize(blockSize)}: ${codecs.join(', ') || 'none'}`],
    ...basesRow(info),
    ['Preset', info.preset],
    ...(info.passwords === 0 ? [] : [['Encrypted', `yes, opens with ${counted(info.passwords, 'password')}`] as const]),
    ['Changes', `${commits.toLocaleString('en')}${last}`],
    ['Format', `version ${info.formatVersion}, made by ${info.creator}`],
    ...(info.comment === '' ? [] : [['Comment', info.comment] as const]),
  ]
}

/** @returns how many there were; fewer if the reader of the output has left */
async function printAll(
  { terminal, signal }: CommandContext,
  archive: Archive,
  entries: Iterable<Entry>,
  { isLong }: { readonly isLong: boolean },
): Promise<number> {
  let count = 0
  for (const entry of entries) {
    if (terminal.isJson) terminal.event('entry', entryFields(archive, entry))
    else terminal.line(entryLine(archive, entry, { isLong }))
    count++
    if (!terminal.isFull) continue
    await terminal.flush()
    throwIfCancelled(signal)
    if (terminal.output.isClosed) break
  }
  return count
}

import { codecName } from '../codecs/registry'
import type { ArchiveInfo } from '../contract/archive-info'
import { frameHeaderLength } from '../format/frame'
import { formatMajor, formatMinor } from '../format/header'
import type { Archive } from './archive'

/** Sums up an open archive; reads nothing but the index and the chain of footers. */
export function archiveInfo(archive: Archive): ArchiveInfo {
  const { index, source, footer } = archive
  const totals = index.totals()
  const settings = index.settings()
  const commits = [...archive.commits()]
  let dataBytes = 0
  for (const block of index.blocks()) dataBytes += block.storedLength
  const indexBytes = footer === undefined ? 0 : footer.index.length - frameHeaderLength
  const blocksByCodec: Record<string, number> = {}
  for (const [codec, count] of Object.entries(totals.blocksByCodec)) blocksByCodec[codecName(Number(codec))] = count
  return {
    path: archive.path,
    formatVersion: footer === undefined ? `${formatMajor}.${formatMinor}` : `${footer.major}.${footer.minor}`,
    condition: archive.condition,
    notices: archive.notices,
    entries: totals.entries,
    files: totals.files,
    directories: totals.directories,
    symlinks: totals.symlinks,
    hardLinks: totals.hardLinks,
    rawBytes: totals.rawBytes,
    uniqueBytes: totals.uniqueBytes,
    archiveBytes: source.size,
    dataBytes,
    indexBytes,
    overheadBytes: source.size - dataBytes - indexBytes,
    bitsPerByte: totals.rawBytes === 0 ? 0 : (source.size * 8) / totals.rawBytes,
    blocks: totals.blocks,
    blocksByCodec,
    blockSize: Number(settings.get('blockSize') ?? 0),
    preset: settings.get('preset') ?? '',
    comment: settings.get('comment') ?? '',
    creator: settings.get('creator') ?? '',
    commits: commits.length,
    commitTimes: commits.map(({ timeMs }) => timeMs),
  }
}

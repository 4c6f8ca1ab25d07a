import { codecName } from '../codecs/registry'
import type { ArchiveInfo } from '../contract/archive-info'
import { frameHeaderLength } from '../format/frame'
import { formatMajor, formatMinor } from '../format/header'
import type { ArchiveIndex } from '../index/archive-index'
import type { Archive } from './archive'

/** Sums up an open archive; reads nothing but the index and the chain of footers. */
export function archiveInfo(archive: Archive): ArchiveInfo {
  const { index, source, footer } = archive
  const totals = index.totals()
  const settings = index.settings()
  const commits = [...archive.commits()]
  const data = sumOf(index)
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
    ...data,
    indexBytes,
    overheadBytes: source.size - data.dataBytes - data.primerBytes - indexBytes,
    bitsPerByte: totals.rawBytes === 0 ? 0 : (source.size * 8) / totals.rawBytes,
    blocks: totals.blocks,
    blocksByCodec,
    blockSize: Number(settings.get('blockSize') ?? 0),
    preset: settings.get('preset') ?? '',
    comment: settings.get('comment') ?? '',
    creator: settings.get('creator') ?? '',
    passwords: archive.protection?.masterKey.slots.length ?? 0,
    commits: commits.length,
    commitTimes: commits.map(({ timeMs }) => timeMs),
  }
}

type DataSums = Pick<
  ArchiveInfo,
  'dataBytes' | 'primers' | 'primerRawBytes' | 'primerBytes' | 'primedBlocks' | 'primedDataBytes'
>

/** The two terms of the code: what the primers take, and what the blocks take with them. */
function sumOf(index: ArchiveIndex): DataSums {
  const sums = { dataBytes: 0, primers: 0, primerRawBytes: 0, primerBytes: 0, primedBlocks: 0, primedDataBytes: 0 }
  for (const { primer, storedLength } of index.blocks()) {
    sums.dataBytes += storedLength
    if (primer === undefined) continue
    sums.primedBlocks++
    sums.primedDataBytes += storedLength
  }
  for (const { rawLength, storedLength } of index.primers()) {
    sums.primers++
    sums.primerRawBytes += rawLength
    sums.primerBytes += storedLength
  }
  return sums
}

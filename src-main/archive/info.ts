import { baseOfCodec, codecName } from '../codecs/registry'
import type { ArchiveInfo } from '../contract/archive-info'
import { LmzError } from '../contract/error'
import { type Footer, isRepeatOf } from '../format/footer'
import { frameHeaderLength } from '../format/frame'
import { formatMajor, formatMinor } from '../format/header'
import type { ArchiveIndex } from '../index/archive-index'
import type { Archive } from './archive'
import { runsOfFooter } from './protection/find-runs'
import { settingsOf } from './settings'

/** Sums up an open archive; reads nothing but the index and the chain of footers. */
export function archiveInfo(archive: Archive): ArchiveInfo {
  const { index, source, footer } = archive
  const totals = index.totals()
  const settings = index.settings()
  const commits = changesOf(archive)
  const data = sumOf(index)
  const indexBytes = footer === undefined ? 0 : footer.index.length - frameHeaderLength
  const parityBytes = footer === undefined ? 0 : bytesOfParity(archive, footer)
  const blocksByCodec: Record<string, number> = {}
  for (const [codec, count] of Object.entries(totals.blocksByCodec)) blocksByCodec[codecName(Number(codec))] = count
  return {
    path: archive.path,
    formatVersion: footer === undefined ? `${formatMajor}.${formatMinor}` : `${footer.major}.${footer.minor}`,
    condition: archive.condition,
    notices: archive.notices,
    isRepaired: archive.isRepaired,
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
    protection: parityBytes === 0 ? undefined : (settingsOf(archive).protection ?? 'normal'),
    parityBytes,
    overheadBytes: source.size - data.dataBytes - data.primerBytes - indexBytes - parityBytes,
    bitsPerByte: totals.rawBytes === 0 ? 0 : (source.size * 8) / totals.rawBytes,
    blocks: totals.blocks,
    blocksByCodec,
    blockSize: Number(settings.get('blockSize') ?? 0),
    preset: settings.get('preset') ?? '',
    comment: settings.get('comment') ?? '',
    creator: settings.get('creator') ?? '',
    passwords: archive.encryption?.masterKey.slots.length ?? 0,
    commits: commits.length,
    commitTimes: commits.map(({ timeMs }) => timeMs),
  }
}

/** The commits but those that only repeat the one before them behind its parity. */
function changesOf(archive: Archive): Footer[] {
  const changes: Footer[] = []
  for (const footer of archive.commits()) {
    const newer = changes.at(-1)
    if (newer !== undefined && isRepeatOf(newer, footer)) changes.pop()
    changes.push(footer)
  }
  return changes
}

/** Of a damaged chain of parity frames, the newest alone. */
function bytesOfParity({ source }: Archive, footer: Footer): number {
  const newest = footer.parity?.length ?? 0
  try {
    const runs = runsOfFooter(source, footer)?.runs
    return runs?.reduce((sum, { end, description }) => sum + end - description.position, 0) ?? newest
  } catch (cause) {
    if (cause instanceof LmzError && cause.code !== 'Io') return newest
    throw cause
  }
}

type DataSums = Pick<
  ArchiveInfo,
  | 'dataBytes'
  | 'primers'
  | 'primerRawBytes'
  | 'primerBytes'
  | 'primedBlocks'
  | 'primedDataBytes'
  | 'basedBlocks'
  | 'basedDataBytes'
>

/** The two terms of the code: what the primers take, and what the blocks take with them; and of these, what the blocks take that need another one. */
function sumOf(index: ArchiveIndex): DataSums {
  const ofPrimers = { primers: 0, primerRawBytes: 0, primerBytes: 0, primedBlocks: 0, primedDataBytes: 0 }
  const sums = { dataBytes: 0, basedBlocks: 0, basedDataBytes: 0, ...ofPrimers }
  for (const { codec, primer, storedLength } of index.blocks()) {
    sums.dataBytes += storedLength
    if (baseOfCodec(codec) !== undefined) {
      sums.basedBlocks++
      sums.basedDataBytes += storedLength
    }
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

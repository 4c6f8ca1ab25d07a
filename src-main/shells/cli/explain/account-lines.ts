import { formatBytes } from '../../../contract/format-bytes'
import type { AccountPartName, ArchiveAccount, BaseUse, DataGroup, QueryCost, Score } from '../../../contract/insight'
import { counted } from '../wording'
import { aligned, bar, bitsPerByte, percent, seconds, whole } from './table'

const partNames: Readonly<Record<AccountPartName, string>> = {
  data: 'data',
  primers: 'primers',
  index: 'index',
  indexCopy: 'index, second copy',
  checkpoints: 'checkpoints',
  olderIndexes: 'earlier indexes',
  parity: 'parity',
  hints: 'hints',
  keys: 'key slots',
  seals: 'sealing',
  frameHeaders: 'frame headers',
  footers: 'footers',
  header: 'header',
  unused: 'no longer used',
  debris: 'left over',
}

/** What an archive's bytes are spent on. */
export function accountLines(name: string, account: ArchiveAccount): readonly string[] {
  const { archiveBytes, rawBytes, parts, byKind, byCodec, score } = account
  return [
    `${name}: ${whole(archiveBytes)} bytes for ${whole(rawBytes)} bytes of files`,
    scoreLine('', score),
    ...modelLines(account),
    '',
    'Where the bytes are',
    ...aligned([
      ...parts.map(({ name: part, bytes }) => [
        `  ${partNames[part]}`,
        whole(bytes),
        percent(bytes, archiveBytes),
        bar(bytes, archiveBytes),
      ]),
      ['  sum', whole(parts.reduce((sum, { bytes }) => sum + bytes, 0)), percent(archiveBytes, archiveBytes), ''],
    ]),
    ...groupLines('By kind of data', byKind),
    ...groupLines('By codec', byCodec),
    ...primerLines(account),
  ]
}

function scoreLine(start: string, { storedBits, rawBits, saved, bitsPerByte: bits }: Score): string {
  const sizes = `S = ${whole(storedBits)} bits, S0 = ${whole(rawBits)}`
  return `${start}${sizes}; r = 1 - S/S0 = ${saved.toFixed(4)}, ${bits.toFixed(3)} bits a byte`
}

function modelLines({ models, scoreWithModels }: ArchiveAccount): readonly string[] {
  if (models.length === 0) return []
  const names = models.map(({ id, bytes, blocks }) => `${id} (${formatBytes(bytes)}, for ${counted(blocks, 'block')})`)
  return [
    `Models that lmz ships and that lie in no archive: ${names.join(', ')}`,
    scoreLine('With these models counted: ', scoreWithModels),
  ]
}

function groupLines(title: string, groups: readonly DataGroup[]): readonly string[] {
  if (groups.length === 0) return []
  const all = groups.reduce((sum, { storedBytes }) => sum + storedBytes, 0)
  return [
    '',
    title,
    ...aligned([
      ['', 'blocks', 'raw bytes', 'stored', 'bits a byte', 'of the data', ''],
      ...groups.map(({ name, blocks, rawBytes, storedBytes }) => [
        `  ${name}`,
        whole(blocks),
        whole(rawBytes),
        whole(storedBytes),
        bitsPerByte(storedBytes, rawBytes),
        percent(storedBytes, all),
        bar(storedBytes, all),
      ]),
    ]),
  ]
}

function primerLines({ byPrimer }: ArchiveAccount): readonly string[] {
  if (byPrimer.length === 0) return []
  return [
    '',
    'Primers: what the model costs, C(M), and the data that is told with it, H(D|M)',
    ...aligned([
      ['', 'raw bytes', 'C(M)', 'H(D|M)', 'of raw bytes', 'blocks', ''],
      ...byPrimer.map(({ primer, kind, rawBytes, storedBytes, blocks, blockRawBytes, blockStoredBytes }) => [
        `  ${primer} (${kind})`,
        whole(rawBytes),
        whole(storedBytes),
        whole(blockStoredBytes),
        whole(blockRawBytes),
        whole(blocks),
        '',
      ]),
    ]),
  ]
}

/** What single files cost to have. */
export function queryLines({ query }: ArchiveAccount): readonly string[] {
  const { files, openingBytes, median, high, worst, bases } = query
  if (median === undefined || high === undefined || worst === undefined) return []
  return [
    '',
    `What one file costs, of ${whole(files)}, once ${formatBytes(openingBytes)} were read to open the archive`,
    ...aligned([
      ['', 'bytes read', 'blocks', 'primers', 'decoded', 'about', ''],
      ['  half cost less than', ...costCells(median), ''],
      ['  one in twenty more than', ...costCells(high), ''],
      ['  the most', ...costCells(worst), worst.path],
    ]),
    ...(bases === undefined ? [] : [baseLine(bases)]),
  ]
}

function baseLine({ files, firstPaths, blocks }: BaseUse): string {
  const stored = blocks === 1 ? '1 block is' : `${whole(blocks)} blocks are`
  const more = files > firstPaths.length ? ` and ${whole(files - firstPaths.length)} more` : ''
  const ofFiles = files === 0 ? '' : `: of ${firstPaths.join(', ')}${more}`
  return `  ${stored} stored as the difference from another one, which is read too${ofFiles}`
}

export function costCells(cost: QueryCost): readonly string[] {
  return [
    whole(cost.bytesRead),
    whole(cost.blocks),
    whole(cost.primers),
    whole(cost.bytesDecoded),
    seconds(cost.seconds),
  ]
}

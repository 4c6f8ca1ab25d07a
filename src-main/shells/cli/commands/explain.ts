import { closeSync, openSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Archive } from '../../../archive/archive'
import { ArchiveInsight } from '../../../archive/insight/archive-insight'
import { explainFile } from '../../../archive/insight/explain-file'
import { outstanding } from '../../../archive/insight/stretches'
import { ArchiveRows } from '../../../archive/rows/archive-rows'
import { findEntry } from '../../../archive/selection'
import { readExactly } from '../../../archive/storage'
import { LmzError, toLmzError } from '../../../contract/error'
import { formatBytes } from '../../../contract/format-bytes'
import type { BlockSizeTrial, FileExplanation, SurpriseMap } from '../../../contract/insight'
import { hasHeaderMagic, headerLength } from '../../../format/header'
import type { CommandContext } from '../context'
import { accountLines, costCells, queryLines } from '../explain/account-lines'
import { contestLines, stretchLines, trialLines } from '../explain/block-lines'
import { legend, mapLines } from '../explain/map-lines'
import { shareLines } from '../explain/share-lines'
import { aligned, bitsPerByte, whole } from '../explain/table'
import type { PasswordFlags } from '../passwords'
import { withArchive } from '../opened'
import { shownPath } from '../wording'

export interface ExplainFlags extends PasswordFlags {
  readonly blocks?: boolean
  readonly map?: boolean
  /** Where a map begins. */
  readonly at?: number
}

/** Folders and files that are named. */
const shownShares = 16
/** Blocks that codecs contest. */
const contestedBlocks = 3
const trialSizes = [64, 256, 1024, 4096].map((kibibytes) => kibibytes * 1024)
const trialBytes = 4 * 1024 * 1024
/** Bytes of a map: more than fit on a screen, fewer than anybody reads. */
const mapLength = 2048
const stretches = 5

/** Where the bits of an archive go, or what lmz would make of a file. */
export async function explainCommand(
  context: CommandContext,
  path: string,
  entry: string | undefined,
  flags: ExplainFlags,
): Promise<void> {
  const isPlain = entry === undefined && !isArchive(resolve(path))
  refuseIdleFlags(flags, isPlain ? 'file' : entry === undefined ? 'archive' : 'entry')
  if (isPlain) {
    await explainPlainFile(context, path, flags)
    return
  }
  await withArchive(context, path, flags, async (archive) => {
    const rows = new ArchiveRows(archive)
    const insight = new ArchiveInsight(archive, rows)
    const stop = (): void => void insight.stop()
    context.signal.addEventListener('abort', stop, { once: true })
    try {
      if (entry === undefined) await explainArchive(context, { archive, insight, rows }, flags)
      else await explainEntry(context, archive, insight, { entry, ...flags })
    } finally {
      context.signal.removeEventListener('abort', stop)
      rows.close()
      await insight.close()
    }
  })
}

/** What is asked for must be there: an option that does nothing would look as if it had done something. */
function refuseIdleFlags({ blocks, map, at }: ExplainFlags, what: 'file' | 'archive' | 'entry'): void {
  if (blocks === true && what !== 'archive') throw new LmzError('Usage', '--blocks is for an archive as a whole.')
  if (map === true && what === 'archive') throw new LmzError('Usage', '--map is for a file: name one of the archive.')
  if (at !== undefined && what !== 'entry') throw new LmzError('Usage', '--at is for a file of an archive.')
}

function isArchive(path: string): boolean {
  let file: number
  try {
    if (!statSync(path).isFile()) return false
    file = openSync(path, 'r')
  } catch (cause) {
    throw toLmzError(cause, `Cannot read ${path}`)
  }
  try {
    return hasHeaderMagic(readExactly(file, 0, headerLength))
  } catch {
    // Shorter than any archive, or no file at all: whoever explains it will tell.
    return false
  } finally {
    closeSync(file)
  }
}

async function explainArchive(
  context: CommandContext,
  {
    archive,
    insight,
    rows,
  }: { readonly archive: Archive; readonly insight: ArchiveInsight; readonly rows: ArchiveRows },
  { blocks = false }: ExplainFlags,
): Promise<void> {
  const { terminal } = context
  const account = await insight.account()
  const shares = await rows.shares(0, shownShares)
  for (const line of [...accountLines(archive.name, account), ...shareLines(shares), ...queryLines(account)]) {
    terminal.line(line)
  }
  await terminal.flush()
  if (blocks) await compareBlocks(context, insight)
  terminal.event('result', { verb: 'explain', ...account, shares })
}

async function compareBlocks({ terminal }: CommandContext, insight: ArchiveInsight): Promise<void> {
  const sample = insight.blockSample(contestedBlocks)
  for (const id of sample) {
    terminal.work(`Coding block ${id} with every codec`)
    const contest = await insight.contest(id)
    terminal.clear()
    terminal.event('contest', contest)
    for (const line of contestLines(`Block ${id} (${contest.kind}, ${formatBytes(contest.rawBytes)})`, contest)) {
      terminal.line(line)
    }
    await terminal.flush()
  }
  if (sample.length === 0) return
  const trials: BlockSizeTrial[] = []
  for (const blockSize of trialSizes) {
    terminal.work('Coding a sample in blocks of other sizes')
    const trial = await insight.tryBlockSize(blockSize, trialBytes)
    terminal.clear()
    terminal.event('blockSize', trial)
    trials.push(trial)
  }
  for (const line of trialLines(trials)) terminal.line(line)
}

async function explainEntry(
  context: CommandContext,
  archive: Archive,
  insight: ArchiveInsight,
  { entry: path, map = false, at = 0 }: ExplainFlags & { readonly entry: string },
): Promise<void> {
  const { terminal } = context
  const entry = findEntry(archive, path)
  const account = await insight.fileAccount(entry.id)
  terminal.line(`${path}: ${whole(account.rawBytes)} bytes, ${whole(account.storedBytes)} of the archive`)
  const blocks = account.blocks.map(({ block, kind, codec, ownBytes, rawBytes, storedBytes, base }) => [
    `  ${block}`,
    kind,
    codec,
    whole(ownBytes),
    whole(rawBytes),
    bitsPerByte(storedBytes, rawBytes),
    base === undefined ? '' : `  the difference from block ${base}`,
  ])
  for (const line of aligned([['Block', 'kind', 'codec', 'its bytes', 'of', 'bits a byte', ''], ...blocks])) {
    terminal.line(line)
  }
  const heading = ['To read it', 'bytes read', 'blocks', 'primers', 'decoded', 'about', '']
  for (const line of aligned([heading, ['', ...costCells(account.query), '']])) terminal.line(line)
  await terminal.flush()
  if (account.rawBytes > 0) {
    terminal.work('Weighing every byte')
    const surprise = await insight.surprise(entry.id, at, Number.MAX_SAFE_INTEGER)
    terminal.clear()
    tellSurprise(context, surprise, { withMap: map, isStored: true })
  }
  terminal.event('result', { verb: 'explain', path, ...account })
}

async function explainPlainFile(context: CommandContext, path: string, { map = false }: ExplainFlags): Promise<void> {
  const { terminal, signal } = context
  terminal.work('Coding it with every codec')
  const explanation = await explainFile(resolve(path), { signal })
  terminal.clear()
  const { surprise, blocks, ...result } = explanation
  for (const line of fileLines(explanation)) terminal.line(line)
  for (const block of blocks) {
    terminal.event('contest', block)
    const title = `From byte ${whole(block.offset)} on (${formatBytes(block.rawBytes)})`
    for (const line of contestLines(title, block)) terminal.line(line)
  }
  if (explanation.rawBytes > 0) tellSurprise(context, surprise, { withMap: map, isStored: false })
  terminal.event('result', { verb: 'explain', ...result, dearest: undefined, cheapest: undefined })
}

function fileLines({ path, rawBytes, kind, triedBytes, totals }: FileExplanation): readonly string[] {
  const [best] = totals
  const tried = triedBytes === rawBytes ? 'all of it' : `${formatBytes(triedBytes)} of it`
  const outcome = best === undefined ? '' : `; ${best.name} says ${tried} in ${best.bitsPerByte.toFixed(3)} bits a byte`
  return [`${shownPath(path)}: ${whole(rawBytes)} bytes of kind ${kind}${outcome}`]
}

/** What a map is of, in an archive. */
const bases: Readonly<Record<SurpriseMap['basis'], string>> = {
  stored: 'the bits of the archive themselves',
  transformed: 'what the raw bytes would cost: stored is what a transform made of them',
  otherCodec: 'what the raw bytes would cost: another codec has stored them',
  chosen: 'what the raw bytes would cost under this model: another one has stored them',
}

/** What is known of a file and what is not, and on demand a map of it. */
function tellSurprise(
  { terminal }: CommandContext,
  surprise: SurpriseMap,
  { withMap, isStored }: { readonly withMap: boolean; readonly isStored: boolean },
): void {
  const { model, basis, transform, bytes, milliBits, overheadBits, offset } = surprise
  const bits = milliBits.reduce((sum, cost) => sum + cost, 0) / 1000
  const [dearest, cheapest] = [outstanding(surprise, 1, stretches), outstanding(surprise, -1, stretches)]
  const isStretch = ({ bytes: own }: { readonly bytes: Uint8Array }) => ({
    base64: Buffer.from(own).toString('base64'),
  })
  terminal.event('surprise', {
    offset,
    bytes: bytes.length,
    bits,
    model,
    basis,
    transform,
    overheadBits,
    dearest: dearest.map((stretch) => ({ ...stretch, bytes: isStretch(stretch).base64 })),
    cheapest: cheapest.map((stretch) => ({ ...stretch, bytes: isStretch(stretch).base64 })),
    ...(withMap ? { milliBits: [...milliBits.subarray(0, mapLength)] } : {}),
  })
  terminal.line('')
  terminal.line(
    `Bytes ${whole(offset)} to ${whole(offset + bytes.length)} under ${model}: ${whole(Math.round(bits))} bits`,
  )
  if (isStored) terminal.line(`  ${bases[basis]}${transform === undefined ? '' : ` (${transform})`}`)
  if (overheadBits !== undefined) {
    terminal.line(`  the coder adds ${overheadBits.toFixed(0)} bits to the block: its header and the end of the code`)
  }
  for (const line of stretchLines('What it did not know', dearest)) terminal.line(line)
  for (const line of stretchLines('What it knew', cheapest)) terminal.line(line)
  if (!withMap) return
  terminal.line('')
  terminal.coloured(legend())
  const stretch = { ...surprise, bytes: bytes.subarray(0, mapLength), milliBits: milliBits.subarray(0, mapLength) }
  for (const line of mapLines(stretch)) terminal.coloured(line)
}

import { baseOfCodec } from '../../codecs/registry'
import { entryKinds } from '../../contract/entry'
import type { QueryCost, QueryProfile } from '../../contract/insight'
import { frameHeaderLength } from '../../format/frame'
import { footerEnd } from '../../format/footer'
import { headerLength } from '../../format/header'
import type { Archive } from '../archive'
import type { EntryTable } from '../rows/entry-table'
import { blockCost, type FrameCost, primerCost, readsPrimer, totalCost } from './query-cost'

interface Costed {
  readonly content: number
  readonly files: number
  readonly cost: QueryCost
}

/** Files that are named for what they have in common. */
const mostPaths = 3
/** One file in so many costs more than what is called high. */
const highShare = 0.95

/**
 * What single files of an archive cost to open, from the index and, of weights, the first bytes of their blocks: 0.5 s for 100,000 files. Yields
 * now and then.
 */
export function* queryProfile(archive: Archive, table: EntryTable): Generator<void, QueryProfile> {
  const { first, uses } = yield* usesOf(table)
  const { costOf, isBased, basedBlocks } = yield* costsOf(archive)
  const costed: Costed[] = []
  const based: number[] = []
  let [files, basedFiles] = [0, 0]
  for (const reach of archive.index.contentReach()) {
    yield
    const used = reach === undefined ? 0 : (uses.get(reach.content) ?? 0)
    if (reach === undefined || used === 0) continue
    files += used
    if (reach.blocks.some(isBased)) {
      basedFiles += used
      if (based.length < mostPaths) based.push(reach.content)
    }
    costed.push({ content: reach.content, files: used, cost: costOf(reach.blocks) })
  }
  costed.sort((one, other) => one.cost.seconds - other.cost.seconds || one.cost.bytesRead - other.cost.bytesRead)
  const worst = costed.at(-1)
  const entryOf = (content: number): number => table.ids[first.get(content) ?? 0] ?? 0
  const pathOf = (content: number): string => archive.index.pathOf(entryOf(content)).join('/')
  const baseUse = { files: basedFiles, firstPaths: based.map(pathOf), blocks: basedBlocks, longestChain: 1 } as const
  const profile = { files, openingBytes: openingBytesOf(archive), bases: basedBlocks === 0 ? undefined : baseUse }
  if (worst === undefined) return profile
  return {
    ...profile,
    median: atShare(costed, files / 2),
    high: atShare(costed, files * highShare),
    worst: { ...worst.cost, entry: entryOf(worst.content), path: pathOf(worst.content) },
  }
}

function atShare(costed: readonly Costed[], share: number): QueryCost | undefined {
  let passed = 0
  for (const { files, cost } of costed) {
    passed += files
    if (passed >= share) return cost
  }
  return undefined
}

/** How many files have each content, and the position of the first of them. */
function* usesOf({
  count,
  kinds,
  contents,
}: EntryTable): Generator<
  void,
  { readonly uses: ReadonlyMap<number, number>; readonly first: ReadonlyMap<number, number> }
> {
  const uses = new Map<number, number>()
  const first = new Map<number, number>()
  for (let at = 0; at < count; at++) {
    if (at % 4096 === 0) yield
    const content = contents[at] ?? 0
    if (content === 0 || kinds[at] !== entryKinds.file) continue
    uses.set(content, (uses.get(content) ?? 0) + 1)
    if (!first.has(content)) first.set(content, at)
  }
  return { uses, first }
}

interface CostedBlock {
  readonly cost: FrameCost
  readonly primer: number | undefined
  /** Its position; undefined too where what it is cannot be told. */
  readonly base: number | undefined
  readonly isBased: boolean
}

interface CostsOfBlocks {
  /** The cost of having some blocks, by their positions in the archive's order. */
  readonly costOf: (blocks: readonly number[]) => QueryCost
  /** Whether the block at a position needs another one, be that whole or not. */
  readonly isBased: (position: number) => boolean
  readonly basedBlocks: number
}

function* costsOf(archive: Archive): Generator<void, CostsOfBlocks> {
  const { index } = archive
  const blocks: CostedBlock[] = []
  let basedBlocks = 0
  const positions = new Map<number, number>()
  for (const block of index.blocks()) {
    positions.set(block.id, blocks.length)
    const primer = readsPrimer(block.codec) ? block.primer : undefined
    const base = archive.baseOf(block)
    const isBased = baseOfCodec(block.codec) !== undefined
    if (isBased) basedBlocks++
    blocks.push({ cost: blockCost(archive, block), primer, base: base && positions.get(base.id), isBased })
    yield
  }
  const primers = new Map<number, FrameCost>()
  for (const primer of index.primers()) primers.set(primer.id, primerCost(archive, primer))
  const costOf = (wanted: readonly number[]): QueryCost => {
    const bases = wanted.flatMap((position) => blocks[position]?.base ?? [])
    const reached = [...new Set([...wanted, ...bases])].flatMap((position) => blocks[position] ?? [])
    const needed = new Set(reached.flatMap(({ primer }) => primer ?? []))
    return totalCost(
      reached.map(({ cost }) => cost),
      [...needed].flatMap((primer) => primers.get(primer) ?? []),
    )
  }
  return { costOf, isBased: (position) => blocks[position]?.isBased === true, basedBlocks }
}

/** Header, footer and the index frame. */
function openingBytesOf({ footer }: Archive): number {
  if (footer === undefined) return 0
  const footerLength = footerEnd(footer) - footer.position
  return headerLength + footerLength + Math.max(frameHeaderLength, footer.index.length)
}

import { mix } from '../../codecs/mix/mix'
import { neural } from '../../codecs/neural/neural'
import { store } from '../../codecs/store/store'
import { zstd } from '../../codecs/zstd/zstd'
import { contentKindOf } from '../../contract/content-kind'
import type { BlockSizeTrial } from '../../contract/insight'
import type { ArchiveIndex } from '../../index/archive-index'
import type { Block } from '../../index/rows'
import type { Archive } from '../archive'
import type { BlockTrial } from '../estimate/try-block'
import { chunkSizesFor } from '../settings'
import type { CandidateChoice } from '../workers/tasks'
import type { WorkerPool } from '../workers/worker-pool'
import { primerOf } from './contest'

/** Neighbouring blocks are tried together up to so many bytes: blocks of every size are then cut from the same bytes. */
const groupLength = 4 * 1024 * 1024
/** Seconds to find and read a block that lies in the cache of the system. */
const secondsOfReading = 0.001

/**
 * Codes a sample of an archive anew in blocks of a size, with the codecs and primers that its blocks have.
 * @param sampleBytes about so many raw bytes are coded; the same ones for every size
 * @throws LmzError as decoding does, `Cancelled` once the pool is closed
 */
export async function tryBlockSize(
  archive: Archive,
  blockSize: number,
  { sampleBytes, pool }: { readonly sampleBytes: number; readonly pool: WorkerPool },
): Promise<BlockSizeTrial> {
  const trials: BlockTrial[] = []
  let decodeSeconds = 0
  for (const group of sampleGroups(archive.index, sampleBytes)) {
    const ofGroup = await tryGroup(archive, group, blockSize, pool)
    trials.push(...ofGroup)
    decodeSeconds += quickest(ofGroup) * ofGroup.reduce((total, { rawLength }) => total + rawLength, 0)
  }
  const sum = (of: (trial: BlockTrial) => number): number => trials.reduce((total, trial) => total + of(trial), 0)
  const triedBytes = sum(({ rawLength }) => rawLength)
  const storedBytes = sum(({ storedLength }) => storedLength)
  return {
    blockSize,
    triedBytes,
    storedBytes,
    bitsPerByte: triedBytes === 0 ? 0 : (storedBytes * 8) / triedBytes,
    openSeconds: secondsOfReading + decodeSeconds / Math.max(1, trials.length),
    encodeSeconds: sum(({ packSeconds }) => packSeconds),
  }
}

/** Seconds to decode a byte of a group, which has one codec: those of the trial that was least held up by what else the computer does. */
function quickest(trials: readonly BlockTrial[]): number {
  const each = trials.map(({ decodeSeconds = 0, rawLength }) => decodeSeconds / Math.max(1, rawLength))
  return each.length === 0 ? 0 : Math.min(...each)
}

/** Blocks that lie one behind the other and are of one kind, codec and primer; evenly spread over the archive. */
function sampleGroups(index: ArchiveIndex, sampleBytes: number): readonly (readonly Block[])[] {
  const groups: Block[][] = []
  let length = 0
  for (const block of index.blocks()) {
    const group = groups.at(-1)
    const last = group?.at(-1)
    const isAlike = last?.kind === block.kind && last.codec === block.codec && last.primer === block.primer
    if (group !== undefined && isAlike && length + block.rawLength <= groupLength) group.push(block)
    else {
      groups.push([block])
      length = 0
    }
    length += block.rawLength
  }
  const total = groups.flat().reduce((sum, { rawLength }) => sum + rawLength, 0)
  // Systematic sampling: a group is taken where the sum of the bytes passes the next of evenly spread marks.
  const stride = Math.max(1, total / Math.max(1, Math.round(sampleBytes / Math.min(groupLength, sampleBytes))))
  let [passed, mark] = [0, stride / 2]
  return groups.filter((group) => {
    passed += group.reduce((sum, { rawLength }) => sum + rawLength, 0)
    const isTaken = total <= sampleBytes || passed >= mark
    while (mark <= passed) mark += stride
    return isTaken
  })
}

async function tryGroup(
  archive: Archive,
  group: readonly Block[],
  blockSize: number,
  pool: WorkerPool,
): Promise<readonly BlockTrial[]> {
  const [first] = group
  if (first === undefined) return []
  const parts = await Promise.all(group.map((block) => archive.withBlock(block, (input) => pool.run('decode', input))))
  const raw = Buffer.concat(parts)
  const primer = await primerOf(archive, first, pool)
  const common = {
    kind: contentKindOf(first.kind),
    candidates: candidatesLike(first.codec),
    chunking: chunkSizesFor(blockSize),
    isDecoded: true,
    primer,
  }
  const pieces: Promise<BlockTrial>[] = []
  for (let at = 0; at < raw.length; at += blockSize) {
    pieces.push(pool.run('tryBlock', { raw: Uint8Array.from(raw.subarray(at, at + blockSize)), ...common }))
  }
  return Promise.all(pieces)
}

const zstdEffort = 3

/** What new blocks are coded with where one is coded with this. */
function candidatesLike(codec: number): readonly CandidateChoice[] {
  if (codec === mix.number) return [{ codec, effort: 0 }]
  if (codec === neural.number) return [codec, mix.number].map((each) => ({ codec: each, effort: 0 }))
  const others = codec === store.number || codec === zstd.number ? [] : [{ codec, effort: 0 }]
  return [...others, { codec: zstd.number, effort: zstdEffort }]
}

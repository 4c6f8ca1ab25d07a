import type { Base, Primer } from '../../codecs/codec'
import { baseOfCodec } from '../../codecs/registry'
import type { ContentKind } from '../../contract/content-kind'
import type { BlockContest, Contender } from '../../contract/insight'
import type { Block } from '../../index/rows'
import { modelBytes } from '../../models/model-bytes'
import type { Archive } from '../archive'
import type { WorkerPool } from '../workers/worker-pool'
import { contendersFor, type NamedCandidate } from './contenders'
import { blockAccount } from './file-account'
import { modelsOf } from './models-of'

/**
 * Codes a block with every codec that could have been used, each in a worker thread. The whole code of each is what it makes of the block
 * and the block's share of its primer, if it starts from one: H(D|M) + C(M).
 * @throws LmzError as decoding does, `Cancelled` once the pool is closed
 */
export async function contest(archive: Archive, id: number, pool: WorkerPool): Promise<BlockContest> {
  const block = archive.index.block(id)
  const own = blockAccount(block)
  const raw = await archive.withBlock(block, (input) => pool.run('decode', input))
  const primer = await primerOf(archive, block, pool)
  const primerShare = block.primer === undefined ? 0 : shareOfPrimer(archive, block, block.primer)
  const base = await baseBytes(archive, block, pool)
  const candidates = contendersFor(own.kind, base !== undefined)
  const contenders = await tryContenders(pool, { raw, kind: own.kind, primer, primerShare, base }, candidates)
  const isStored = ({ name, dataBytes }: Contender): boolean =>
    candidates.find((candidate) => candidate.name === name)?.codec.name === own.codec && dataBytes === own.storedBytes
  return { ...own, contenders: contenders.map((contender) => ({ ...contender, isStored: isStored(contender) })) }
}

/** The two-part code in bytes. */
export function wholeLength({ dataBytes, modelBytes }: Pick<Contender, 'dataBytes' | 'modelBytes'>): number {
  return dataBytes + modelBytes
}

/** The primer that a block starts from, decoded. @throws LmzError as decoding does */
export async function primerOf(
  archive: Archive,
  { primer }: Pick<Block, 'primer'>,
  pool: WorkerPool,
): Promise<Primer | undefined> {
  if (primer === undefined) return undefined
  const { key, bytes } = await archive.withPrimer(primer, (input) => pool.run('readPrimer', input))
  return { key, bytes }
}

/** The block that one is coded against; undefined for one that is coded alone. */
async function baseBytes(archive: Archive, block: Block, pool: WorkerPool): Promise<Base | undefined> {
  const row = archive.baseOf(block)
  const based = baseOfCodec(block.codec)
  if (row === undefined || based === undefined) return undefined
  const { stored } = await archive.withBlock(block, (input) => pool.run('checkPayload', input))
  const bytes = await archive.withBlock(row, (input) => pool.run('decode', input))
  return { ...based.name(stored), bytes }
}

interface Contested {
  readonly raw: Uint8Array
  readonly kind: ContentKind
  readonly primer: Primer | undefined
  readonly base?: Base | undefined
  /** Bytes of the primer's price that the block bears. */
  readonly primerShare: number
}

/** What each candidate makes of a block; the shortest whole code first. @throws LmzError `Cancelled` */
export async function tryContenders(
  pool: WorkerPool,
  { raw, kind, primer, primerShare, base }: Contested,
  candidates: readonly NamedCandidate[],
): Promise<readonly Contender[]> {
  const contend = async ({ name, codec, effort }: NamedCandidate): Promise<Contender> => {
    const usesPrimer = codec.usesPrimer === true && primer !== undefined
    const input = {
      blocks: [raw],
      kind,
      candidate: { codec: codec.number, effort },
      primer: usesPrimer ? primer : undefined,
      base: codec.baseOf === undefined ? undefined : base,
    }
    let [started, ended] = [0, 0]
    const [dataBytes = raw.length] = await pool.run('measure', input, {
      started: () => void (started = performance.now()),
      ended: () => void (ended = performance.now()),
    })
    return {
      name,
      dataBytes,
      modelBytes: usesPrimer ? primerShare : 0,
      sharedModelBytes: modelsOf(codec.name, kind).reduce((sum, model) => sum + modelBytes(model), 0),
      seconds: (ended - started) / 1000,
      isStored: false,
    }
  }
  const contenders = await Promise.all(candidates.map(contend))
  return contenders.sort((one, other) => wholeLength(one) - wholeLength(other))
}

/** What of a primer's price a block bears: as much as it has of the raw bytes that start from it. */
function shareOfPrimer({ index }: Archive, block: Block, primer: number): number {
  let rawBytes = 0
  for (const other of index.blocks()) if (other.primer === primer) rawBytes += other.rawLength
  return Math.ceil((index.primer(primer).storedLength * block.rawLength) / Math.max(1, rawBytes))
}

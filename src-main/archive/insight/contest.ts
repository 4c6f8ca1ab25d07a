import type { Primer } from '../../codecs/codec'
import type { BlockContest, Contender } from '../../contract/insight'
import { contentKindOf } from '../../contract/content-kind'
import type { Block } from '../../index/rows'
import { modelBytes } from '../../models/model-bytes'
import type { Archive } from '../archive'
import type { WorkerPool } from '../worker-pool'
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
  const raw = await archive.withBlock(block, (input) => pool.run('decode', input))
  const primer = await primerOf(archive, block, pool)
  const own = blockAccount(block)
  const modelShare = block.primer === undefined ? 0 : shareOfPrimer(archive, block, block.primer)
  const contend = async (candidate: NamedCandidate): Promise<Contender> => {
    const usesPrimer = candidate.codec.usesPrimer === true && primer !== undefined
    const tried = await tryCandidate(pool, { raw, block, primer: usesPrimer ? primer : undefined }, candidate)
    return {
      name: candidate.name,
      ...tried,
      modelBytes: usesPrimer ? modelShare : 0,
      sharedModelBytes: sharedBytes(candidate.codec.name, block),
      isStored: own.codec === candidate.codec.name && own.storedBytes === tried.dataBytes,
    }
  }
  const contenders = await Promise.all(contendersFor(own.kind).map(contend))
  return { ...own, contenders: contenders.sort((one, other) => wholeLength(one) - wholeLength(other)) }
}

/** The two-part code in bytes. */
export function wholeLength({ dataBytes, modelBytes }: Pick<Contender, 'dataBytes' | 'modelBytes'>): number {
  return dataBytes + modelBytes
}

async function primerOf(archive: Archive, { primer }: Block, pool: WorkerPool): Promise<Primer | undefined> {
  if (primer === undefined) return undefined
  const { key, bytes } = await archive.withPrimer(primer, (input) => pool.run('readPrimer', input))
  return { key, bytes }
}

async function tryCandidate(
  pool: WorkerPool,
  { raw, block, primer }: { readonly raw: Uint8Array; readonly block: Block; readonly primer: Primer | undefined },
  { codec, effort }: NamedCandidate,
): Promise<Pick<Contender, 'dataBytes' | 'seconds'>> {
  let [started, ended] = [0, 0]
  const candidate = { codec: codec.number, effort }
  const input = { blocks: [raw], kind: contentKindOf(block.kind), candidate, primer }
  const [dataBytes = raw.length] = await pool.run('measure', input, {
    started: () => void (started = performance.now()),
    ended: () => void (ended = performance.now()),
  })
  return { dataBytes, seconds: (ended - started) / 1000 }
}

/** What of a primer's price a block bears: as much as it has of the raw bytes that start from it. */
function shareOfPrimer({ index }: Archive, block: Block, primer: number): number {
  let rawBytes = 0
  for (const other of index.blocks()) if (other.primer === primer) rawBytes += other.rawLength
  return Math.ceil((index.primer(primer).storedLength * block.rawLength) / Math.max(1, rawBytes))
}

function sharedBytes(codec: string, { kind }: Block): number {
  return modelsOf(codec, contentKindOf(kind)).reduce((sum, model) => sum + modelBytes(model), 0)
}

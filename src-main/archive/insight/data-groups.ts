import { codecName } from '../../codecs/registry'
import { contentKindOf } from '../../contract/content-kind'
import type { DataGroup, ModelShare, PrimerShare } from '../../contract/insight'
import { modelBytes, type ModelId } from '../../models/model-bytes'
import type { ArchiveIndex } from '../../index/archive-index'
import type { Block } from '../../index/rows'
import { modelsOf } from './models-of'

/** How the blocks' payloads are divided; each of the first two lists adds up to all of them. */
export interface DataGroups {
  readonly byKind: readonly DataGroup[]
  readonly byCodec: readonly DataGroup[]
  readonly byPrimer: readonly PrimerShare[]
  readonly models: readonly ModelShare[]
}

/** Sums up the blocks of an index. Yields after each. */
export function* dataGroups(index: ArchiveIndex): Generator<void, DataGroups> {
  const kinds = new Groups()
  const codecs = new Groups()
  const primed = new Map<number, Sum>()
  const models = new Map<ModelId, number>()
  for (const block of index.blocks()) {
    const { codec, kind, primer } = block
    kinds.add(contentKindOf(kind), block)
    codecs.add(codecName(codec), block)
    if (primer !== undefined) primed.set(primer, added(primed.get(primer), block))
    for (const model of modelsOf(codecName(codec), contentKindOf(kind))) models.set(model, (models.get(model) ?? 0) + 1)
    yield
  }
  return {
    byKind: kinds.list(),
    byCodec: codecs.list(),
    byPrimer: [...primerShares(index, primed)],
    models: Array.from(models, ([id, blocks]) => ({ id, bytes: modelBytes(id), blocks })),
  }
}

function* primerShares(index: ArchiveIndex, primed: ReadonlyMap<number, Sum>): Generator<PrimerShare> {
  for (const { id, kind, rawLength, storedLength } of index.primers()) {
    const { blocks, rawBytes, storedBytes } = primed.get(id) ?? nothing
    yield {
      primer: id,
      kind: contentKindOf(kind),
      rawBytes: rawLength,
      storedBytes: storedLength,
      blocks,
      blockRawBytes: rawBytes,
      blockStoredBytes: storedBytes,
    }
  }
}

type Sum = Omit<DataGroup, 'name'>
const nothing: Sum = { blocks: 0, rawBytes: 0, storedBytes: 0 }

function added(sum: Sum = nothing, { rawLength, storedLength }: Pick<Block, 'rawLength' | 'storedLength'>): Sum {
  return {
    blocks: sum.blocks + 1,
    rawBytes: sum.rawBytes + rawLength,
    storedBytes: sum.storedBytes + storedLength,
  }
}

class Groups {
  readonly #sums = new Map<string, Sum>()

  add(name: string, block: Block): void {
    this.#sums.set(name, added(this.#sums.get(name), block))
  }

  /** What takes most first. */
  list(): readonly DataGroup[] {
    return Array.from(this.#sums, ([name, sum]) => ({ name, ...sum })).sort(
      (one, other) => other.storedBytes - one.storedBytes,
    )
  }
}

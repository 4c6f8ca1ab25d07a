import { Archive } from '../../src-main/archive/archive'
import { readPrimer } from '../../src-main/archive/primer/reader'
import type { Primer } from '../../src-main/codecs/codec'
import { encodeMix } from '../../src-main/codecs/mix/mix'
import { contentKindOf } from '../../src-main/contract/content-kind'
import { currentPrior } from '../../src-main/models/prior'

/** Payload bytes of an archive's blocks, as they are and without some of what makes them small. */
export interface Ablation {
  readonly blocks: number
  /** What the primers take themselves: comes on top wherever they are used. */
  readonly primers: number
  readonly all: number
  readonly withoutPrior: number
  readonly withoutPrimers: number
  readonly withoutTransforms: number
  readonly withoutAny: number
}

/** Codes every block of an archive again in each of these ways. */
export async function ablate(path: string): Promise<Ablation> {
  const archive = await Archive.open(path)
  try {
    const sums = {
      blocks: 0,
      primers: 0,
      all: 0,
      withoutPrior: 0,
      withoutPrimers: 0,
      withoutTransforms: 0,
      withoutAny: 0,
    }
    const primers = new Map<number, Primer>()
    for (const { id } of archive.index.primers()) {
      const { key, bytes, stored } = readPrimer(archive.source, archive.index.primer(id), archive.archiveTag)
      primers.set(id, { key, bytes })
      sums.primers += stored.length
    }
    for (const block of archive.index.blocks()) {
      const raw = archive.readBlock(block.id)
      const primer = block.primer === undefined ? undefined : primers.get(block.primer)
      const sizeOf = async (prior: number, withPrimer: boolean, withTransforms: boolean): Promise<number> => {
        const context = { kind: contentKindOf(block.kind), primer: withPrimer ? primer : undefined }
        const { length } = await encodeMix(raw, context, { prior, withTransforms })
        return Math.min(raw.length, length)
      }
      sums.blocks++
      sums.all += await sizeOf(currentPrior, true, true)
      sums.withoutPrior += await sizeOf(0, true, true)
      sums.withoutPrimers += await sizeOf(currentPrior, false, true)
      sums.withoutTransforms += await sizeOf(currentPrior, true, false)
      sums.withoutAny += await sizeOf(0, false, false)
    }
    return sums
  } finally {
    archive.close()
  }
}

import { mix } from '../../codecs/mix/mix'
import { startsFor } from '../../codecs/mix/starts'
import { neural } from '../../codecs/neural/neural'
import type { ContentKind } from '../../contract/content-kind'
import type { ModelId } from '../../models/model-bytes'

/**
 * The shared models that a codec starts from for a kind of data, as they are told apart without looking into blocks: a block may say that
 * it starts from nothing all the same, where measuring has asked for that.
 */
export function modelsOf(codec: string, kind: ContentKind): readonly ModelId[] {
  const hasPrior = startsFor(kind).some(({ part }) => part !== undefined)
  if (codec === neural.name) return hasPrior ? ['mix-1', 'byte-1'] : ['byte-1']
  return codec === mix.name && hasPrior ? ['mix-1'] : []
}

import type { Codec } from '../../codecs/codec'
import { checkAll, mix } from '../../codecs/mix/mix'
import { neural, whateverItGains } from '../../codecs/neural/neural'
import type { Candidate } from '../../codecs/presets'
import { allCodecs } from '../../codecs/registry'
import { store } from '../../codecs/store/store'
import { zstd } from '../../codecs/zstd/zstd'
import type { ContentKind } from '../../contract/content-kind'

/** A codec that could explain a block, and what to call it. */
export interface NamedCandidate extends Candidate {
  readonly name: string
}

const always: readonly NamedCandidate[] = [
  { name: 'store', codec: store, effort: 0 },
  { name: 'zstd -3', codec: zstd, effort: 3 },
  { name: 'zstd -19', codec: zstd, effort: 19 },
  { name: 'mix', codec: mix, effort: checkAll },
]

/**
 * What a block of a kind could be coded with: every codec that is meant for it, the quickest first.
 * @param hasBase whether there is another block that it can be coded against
 */
export function contendersFor(kind: ContentKind, hasBase = false): readonly NamedCandidate[] {
  const known = new Set<Codec>(always.map(({ codec }) => codec))
  const special = allCodecs.filter(
    (codec) => !known.has(codec) && codec.kinds?.includes(kind) === true && (hasBase || codec.baseOf === undefined),
  )
  const effortOf = (codec: Codec): number => (codec === neural ? whateverItGains : 0)
  return [...always, ...special.map((codec) => ({ name: codec.name, codec, effort: effortOf(codec) }))]
}

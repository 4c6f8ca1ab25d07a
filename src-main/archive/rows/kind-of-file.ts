import { type ContentKind, contentKindOf } from '../../contract/content-kind'
import { kindOfName } from '../../intake/name-kind'
import { kindFamilies } from '../packing/kind-families'

/**
 * The kind to show for a file. That of the block it begins in comes from its content, but a last block may hold remnants of several
 * kinds of a family, and has the kind of the largest: among those, the name knows better.
 * @param blockKind its number
 */
export function kindOfFile(name: string, blockKind: number): ContentKind {
  const ofBlock = contentKindOf(blockKind)
  const promised = kindOfName(name)
  if (promised === undefined || promised === ofBlock) return ofBlock
  return kindFamilies.some((family) => family.includes(ofBlock) && family.includes(promised)) ? promised : ofBlock
}

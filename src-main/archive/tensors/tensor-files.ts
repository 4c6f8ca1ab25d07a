import { contentKinds } from '../../contract/content-kind'
import { kindOfName } from '../../intake/name-kind'
import type { Archive } from '../archive'

/** The files of an archive that may have tensors, by what they were found to be or by their names: their entries' ids. */
export function* filesOfTensors(archive: Archive): Generator<number> {
  const { index } = archive
  for (const { id, name, kind, content, size } of index.descendants(0)) {
    if (kind !== 'file' || content === undefined || size === 0) continue
    if (kindOfName(name) === 'tensor' || isPackedAsTensor(archive, content)) yield id
  }
}

function isPackedAsTensor({ index }: Archive, content: number): boolean {
  for (const { block } of index.piecesOf(content)) return index.block(block).kind === contentKinds.tensor
  return false
}

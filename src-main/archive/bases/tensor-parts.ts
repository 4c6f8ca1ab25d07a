import { createHash } from 'node:crypto'
import { contentKindOf } from '../../contract/content-kind'
import type { Block } from '../../index/rows'
import type { IngestedFile } from '../../intake/ingest'
import type { Tensor } from '../../intake/tensors/layout'
import type { Archive } from '../archive'
import type { TensorPart } from './base-shelf'

/** The same for tensors of the same name, type and shape, whichever file they are in. */
export function tensorKey({ name, type, shape, isColumnMajor = false, isBigEndian = false }: Tensor): string {
  const identity = JSON.stringify([name, type, shape, isColumnMajor, isBigEndian])
  return createHash('sha256').update(identity).digest('base64').slice(0, 24)
}

/**
 * Which parts of large tensors the chunks of a file, or segment of one, are.
 * @returns by the chunk's number; undefined for other chunks
 */
export function chunkPartsOf({ tensors, ends }: IngestedFile): readonly (TensorPart | undefined)[] {
  const parts = new Array<TensorPart | undefined>(tensors.length === 0 ? 0 : ends.length)
  const startOf = (chunk: number): number => (chunk === 0 ? 0 : (ends[chunk - 1] ?? 0))
  for (const { tensor, first, count, offset } of tensors) {
    const key = tensorKey(tensor)
    for (let chunk = first; chunk < first + count; chunk++) {
      parts[chunk] = { key, offset: offset + startOf(chunk) - startOf(first) }
    }
  }
  return parts
}

/**
 * What a piece of a block with tensors is a part of, as far as a copy knows: of the block itself or, if that is coded against another, of
 * that. So what was near to one block stays near to each other when the block goes.
 */
export function partOfBlock(block: Block, base: ReturnType<Archive['baseOf']>, offset: number): TensorPart | undefined {
  if (contentKindOf(block.kind) !== 'tensor') return undefined
  return { key: `block ${base?.id ?? block.id}`, offset: offset + (base?.offset ?? 0) }
}

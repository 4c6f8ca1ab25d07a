import { tensorTypes } from '../../contract/tensor'
import type { Tensor } from '../../intake/tensors/layout'
import type { Archive } from '../archive'
import type { BlockRange, TensorTable } from './tensor-table'

/** Bytes of a tensor that are looked at, at most: of a larger one, stretches of whole elements evenly spread over it. */
const mostBytes = 256 * 1024 * 1024

type Decode = (block: number) => Uint8Array | Promise<Uint8Array>

/** The bytes of a tensor in order, a block's share at a time; only the blocks it lies in are decoded. @throws LmzError `Corrupt` */
export function* tensorPieces(archive: Archive, table: TensorTable, tensor: Tensor): Generator<Uint8Array> {
  for (const { block, from, to } of table.ranges(tensor)) yield archive.readBlock(block).subarray(from, to)
}

/**
 * The bytes of a tensor at once, in memory that threads can share, or as much of a large one as stands for it.
 * @throws what `decode` throws
 */
export async function gatherTensor(
  table: TensorTable,
  tensor: Tensor,
  decode: Decode,
): Promise<Uint8Array<SharedArrayBuffer>> {
  const chosen = chosenRanges(table, tensor)
  const length = chosen.reduce((sum, { from, to }) => sum + to - from, 0)
  const gathered = new Uint8Array(new SharedArrayBuffer(length))
  let at = 0
  for (const { block, from, to } of chosen) {
    gathered.set((await decode(block)).subarray(from, to), at)
    at += to - from
  }
  return gathered
}

function chosenRanges(table: TensorTable, tensor: Tensor): readonly BlockRange[] {
  const all = [...table.ranges(tensor)]
  if (tensor.bytes <= mostBytes) return all
  const unit = tensorTypes[tensor.type].bytes
  const every = Math.ceil(tensor.bytes / mostBytes)
  let passed = 0
  return all.flatMap(({ block, from, to }, number) => {
    const before = (unit - (passed % unit)) % unit
    passed += to - from
    const length = Math.floor((to - from - before) / unit) * unit
    return number % every === 0 && length > 0 ? [{ block, from: from + before, to: from + before + length }] : []
  })
}

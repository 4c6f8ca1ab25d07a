import { checkedLayout, mostTensors, type Tensor, type TensorLayout } from './layout'
import { readArray } from './npy'
import { NotTensors, type Reading } from './reading'
import { dataStartOf, type ZipMember } from './zip-directory'

/** An .npz file: a zip archive of .npy files. Compressed members, and those that hold no numbers, are bytes like any others. */
export function* readNpz(size: number, members: readonly ZipMember[]): Reading<TensorLayout> {
  const tensors: Tensor[] = []
  for (const member of members) {
    if (!member.isStored || !member.name.endsWith('.npy')) continue
    if (tensors.length === mostTensors) throw new NotTensors('too many tensors')
    const start = yield* dataStartOf(size, member)
    const tensor = yield* readArrayOrNone(size, start, member)
    if (tensor !== undefined) tensors.push(tensor)
  }
  return checkedLayout('npz', tensors, size)
}

function* readArrayOrNone(size: number, start: number, { name, length }: ZipMember): Reading<Tensor | undefined> {
  try {
    return yield* readArray(size, start, length, name.slice(0, -'.npy'.length))
  } catch (thrown) {
    if (thrown instanceof NotTensors) return undefined
    throw thrown
  }
}

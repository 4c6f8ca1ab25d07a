import { type TensorFormat, type TensorType, tensorTypes } from '../../contract/tensor'
import { NotTensors } from './reading'

/** One tensor as its file's header describes it, found to lie inside of the file. */
export interface Tensor {
  readonly name: string
  readonly type: TensorType
  /** As NumPy has it: the last dimension varies fastest, unless {@link isColumnMajor}. */
  readonly shape: readonly number[]
  /** Where its bytes begin in the file. */
  readonly offset: number
  readonly bytes: number
  /** Whether the first dimension varies fastest. */
  readonly isColumnMajor?: boolean
  readonly isBigEndian?: boolean
}

/** Where a file's tensors are. */
export interface TensorLayout {
  readonly format: TensorFormat
  /** By offset; none overlaps another, but two may have exactly the same bytes under two names. */
  readonly tensors: readonly Tensor[]
}

/** Tensors of one file, at most. */
export const mostTensors = 200_000
const mostDimensions = 32
/** UTF-16 units of a tensor's name. */
export const longestName = 4096

/**
 * The bytes of a tensor of this type and shape.
 * @throws NotTensors for a shape that is none, or does not fit the type's blocks
 */
export function bytesOf(type: TensorType, shape: readonly number[]): number {
  if (shape.length > mostDimensions) throw new NotTensors('too many dimensions')
  const { elements, bytes } = tensorTypes[type]
  let count = 1
  for (const side of shape) {
    if (!Number.isSafeInteger(side) || side < 0) throw new NotTensors(`${side} is no side`)
    count *= side
    if (count > Number.MAX_SAFE_INTEGER / 16) throw new NotTensors('more elements than any file has')
  }
  if (elements > 1 && count % elements !== 0) throw new NotTensors('a row is not of whole blocks')
  return (count / elements) * bytes
}

/** Numbers there are in a tensor of this shape. */
export function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1)
}

/**
 * Sorts tensors by their offsets and checks that each is where it can be. A file that claims anything else is none with tensors.
 * @param size of the file in bytes
 * @throws NotTensors
 */
export function checkedLayout(format: TensorFormat, tensors: readonly Tensor[], size: number): TensorLayout {
  if (tensors.length === 0 || tensors.length > mostTensors) throw new NotTensors(`${tensors.length} tensors`)
  const names = new Set<string>()
  for (const { name, type, shape, offset, bytes } of tensors) {
    if (name.length > longestName || names.has(name)) throw new NotTensors('a name is too long, or there twice')
    names.add(name)
    if (bytes !== bytesOf(type, shape)) throw new NotTensors('type and shape have another number of bytes')
    if (!Number.isSafeInteger(offset) || offset < 0 || offset > size - bytes) throw new NotTensors('out of the file')
  }
  const sorted = [...tensors].sort((left, right) => left.offset - right.offset || left.bytes - right.bytes)
  let last: Tensor | undefined
  for (const tensor of sorted) {
    if (tensor.bytes === 0) continue
    const isSame = last?.offset === tensor.offset && last.bytes === tensor.bytes
    if (last !== undefined && !isSame && tensor.offset < last.offset + last.bytes) throw new NotTensors('overlap')
    last = tensor
  }
  return { format, tensors: sorted }
}

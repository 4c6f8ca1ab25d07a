import type { TensorType } from '../../contract/tensor'
import { bytesOf, checkedLayout, mostTensors, type Tensor, type TensorLayout } from './layout'
import { Cursor, NotTensors, type Reading } from './reading'

/** Types of tensors by their numbers in ggml (ggml/include/ggml.h, `enum ggml_type`); those that are missing were given up. */
const typesByNumber: Readonly<Record<number, TensorType>> = {
  0: 'F32',
  1: 'F16',
  2: 'Q4_0',
  3: 'Q4_1',
  6: 'Q5_0',
  7: 'Q5_1',
  8: 'Q8_0',
  9: 'Q8_1',
  10: 'Q2_K',
  11: 'Q3_K',
  12: 'Q4_K',
  13: 'Q5_K',
  14: 'Q6_K',
  15: 'Q8_K',
  16: 'IQ2_XXS',
  17: 'IQ2_XS',
  18: 'IQ3_XXS',
  19: 'IQ1_S',
  20: 'IQ4_NL',
  21: 'IQ3_S',
  22: 'IQ2_S',
  23: 'IQ4_XS',
  24: 'I8',
  25: 'I16',
  26: 'I32',
  27: 'I64',
  28: 'F64',
  29: 'IQ1_M',
  30: 'BF16',
  34: 'TQ1_0',
  35: 'TQ2_0',
  39: 'MXFP4',
}

const magic = 0x46554747
/** Bytes of metadata values by their type's number; strings and arrays have lengths of their own. */
const valueLengths: Readonly<Record<number, number>> = {
  0: 1,
  1: 1,
  2: 2,
  3: 2,
  4: 4,
  5: 4,
  6: 4,
  7: 1,
  10: 8,
  11: 8,
  12: 8,
}
const [u32Type, stringType, arrayType] = [4, 8, 9]

const mostPairs = 65_536
/** Strings of a list in the metadata, at most: vocabularies have some hundred thousand. */
const mostStrings = 4_000_000
const longestKey = 65_535
const mostSides = 4

/**
 * GGUF 2 and 3, little-endian (ggml/docs/gguf.md): pairs of metadata, descriptions of tensors, then the tensors, each at a multiple
 * of `general.alignment`. Metadata is passed over but for that one.
 */
export function* readGguf(size: number): Reading<TensorLayout> {
  const cursor = new Cursor(size)
  yield* cursor.need(24)
  if (cursor.u32() !== magic) throw new NotTensors('not GGUF')
  const version = cursor.u32()
  const [tensorCount, pairCount] = [cursor.u64(), cursor.u64()]
  if ((version !== 2 && version !== 3) || tensorCount > mostTensors || pairCount > mostPairs) {
    throw new NotTensors('another version, or too much')
  }
  let alignment = 32
  for (let pair = 0; pair < pairCount; pair++) {
    const key = yield* readText(cursor, longestKey)
    yield* cursor.need(4)
    const type = cursor.u32()
    if (key === 'general.alignment' && type === u32Type) {
      yield* cursor.need(4)
      alignment = cursor.u32()
    } else {
      yield* passValue(cursor, type)
    }
  }
  if (alignment === 0 || alignment % 8 !== 0) throw new NotTensors(`an alignment of ${alignment}`)
  const described: Tensor[] = []
  for (let number = 0; number < tensorCount; number++) described.push(yield* readTensor(cursor))
  const dataStart = Math.ceil(cursor.position / alignment) * alignment
  const tensors = described.map((tensor) => {
    if (tensor.offset % alignment !== 0) throw new NotTensors('a tensor is not aligned')
    return { ...tensor, offset: dataStart + tensor.offset }
  })
  return checkedLayout('gguf', tensors, size)
}

function* readText(cursor: Cursor, longest: number): Reading<string> {
  yield* cursor.need(8)
  const length = cursor.u64()
  if (length > longest) throw new NotTensors('a name is too long')
  yield* cursor.need(length)
  return cursor.text(length)
}

function* passText(cursor: Cursor): Reading<void> {
  yield* cursor.need(8)
  cursor.skip(cursor.u64())
}

function* passValue(cursor: Cursor, type: number): Reading<void> {
  if (type === stringType) return yield* passText(cursor)
  if (type !== arrayType) {
    cursor.skip(lengthOf(type))
    return
  }
  yield* cursor.need(12)
  const [elementType, count] = [cursor.u32(), cursor.u64()]
  if (elementType !== stringType) {
    cursor.skip(count * lengthOf(elementType))
    return
  }
  if (count > mostStrings) throw new NotTensors('too many strings')
  for (let string = 0; string < count; string++) yield* passText(cursor)
}

/** @throws NotTensors for a type of another length, or none */
function lengthOf(type: number): number {
  const length = valueLengths[type]
  if (length === undefined) throw new NotTensors(`metadata of type ${type}`)
  return length
}

/** One description; its offset is counted from where the tensors begin. */
function* readTensor(cursor: Cursor): Reading<Tensor> {
  const name = yield* readText(cursor, longestKey)
  yield* cursor.need(4)
  const sides = cursor.u32()
  if (sides > mostSides) throw new NotTensors(`${sides} dimensions`)
  yield* cursor.need(8 * sides + 12)
  // ggml names the side first that varies fastest.
  const shape = Array.from({ length: sides }, () => cursor.u64()).reverse()
  const type = typesByNumber[cursor.u32()]
  if (type === undefined) throw new NotTensors('an unknown type')
  return { name, type, shape, offset: cursor.u64(), bytes: bytesOf(type, shape) }
}

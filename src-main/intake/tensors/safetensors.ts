import { type TensorType, tensorTypes } from '../../contract/tensor'
import { JsonScanner } from './json-scanner'
import { checkedLayout, mostTensors, type Tensor, type TensorLayout } from './layout'
import { bytesAt, NotTensors, type Reading, safeNumber, utf8 } from './reading'

/**
 * https://huggingface.co/docs/safetensors: the length of a JSON header in eight bytes, the header, then the tensors. The header is read
 * by a scanner that knows this one form of JSON, so that nested or repeated values cost nothing.
 */
export function* readSafetensors(size: number): Reading<TensorLayout> {
  const start = yield* bytesAt(size, 0, 8)
  const headerLength = safeNumber(Buffer.from(start).readBigUInt64LE())
  const header = new JsonScanner(utf8(yield* bytesAt(size, 8, headerLength)))
  const tensors: Tensor[] = []
  header.object((name) => {
    if (name === '__metadata__') {
      header.object(() => header.string())
      return
    }
    if (tensors.length === mostTensors) throw new NotTensors('too many tensors')
    tensors.push(readTensor(header, name, 8 + headerLength))
  })
  header.end()
  return checkedLayout('safetensors', tensors, size)
}

function readTensor(header: JsonScanner, name: string, dataStart: number): Tensor {
  let type: TensorType | undefined
  let shape: readonly number[] | undefined
  let offsets: readonly number[] | undefined
  header.object((field) => {
    if (field === 'dtype') type = typeOf(header.string())
    else if (field === 'shape') shape = header.naturals()
    else if (field === 'data_offsets') offsets = header.naturals()
    else throw new NotTensors(`a field ${field}`)
  })
  const [from, to] = offsets ?? []
  if (type === undefined || shape === undefined || from === undefined || to === undefined || offsets?.length !== 2) {
    throw new NotTensors('a tensor lacks a field')
  }
  return { name, type, shape, offset: dataStart + from, bytes: to - from }
}

/** @throws NotTensors for a type whose size is not known */
function typeOf(name: string): TensorType {
  if (!Object.hasOwn(tensorTypes, name)) throw new NotTensors(`a type ${name}`)
  return name as TensorType
}

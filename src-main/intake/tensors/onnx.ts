import type { TensorType } from '../../contract/tensor'
import { bytesOf, checkedLayout, mostTensors, type Tensor, type TensorLayout } from './layout'
import { Cursor, NotTensors, type Reading } from './reading'

/** `TensorProto.DataType` of onnx/onnx.proto. */
const typesByNumber: Readonly<Record<number, TensorType>> = {
  1: 'F32',
  2: 'U8',
  3: 'I8',
  4: 'U16',
  5: 'I16',
  6: 'I32',
  7: 'I64',
  9: 'BOOL',
  10: 'F16',
  11: 'F64',
  12: 'U32',
  13: 'U64',
  14: 'C64',
  15: 'C128',
  16: 'BF16',
  17: 'F8_E4M3',
  18: 'F8_E4M3FNUZ',
  19: 'F8_E5M2',
  20: 'F8_E5M2FNUZ',
}

/** Wire types of Protocol Buffers (protobuf.dev, "Encoding"). */
const [varintWire, fixed64Wire, lengthWire, fixed32Wire] = [0, 1, 2, 5]
const [graphField, initializerField] = [7, 5]
const [dimensionsField, typeField, nameField, rawField] = [1, 2, 8, 9]

/** Fields that are looked at, at most: graphs have some ten thousand nodes. */
const mostFields = 4_000_000
const mostDimensions = 32
const longestName = 4096

/** An ONNX model: the initializers of its graph that have their bytes in the file as they are; nothing else of it is looked at. */
export function* readOnnx(size: number): Reading<TensorLayout> {
  const tensors: Tensor[] = []
  const walk = new Walk(size)
  yield* walk.message(size, function* (field, end) {
    if (field !== graphField) return
    yield* walk.message(end, function* (field, end) {
      if (field !== initializerField) return
      const tensor = yield* readInitializer(walk, end)
      if (tensor !== undefined && tensors.push(tensor) > mostTensors) throw new NotTensors('too many tensors')
    })
  })
  const named = tensors.map((tensor, number) => (tensor.name === '' ? { ...tensor, name: `#${number}` } : tensor))
  return checkedLayout('onnx', named, size)
}

function* readInitializer(walk: Walk, end: number): Reading<Tensor | undefined> {
  const { cursor } = walk
  const shape: number[] = []
  const found: { name: string; type?: TensorType | undefined; raw?: { offset: number; bytes: number } } = { name: '' }
  yield* walk.message(
    end,
    function* (field, fieldEnd) {
      if (field === rawField) found.raw = { offset: cursor.position, bytes: fieldEnd - cursor.position }
      if (field === nameField) {
        const length = fieldEnd - cursor.position
        if (length > longestName) throw new NotTensors('a name is too long')
        yield* cursor.need(length)
        found.name = cursor.text(length)
      }
      while (field === dimensionsField && cursor.position < fieldEnd) pushSide(shape, yield* walk.varint())
    },
    (field, value) => {
      if (field === dimensionsField) pushSide(shape, value)
      if (field === typeField) found.type = typesByNumber[value]
    },
  )
  const { name, type, raw } = found
  if (raw === undefined || type === undefined || raw.bytes !== bytesOf(type, shape)) return undefined
  return { name, type, shape, ...raw }
}

function pushSide(shape: number[], side: number): void {
  if (shape.push(side) > mostDimensions) throw new NotTensors('too many dimensions')
}

/** Goes through messages of Protocol Buffers from field to field. */
class Walk {
  readonly cursor: Cursor
  #fields = 0

  constructor(size: number) {
    // Between two names lie the bytes of a tensor, which nobody wants to read.
    this.cursor = new Cursor(size, { windowLength: 4096 })
  }

  /**
   * @param end where the message ends
   * @param nested called at the start of each field that has a length; it need not read to the field's end
   * @param number called for each whole number
   * @throws NotTensors
   */
  *message(
    end: number,
    nested: (field: number, end: number) => Reading<void>,
    number: (field: number, value: number) => void = () => undefined,
  ): Reading<void> {
    const { cursor } = this
    while (cursor.position < end) {
      if (++this.#fields > mostFields) throw new NotTensors('too many fields')
      const key = yield* this.varint()
      const [field, wire] = [Math.floor(key / 8), key % 8]
      if (wire === varintWire) number(field, yield* this.varint())
      else if (wire === fixed64Wire) cursor.skip(8)
      else if (wire === fixed32Wire) cursor.skip(4)
      else if (wire === lengthWire) {
        const length = yield* this.varint()
        const fieldEnd = cursor.position + length
        if (fieldEnd > end) throw new NotTensors('a field is longer than what it is in')
        yield* nested(field, fieldEnd)
        if (cursor.position > fieldEnd) throw new NotTensors('a field is longer than what it is in')
        cursor.skip(fieldEnd - cursor.position)
      } else throw new NotTensors('no message')
    }
    if (cursor.position !== end) throw new NotTensors('a field is longer than what it is in')
  }

  /** @throws NotTensors for more than 2^53 - 1, and so for negative numbers */
  *varint(): Reading<number> {
    let [value, scale] = [0, 1]
    for (let byte = 0; byte < 8; byte++) {
      yield* this.cursor.need(1)
      const next = this.cursor.u8()
      value += (next & 0x7f) * scale
      if (next < 0x80) {
        if (!Number.isSafeInteger(value)) break
        return value
      }
      scale *= 128
    }
    // Negative numbers of a signed field take ten bytes; they occur in attributes, which are passed over by their length.
    throw new NotTensors('a number is too large')
  }
}

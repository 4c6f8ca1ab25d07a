import { type TensorType, type TensorTypeFacts, tensorTypes } from '../../contract/tensor'
import type { Tensor } from '../../intake/tensors/layout'
import { valuesByPattern } from './element-values'

/** NumPy's codes of types; those that it does not know are not here. */
const codes: Readonly<Partial<Record<TensorType, string>>> = {
  F64: 'f8',
  F32: 'f4',
  F16: 'f2',
  C64: 'c8',
  C128: 'c16',
  I64: 'i8',
  I32: 'i4',
  I16: 'i2',
  I8: 'i1',
  U64: 'u8',
  U32: 'u4',
  U16: 'u2',
  U8: 'u1',
  BOOL: 'b1',
}

/**
 * Writes a tensor as an .npy file (numpy/lib/format.py, version 1.0), that `numpy.load` takes without anything else installed.
 * bfloat16 and the 8-bit floats, which NumPy does not have, become float32, which holds each of their values exactly. Quantised
 * types stay bytes, the last side counted in them, as GGUF's own Python package gives them.
 */
export class NpyOutput {
  readonly header: Uint8Array
  /** Bytes of the file, its header included. */
  readonly length: number
  readonly #values: Float32Array | undefined
  readonly #width: number
  readonly #isBigEndian: boolean
  #rest: Uint8Array = new Uint8Array()

  constructor({ type, shape, bytes, isBigEndian = false, isColumnMajor = false }: Tensor) {
    const facts: TensorTypeFacts = tensorTypes[type]
    const code = codes[type]
    this.#values = code === undefined ? valuesByPattern(type) : undefined
    this.#width = facts.bytes
    this.#isBigEndian = isBigEndian
    const order = facts.bytes === 1 ? '|' : isBigEndian ? '>' : '<'
    const described = code !== undefined ? `${order}${code}` : this.#values !== undefined ? '<f4' : '|u1'
    const sides = code === undefined && this.#values === undefined ? bytesOfSides(shape, facts) : shape
    this.header = headerOf(described, sides, isColumnMajor)
    const dataLength = this.#values === undefined ? bytes : (bytes / facts.bytes) * 4
    this.length = this.header.length + dataLength
  }

  /** What stands in the file for the next bytes of the tensor, however they are divided. */
  convert(bytes: Uint8Array): Uint8Array {
    const values = this.#values
    if (values === undefined) return bytes
    const all =
      this.#rest.length === 0
        ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
        : Buffer.concat([this.#rest, bytes])
    const count = Math.floor(all.length / this.#width)
    const out = Buffer.alloc(count * 4)
    for (let at = 0; at < count; at++) out.writeFloatLE(values[this.#patternAt(all, at)] ?? NaN, at * 4)
    this.#rest = all.subarray(count * this.#width)
    return out
  }

  #patternAt(bytes: Buffer, at: number): number {
    if (this.#width === 1) return bytes[at] ?? 0
    return this.#isBigEndian ? bytes.readUInt16BE(at * 2) : bytes.readUInt16LE(at * 2)
  }
}

function bytesOfSides(shape: readonly number[], { elements, bytes }: TensorTypeFacts): readonly number[] {
  const total = (shape.reduce((product, side) => product * side, 1) / elements) * bytes
  const last = shape.at(-1) ?? 1
  return last % elements === 0 ? [...shape.slice(0, -1), (last / elements) * bytes] : [total]
}

function headerOf(code: string, shape: readonly number[], isColumnMajor: boolean): Uint8Array {
  const sides = shape.length === 1 ? `${String(shape[0])},` : shape.join(', ')
  const order = isColumnMajor ? 'True' : 'False'
  const text = `{'descr': '${code}', 'fortran_order': ${order}, 'shape': (${sides}), }`
  const length = Math.ceil((10 + text.length + 1) / 64) * 64
  const lengthBytes = Buffer.alloc(2)
  lengthBytes.writeUInt16LE(length - 10)
  return Buffer.concat([
    Buffer.from('\x93NUMPY\x01\x00', 'latin1'),
    lengthBytes,
    Buffer.from(`${text.padEnd(length - 11)}\n`),
  ])
}

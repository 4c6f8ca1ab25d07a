import { LmzError } from '../../contract/error'
import { type TensorType, type TensorTypeFacts, tensorTypes } from '../../contract/tensor'

/** How the largest exponents of a small float are used; its bias is half of the exponent's range unless another is given. */
type SpecialValues = 'ieee' | 'nanAtEnd' | 'nanAsMinusZero'

interface SmallFloat {
  readonly bias: number
  readonly special: SpecialValues
}

/**
 * Floats of one or two bytes. F8_E4M3 has no infinities (Micikevicius et al., "FP8 Formats for Deep Learning", 2022); the FNUZ types
 * have no minus zero either (Noune et al., "8-bit Numerical Formats for Deep Neural Networks", 2022).
 */
const smallFloats: Readonly<Partial<Record<TensorType, SmallFloat>>> = {
  F16: { bias: 15, special: 'ieee' },
  BF16: { bias: 127, special: 'ieee' },
  F8_E4M3: { bias: 7, special: 'nanAtEnd' },
  F8_E5M2: { bias: 15, special: 'ieee' },
  F8_E4M3FNUZ: { bias: 8, special: 'nanAsMinusZero' },
  F8_E5M2FNUZ: { bias: 16, special: 'nanAsMinusZero' },
}

/** The bias of a float's exponent. */
export function exponentBias(type: TensorType): number {
  const { float }: TensorTypeFacts = tensorTypes[type]
  return smallFloats[type]?.bias ?? 2 ** ((float?.exponent ?? 1) - 1) - 1
}

const tables = new Map<TensorType, Float32Array>()

/** The value of each bit pattern of a float of one or two bytes; undefined for other types. */
export function valuesByPattern(type: TensorType): Float32Array | undefined {
  const format = smallFloats[type]
  const { float, bytes }: TensorTypeFacts = tensorTypes[type]
  if (format === undefined || float === undefined) return undefined
  let table = tables.get(type)
  if (table === undefined) {
    table = Float32Array.from({ length: 2 ** (8 * bytes) }, (_zero, bits) => valueOf(bits, float, format))
    tables.set(type, table)
  }
  return table
}

function valueOf(bits: number, float: { exponent: number; mantissa: number }, { bias, special }: SmallFloat): number {
  const { exponent: exponentBits, mantissa: mantissaBits } = float
  const sign = bits >> (exponentBits + mantissaBits) === 0 ? 1 : -1
  const exponent = (bits >> mantissaBits) & (2 ** exponentBits - 1)
  const mantissa = bits & (2 ** mantissaBits - 1)
  const isLast = exponent === 2 ** exponentBits - 1
  if (special === 'ieee' && isLast) return mantissa === 0 ? sign * Infinity : NaN
  if (special === 'nanAtEnd' && isLast && mantissa === 2 ** mantissaBits - 1) return NaN
  if (special === 'nanAsMinusZero' && sign === -1 && exponent === 0 && mantissa === 0) return NaN
  const fraction = mantissa / 2 ** mantissaBits
  return sign * (exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias))
}

/** Takes stretches of a tensor's values as doubles. */
export interface ElementValues {
  /** Values there are; a complex number is two. */
  readonly count: number
  /** Puts values from `start` on into `target`, as many as fit; gives how many they were. */
  read(start: number, target: Float64Array): number
  /** The exponent field of a value, for floats. */
  readonly exponentOf?: (value: number) => number
}

/**
 * The values of a tensor. Integers of 64 bits lose what a double cannot hold.
 * @param bytes begin at a multiple of 8 in their buffer; what is left over of an element at the end is not looked at. Bytes of big-endian
 *   numbers are turned round in place
 * @throws LmzError `Unsupported` for quantised types, whose values depend on scales among them
 */
export function elementValues(type: TensorType, bytes: Uint8Array, isBigEndian: boolean): ElementValues {
  const facts: TensorTypeFacts = tensorTypes[type]
  const width = type === 'C64' || type === 'C128' ? facts.bytes / 2 : facts.bytes
  if (facts.elements > 1 || type === 'F8_E8M0') {
    throw new LmzError('Unsupported', `The values of ${type} are not looked at: they are packed several to a block.`)
  }
  const count = Math.floor(bytes.length / width)
  if (isBigEndian) turnRound(bytes.subarray(0, count * width), width)
  const table = valuesByPattern(type)
  const { buffer, byteOffset } = bytes
  const float = facts.float
  if (table !== undefined && float !== undefined) {
    const patterns =
      width === 1 ? new Uint8Array(buffer, byteOffset, count) : new Uint16Array(buffer, byteOffset, count)
    const mask = 2 ** float.exponent - 1
    return {
      count,
      read: (start, target) => fill(target, count - start, (at) => table[patterns[start + at] ?? 0] ?? NaN),
      exponentOf: (value) => ((patterns[value] ?? 0) >> float.mantissa) & mask,
    }
  }
  const numbers = numbersOf(type, buffer, byteOffset, count)
  const read = (start: number, target: Float64Array): number =>
    fill(target, count - start, (at) => Number(numbers[start + at] ?? 0))
  if (float === undefined) return { count, read }
  const words = new Uint32Array(buffer, byteOffset, (count * width) / 4)
  const exponentOf =
    width === 4
      ? (value: number) => ((words[value] ?? 0) >>> 23) & 0xff
      : (value: number) => ((words[2 * value + 1] ?? 0) >>> 20) & 0x7ff
  return { count, read, exponentOf }
}

function fill(target: Float64Array, left: number, value: (at: number) => number): number {
  const count = Math.min(target.length, left)
  for (let at = 0; at < count; at++) target[at] = value(at)
  return count
}

function numbersOf(
  type: TensorType,
  buffer: ArrayBufferLike,
  offset: number,
  count: number,
): ArrayLike<number | bigint> {
  switch (type) {
    case 'F64':
    case 'C128':
      return new Float64Array(buffer, offset, count)
    case 'F32':
    case 'C64':
      return new Float32Array(buffer, offset, count)
    case 'I64':
      return new BigInt64Array(buffer, offset, count)
    case 'U64':
      return new BigUint64Array(buffer, offset, count)
    case 'I32':
      return new Int32Array(buffer, offset, count)
    case 'U32':
      return new Uint32Array(buffer, offset, count)
    case 'I16':
      return new Int16Array(buffer, offset, count)
    case 'U16':
      return new Uint16Array(buffer, offset, count)
    case 'I8':
      return new Int8Array(buffer, offset, count)
    default:
      return new Uint8Array(buffer, offset, count)
  }
}

function turnRound(bytes: Uint8Array, width: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (width === 2) buffer.swap16()
  else if (width === 4) buffer.swap32()
  else if (width === 8) buffer.swap64()
}

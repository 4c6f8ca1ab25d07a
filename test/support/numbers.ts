import { Random } from './random'

/** How numbers lie in a file, by the names that formats have for them. */
export type NumberType = 'bf16' | 'f16' | 'f32' | 'f64' | 'f32 highest byte first'

/** As the weights of a net are spread: normally, each row by a factor of its own (Box and Muller 1958). */
export function weights(seed: number, count: number, row = 64): Float64Array {
  const random = new Random(seed)
  let scale = 1
  return Float64Array.from({ length: count }, (_none, at) => {
    if (at % row === 0) scale = 0.02 * 2 ** (random.share() * 4)
    return scale * Math.sqrt(-2 * Math.log(1 - random.share())) * Math.cos(2 * Math.PI * random.share())
  })
}

/** The bytes of numbers as a type has them. */
export function numberBytes(numbers: ArrayLike<number>, type: NumberType): Buffer {
  const width = type === 'f64' ? 8 : type === 'bf16' || type === 'f16' ? 2 : 4
  const bytes = Buffer.alloc(numbers.length * width)
  for (let at = 0; at < numbers.length; at++) {
    const number = numbers[at] ?? 0
    if (type === 'f64') bytes.writeDoubleLE(number, at * 8)
    else if (type === 'f32') bytes.writeFloatLE(number, at * 4)
    else if (type === 'f32 highest byte first') bytes.writeFloatBE(number, at * 4)
    else bytes.writeUInt16LE(type === 'bf16' ? bits32(number) >>> 16 : half(number), at * 2)
  }
  return bytes
}

const scratch = Buffer.alloc(4)

function bits32(number: number): number {
  scratch.writeFloatLE(number)
  return scratch.readUInt32LE()
}

/** IEEE 754 binary16, cut off instead of rounded, without infinities. */
function half(number: number): number {
  const bits = bits32(number)
  const sign = (bits >>> 31) << 15
  const exponent = ((bits >>> 23) & 255) - 127 + 15
  const mantissa = (bits >>> 13) & 1023
  if (exponent >= 31) return sign | 0x7bff
  return exponent > 0 ? sign | (exponent << 10) | mantissa : sign | ((mantissa | 1024) >> Math.min(11, 1 - exponent))
}

import { describe, expect, it } from 'vitest'
import { eigenvalues } from '../../../../src-main/archive/tensors/eigenvalues'
import { effectiveRank } from '../../../../src-main/archive/tensors/effective-rank'
import { valuesByPattern } from '../../../../src-main/archive/tensors/element-values'
import { NpyOutput } from '../../../../src-main/archive/tensors/npy-output'
import { valueStatistics } from '../../../../src-main/archive/tensors/value-statistics'
import type { TensorType } from '../../../../src-main/contract/tensor'
import { bytesOf } from '../../../../src-main/intake/tensors/layout'
import { readLayout } from '../../../../src-main/intake/tensors/read-layout'
import { readNow } from '../../../../src-main/intake/tensors/reading'
import { Random } from '../../../support/random'

const random = new Random(3)

function bytesOfNumbers(numbers: { readonly buffer: ArrayBufferLike }): Uint8Array {
  return new Uint8Array(numbers.buffer)
}

function normal(): number {
  return Math.sqrt(-2 * Math.log(1 - random.share())) * Math.cos(2 * Math.PI * random.share())
}

describe('statistics of values: wrong ones would mislead whoever trusts them', () => {
  it('of a few numbers are those that anybody can compute', () => {
    const numbers = Float32Array.of(1, -2, 0, 4, NaN, Infinity, -0, 0.5)
    const found = valueStatistics('F32', bytesOfNumbers(numbers), false)
    expect(found).toMatchObject({ values: 8, nans: 1, infinities: 1, zeros: 2, minimum: -2, maximum: 4 })
    expect(found.mean).toBeCloseTo(3.5 / 6, 12)
    expect(found.deviation).toBeCloseTo(Math.sqrt((1 + 4 + 16 + 0.25) / 6 - (3.5 / 6) ** 2), 12)
    expect(found.histogram?.counts.reduce((sum, count) => sum + count, 0)).toBe(6)
    expect([found.histogram?.counts[0], found.histogram?.counts.at(-1)]).toEqual([1, 1])
    // Fields 127, 128, 0, 129, 255, 255, 0, 126.
    expect(found.exponents).toMatchObject({ bits: 8, first: -127 })
    expect(found.exponents?.counts.length).toBe(256)
    expect(found.exponents?.entropy).toBeCloseTo(2 * (2 / 8) * 2 + 4 * (1 / 8) * 3, 12)
  })

  it.each([
    ['F64', bytesOfNumbers(Float64Array.of(0.5, -0.25))],
    ['F32', bytesOfNumbers(Float32Array.of(0.5, -0.25))],
    ['F16', bytesOfNumbers(Uint16Array.of(0x3800, 0xb400))],
    ['BF16', bytesOfNumbers(Uint16Array.of(0x3f00, 0xbe80))],
    ['F8_E4M3', Uint8Array.of(0x30, 0xa8)],
    ['F8_E5M2', Uint8Array.of(0x38, 0xb4)],
    ['F8_E4M3FNUZ', Uint8Array.of(0x38, 0xb0)],
    ['C64', bytesOfNumbers(Float32Array.of(0.5, -0.25))],
  ] as const)('%s has the values its bits stand for', (type, bytes) => {
    const { minimum, maximum, exponents, values } = valueStatistics(type, bytes, false)
    expect({ minimum, maximum, values }).toEqual({ minimum: -0.25, maximum: 0.5, values: 2 })
    expect(exponents).toMatchObject({ first: -2, counts: [1, 1], entropy: 1 })
    const swapped = Buffer.from(bytes)
    if (type === 'F64') expect(valueStatistics(type, swapped.swap64(), true)).toMatchObject({ minimum, maximum })
  })

  it('knows the ends of the small floats', () => {
    expect(valuesByPattern('F8_E4M3')?.[0x7e]).toBe(448)
    expect(valuesByPattern('F8_E4M3')?.[0x7f]).toBeNaN()
    expect(valuesByPattern('F8_E5M2')?.[0x7b]).toBe(57_344)
    expect(valuesByPattern('F8_E5M2')?.[0x7c]).toBe(Infinity)
    expect(valuesByPattern('F8_E4M3FNUZ')?.[0x7f]).toBe(240)
    expect(valuesByPattern('F8_E4M3FNUZ')?.[0x80]).toBeNaN()
    expect(valuesByPattern('F16')?.[0x7bff]).toBe(65_504)
    expect(valuesByPattern('F16')?.[0x0001]).toBe(2 ** -24)
    expect(valuesByPattern('BF16')?.[0x0001]).toBe(2 ** -133)
  })

  it('of integers, of nothing, and of what goes beyond doubles', () => {
    const integers = valueStatistics('I64', bytesOfNumbers(BigInt64Array.of(-5n, 2n ** 40n)), false)
    expect(integers).toMatchObject({ minimum: -5, maximum: 2 ** 40 })
    expect(integers.exponents).toBeUndefined()
    expect(valueStatistics('F32', new Uint8Array(), false)).toMatchObject({ values: 0, nans: 0 })
    const widest = valueStatistics('F64', bytesOfNumbers(Float64Array.of(-1.7e308, 1.7e308, 1.7e308, 1.7e308)), false)
    expect(widest.histogram?.counts.at(-1)).toBe(3)
    expect(widest.deviation).toBeUndefined()
    expect(() => valueStatistics('Q4_0', new Uint8Array(18), false)).toThrow(
      expect.objectContaining({ code: 'Unsupported' }),
    )
  })
})

describe('the effective rank', () => {
  const asBytes = (values: ArrayLike<number>): Uint8Array => bytesOfNumbers(Float64Array.from(values))

  it('of a matrix is between 1 and its side, and tells how many directions there are', () => {
    const identity = Float64Array.from({ length: 400 }, (_zero, at) => (at % 21 === 0 ? 3 : 0))
    expect(effectiveRank('F64', [20, 20], asBytes(identity)).rank).toBeCloseTo(20, 6)
    const rows = Array.from({ length: 30 }, normal)
    const columns = Array.from({ length: 50 }, normal)
    const outer = rows.flatMap((row) => columns.map((column) => row * column))
    expect(effectiveRank('F64', [30, 50], asBytes(outer)).rank).toBeCloseTo(1, 3)
    expect(effectiveRank('F64', [4, 4], asBytes(new Float64Array(16)))).toMatchObject({ rank: 0 })
    // Singular values 2 and 1: exp of the entropy of 2/3 and 1/3.
    const two = effectiveRank('F64', [2, 3], asBytes([2, 0, 0, 0, 0, -1]))
    expect(two.rank).toBeCloseTo(Math.exp((2 / 3) * Math.log(3 / 2) + (1 / 3) * Math.log(3)), 10)
    expect(two.singularValues[0]).toBeCloseTo(2, 12)
  })

  it('is the same of a matrix and its transpose, in either order of bytes', () => {
    const matrix = Array.from({ length: 35 * 60 }, normal)
    const turned = Array.from({ length: 35 * 60 }, (_none, at) => matrix[(at % 35) * 60 + Math.floor(at / 35)] ?? 0)
    const { rank } = effectiveRank('F64', [35, 60], asBytes(matrix))
    expect(rank).toBeGreaterThan(20)
    expect(effectiveRank('F64', [60, 35], asBytes(turned)).rank).toBeCloseTo(rank, 8)
    expect(effectiveRank('F64', [35, 60], asBytes(turned), { isColumnMajor: true }).rank).toBeCloseTo(rank, 8)
    expect(effectiveRank('F64', [5, 7, 60], asBytes(matrix)).columns).toBe(420)
  })

  it('has eigenvalues whose sums are those of the matrix: a rank from wrong ones would look as right', () => {
    for (const side of [1, 2, 3, 17, 120]) {
      const matrix = new Float64Array(side * side)
      for (let row = 0; row < side; row++) {
        for (let column = 0; column <= row; column++)
          matrix[row * side + column] = matrix[column * side + row] = normal()
      }
      const trace = Array.from({ length: side }, (_none, at) => matrix[at * side + at] ?? 0).reduce(
        (sum, each) => sum + each,
        0,
      )
      const squares = matrix.reduce((sum, each) => sum + each * each, 0)
      const found = eigenvalues(matrix, side)
      expect(found.reduce((sum, each) => sum + each, 0)).toBeCloseTo(trace, 8)
      expect(found.reduce((sum, each) => sum + each * each, 0) / squares).toBeCloseTo(1, 10)
    }
    // -1, 0 and 1 twice: several eigenvalues of one value.
    const repeated = Float64Array.of(0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)
    expect(
      [...eigenvalues(repeated, 4)].sort((left, right) => left - right).map((each) => Math.round(each * 1e9) / 1e9),
    ).toEqual([-1, 0, 1, 1])
  })

  it('is refused for what is no matrix, too large, or not finite', () => {
    const refused = expect.objectContaining({ code: 'Unsupported' }) as unknown
    expect(() => effectiveRank('F64', [9], asBytes(new Float64Array(9)))).toThrow(refused)
    expect(() => effectiveRank('F64', [9, 1], asBytes(new Float64Array(9)))).toThrow(refused)
    expect(() => effectiveRank('F32', [2049, 2049], new Uint8Array(0))).toThrow(refused)
    expect(() => effectiveRank('F64', [2, 2], asBytes([1, NaN, 2, 3]))).toThrow(refused)
    expect(() => effectiveRank('F64', [2, 2], asBytes([1, Infinity, 2, 3]))).toThrow(refused)
  })
})

describe('an .npy file of one tensor', () => {
  const written = (type: TensorType, shape: readonly number[], bytes: Uint8Array, more: object = {}): Buffer => {
    const output = new NpyOutput({ name: '', type, shape, offset: 0, bytes: bytes.length, ...more })
    // In pieces of three bytes, which cut elements apart.
    const pieces = Array.from({ length: Math.ceil(bytes.length / 3) }, (_none, at) =>
      output.convert(bytes.subarray(at * 3, at * 3 + 3)),
    )
    const file = Buffer.concat([output.header, ...pieces])
    expect(file.length).toBe(output.length)
    return file
  }
  const layoutOf = (file: Buffer) =>
    readNow(readLayout(file.length), (offset, length) => file.subarray(offset, offset + length))?.tensors[0]

  it('is read back with the same type and shape', () => {
    for (const type of ['F64', 'F32', 'F16', 'C64', 'I64', 'I8', 'U16', 'BOOL'] as const) {
      const bytes = random.bytes(bytesOf(type, [4, 5]))
      const file = written(type, [4, 5], bytes)
      expect(layoutOf(file)).toMatchObject({ type, shape: [4, 5] })
      expect(Buffer.compare(file.subarray(-bytes.length), bytes)).toBe(0)
    }
    const turned = written('F32', [4, 5], random.bytes(80), { isBigEndian: true, isColumnMajor: true })
    expect(layoutOf(turned)).toMatchObject({ type: 'F32', shape: [4, 5], isBigEndian: true, isColumnMajor: true })
  })

  it('has exact float32 for bfloat16 and 8-bit floats: NumPy could not read it', () => {
    const file = written('BF16', [2, 2], bytesOfNumbers(Uint16Array.of(0x3f80, 0xc000, 0x7f80, 0x0001)))
    expect(layoutOf(file)).toMatchObject({ type: 'F32', shape: [2, 2] })
    const values = [0, 4, 8, 12].map((at) => file.subarray(-16).readFloatLE(at))
    expect(values).toEqual([1, -2, Infinity, 2 ** -133])
    expect(written('F8_E4M3', [1], Uint8Array.of(0x7e)).subarray(-4).readFloatLE()).toBe(448)
  })

  it('has the bytes of quantised types, counted in their last side', () => {
    expect(layoutOf(written('Q4_0', [3, 64], random.bytes(3 * 36)))).toMatchObject({ type: 'U8', shape: [3, 36] })
  })
})

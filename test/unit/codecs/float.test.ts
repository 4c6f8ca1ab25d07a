import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { encodeBlock } from '../../../src-main/codecs/encode-block'
import { float, thorough } from '../../../src-main/codecs/float/float'
import { presets } from '../../../src-main/codecs/presets'
import { zstd } from '../../../src-main/codecs/zstd/zstd'
import { startFloatKernel } from '../../../src-main/kernels/float-kernel'
import { readFloatBlock } from '../../support/float-reader'
import { numberBytes, type NumberType, weights } from '../../support/numbers'
import { Random } from '../../support/random'

const context = { kind: 'tensor' } as const
const random = new Random(7)
const types: readonly NumberType[] = ['bf16', 'f16', 'f32', 'f64', 'f32 highest byte first']
const many = weights(1, 30_000)
const smooth = Float64Array.from({ length: 20_000 }, (_none, at) => Math.sin(at / 50) * Math.cos((at % 100) / 9))
/** In rows of 96, each column larger or smaller than its neighbours. */
const columns = many.map((one, at) => one * 2 ** (((at % 96) * 7) % 11))
const special = [Number.NaN, Infinity, -Infinity, 0, -0, 5e-324, 1e-40, 1.7e308, -1]

const inputs: readonly (readonly [string, Uint8Array])[] = [
  ['nothing', new Uint8Array()],
  ...[1, 2, 3, 5, 7, 8, 9, 15, 17, 63, 255, 4095, 4097, 8191, 8193].map(
    (length) => [`${length} bytes of numbers`, numberBytes(many, 'f32').subarray(0, length)] as const,
  ),
  ...types.map((type) => [`weights, ${type}`, numberBytes(many, type)] as const),
  ...types.map((type) => [`smooth numbers, ${type}`, numberBytes(smooth, type)] as const),
  ...types.map((type) => [`special numbers, ${type}`, numberBytes(repeated(special, 9000), type)] as const),
  ...types.map((type) => [`rows that come again, ${type}`, numberBytes(rowsAgain(), type)] as const),
  ['zeros', new Uint8Array(100_000)],
  ['one byte again and again', new Uint8Array(70_001).fill(200)],
  ['two values', Uint8Array.from({ length: 50_000 }, () => random.pick([3, 250]))],
  ['noise', random.bytes(60_000)],
  ['text', random.text(50_000)],
  ['small integers', Buffer.from(Int32Array.from({ length: 20_000 }, () => random.below(200) - 100).buffer)],
  ['signed bytes', Uint8Array.from({ length: 30_000 }, (_none, at) => Math.round((many[at] ?? 0) * 100) & 255)],
  ['text, then tensors of three types, at odd places', mixture()],
]

function repeated(numbers: readonly number[], count: number): Float64Array {
  return Float64Array.from({ length: count }, (_none, at) => numbers[(at * 7 + (at >> 5)) % numbers.length] ?? 0)
}

/** Each of 12 rows four times, in no order, as transforms of signals have them. */
function rowsAgain(): Float64Array {
  const columns = 701
  return Float64Array.from({ length: 48 * columns }, (_none, at) => {
    const row = (Math.floor(at / columns) * 7) % 12
    return many[row * columns + (at % columns)] ?? 0
  })
}

function mixture(): Buffer {
  return Buffer.concat([
    random.text(20_001),
    numberBytes(many, 'f32'),
    random.bytes(3),
    numberBytes(weights(2, 20_000), 'bf16'),
    numberBytes(weights(3, 10_000), 'f64'),
    Buffer.of(9),
  ])
}

describe.each([
  ['quickly', 0],
  ['thoroughly', thorough],
])('float, %s', (_name, effort) => {
  it.each(inputs)('gives back %s exactly', async (_label, raw) => {
    const stored = await float.encode(raw, context, effort)
    expect(Buffer.compare(float.decode(stored, raw.length, context), raw)).toBe(0)
  })

  it.each([
    ['bf16', 0.7],
    ['f16', 0.88],
    ['f32', 0.85],
    ['f64', 0.93],
    ['f32 highest byte first', 0.85],
  ] as const)('makes weights of type %s smaller than %f of them, wherever they begin', async (type, share) => {
    const bytes = numberBytes(weights(4, 60_000), type)
    for (const before of [0, 1, 2, 3, 5]) {
      const raw = Buffer.concat([Buffer.alloc(before, 7), bytes])
      const stored = await float.encode(raw, context, effort)
      expect(stored.length / raw.length, `behind ${before} bytes`).toBeLessThan(share)
    }
  })

  it('answers damage anywhere with a typed error or other bytes of that length', async () => {
    const raw = mixture().subarray(15_000, 60_000)
    const stored = await float.encode(raw, context, effort)
    for (let at = 0; at < stored.length; at += at < 400 ? 1 : 397) {
      const damaged = Uint8Array.from(stored)
      damaged[at] = (damaged[at] ?? 0) ^ (1 << (at & 7))
      expectDamage(damaged, raw.length)
      if (at < 400) expectDamage(stored.subarray(0, at), raw.length)
    }
  })

  it('refuses bytes that hold more or less than was declared', async () => {
    const raw = numberBytes(many, 'f32')
    const stored = await float.encode(raw, context, effort)
    for (const declared of [0, 1, raw.length - 4, raw.length + 4, 2 * raw.length]) {
      expect(() => float.decode(stored, declared, context), `declared ${declared}`).toThrow(
        expect.objectContaining({ code: 'Corrupt' }),
      )
    }
  })

  it('keeps blocks apart that are coded at once, and one that is decoded meanwhile', async () => {
    const [first, second] = [numberBytes(many, 'f32'), numberBytes(smooth, 'bf16')]
    const third = await float.encode(first, context, effort)
    const both = Promise.all([float.encode(first, context, effort), float.encode(second, context, effort)])
    await new Promise((resolve) => setImmediate(resolve))
    expect(Buffer.compare(float.decode(third, first.length, context), first)).toBe(0)
    for (const [at, stored] of (await both).entries()) {
      const raw = at === 0 ? first : second
      expect(Buffer.compare(float.decode(stored, raw.length, context), raw)).toBe(0)
    }
  })
})

function expectDamage(stored: Uint8Array, length: number): void {
  try {
    expect(float.decode(stored, length, context)).toHaveLength(length)
  } catch (thrown) {
    expect(thrown).toMatchObject({ name: 'LmzError', code: 'Corrupt' })
  }
}

describe('float', () => {
  it.each(inputs)('stores %s as its documentation says', async (_label, raw) => {
    const stored = await float.encode(raw, context, 0)
    expect(Buffer.compare(readFloatBlock(stored, raw.length), raw)).toBe(0)
  })

  it.each([
    ['weights, bf16', numberBytes(weights(12, 10_000), 'bf16')],
    ['weights, f16', numberBytes(weights(13, 9000), 'f16')],
    ['smooth numbers, f32', numberBytes(smooth.subarray(0, 6000), 'f32')],
    ['smooth numbers, f64', numberBytes(smooth.subarray(0, 5000), 'f64')],
    ['columns of their own scales, f32', numberBytes(columns, 'f32')],
  ])('stores %s as its documentation says where it is thorough', async (_label, raw) => {
    const stored = await float.encode(raw, context, thorough)
    expect((stored[0] ?? 0) & 16, 'nothing was modelled').toBe(16)
    expect(Buffer.compare(readFloatBlock(stored, raw.length), raw)).toBe(0)
  })

  it.each(types)('finds rows of type %s that come again, and makes them smaller than zstd 19 does', async (type) => {
    const raw = numberBytes(rowsAgain(), type)
    const least = await zstd.encode(raw, context, 19)
    expect((await float.encode(raw, context, 0)).length).toBeLessThan(least.length)
  })

  it('makes smooth numbers and rows of one scale smaller where it is thorough', async () => {
    const raw = numberBytes(weights(5, 40_000), 'bf16')
    const [quick, slow] = [await float.encode(raw, context, 0), await float.encode(raw, context, thorough)]
    expect(slow.length).toBeLessThan(quick.length * 0.99)
    const curve = numberBytes(smooth, 'f32')
    expect((await float.encode(curve, context, thorough)).length).toBeLessThan(curve.length * 0.7)
  })

  it('codes with the same bits on every machine and in every release: recorded numbers give the recorded code', () => {
    const codes = [2, 4, 8].map((width) => {
      const kernel = startFloatKernel()
      const count = 6000
      const planes = Array.from({ length: width }, (_none, plane) => kernel.free + count * (width + plane))
      const code = kernel.free + count * width * 2
      kernel.reserve(code + 2 * count * width)
      kernel.memory().set(wholeNumbers(count, width), kernel.free)
      kernel.setPlanes(planes)
      kernel.split(kernel.free, count, width, false, 1)
      kernel.setRanks(Array.from({ length: 256 }, (_none, value) => value))
      kernel.startModel(width, 8 * width - 3, width > 2, 8, width === 4 ? 100 : 0, 0, 12 + width / 2)
      kernel.startCoder(code, code + 2 * count * width)
      kernel.codeElements(0, count, false)
      const length = kernel.finishCode()
      return createHash('sha256')
        .update(kernel.memory().subarray(code, code + length))
        .digest('hex')
        .slice(0, 16)
    })
    expect(codes).toMatchInlineSnapshot(`
      [
        "d5fd49bcde1e09f4",
        "75130d6ae412ba6c",
        "e52a2cbcf4276bbc",
      ]
    `)
  })

  it('refuses a modelled part of a few elements: a block of such would take minutes', () => {
    // Four planes' worth of one element: 32-bit, turned, modelled; no rows, 8 bits, no sign, one value, no code, the rest raw.
    const forged = Buffer.from([0b11010, 1, 0, 8, 0, ...Buffer.alloc(32, 1), 0, 1, 2, 3])
    expect(() => float.decode(forged, 4, context)).toThrow(expect.objectContaining({ code: 'Corrupt' }))
  })

  it('is refused lengths and forms that no writer uses', () => {
    for (const bytes of [
      [0b100000, 1, 0, 0],
      [0b100, 1, 0, 0],
      [0, 0],
      [0, 2, 0, 0, 0],
      [0, 1, 3, 0],
      [0, 1, 4, 0],
      [0, 0x81, 0, 0, 0],
    ]) {
      expect(() => float.decode(Buffer.from(bytes), 1, context), bytes.join(' ')).toThrow(
        expect.objectContaining({ code: 'Corrupt' }),
      )
    }
  })
})

/** Walks in whole numbers: no function of floats, which could differ between machines. */
function wholeNumbers(count: number, width: number): Buffer {
  const steps = new Random(11)
  const bytes = Buffer.alloc(count * width)
  let value = 16_000
  for (let at = 0; at < count; at++) {
    value = Math.min(32_000, Math.max(1, value + steps.below(41) - 20))
    bytes.writeUInt16LE(value, at * width + width - 2)
    if (width > 2) bytes.writeUInt16LE(steps.below(65_536), at * width)
  }
  return bytes
}

describe('a block of numbers', () => {
  const block = numberBytes(weights(6, 100_000), 'bf16')

  it.each(['fast', 'balanced', 'max'] as const)('of weights is float in preset %s', async (name) => {
    const { codec, stored } = await encodeBlock(block, context, presets[name].candidates)
    expect(codec).toBe(float)
    expect(stored.length).toBeLessThan(block.length * 0.69)
  })

  it('of doubles is compressed, though all but a byte of each is noise', async () => {
    const raw = numberBytes(weights(8, 40_000), 'f64')
    for (const name of ['fast', 'balanced'] as const) {
      const { codec, stored } = await encodeBlock(raw, context, presets[name].candidates)
      expect(codec).toBe(float)
      expect(stored.length).toBeLessThan(raw.length * 0.93)
    }
  })

  it('that come again, in any order, takes no more than zstd at level 19 makes of it', async () => {
    const some = weights(9, 3000)
    const raw = numberBytes(
      Float64Array.from({ length: 40_000 }, () => some[random.below(3000)] ?? 0),
      'f64',
    )
    const { stored } = await encodeBlock(raw, context, presets.balanced.candidates)
    expect(stored.length).toBeLessThanOrEqual((await zstd.encode(raw, context, 19)).length)
  })

  it('of another kind is left to the codecs for it', async () => {
    expect((await encodeBlock(block, { kind: 'binary' }, presets.fast.candidates)).codec).not.toBe(float)
  })
})

import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Codec } from '../../../src-main/codecs/codec'
import { encodeBlock } from '../../../src-main/codecs/encode-block'
import { isIncompressible } from '../../../src-main/codecs/incompressible'
import { presets } from '../../../src-main/codecs/presets'
import { codecByNumber, codecName } from '../../../src-main/codecs/registry'
import { store } from '../../../src-main/codecs/store/store'
import { checkAll, mix } from '../../../src-main/codecs/mix/mix'
import { zstd } from '../../../src-main/codecs/zstd/zstd'

const context = { kind: 'text' } as const
const text = Buffer.from('The quick brown fox jumps over the lazy dog. '.repeat(9000))

/** Lengths at which block coders tend to break, and every kind of content. */
const inputs: readonly (readonly [string, Uint8Array])[] = [
  ['empty', new Uint8Array()],
  ['one byte', Uint8Array.of(0)],
  ['all byte values', Uint8Array.from({ length: 256 }, (_, index) => index)],
  ...[1023, 1024, 1025, 65_535, 65_536, 65_537, 131_071, 131_073].map(
    (length) => [`text of ${length}`, text.subarray(0, length)] as const,
  ),
  ['zeros', new Uint8Array(200_000)],
  ['random', randomBytes(150_000)],
  ['over the long-distance limit', Buffer.concat([randomBytes(1_500_000), text, randomBytes(1_000_000), text])],
]

describe.each([
  ['store', store, 0],
  ['zstd at level 3', zstd, 3],
  ['zstd at level 19', zstd, 19],
  ['zstd at level 22', zstd, 22],
  ['mix', mix, 0],
] as const)('%s', (_name, codec: Codec, effort) => {
  it.each(inputs)('gives back %s exactly', async (_label, raw) => {
    const stored = await codec.encode(raw, context, effort)
    expect(Buffer.compare(codec.decode(stored, raw.length, context), raw)).toBe(0)
  })

  it('refuses bytes that hold more or less than was declared, instead of returning them', async () => {
    const stored = await codec.encode(text, context, effort)
    // The code of mix may end in the middle of a byte's worth; the frame's hash is what tells one byte more or less.
    const nearest = codec === mix ? 2000 : 1
    for (const declared of [0, 1, text.length - nearest, text.length + nearest]) {
      expect(() => codec.decode(stored, declared, context), `declared ${declared}`).toThrow(
        expect.objectContaining({ code: 'Corrupt' }),
      )
    }
  })
})

describe('zstd', () => {
  it('answers any damage with a typed error or other bytes, never with a foreign exception', async () => {
    const stored = await zstd.encode(text.subarray(0, 5000), context, 19)
    for (let at = 0; at < stored.length; at++) {
      const damaged = Uint8Array.from(stored)
      damaged[at] = (damaged[at] ?? 0) ^ 0xff
      try {
        expect(zstd.decode(damaged, 5000, context)).toHaveLength(5000)
      } catch (thrown) {
        expect(thrown).toMatchObject({ name: 'LmzError', code: 'Corrupt' })
      }
    }
  })

  it('does not unpack a bomb beyond what was declared', async () => {
    const bomb = await zstd.encode(new Uint8Array(16 * 1024 * 1024), context, 3)
    expect(() => zstd.decode(bomb, 1000, context)).toThrow(expect.objectContaining({ code: 'Corrupt' }))
  })
})

describe('encoding a block', () => {
  const { candidates } = presets.balanced

  it('takes the smallest result', async () => {
    const { codec, stored } = await encodeBlock(text, context, candidates)
    expect(codec.name).toBe('mix')
    expect(stored.length).toBeLessThan(text.length / 50)
  })

  it('never makes a block larger than it is', async () => {
    for (const raw of [randomBytes(10), randomBytes(100_000), randomBytes(500_000)]) {
      const { codec, stored } = await encodeBlock(raw, context, candidates)
      expect(codec.name).toBe('store')
      expect(stored).toHaveLength(raw.length)
    }
  })

  it('passes over a codec that does not reproduce the bytes, so that its defect costs no data', async () => {
    const broken: Codec = {
      ...zstd,
      name: 'broken',
      decode: (_stored, rawLength) => new Uint8Array(rawLength),
    }
    const { codec, stored, rejected } = await encodeBlock(text, context, [{ codec: broken, effort: 3 }])
    expect(codec).toBe(zstd)
    expect(Buffer.compare(zstd.decode(stored, text.length, context), text)).toBe(0)
    expect(rejected?.message).toContain('broken')
  })

  it.each([
    ['another prior', 0, 0],
    ['another start', 1, 0],
    ['another transform', 2, 1],
    ['damage in the code', 6, 77],
  ])('sees from the head of a mix block that it does not come back: %s', async (_what, place, value) => {
    const stored = Uint8Array.from(await mix.encode(text, context, 0))
    expect(mix.reproduces?.(stored, text, context, 0)).toBe(true)
    expect(mix.reproduces?.(stored, text, context, checkAll)).toBe(true)
    stored[place] = value
    const isRight = (): boolean | undefined => mix.reproduces?.(stored, text, context, 0)
    if (place === 2) expect(isRight).toThrow(expect.objectContaining({ name: 'LmzError' }))
    else expect(isRight()).toBe(false)
    const tampering: Codec = { ...mix, encode: async () => stored }
    expect((await encodeBlock(text, context, [{ codec: tampering, effort: 0 }])).codec).toBe(zstd)
  })

  it('sees damage behind the head of a mix block with the effort to check all of it', async () => {
    const long = Buffer.concat(Array.from({ length: 3 }, (_none, at) => Buffer.from(`${at} ${text.toString()}`)))
    const stored = Uint8Array.from(await mix.encode(long, context, 0))
    stored[stored.length - 20] = (stored[stored.length - 20] ?? 0) ^ 0xff
    expect(mix.reproduces?.(stored, long, context, 0)).toBe(true)
    expect(mix.reproduces?.(stored, long, context, checkAll)).toBe(false)
  })

  it('recognises what is compressed already and spends no time on it', () => {
    expect(isIncompressible(randomBytes(1_000_000))).toBe(true)
    expect(isIncompressible(text)).toBe(false)
    expect(isIncompressible(Buffer.from(randomBytes(600_000).toString('base64')))).toBe(false)
  })
})

describe('the registry', () => {
  it('refuses numbers of a newer lmz by name', () => {
    expect(() => codecByNumber(200)).toThrow(expect.objectContaining({ code: 'Unsupported' }))
    expect(codecName(200)).toBe('codec 200')
    expect(codecName(1)).toBe('zstd')
  })
})

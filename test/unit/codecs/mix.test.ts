import fc from 'fast-check'
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { mix } from '../../../src-main/codecs/mix/mix'
import { startMixKernel } from '../../../src-main/kernels/mix-kernel'
import { pseudoRandomBytes } from '../intake/pseudo-random-bytes'

const sentences = Buffer.from(
  Array.from(
    { length: 400 },
    (_none, at) => `On day ${at * 37} the keeper of lamp ${at % 11} wrote: all is well.\n`,
  ).join(''),
)

describe('mix', () => {
  it('makes text much smaller than it is', async () => {
    const stored = await mix.encode(sentences, { kind: 'text' }, 0)
    expect(stored.length).toBeLessThan(sentences.length / 12)
  })

  it.each(['text', 'code', 'structured', 'binary', 'executable'] as const)(
    'gives back any bytes as %s',
    async (kind) => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (raw) => {
          const stored = await mix.encode(raw, { kind }, 0)
          expect(Buffer.compare(mix.decode(stored, raw.length, { kind }), raw)).toBe(0)
        }),
        { numRuns: 40 },
      )
    },
  )

  it('decodes a block alone, whatever was decoded before it', async () => {
    const stored = await mix.encode(sentences, { kind: 'text' }, 0)
    mix.decode(await mix.encode(pseudoRandomBytes(50_000), { kind: 'binary' }, 0), 50_000, { kind: 'binary' })
    expect(Buffer.compare(mix.decode(stored, sentences.length, { kind: 'text' }), sentences)).toBe(0)
  })

  it('decodes while another block is being encoded', async () => {
    const stored = await mix.encode(sentences, { kind: 'text' }, 0)
    const long = Buffer.concat(Array.from({ length: 8 }, () => sentences))
    const encoding = mix.encode(long, { kind: 'text' }, 0)
    expect(Buffer.compare(mix.decode(stored, sentences.length, { kind: 'text' }), sentences)).toBe(0)
    expect(Buffer.compare(mix.decode(await encoding, long.length, { kind: 'text' }), long)).toBe(0)
  })

  it('starts from a primer, and needs the same one to decode', async () => {
    const primer = { key: 'sentences', bytes: sentences.subarray(0, 8000) }
    const raw = sentences.subarray(8000, 12_000)
    const alone = await mix.encode(raw, { kind: 'text' }, 0)
    const primed = await mix.encode(raw, { kind: 'text', primer }, 0)
    expect(primed.length).toBeLessThan(alone.length * 0.8)
    for (let time = 0; time < 2; time++) {
      expect(Buffer.compare(mix.decode(primed, raw.length, { kind: 'text', primer }), raw)).toBe(0)
      expect(Buffer.compare(mix.decode(alone, raw.length, { kind: 'text' }), raw)).toBe(0)
    }
  })

  it('answers damage with a typed error or other bytes of the declared length', async () => {
    const stored = await mix.encode(sentences.subarray(0, 2000), { kind: 'text' }, 0)
    for (let at = 0; at < stored.length; at += 3) {
      const damaged = Uint8Array.from(stored)
      damaged[at] = (damaged[at] ?? 0) ^ 0x55
      try {
        expect(mix.decode(damaged, 2000, { kind: 'text' })).toHaveLength(2000)
      } catch (thrown) {
        expect(thrown).toMatchObject({ name: 'LmzError' })
      }
    }
  })
})

describe('the kernel of mix', () => {
  it('codes with the same bits on every machine: a recorded input gives the recorded code', () => {
    const kernel = startMixKernel(10)
    const raw = Buffer.concat([sentences.subarray(0, 3000), pseudoRandomBytes(500), sentences.subarray(0, 3000)])
    const codes = [0, 1, 2].map((contextSet) => {
      kernel.clearState()
      kernel.memory.set(raw, kernel.bytes)
      kernel.startBlock(contextSet, 0, 4)
      kernel.startEncoding()
      kernel.encode(0, raw.length)
      const length = kernel.finishEncoding()
      const code = kernel.memory.subarray(kernel.stored, kernel.stored + length)
      return createHash('sha256').update(code).digest('hex').slice(0, 16)
    })
    expect(codes).toMatchInlineSnapshot(`
      [
        "4cef0b26e738d429",
        "2cbb0d51577ab961",
        "24cd190b9489f44b",
      ]
    `)
  })
})

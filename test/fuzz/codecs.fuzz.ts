import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Codec } from '../../src-main/codecs/codec'
import { float, thorough } from '../../src-main/codecs/float/float'
import { mix } from '../../src-main/codecs/mix/mix'
import { zstd } from '../../src-main/codecs/zstd/zstd'
import { numberBytes, weights } from '../support/numbers'
import { transforms } from '../../src-main/codecs/transforms/registry'
import { type ContentKind, contentKinds } from '../../src-main/contract/content-kind'

/*
 * Random blocks through every codec and transform and back, and random damage to what they made: LMZ_FUZZ_RUNS (10,000) of each,
 * from LMZ_SEED (1) on.
 */

const numRuns = Number(process.env['LMZ_FUZZ_RUNS'] ?? 10_000)
const seed = Number(process.env['LMZ_SEED'] ?? 1)

const kinds = Object.keys(contentKinds) as ContentKind[]

/** Noise, runs of one byte, words, tables of numbers, calls, and mixtures of them: what models and transforms look for. */
const piece = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.tuple(fc.nat(255), fc.nat(2000)).map(([byte, length]) => new Uint8Array(length).fill(byte)),
  fc
    .array(fc.constantFrom('the ', 'lamp ', 'x = ', '"id": ', '{\n', '},\n', 'é', '世'), { maxLength: 80 })
    .map(bytesOf),
  fc
    .array(fc.tuple(fc.nat(999), fc.double({ min: -90, max: 90, noNaN: true })), { maxLength: 60 })
    .map((rows) => bytesOf(rows.map(([id, value]) => `${id},${value.toFixed(4)},on\n`))),
  fc
    .array(fc.tuple(fc.constantFrom(0xe8, 0xe9, 0x48, 0x0f), fc.integer()), { maxLength: 80 })
    .map((calls) => Buffer.concat(calls.map(([opcode, target]) => callOf(opcode, target)))),
)
const block = fc.array(piece, { maxLength: 6 }).map((pieces) => Uint8Array.from(Buffer.concat(pieces)))

/** With arrays of numbers between them, long enough to be modelled. */
const numbers = fc
  .tuple(fc.constantFrom('bf16', 'f32', 'f64', 'f32 highest byte first'), fc.nat(), fc.nat(6000))
  .map(([type, from, count]) => numberBytes(weights(from, count), type))
const numericBlock = fc
  .array(fc.oneof(piece, numbers), { maxLength: 4 })
  .map((pieces) => Uint8Array.from(Buffer.concat(pieces)))

function bytesOf(parts: readonly string[]): Uint8Array {
  return Buffer.from(parts.join(''))
}

function callOf(opcode: number, target: number): Buffer {
  const call = Buffer.alloc(5, opcode)
  call.writeInt32LE(target | 0, 1)
  return call
}

describe.each([
  ['mix', mix, 0, block],
  ['zstd', zstd, 3, block],
  ['float', float, 0, numericBlock],
  ['float, thoroughly', float, thorough, numericBlock],
] as const)('%s', (_name, codec: Codec, effort, blocks) => {
  it('gives every block back, and answers damage with other bytes of that length or a typed error', async () => {
    await fc.assert(
      fc.asyncProperty(blocks, fc.constantFrom(...kinds), fc.nat(), fc.nat(255), async (raw, kind, place, byte) => {
        const stored = Uint8Array.from(await codec.encode(raw, { kind }, effort))
        expect(Buffer.compare(codec.decode(stored, raw.length, { kind }), raw)).toBe(0)
        if (stored.length === 0) return
        stored[place % stored.length] = byte
        try {
          expect(codec.decode(stored, raw.length, { kind })).toHaveLength(raw.length)
        } catch (thrown) {
          expect(thrown).toMatchObject({ name: 'LmzError' })
        }
      }),
      { numRuns, seed },
    )
  })
})

describe.each(transforms.map((transform) => [transform.name, transform] as const))('%s', (_name, transform) => {
  it('gives every block back, and answers damage with other bytes or a typed error', () => {
    fc.assert(
      fc.property(block, fc.nat(), fc.nat(255), (raw, place, byte) => {
        const made = transform.forward(raw)
        if (made === undefined) return
        expect(Buffer.compare(transform.inverse(made, raw.length), raw)).toBe(0)
        const damaged = Uint8Array.from(made)
        damaged[place % damaged.length] = byte
        try {
          expect(transform.inverse(damaged, raw.length)).toHaveLength(raw.length)
        } catch (thrown) {
          expect(thrown).toMatchObject({ name: 'LmzError' })
        }
      }),
      { numRuns, seed },
    )
  })
})

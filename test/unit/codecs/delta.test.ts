import { describe, expect, it } from 'vitest'
import type { Base } from '../../../src-main/codecs/codec'
import { delta } from '../../../src-main/codecs/delta/delta'
import { encodeBlock } from '../../../src-main/codecs/encode-block'
import { LmzError } from '../../../src-main/contract/error'
import { contentHashOf } from '../../../src-main/format/frame'
import { Random } from '../../support/random'
import { halved, movedWeights, weights } from '../../support/checkpoints'

const kind = 'tensor'

function baseOf(bytes: Uint8Array, offset = 0): Base {
  return { id: 7, hash: contentHashOf(bytes), bytes, offset }
}

async function roundTrip(raw: Uint8Array, base: Base): Promise<Uint8Array> {
  const stored = await delta.encode(raw, { kind, base }, 0)
  if (stored.length < raw.length) {
    expect(delta.baseOf?.name(stored)).toEqual({ id: base.id, hash: base.hash, offset: base.offset })
    // The decoder is told nothing of the offset.
    expect(Buffer.compare(delta.decode(stored, raw.length, { kind, base: { ...base, offset: 0 } }), raw)).toBe(0)
  }
  return stored
}

describe('the delta codec', () => {
  const random = new Random(5)
  const first = weights(random, 60_000)
  const second = movedWeights(random, first, 1e-4)

  it('stores a later checkpoint in a part of its bytes, in each type of float', async () => {
    expect((await roundTrip(second, baseOf(first))).length).toBeLessThan(first.length * 0.6)
    const [old, young] = [halved(first), halved(second)]
    expect((await roundTrip(young, baseOf(old))).length).toBeLessThan(old.length * 0.25)
  })

  it('stores equal bytes in next to nothing, and those that have nothing in common as they are', async () => {
    expect((await roundTrip(first, baseOf(first))).length).toBeLessThan(200)
    expect(await delta.encode(random.bytes(9000), { kind, base: baseOf(random.bytes(9000)) }, 0)).toHaveLength(9000)
  })

  it('finds the counterpart at an offset, and takes zeros for what the base does not have', async () => {
    const cut = 40_000
    const later = second.subarray(cut)
    expect((await roundTrip(later, baseOf(first, cut))).length).toBeLessThan(later.length * 0.6)
    const before = Buffer.concat([Buffer.alloc(cut), second])
    expect((await roundTrip(before, baseOf(first, -cut))).length).toBeLessThan(second.length * 0.6)
    expect((await roundTrip(second, baseOf(first.subarray(0, 200_000)))).length).toBeLessThan(second.length * 0.75)
  })

  it('gives back blocks of every small length, and numbers that are none', async () => {
    for (let length = 1; length < 70; length++) {
      await roundTrip(first.subarray(0, length), baseOf(first))
      await roundTrip(Buffer.alloc(length, 255), baseOf(Buffer.alloc(3)))
    }
    const special = Buffer.alloc(40_000)
    const patterns = [0x7f800000, 0xff800000, 0x7fc00000, 0x80000000, 0, 0x00000001, 0xffffffff, 0x3f800000]
    for (let at = 0; at < special.length; at += 4) special.writeUInt32LE(patterns[random.below(8)] ?? 0, at)
    await roundTrip(special, baseOf(first))
    await roundTrip(special, baseOf(special.subarray(4)))
    const wide = Buffer.from(new BigUint64Array(5000).map((_zero, at) => BigInt(at) * 0x9e3779b97f4a7c15n).buffer)
    await roundTrip(wide, baseOf(Buffer.from(wide.map((byte, at) => (at % 8 === 0 ? byte ^ 3 : byte)))))
  })

  it('says of damaged bytes that they are damaged, or gives the length that was asked for', async () => {
    const raw = second.subarray(0, 20_000)
    const stored = await delta.encode(raw, { kind, base: baseOf(first) }, 0)
    for (let trial = 0; trial < 400; trial++) {
      const damaged = Buffer.from(stored)
      const at = trial < 200 ? trial % 200 : random.below(damaged.length)
      damaged[at] = (damaged[at] ?? 0) ^ (1 << random.below(8))
      const cut = trial % 5 === 0 ? damaged.subarray(0, random.below(damaged.length)) : damaged
      try {
        expect(delta.decode(cut, raw.length, { kind, base: baseOf(first) })).toHaveLength(raw.length)
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(LmzError)
        expect((thrown as LmzError).code).toBe('Corrupt')
      }
    }
    expect(() => delta.decode(stored, raw.length, { kind })).toThrow(LmzError)
  })

  it('is chosen for a block where it is the smallest, though the bytes alone look like noise', async () => {
    const noise = random.bytes(100_000)
    const near = Buffer.from(noise)
    for (let at = 0; at < near.length; at += 50) near[at] = (near[at] ?? 0) ^ 1
    const alone = await encodeBlock(near, { kind }, [{ codec: delta, effort: 0 }])
    const based = await encodeBlock(near, { kind, base: baseOf(noise) }, [{ codec: delta, effort: 0 }])
    expect([alone.codec.name, based.codec.name]).toEqual(['store', 'delta'])
    expect(based.stored.length).toBeLessThan(near.length / 10)
  })
})

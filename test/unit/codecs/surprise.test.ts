import { describe, expect, it } from 'vitest'
import { mix, mixPredictor } from '../../../src-main/codecs/mix/mix'
import { neuralCodec, whateverItGains } from '../../../src-main/codecs/neural/neural'
import type { BlockContext, Codec } from '../../../src-main/codecs/codec'
import { NetShelf } from '../../../src-main/models/net/net-shelf'
import { currentNet, shippedNets } from '../../../src-main/models/net/shipped-nets'
import { blake3 } from '../../../src-main/kernels/blake3'
import { Random, seed } from '../../support/random'

const neural = neuralCodec(new NetShelf(shippedNets), currentNet)
const text = Buffer.from(new Random(seed).text(40_000))
const primerBytes = Buffer.from(new Random(seed + 1).text(30_000))
const primer = { key: Buffer.from(blake3(primerBytes)).toString('hex'), bytes: primerBytes }
const plain: BlockContext = { kind: 'text' }
const primed: BlockContext = { kind: 'text', primer }

/** A stored block and what its codec says of its bytes. */
async function explained(codec: Codec, raw: Uint8Array, context: BlockContext) {
  const stored = await codec.encode(raw, context, whateverItGains)
  const predictor = codec.predictorOf?.(stored, raw.length, context)
  if (predictor === undefined) throw new TypeError(`${codec.name} says nothing of its bytes`)
  return { stored, predictor, costs: await predictor.costs(raw) }
}

function sum(values: Iterable<number>): number {
  let total = 0
  for (const value of values) total += value
  return total
}

describe('what a model was surprised by', () => {
  it.each([
    ['mix', mix, plain, text],
    ['mix with a primer', mix, primed, text],
    ['mix of raw data', mix, { kind: 'binary' }, Buffer.from(new Random(seed + 2).bytes(30_000)).fill(7, 0, 20_000)],
    ['neural', neural, plain, text.subarray(0, 12_000)],
    ['neural with a primer', neural, primed, text.subarray(0, 12_000)],
  ] as const)('%s: the bits of all bytes add up to what is stored, within 1 %', async (_name, codec, context, raw) => {
    const { stored, predictor, costs } = await explained(codec, raw, context)
    expect(predictor.transform).toBeUndefined()
    expect(costs).toHaveLength(raw.length)
    // Header and end of the code: 12 bytes at most.
    expect(sum(costs)).toBeGreaterThan((stored.length - 16) * 8 * 0.999)
    expect(sum(costs)).toBeLessThan(stored.length * 8 * 1.001)
    expect(Math.abs(stored.length * 8 - sum(costs))).toBeLessThan(stored.length * 8 * 0.01)
  })

  it.each([
    ['mix', mix, primed],
    ['neural', neural, plain],
  ] as const)('%s: what was held likely at a byte is what it cost, to the last bit', async (_name, codec, context) => {
    const raw = text.subarray(0, 9000)
    const { predictor, costs } = await explained(codec, raw, context)
    for (const at of [0, 1, 8, 4095, 4096, 8191, 8999]) {
      const chances = await predictor.chances(raw.subarray(0, at))
      expect(sum(chances)).toBeCloseTo(1, 12)
      expect(-Math.log2(chances[raw[at] ?? 0] ?? 0)).toBeCloseTo(costs[at] ?? NaN, 9)
    }
  })

  it('asking what is likely changes no prediction that follows', async () => {
    const { predictor, costs } = await explained(mix, text, plain)
    await predictor.chances(text.subarray(0, 20_000))
    expect(await predictor.costs(text)).toEqual(costs)
  })

  it('says that a transform was coded, and what the raw bytes would cost', async () => {
    const lines = Array.from({ length: 3000 }, (_nothing, n) => `${n},${(n * 7919) % 997},${(n * n) % 1009}\n`)
    const table = Buffer.from(lines.join(''))
    const { stored, predictor } = await explained(mix, table, { kind: 'structured' })
    expect(predictor.transform).toMatch(/columns|decimal/)
    const costs = await (await mixPredictor(table, { kind: 'structured' })).costs(table)
    expect(sum(costs) / 8).toBeGreaterThan(stored.length)
  })
})

import fc from 'fast-check'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Codec } from '../../../src-main/codecs/codec'
import { encodeBlock } from '../../../src-main/codecs/encode-block'
import { mix } from '../../../src-main/codecs/mix/mix'
import { neural as shippedNeural, neuralCodec } from '../../../src-main/codecs/neural/neural'
import { MixModel } from '../../../src-main/codecs/mix/mix-model'
import { NeuralModel } from '../../../src-main/codecs/neural/neural-model'
import { store } from '../../../src-main/codecs/store/store'
import type { LmzError } from '../../../src-main/contract/error'
import { loadNet } from '../../../src-main/models/net/load-net'
import { NetShelf } from '../../../src-main/models/net/net-shelf'
import { Random } from '../../support/random'
import { suiteFolder } from '../../support/suite-folder'
import { tinyNet } from '../../support/tiny-net'

const home = suiteFolder()
let shelves = 0

/** A shelf with a net that knows nothing, as number 1. */
function shelf(seed = 1): { readonly folder: string; readonly shelf: NetShelf; readonly hash: string } {
  const { file, weights } = tinyNet(seed)
  const folder = join(home, String(++shelves))
  mkdirSync(join(folder, 'byte-1'), { recursive: true })
  const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
  const files = { 'weights.bin': { bytes: weights.length, sha256: sha256(weights) } }
  const description = Buffer.from(JSON.stringify({ ...file, files }))
  writeFileSync(join(folder, 'byte-1/model.json'), description)
  writeFileSync(join(folder, 'byte-1/weights.bin'), weights)
  const hash = sha256(description)
  return { folder, hash, shelf: new NetShelf(new Map([[1, { id: 'byte-1', hash }]]), () => folder) }
}

const whateverItGains = -Infinity
const neural = neuralCodec(shelf().shelf, 1, whateverItGains)

const sentences = Buffer.from(
  Array.from({ length: 60 }, (_, at) => `On day ${at * 37} the keeper of lamp ${at % 11} wrote: all is well.\n`).join(
    '',
  ),
)

function thrown(act: () => unknown): LmzError {
  try {
    act()
  } catch (error) {
    return error as LmzError
  }
  throw new Error('nothing was thrown')
}

const decode = (codec: Codec, stored: Uint8Array) => codec.decode(stored, sentences.length, { kind: 'text' })

describe('neural', () => {
  it.each(['text', 'code', 'structured', 'binary', 'executable'] as const)(
    'gives back any bytes as %s',
    async (kind) => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (raw) => {
          const stored = await neural.encode(raw, { kind }, 0)
          expect(Buffer.compare(neural.decode(stored, raw.length, { kind }), raw)).toBe(0)
          expect(neural.reproduces?.(stored, raw, { kind }, 0)).toBe(true)
        }),
        { numRuns: 10 },
      )
    },
  )

  it('does not lose much by a net that knows nothing: foreign data would grow', async () => {
    const stored = await neural.encode(sentences, { kind: 'text' }, 0)
    expect(stored.length).toBeLessThan(sentences.length / 8)
  })

  it('starts from what mix has learnt of a primer, which makes alike data shorter', async () => {
    const primer = { key: 'lamps', bytes: sentences }
    const raw = Buffer.from('On day 11 the keeper of lamp 3 wrote: all is dark.\n')
    const plain = await neural.encode(raw, { kind: 'text' }, 0)
    const primed = await neural.encode(raw, { kind: 'text', primer }, 0)
    expect(primed.length).toBeLessThan(plain.length * 0.6)
    expect(Buffer.compare(neural.decode(plain, raw.length, { kind: 'text' }), raw)).toBe(0)
    expect(Buffer.compare(neural.decode(primed, raw.length, { kind: 'text', primer }), raw)).toBe(0)
    expect(neural.reproduces?.(primed, raw, { kind: 'text', primer }, 0)).toBe(true)
    const other = { key: 'other', bytes: new Random(3).text(2000) }
    expect(neural.reproduces?.(primed, raw, { kind: 'text', primer: other }, 0)).toBe(false)
  })

  it('is asked about text alone: in other data, a few words would make a block a minute long', async () => {
    const candidates = [{ codec: neural, effort: 0 }]
    expect((await encodeBlock(sentences, { kind: 'text' }, candidates)).codec).toBe(neural)
    expect((await encodeBlock(sentences, { kind: 'executable' }, candidates)).codec).toBe(store)
  })

  it('knows what mix alone would have made of a block: mix need not be tried as well', async () => {
    const { file, weights } = tinyNet(1)
    const model = new NeuralModel(loadNet(file, weights), new MixModel())
    const start = { contextSet: 0, recordLength: 4, prior: undefined }
    for (const raw of [sentences, new Random(2).text(5000), new Random(8).bytes(3000)]) {
      await model.encode(raw, { ...start, primer: undefined })
      const { length } = await new MixModel().encode(raw, { ...start, primer: undefined })
      expect(Math.abs(model.mixLength() - length)).toBeLessThan(8)
    }
  })

  it('never makes a block longer than mix does, however short: what names the net counts too', async () => {
    const text = readFileSync(join(import.meta.dirname, '../../../docs/architecture.md'))
    for (let length = 16; length < 3000; length = Math.ceil(length * 1.25)) {
      const raw = text.subarray(500, 500 + length)
      const stored = await shippedNeural.encode(raw, { kind: 'text' }, 0)
      const mixed = await mix.encode(raw, { kind: 'text' }, 0)
      if (stored !== raw) expect(stored.length, `${length} bytes`).toBeLessThanOrEqual(mixed.length)
    }
  })

  it('leaves a block to others where the net is of no use', async () => {
    const careful = neuralCodec(shelf().shelf, 1)
    const raw = new Random(7).bytes(20_000)
    expect(await careful.encode(raw, { kind: 'binary' }, 0)).toBe(raw)
  })

  it('decodes a block alone, whatever was decoded before it, and while another is being encoded', async () => {
    const stored = await neural.encode(sentences, { kind: 'text' }, 0)
    const encoding = neural.encode(Buffer.concat([sentences, sentences, sentences, sentences]), { kind: 'text' }, 0)
    expect(Buffer.compare(decode(neural, stored), sentences)).toBe(0)
    const other = await encoding
    expect(neural.decode(other, sentences.length * 4, { kind: 'text' }).length).toBe(sentences.length * 4)
    expect(Buffer.compare(decode(neural, stored), sentences)).toBe(0)
  })

  it('sees that a block is not reproduced', async () => {
    const stored = Buffer.from(await neural.encode(sentences, { kind: 'text' }, 0))
    stored[20] = (stored[20] ?? 0) ^ 1
    expect(neural.reproduces?.(stored, sentences, { kind: 'text' }, 0)).toBe(false)
  })

  it('answers damage with a typed error or other bytes of the declared length', async () => {
    const stored = await neural.encode(sentences, { kind: 'text' }, 0)
    const random = new Random(3)
    for (let time = 0; time < 20; time++) {
      const damaged = Buffer.from(stored.subarray(0, time % 2 === 0 ? stored.length : random.below(stored.length)))
      if (damaged.length > 5) damaged[5 + random.below(damaged.length - 5)] = random.below(256)
      try {
        expect(decode(neural, damaged).length).toBe(sentences.length)
      } catch (error) {
        expect((error as LmzError).code).toMatch(/^(Corrupt|Unsupported|ModelMissing)$/)
      }
    }
  })
})

describe('a model that is not the one', () => {
  const encoded = neural.encode(sentences, { kind: 'text' }, 0)

  it('is named where this lmz has never heard of it', async () => {
    const stored = Buffer.from(await encoded)
    stored.set([9, 9, 9, 9, 9])
    const { code, message } = thrown(() => decode(neural, stored))
    expect([code, message]).toEqual(['ModelMissing', expect.stringContaining('byte-9')])
  })

  it('is told from damage: a number has one hash for ever, and a hash one number', async () => {
    for (const at of [0, 1, 4]) {
      const stored = Buffer.from(await encoded)
      stored[at] = (stored[at] ?? 0) ^ 64
      expect(thrown(() => decode(neural, stored)).code).toBe('Corrupt')
    }
  })

  it.each([
    ['missing', 'weights.bin', undefined, 'ModelMissing', 'cannot be read'],
    ['missing', 'model.json', undefined, 'ModelMissing', 'cannot be read'],
    ['cut off', 'weights.bin', (bytes: Buffer) => bytes.subarray(0, -1), 'ModelMissing', 'is damaged'],
    ['altered', 'weights.bin', (bytes: Buffer) => (bytes.writeUInt8(1, 0), bytes), 'ModelMissing', 'is damaged'],
    ['altered', 'model.json', (bytes: Buffer) => Buffer.concat([bytes, Buffer.of(32)]), 'ModelMissing', 'is damaged'],
  ] as const)('is named where its file is %s: %s', async (_how, name, change, code, words) => {
    const { folder, shelf: own } = shelf()
    const path = join(folder, 'byte-1', name)
    if (change === undefined) rmSync(path)
    else writeFileSync(path, change(readFileSync(path)))
    const stored = await encoded
    const error = thrown(() => decode(neuralCodec(own, 1), stored))
    expect([error.code, error.message]).toEqual([code, expect.stringContaining('byte-1')])
    expect(error.message).toContain(words)
  })
})

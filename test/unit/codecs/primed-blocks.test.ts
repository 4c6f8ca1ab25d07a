import { describe, expect, it } from 'vitest'
import type { Codec, Primer } from '../../../src-main/codecs/codec'
import { encodeBlock } from '../../../src-main/codecs/encode-block'
import { store } from '../../../src-main/codecs/store/store'
import { zstd } from '../../../src-main/codecs/zstd/zstd'

const text = Buffer.from('Words that a primer knows already. '.repeat(40))
const primer: Primer = { key: 'of the text', bytes: text }

/** Codes a block that is equal to its primer in one byte, and anything else not at all. */
const copying: Codec = {
  number: 250,
  name: 'copying',
  usesPrimer: true,
  encode: (raw, context) =>
    Promise.resolve(
      context.primer !== undefined && Buffer.from(context.primer.bytes).equals(raw) ? Uint8Array.of(1) : raw,
    ),
  decode: (stored, _rawLength, context) => (stored.length === 1 ? (context.primer?.bytes ?? new Uint8Array()) : stored),
}

describe('a block with a primer', () => {
  it('is coded with it, and its frame must name it', async () => {
    const candidates = [zstd, copying].map((codec) => ({ codec, effort: 3 }))
    const { codec, stored, isPrimed } = await encodeBlock(text, { kind: 'text', primer }, candidates)
    expect([codec.name, stored.length, isPrimed]).toEqual(['copying', 1, true])
  })

  it('needs none to be decoded where a codec won that makes no use of one', async () => {
    const lines = Buffer.from('Other words. '.repeat(100))
    const candidates = [copying, zstd].map((codec) => ({ codec, effort: 3 }))
    const { codec, isPrimed } = await encodeBlock(lines, { kind: 'text', primer }, candidates)
    expect([codec.name, isPrimed]).toEqual(['zstd', false])
    expect(await encodeBlock(lines, { kind: 'text', primer }, [])).toMatchObject({ codec: store, isPrimed: false })
  })

  it('is not shown to codecs that make no use of it', async () => {
    const seen: unknown[] = []
    const watching: Codec = {
      ...zstd,
      encode: (raw, context, effort) => {
        seen.push(context.primer)
        return zstd.encode(raw, context, effort)
      },
    }
    await encodeBlock(text, { kind: 'text', primer }, [{ codec: watching, effort: 3 }])
    expect(seen).toEqual([undefined])
  })

  it('is rejected if it only decodes with the primer to something else', async () => {
    const lying: Codec = { ...copying, name: 'lying', decode: (_stored, rawLength) => new Uint8Array(rawLength) }
    const { codec, isPrimed, rejected } = await encodeBlock(text, { kind: 'text', primer }, [
      { codec: lying, effort: 1 },
    ])
    expect([codec.name, isPrimed]).toEqual(['zstd', false])
    expect(rejected?.message).toContain('lying')
  })
})

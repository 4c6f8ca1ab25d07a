import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Codec, Primer } from '../../../src-main/codecs/codec'
import { float as floatCodec, thorough } from '../../../src-main/codecs/float/float'
import { mix as mixCodec } from '../../../src-main/codecs/mix/mix'
import { neuralCodec } from '../../../src-main/codecs/neural/neural'
import { store as storeCodec } from '../../../src-main/codecs/store/store'
import { transforms as allTransforms } from '../../../src-main/codecs/transforms/registry'
import { zstd as zstdCodec } from '../../../src-main/codecs/zstd/zstd'
import type { ContentKind } from '../../../src-main/contract/content-kind'
import { startMixKernel } from '../../../src-main/kernels/mix-kernel'
import { NetShelf } from '../../../src-main/models/net/net-shelf'
import { numberBytes, weights } from '../../support/numbers'
import type { Random } from '../../support/random'
import { tinyNet } from '../../support/tiny-net'
import type { Target } from '../guided'

/** Blocks that models and transforms find something in. */
function rawBlocks(random: Random): readonly (readonly [ContentKind, Buffer])[] {
  const table = Array.from({ length: 60 }, (_none, row) => `${row},${(random.share() * 90).toFixed(4)},on\n`).join('')
  const calls = Buffer.concat(
    Array.from({ length: 80 }, () => {
      const call = Buffer.alloc(9, 0x90)
      call[0] = random.pick([0xe8, 0xe9, 0x48])
      call.writeInt32LE(random.below(100_000), 1)
      return call
    }),
  )
  const words = Buffer.alloc(400)
  for (let at = 0; at < 400; at += 4) words.writeUInt32LE((0x94000000 | random.below(1 << 20)) >>> 0, at)
  return [
    ['text', random.text(500)],
    ['structured', Buffer.from(table)],
    ['executable', calls],
    ['executable', words],
    ['binary', random.bytes(200)],
    ['code', Buffer.from('if (x) {\n  return y\n}\n'.repeat(20))],
    ['text', Buffer.alloc(0)],
  ]
}

/** Input: what a frame header says of the raw length, 2 bytes; whether a primer is there; then the payload. */
function codecTarget(name: string, codec: Codec, covers: RegExp, effort: number): Target {
  const primer: Primer = { key: 'a primer', bytes: Buffer.from('lamp keeper tower '.repeat(30)) }
  return {
    name,
    covers,
    longest: 1200,
    async seeds(random) {
      const made: Buffer[] = []
      // One by one: each that is under way has a model of its own.
      for (const [kind, raw] of rawBlocks(random)) {
        for (const given of [undefined, primer]) {
          const stored = await codec.encode(raw, { kind, primer: given }, effort)
          made.push(Buffer.concat([Buffer.of(raw.length & 255, raw.length >> 8, given === undefined ? 0 : 1), stored]))
        }
      }
      return made
    },
    run(input) {
      const rawLength = ((input[0] ?? 0) | ((input[1] ?? 0) << 8)) % 4096
      const given = codec.usesPrimer === true && ((input[2] ?? 0) & 1) === 1 ? primer : undefined
      const raw = codec.decode(input.subarray(3), rawLength, { kind: 'text', primer: given })
      if (raw.length !== rawLength) throw new Error(`${raw.length} bytes instead of ${rawLength}`)
    },
  }
}

export const store = codecTarget('codec store', storeCodec, /codecs\/store/, 0)
export const zstd = codecTarget('codec zstd', zstdCodec, /codecs\/zstd/, 3)
export const mix = codecTarget(
  'codec mix',
  mixCodec,
  /codecs\/mix\/(mix|payload|mix-model|restore-state|starts)\.ts/,
  0,
)

/** Of each way of float's parts some, with few elements: the thorough way takes at least 4096, so its seeds are long. */
function floatTarget(name: string, effort: number, count: number): Target {
  return {
    name,
    covers: /codecs\/float\//,
    longest: 9000,
    async seeds() {
      const made: Buffer[] = []
      for (const type of ['bf16', 'f32', 'f64', 'f32 highest byte first'] as const) {
        const raw = numberBytes(weights(1, count), type)
        // The second half once more: one of the types is stored as numbers that come again.
        if (type === 'f32') raw.copyWithin(0, raw.length >> 1)
        const stored = await floatCodec.encode(raw, { kind: 'tensor' }, effort)
        made.push(Buffer.concat([Buffer.of(raw.length & 255, (raw.length >> 8) & 255, raw.length >> 16), stored]))
      }
      return made
    },
    run(input) {
      const rawLength = ((input[0] ?? 0) | ((input[1] ?? 0) << 8) | ((input[2] ?? 0) << 16)) % 65_536
      const raw = floatCodec.decode(input.subarray(3), rawLength, { kind: 'tensor' })
      if (raw.length !== rawLength) throw new Error(`${raw.length} bytes instead of ${rawLength}`)
    },
  }
}

export const float = floatTarget('codec float', 0, 200)
export const floatModel = floatTarget('codec float, modelled', thorough, 4096)

/** The kernel alone, with a table of 2^10 lines: a thousand times as many inputs as through the codec, whose table takes 50 ms to clear. */
const kernelBits = 10
const contextSets = [0, 1, 2]
let kernel: ReturnType<typeof startMixKernel> | undefined

/** Input: set of contexts, length of records in 2 bytes, raw length in 2 bytes, then the code. */
export const mixKernel: Target = {
  name: 'mix kernel',
  covers: /kernels\/mix-kernel/,
  longest: 1200,
  seeds(random) {
    const running = (kernel ??= startMixKernel(kernelBits))
    return rawBlocks(random).flatMap(([, raw]) =>
      contextSets.map((contextSet) => {
        running.clearState()
        running.startBlock(contextSet, 0, 12)
        running.memory.set(raw, running.bytes)
        running.startEncoding()
        running.encode(0, raw.length)
        const code = running.memory.slice(running.stored, running.stored + running.finishEncoding())
        return Buffer.concat([Buffer.of(contextSet, 12, 0, raw.length & 255, raw.length >> 8), code])
      }),
    )
  },
  run(input) {
    const running = (kernel ??= startMixKernel(kernelBits))
    const [first = 0, low = 0, high = 0, rawLow = 0, rawHigh = 0] = input
    const rawLength = (rawLow | (rawHigh << 8)) % 4096
    running.clearState()
    running.startBlock(contextSets[first % contextSets.length] ?? 0, 0, Math.max(1, low | (high << 8)))
    running.memory.set(input.subarray(5), running.stored)
    running.startDecoding(Math.max(0, input.length - 5))
    running.decode(rawLength)
    running.isConsumed()
  },
}

/** With a small net that knows nothing: the shipped one takes a hundred times as long for the same code. */
export function neural(): { readonly target: Target; readonly end: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'lmz-fuzz-net-'))
  const { file, weights } = tinyNet(1)
  const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
  const description = JSON.stringify({
    ...file,
    files: { 'weights.bin': { bytes: weights.length, sha256: sha256(weights) } },
  })
  mkdirSync(join(folder, 'tiny'))
  writeFileSync(join(folder, 'tiny/model.json'), description)
  writeFileSync(join(folder, 'tiny/weights.bin'), weights)
  const shelf = new NetShelf(new Map([[1, { id: 'tiny', hash: sha256(Buffer.from(description)) }]]), () => folder)
  const target = codecTarget(
    'codec neural',
    neuralCodec(shelf, 1, -Infinity),
    /codecs\/neural\/(neural|neural-model)\.ts/,
    0,
  )
  return { target, end: () => rmSync(folder, { recursive: true }) }
}

/** Input: number of the transform, raw length in 2 bytes, then what it made. */
export const transforms: Target = {
  name: 'transforms',
  covers: /codecs\/transforms\//,
  longest: 2500,
  seeds: (random) =>
    allTransforms.flatMap((transform, at) =>
      rawBlocks(random).flatMap(([, raw]) => {
        const made = transform.forward(raw)
        return made === undefined ? [] : [Buffer.concat([Buffer.of(at, raw.length & 255, raw.length >> 8), made])]
      }),
    ),
  run(input) {
    const transform = allTransforms[(input[0] ?? 0) % allTransforms.length]
    const rawLength = ((input[1] ?? 0) | ((input[2] ?? 0) << 8)) % 8192
    const raw = transform?.inverse(input.subarray(3), rawLength)
    if (raw?.length !== rawLength) throw new Error(`${raw?.length ?? -1} bytes instead of ${rawLength}`)
  },
}

import type { ContentKind } from '../../contract/content-kind'
import { LmzError } from '../../contract/error'
import { currentPrior, loadPrior } from '../../models/prior'
import type { BlockContext, Codec, Primer } from '../codec'
import { candidatesFor, transformByNumber } from '../transforms/registry'
import type { Transform } from '../transforms/transform'
import { MixModel } from './mix-model'
import { type Start, startByNumber, startsFor } from './starts'

/**
 * Context mixing (docs/codecs.md, "mix"): many contexts predict each bit, a gated network weighs them, an arithmetic coder writes
 * what is left. The default codec.
 *
 * Stored bytes: the numbers of the prior, the start and the transform, a byte each; with a transform, u32 the length of what
 * it made; the code.
 */
export const mix: Codec = {
  number: 2,
  name: 'mix',
  usesPrimer: true,
  encode(raw, context) {
    return withModel((model) => encodeBest(model, raw, context))
  },
  decode(stored, rawLength, context) {
    const { prior, start, transform, codedLength, code } = parse(stored, rawLength)
    const model = idle.pop() ?? new MixModel()
    try {
      const coded = model.decode(code, codedLength, {
        contextSet: start.contextSet,
        prior: start.part === undefined ? undefined : loadPrior(prior, start.part),
        primer: context.primer,
      })
      if (coded === undefined) throw damaged()
      return transform === undefined ? coded : transform.inverse(coded, rawLength)
    } finally {
      idle.push(model)
    }
  },
}

/** What is given to a model: the block's bytes, or what a transform made of them. */
interface Variant {
  readonly bytes: Uint8Array
  readonly kind: ContentKind
  readonly transform: number
}

/** What a transform brings is judged by so much of a block, or by all of a block up to twice as long. */
const trialLength = 128 * 1024

/** The best transform of a trial is taken: trying all on the whole block would cost as much as coding it, for each. */
async function encodeBest(model: MixModel, raw: Uint8Array, context: BlockContext): Promise<Uint8Array> {
  const { kind, primer } = context
  const transforms = candidatesFor(kind, raw)
  const untouched: Variant = { bytes: raw, kind, transform: 0 }
  if (transforms.length === 0) return encodeVariant(model, untouched, primer)
  const isShort = raw.length <= 2 * trialLength
  const middle = (raw.length - trialLength) >> 1
  const piece = isShort ? raw : raw.subarray(middle, middle + trialLength)
  let best = {
    transform: undefined as Transform | undefined,
    code: await encodeVariant(model, { ...untouched, bytes: piece }, primer),
  }
  for (const transform of transforms) {
    const variant = transformed(transform, piece, kind)
    if (variant === undefined) continue
    const code = await encodeVariant(model, variant, primer)
    if (code.length < best.code.length) best = { transform, code }
  }
  if (isShort) return best.code
  const variant = best.transform === undefined ? undefined : transformed(best.transform, raw, kind)
  return encodeVariant(model, variant ?? untouched, primer)
}

function transformed(transform: Transform, raw: Uint8Array, kind: ContentKind): Variant | undefined {
  const bytes = transform.forward(raw)
  return bytes && { bytes, kind: transform.resultKind ?? kind, transform: transform.number }
}

async function encodeVariant(model: MixModel, { bytes, kind, transform }: Variant, primer: Primer | undefined) {
  const start = await chooseStart(model, bytes, startsFor(kind))
  const code = await model.encode(bytes, { ...stateOf(start), primer })
  const header = Buffer.alloc(transform === 0 ? shortHeader : longHeader)
  header.set([currentPrior, start.number, transform])
  if (transform !== 0) header.writeUInt32LE(bytes.length, shortHeader)
  return Buffer.concat([header, code])
}

/** Enough to tell novels from manuals, and a fiftieth of a block's time. */
const sampleLength = 12 * 1024

async function chooseStart(
  model: MixModel,
  bytes: Uint8Array,
  [first, ...others]: readonly [Start, ...Start[]],
): Promise<Start> {
  if (others.length === 0) return first
  const from = Math.max(0, (bytes.length - sampleLength) >> 1)
  const sample = bytes.subarray(from, from + sampleLength)
  let best = { start: first, length: Infinity }
  for (const start of [first, ...others]) {
    const { length } = await model.encode(sample, { ...stateOf(start), primer: undefined })
    if (length < best.length) best = { start, length }
  }
  return best.start
}

function stateOf({ contextSet, part }: Start) {
  return { contextSet, prior: part === undefined ? undefined : loadPrior(currentPrior, part) }
}

const shortHeader = 3
const longHeader = shortHeader + 4
/** A transform may make a block somewhat longer. */
const mostGrowth = 1024 * 1024

function parse(stored: Uint8Array, rawLength: number) {
  const [prior, startNumber, transformNumber] = stored
  const start = startByNumber(startNumber ?? -1)
  if (prior === undefined || start === undefined || transformNumber === undefined) throw damaged()
  const transform = transformByNumber(transformNumber)
  if (transform === undefined) {
    return { prior, start, transform, codedLength: rawLength, code: stored.subarray(shortHeader) }
  }
  if (stored.length < longHeader) throw damaged()
  const codedLength = Buffer.from(stored.buffer, stored.byteOffset, longHeader).readUInt32LE(shortHeader)
  if (codedLength > rawLength + mostGrowth) throw damaged()
  return { prior, start, transform, codedLength, code: stored.subarray(longHeader) }
}

function damaged(): LmzError {
  return new LmzError('Corrupt', 'A mix block cannot be decoded: its bytes are damaged.')
}

/** Models of this thread that nothing uses now: one, unless a block is decoded while another's encoding lets others run. */
const idle: MixModel[] = []

async function withModel<Result>(use: (model: MixModel) => Promise<Result>): Promise<Result> {
  const model = idle.pop() ?? new MixModel()
  try {
    return await use(model)
  } finally {
    idle.push(model)
  }
}

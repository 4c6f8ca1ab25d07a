import type { ContentKind } from '../../contract/content-kind'
import { LmzError } from '../../contract/error'
import { currentPrior, loadPrior } from '../../models/prior'
import type { BlockContext, Codec } from '../codec'
import { candidatesFor, transformByNumber } from '../transforms/registry'
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

/** Transforms are judged by the whole block: what they move about has no part that could stand for it. */
async function encodeBest(model: MixModel, raw: Uint8Array, context: BlockContext): Promise<Uint8Array> {
  let best = await encodeVariant(model, { bytes: raw, kind: context.kind, transform: 0 }, context)
  for (const transform of candidatesFor(context.kind, raw)) {
    const bytes = transform.forward(raw)
    if (bytes === undefined) continue
    const variant = { bytes, kind: transform.resultKind ?? context.kind, transform: transform.number }
    const stored = await encodeVariant(model, variant, context)
    if (stored.length < best.length) best = stored
  }
  return best
}

async function encodeVariant(model: MixModel, { bytes, kind, transform }: Variant, context: BlockContext) {
  const start = await chooseStart(model, bytes, startsFor(kind))
  const code = await model.encode(bytes, { ...stateOf(start), primer: context.primer })
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

import type { ContentKind } from '../../contract/content-kind'
import { LmzError } from '../../contract/error'
import { blake3 } from '../../kernels/blake3'
import { currentPrior } from '../../models/prior'
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
  decode(stored, rawLength, { primer }) {
    const { prior, start, transform, codedLength, code } = parse(stored, rawLength)
    const coded = withModelNow((model) => model.decode(code, codedLength, { ...stateOf(start, prior), primer }))
    if (coded === undefined) throw damaged()
    return transform === undefined ? coded : transform.inverse(coded, rawLength)
  },
  /**
   * Decodes a sixteenth of the block, or 16 KiB. Coder and decoder run the same model, so what sets them apart (another state to start
   * from, another transform) shows there.
   */
  reproduces(stored, raw, { primer }) {
    const { prior, start, transform, codedLength, code } = parse(stored, raw.length)
    const expected = transform === undefined ? raw : transform.forward(raw)
    if (expected?.length !== codedLength) return false
    if (transform !== undefined && Buffer.compare(transform.inverse(expected, raw.length), raw) !== 0) return false
    const length = Math.min(codedLength, Math.max(shortestHead, codedLength >> 4))
    const head = withModelNow((model) => model.decodeHead(code, length, { ...stateOf(start, prior), primer }))
    return Buffer.compare(head, expected.subarray(0, length)) === 0
  },
}

const shortestHead = 16 * 1024

/** What is given to a model: the block's bytes, or what a transform made of them. */
interface Variant {
  readonly bytes: Uint8Array
  readonly kind: ContentKind
  readonly transform: number
}

/** What a transform brings is judged by so much of a block, or by all of a block up to twice as long. */
const trialLength = 64 * 1024

/** The best transform of a trial is taken: trying all on the whole block would cost as much as coding it, for each. */
async function encodeBest(model: MixModel, raw: Uint8Array, { kind, primer }: BlockContext): Promise<Uint8Array> {
  const transforms = candidatesFor(kind, raw)
  const untouched: Variant = { bytes: raw, kind, transform: 0 }
  if (transforms.length === 0) return encodeVariant(model, untouched, await chooseStart(model, untouched), primer)
  const isShort = raw.length <= 2 * trialLength
  const middle = (raw.length - trialLength) >> 1
  const piece = isShort ? raw : raw.subarray(middle, middle + trialLength)
  const tryVariant = async (variant: Variant, start: Start, transform?: Transform) => {
    return { transform, start, code: await encodeVariant(model, variant, start, primer) }
  }
  const untouchedPiece = { ...untouched, bytes: piece }
  const ownStart = await chooseStart(model, untouchedPiece)
  let best = await tryVariant(untouchedPiece, ownStart)
  for (const transform of transforms) {
    const variant = transformed(transform, piece, kind)
    if (variant === undefined) continue
    const start = variant.kind === kind ? ownStart : await chooseStart(model, variant)
    const tried = await tryVariant(variant, start, transform)
    if (tried.code.length < best.code.length) best = tried
  }
  if (isShort) return best.code
  const variant = best.transform === undefined ? undefined : transformed(best.transform, raw, kind)
  return encodeVariant(model, variant ?? untouched, best.start, primer)
}

function transformed(transform: Transform, raw: Uint8Array, kind: ContentKind): Variant | undefined {
  const bytes = transform.forward(raw)
  return bytes && { bytes, kind: transform.resultKind ?? kind, transform: transform.number }
}

async function encodeVariant(
  model: MixModel,
  { bytes, transform }: Variant,
  start: Start,
  primer: Primer | undefined,
): Promise<Uint8Array> {
  const code = await model.encode(bytes, { ...stateOf(start, currentPrior), primer })
  const header = Buffer.alloc(transform === 0 ? shortHeader : longHeader)
  header.set([currentPrior, start.number, transform])
  if (transform !== 0) header.writeUInt32LE(bytes.length, shortHeader)
  return Buffer.concat([header, code])
}

/** Enough to tell novels from manuals, and a fiftieth of a block's time. */
const sampleLength = 12 * 1024

/** By kind and hash of a sample: primers are tried on the same data several times. */
const chosenStarts = new Map<string, Start>()
const mostChosenStarts = 256

async function chooseStart(model: MixModel, { bytes, kind }: Variant): Promise<Start> {
  const [first, ...others] = startsFor(kind)
  if (others.length === 0) return first
  const from = Math.max(0, (bytes.length - sampleLength) >> 1)
  const sample = bytes.subarray(from, from + sampleLength)
  const key = `${kind} ${Buffer.from(blake3(sample)).toString('latin1')}`
  const known = chosenStarts.get(key)
  if (known !== undefined) return known
  let best = { start: first, length: Infinity }
  for (const start of [first, ...others]) {
    const { length } = await model.encode(sample, { ...stateOf(start, currentPrior), primer: undefined })
    if (length < best.length) best = { start, length }
  }
  if (chosenStarts.size >= mostChosenStarts) chosenStarts.clear()
  chosenStarts.set(key, best.start)
  return best.start
}

function stateOf({ contextSet, part }: Start, number: number) {
  return { contextSet, prior: part === undefined || number === noPrior ? undefined : { number, part } }
}

/** Stored for a model that has seen nothing. */
const noPrior = 0
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

function withModelNow<Result>(use: (model: MixModel) => Result): Result {
  const model = idle.pop() ?? new MixModel()
  try {
    return use(model)
  } finally {
    idle.push(model)
  }
}

async function withModel<Result>(use: (model: MixModel) => Promise<Result>): Promise<Result> {
  const model = idle.pop() ?? new MixModel()
  try {
    return await use(model)
  } finally {
    idle.push(model)
  }
}

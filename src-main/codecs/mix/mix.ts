import type { ContentKind } from '../../contract/content-kind'
import { currentPrior } from '../../models/prior'
import type { BlockContext, Codec, Primer } from '../codec'
import { candidatesFor } from '../transforms/registry'
import type { Transform } from '../transforms/transform'
import { chooseStart } from './choose-start'
import { MixModel } from './mix-model'
import { damaged, headerBytes, parsePayload, startOf } from './payload'
import type { Choice } from './starts'

/**
 * Context mixing (docs/codecs.md, "mix"): many contexts predict each bit, a gated network weighs them, an arithmetic coder writes
 * what is left. The default codec.
 */
export const mix: Codec = {
  number: 2,
  name: 'mix',
  usesPrimer: true,
  encode(raw, context) {
    return encodeMix(raw, context, { prior: currentPrior, withTransforms: true })
  },
  decode(stored, rawLength, { primer }) {
    const payload = parsePayload(stored, rawLength)
    const { transform, code, codedLength } = payload
    const coded = withModelNow((model) => model.decode(code, codedLength, { ...startOf(payload), primer }))
    if (coded === undefined) throw damaged()
    return transform === undefined ? coded : transform.inverse(coded, rawLength)
  },
  /**
   * Coder and decoder run the same model, so what sets them apart (another state to start from, another transform) shows in the head of
   * a block: a sixteenth of it, or 16 KiB. With effort {@link checkAll} all of it is decoded.
   */
  reproduces(stored, raw, { primer }, effort) {
    const payload = parsePayload(stored, raw.length)
    const { transform, code, codedLength } = payload
    const expected = transform === undefined ? raw : transform.forward(raw)
    if (expected?.length !== codedLength) return false
    if (transform !== undefined && Buffer.compare(transform.inverse(expected, raw.length), raw) !== 0) return false
    const headLength = Math.max(shortestHead, codedLength >> 4)
    const length = effort === checkAll ? codedLength : Math.min(codedLength, headLength)
    const head = withModelNow((model) => model.decodeHead(code, length, { ...startOf(payload), primer }))
    return Buffer.compare(head, expected.subarray(0, length)) === 0
  },
}

/** An effort of mix, which otherwise has one only. */
export const checkAll = 1
const shortestHead = 16 * 1024

/** What a block is coded with. All but the default is for measuring what the parts bring. */
export interface MixMeans {
  /** Number of the prior; 0 for none. */
  readonly prior: number
  readonly withTransforms: boolean
}

export function encodeMix(raw: Uint8Array, context: BlockContext, means: MixMeans): Promise<Uint8Array> {
  return withModel((model) => encodeBest(model, raw, context, means))
}

/** What is given to a model: the block's bytes, or what a transform made of them. */
interface Variant {
  readonly bytes: Uint8Array
  readonly kind: ContentKind
  readonly transform: Transform | undefined
}

/** What a transform brings is judged by so much of a block, or by all of a block up to twice as long. */
const trialLength = 64 * 1024

/** The best transform of a trial is taken: trying all on the whole block would cost as much as coding it, for each. */
async function encodeBest(
  model: MixModel,
  raw: Uint8Array,
  { kind, primer }: BlockContext,
  { prior, withTransforms }: MixMeans,
): Promise<Uint8Array> {
  const untouched: Variant = { bytes: raw, kind, transform: undefined }
  const transforms = withTransforms ? candidatesFor(kind, raw) : []
  const encode = (variant: Variant, choice: Choice) => encodeVariant(model, variant, { prior, choice, primer })
  const ownChoice = await chooseStart(model, raw, kind, prior)
  if (transforms.length === 0) return encode(untouched, ownChoice)
  const isShort = raw.length <= 2 * trialLength
  const middle = (raw.length - trialLength) >> 1
  const piece = isShort ? raw : raw.subarray(middle, middle + trialLength)
  const tryVariant = async (variant: Variant, choice: Choice) => {
    const { transform } = variant
    return { transform, choice, payload: await encode(variant, choice) }
  }
  let best = await tryVariant({ ...untouched, bytes: piece }, ownChoice)
  for (const transform of transforms) {
    const variant = transformed(transform, piece, kind)
    if (variant === undefined) continue
    const choice = variant.kind === kind ? ownChoice : await chooseStart(model, variant.bytes, variant.kind, prior)
    const tried = await tryVariant(variant, choice)
    if (tried.payload.length < best.payload.length) best = tried
  }
  if (isShort) return best.payload
  const variant = best.transform === undefined ? untouched : transformed(best.transform, raw, kind)
  return variant === undefined ? encode(untouched, ownChoice) : encode(variant, best.choice)
}

function transformed(transform: Transform, raw: Uint8Array, kind: ContentKind): Variant | undefined {
  const bytes = transform.forward(raw)
  return bytes && { bytes, kind: transform.resultKind ?? kind, transform }
}

async function encodeVariant(
  model: MixModel,
  { bytes, transform }: Variant,
  { prior, choice, primer }: { readonly prior: number; readonly choice: Choice; readonly primer: Primer | undefined },
): Promise<Uint8Array> {
  const header = { prior, choice, transform, codedLength: bytes.length }
  const code = await model.encode(bytes, { ...startOf(header), primer })
  return Buffer.concat([headerBytes(header), code])
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

import type { ContentKind } from '../../contract/content-kind'
import type { BlockContext, Primer } from '../codec'
import { candidatesFor } from '../transforms/registry'
import type { Transform } from '../transforms/transform'
import { chooseStart } from './choose-start'
import type { MixModel } from './mix-model'
import { headerBytes, startOf } from './payload'
import type { Choice } from './starts'

/** What a block is coded with. All but the default is for measuring what the parts bring. */
export interface MixMeans {
  /** Number of the prior; 0 for none. */
  readonly prior: number
  readonly withTransforms: boolean
}

/** What is given to a model: the block's bytes, or what a transform made of them. */
interface Variant {
  readonly bytes: Uint8Array
  readonly kind: ContentKind
  readonly transform: Transform | undefined
}

/** How a block is best coded. */
export interface BlockPlan {
  readonly variant: Variant
  readonly choice: Choice
  /** What mix makes of all of it, where that has been tried. */
  readonly payload?: Uint8Array | undefined
}

/** What a transform brings is judged by so much of a block, or by all of a block up to twice as long. */
const trialLength = 64 * 1024

/** The best transform of a trial is taken: trying all on the whole block would cost as much as coding it, for each. */
export async function planBlock(
  model: MixModel,
  raw: Uint8Array,
  { kind, primer }: BlockContext,
  { prior, withTransforms }: MixMeans,
): Promise<BlockPlan> {
  const untouched: Variant = { bytes: raw, kind, transform: undefined }
  const transforms = withTransforms ? candidatesFor(kind, raw) : []
  const ownChoice = await chooseStart(model, raw, kind, prior)
  if (transforms.length === 0) return { variant: untouched, choice: ownChoice }
  const isShort = raw.length <= 2 * trialLength
  const middle = (raw.length - trialLength) >> 1
  const piece = isShort ? raw : raw.subarray(middle, middle + trialLength)
  const tryVariant = async (variant: Variant, choice: Choice) => {
    return { variant, choice, payload: await encodeVariant(model, variant, { prior, choice, primer }) }
  }
  let best = await tryVariant({ ...untouched, bytes: piece }, ownChoice)
  for (const transform of transforms) {
    const variant = transformed(transform, piece, kind)
    if (variant === undefined) continue
    const choice = variant.kind === kind ? ownChoice : await chooseStart(model, variant.bytes, variant.kind, prior)
    const tried = await tryVariant(variant, choice)
    if (tried.payload.length < best.payload.length) best = tried
  }
  if (isShort) return best
  const { transform } = best.variant
  const variant = transform === undefined ? untouched : transformed(transform, raw, kind)
  return variant === undefined ? { variant: untouched, choice: ownChoice } : { variant, choice: best.choice }
}

function transformed(transform: Transform, raw: Uint8Array, kind: ContentKind): Variant | undefined {
  const bytes = transform.forward(raw)
  return bytes && { bytes, kind: transform.resultKind ?? kind, transform }
}

export async function encodeVariant(
  model: MixModel,
  { bytes, transform }: Variant,
  { prior, choice, primer }: { readonly prior: number; readonly choice: Choice; readonly primer: Primer | undefined },
): Promise<Uint8Array> {
  const header = { prior, choice, transform, codedLength: bytes.length }
  const code = await model.encode(bytes, { ...startOf(header), primer })
  return Buffer.concat([headerBytes(header), code])
}

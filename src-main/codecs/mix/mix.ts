import { currentPrior } from '../../models/prior'
import type { BlockContext, BlockPredictor, Codec } from '../codec'
import { chooseStart } from './choose-start'
import { MixModel, type MixStart } from './mix-model'
import { damaged, parsePayload, startOf } from './payload'
import { encodeVariant, type MixMeans, planBlock } from './plan-block'

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
  predictorOf(stored, rawLength, { primer }) {
    const payload = parsePayload(stored, rawLength)
    return { transform: payload.transform?.name, ...predictorFrom({ ...startOf(payload), primer }) }
  },
}

/** What mix would predict of a block that is coded in another way: of its bytes as they are. */
export async function mixPredictor(raw: Uint8Array, { kind, primer }: BlockContext): Promise<BlockPredictor> {
  const choice = await withModel((model) => chooseStart(model, raw, kind, currentPrior))
  return predictorFrom({ ...startOf({ prior: currentPrior, choice }), primer })
}

function predictorFrom(start: MixStart): BlockPredictor {
  return {
    costs: (raw) => withModel((model) => model.measure(raw, start)),
    chances: (before) => withModel((model) => model.forecast(before, start)),
  }
}

/** An effort of mix, which otherwise has one only. */
export const checkAll = 1
const shortestHead = 16 * 1024

export function encodeMix(raw: Uint8Array, context: BlockContext, means: MixMeans): Promise<Uint8Array> {
  return withModel(async (model) => {
    const { variant, choice, payload } = await planBlock(model, raw, context, means)
    return payload ?? encodeVariant(model, variant, { prior: means.prior, choice, primer: context.primer })
  })
}

/** Models of this thread that nothing uses now: one, unless a block is decoded while another's encoding lets others run. */
const idle: MixModel[] = []

export function withModelNow<Result>(use: (model: MixModel) => Result): Result {
  const model = idle.pop() ?? new MixModel()
  try {
    return use(model)
  } finally {
    idle.push(model)
  }
}

export async function withModel<Result>(use: (model: MixModel) => Promise<Result>): Promise<Result> {
  const model = idle.pop() ?? new MixModel()
  try {
    return await use(model)
  } finally {
    idle.push(model)
  }
}

import { mixPredictor } from '../../codecs/mix/mix'
import { neural, neuralPredictor } from '../../codecs/neural/neural'
import type { BlockContext, BlockPredictor } from '../../codecs/codec'
import { codecByNumber } from '../../codecs/registry'
import type { SurpriseMap, SurpriseModel } from '../../contract/insight'

/** A block as it is stored and as it is. */
export interface BlockBytes {
  readonly codec: number
  readonly stored: Uint8Array
  readonly raw: Uint8Array
  readonly context: BlockContext
}

/** What the bytes of a block cost, and whose word that is. */
export interface MeasuredBlock extends Pick<SurpriseMap, 'model' | 'basis' | 'transform'> {
  /** Its raw bytes. */
  readonly bytes: Uint8Array
  /** In 1/1000 of a bit, such that sums over any stretch are right to 1/1000. */
  readonly milliBits: Uint32Array
  readonly blockBits: number
}

/**
 * Measures a block; takes as long as encoding it. To be run in a worker thread. @throws LmzError as a codec's `decode`
 * @param asked whose word it is to be; the block's own model, or else mix, if it is not given
 */
export async function measureBlock(bytes: BlockBytes, asked?: SurpriseModel): Promise<MeasuredBlock> {
  const { predictor, ...rest } = await predictorFor(bytes, asked)
  const costs = await predictor.costs(bytes.raw)
  const milliBits = new Uint32Array(costs.length)
  let [blockBits, told] = [0, 0]
  costs.forEach((cost, at) => {
    blockBits += cost
    // What rounding takes from one byte is given to the next.
    milliBits[at] = Math.max(0, Math.round(blockBits * 1000) - told)
    told += milliBits[at] ?? 0
  })
  return { ...rest, bytes: bytes.raw, milliBits, blockBits }
}

/** The probabilities of all values of the byte at an offset; takes as long as encoding all before it. */
export async function chancesInBlock(bytes: BlockBytes, offset: number, asked?: SurpriseModel): Promise<Float64Array> {
  const { predictor } = await predictorFor(bytes, asked)
  return predictor.chances(bytes.raw.subarray(0, offset))
}

type Prediction = Pick<SurpriseMap, 'model' | 'basis' | 'transform'> & { readonly predictor: BlockPredictor }

/** What coded the block byte by byte or, where something else was coded, mix on its raw bytes. */
async function predictorFor(
  { codec, stored, raw, context }: BlockBytes,
  asked: SurpriseModel | undefined,
): Promise<Prediction> {
  const own = codecByNumber(codec).predictorOf?.(stored, raw.length, context)
  const ownModel = codec === neural.number ? 'neural' : 'mix'
  if (own !== undefined && own.transform === undefined && (asked ?? ownModel) === ownModel) {
    return { predictor: own, model: ownModel, basis: 'stored' }
  }
  if (asked === 'neural') return { predictor: await neuralPredictor(raw, context), model: asked, basis: 'chosen' }
  const predictor = await mixPredictor(raw, context)
  if (own !== undefined && asked === 'mix' && ownModel !== asked) return { predictor, model: asked, basis: 'chosen' }
  if (own === undefined) return { predictor, model: 'mix', basis: 'otherCodec' }
  return { predictor, model: 'mix', basis: 'transformed', transform: own.transform }
}

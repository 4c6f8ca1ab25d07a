import { textKinds } from '../../contract/content-kind'
import { LmzError } from '../../contract/error'
import type { NetKernel } from '../../kernels/net-kernel'
import { NetShelf } from '../../models/net/net-shelf'
import { currentNet, shippedNets } from '../../models/net/shipped-nets'
import { currentPrior } from '../../models/prior'
import type { BlockContext, BlockPredictor, Codec } from '../codec'
import { chooseStart } from '../mix/choose-start'
import { mix, withModel, withModelNow } from '../mix/mix'
import type { MixStart } from '../mix/mix-model'
import { headerBytes, parsePayload, startOf } from '../mix/payload'
import { planBlock } from '../mix/plan-block'
import { NeuralModel } from './neural-model'

/** An effort of neural, which otherwise gives up where mix does as well: for comparing the two. */
export const whateverItGains = 1

/** The codec, which can also tell what it would predict of bytes that it has not coded. */
export interface NeuralCodec extends Codec {
  predictorFor(raw: Uint8Array, context: BlockContext): Promise<BlockPredictor>
}

/** Number of the net, and the first bytes of its hash. */
const netLength = 5
/** As for mix: coder and decoder run one model, so what sets them apart shows in the head of a block. */
const headLength = 4 * 1024

/**
 * A net's prediction of each byte beside everything that mix knows (docs/codecs.md, "neural"). Of data that the net knows nothing of, the
 * result is no block but its raw bytes: mix does as well in a tenth of the time.
 * @param number of the net that new blocks are coded with
 * @param leastGain as a share of what mix makes of a block's beginning
 */
export function neuralCodec(shelf: NetShelf, number: number, leastGain = 0.01): NeuralCodec {
  /** By number: nets of this thread that nothing uses now. */
  const idle = new Map<number, NetKernel[]>()
  const take = (net: number): NetKernel => idle.get(net)?.pop() ?? shelf.load(net)
  const giveBack = (net: number, kernel: NetKernel): void => {
    idle.set(net, [...(idle.get(net) ?? []), kernel])
  }
  const decodeWith = <Result>(number: number, use: (model: NeuralModel) => Result): Result => {
    const net = take(number)
    try {
      return withModelNow((mix) => use(new NeuralModel(net, mix)))
    } finally {
      giveBack(number, net)
    }
  }

  const useModel = async (
    number: number,
    use: (model: NeuralModel) => Promise<Float64Array>,
  ): Promise<Float64Array> => {
    const net = take(number)
    try {
      return await withModel((mix) => use(new NeuralModel(net, mix)))
    } finally {
      giveBack(number, net)
    }
  }

  const predictorFrom = (net: number, start: MixStart): BlockPredictor => ({
    costs: (raw) => useModel(net, (model) => model.measure(raw, start)),
    chances: (before) => useModel(net, (model) => model.forecast(before, start)),
  })

  return {
    number: 3,
    name: 'neural',
    kinds: textKinds,
    covers: [mix],
    usesPrimer: true,
    encode(raw, context, effort) {
      const expected = effort === whateverItGains ? -Infinity : leastGain
      const means = { prior: currentPrior, withTransforms: true }
      return withModel(async (mix) => {
        const { variant, choice } = await planBlock(mix, raw, context, means)
        const { bytes, transform } = variant
        const header = { prior: means.prior, choice, transform, codedLength: bytes.length }
        const start = { ...startOf(header), primer: context.primer }
        const net = take(number)
        try {
          const model = new NeuralModel(net, mix)
          const code = await model.encodeIfShorter(bytes, start, { leastGain: expected, overhead: netLength })
          return code === undefined ? raw : Buffer.concat([netBytes(number, shelf), headerBytes(header), code])
        } finally {
          giveBack(number, net)
        }
      })
    },
    decode(stored, rawLength, { primer }) {
      const { net, payload } = parse(stored, rawLength, shelf)
      const { transform, code, codedLength } = payload
      const start = { ...startOf(payload), primer }
      const coded = decodeWith(net, (model) => model.decode(code, codedLength, start))
      if (coded === undefined) throw damaged()
      return transform === undefined ? coded : transform.inverse(coded, rawLength)
    },
    reproduces(stored, raw, { primer }) {
      const { net, payload } = parse(stored, raw.length, shelf)
      const { transform, code, codedLength } = payload
      const expected = transform === undefined ? raw : transform.forward(raw)
      if (expected?.length !== codedLength) return false
      if (transform !== undefined && Buffer.compare(transform.inverse(expected, raw.length), raw) !== 0) return false
      const start = { ...startOf(payload), primer }
      const length = Math.min(codedLength, headLength)
      const head = decodeWith(net, (model) => model.decodeHead(code, length, start))
      return Buffer.compare(head, expected.subarray(0, length)) === 0
    },
    predictorOf(stored, rawLength, { primer }) {
      const { net, payload } = parse(stored, rawLength, shelf)
      const start = { ...startOf(payload), primer }
      return { transform: payload.transform?.name, ...predictorFrom(net, start) }
    },
    async predictorFor(raw, { kind, primer }) {
      const choice = await withModel((mix) => chooseStart(mix, raw, kind, currentPrior))
      return predictorFrom(number, { ...startOf({ prior: currentPrior, choice }), primer })
    },
  }
}

/** The codec with the nets that lmz ships. */
export const neural = neuralCodec(new NetShelf(shippedNets), currentNet)

/** What the net would predict of a block that is coded in another way: of its bytes as they are. */
export function neuralPredictor(raw: Uint8Array, context: BlockContext): Promise<BlockPredictor> {
  return neural.predictorFor(raw, context)
}

function netBytes(number: number, shelf: NetShelf): Uint8Array {
  const { hash } = shelf.get(number)
  return Buffer.concat([Buffer.of(number), Buffer.from(hash, 'hex').subarray(0, netLength - 1)])
}

/** @throws LmzError `ModelMissing`, `Corrupt`, `Unsupported` */
function parse(stored: Uint8Array, rawLength: number, shelf: NetShelf) {
  const [net] = stored
  if (net === undefined || stored.length < netLength) throw damaged()
  // A number and a hash belong together for ever: where one is known and the other is not, bytes are damaged, and no newer net is meant.
  if (
    !shelf.has(net) &&
    shelf.numbers().some((known) => isSame(stored.subarray(1), netBytes(known, shelf).subarray(1)))
  ) {
    throw damaged()
  }
  if (!isSame(stored, netBytes(net, shelf))) throw damaged()
  return { net, payload: parsePayload(stored.subarray(netLength), rawLength) }
}

function isSame(bytes: Uint8Array, start: Uint8Array): boolean {
  return Buffer.compare(bytes.subarray(0, start.length), start) === 0
}

function damaged(): LmzError {
  return new LmzError('Corrupt', 'A neural block cannot be decoded: its bytes are damaged.')
}

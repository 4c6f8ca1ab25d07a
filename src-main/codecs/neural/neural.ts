import { LmzError } from '../../contract/error'
import type { NetShelf } from '../../models/net/net-shelf'
import { currentPrior } from '../../models/prior'
import type { Codec } from '../codec'
import { withModel } from '../mix/mix'
import { headerBytes, parsePayload, startOf } from '../mix/payload'
import { planBlock } from '../mix/plan-block'
import { NeuralModel } from './neural-model'

/** Number of the net, and the first bytes of its hash. */
const netLength = 5
/** So much of a block is coded both ways first; where that gains too little, the rest is not tried. */
const trialLength = 8 * 1024
/** As for mix: coder and decoder run one model, so what sets them apart shows in the head of a block. */
const shortestHead = 4 * 1024

/**
 * A net's prediction of each byte beside everything that mix knows (docs/codecs.md, "neural"). Of data that the net knows nothing of, the
 * result is no block but its raw bytes: mix does as well in a tenth of the time.
 * @param number of the net that new blocks are coded with
 * @param leastGain as a share of what mix makes of a sample
 */
export function neuralCodec(shelf: NetShelf, number: number, leastGain = 0.01): Codec {
  /** By the net's number: models of this thread that nothing uses now. */
  const idle = new Map<number, NeuralModel[]>()
  const take = (net: number): NeuralModel => idle.get(net)?.pop() ?? new NeuralModel(shelf.load(net))
  const giveBack = (net: number, model: NeuralModel): void => {
    idle.set(net, [...(idle.get(net) ?? []), model])
  }
  const decodeWith = <Result>(net: number, use: (model: NeuralModel) => Result): Result => {
    const model = take(net)
    try {
      return use(model)
    } finally {
      giveBack(net, model)
    }
  }

  return {
    number: 3,
    name: 'neural',
    async encode(raw, context) {
      const means = { prior: currentPrior, withTransforms: true }
      const plan = await withModel(async (model) => {
        const found = await planBlock(model, raw, { kind: context.kind }, means)
        const header = { prior: means.prior, ...found, transform: found.variant.transform, codedLength: 0 }
        const sample = middleOf(found.variant.bytes)
        return { ...found, sample, mixed: await model.encode(sample, { ...startOf(header), primer: undefined }) }
      })
      const { variant, choice, sample, mixed } = plan
      const header = { prior: means.prior, choice, transform: variant.transform, codedLength: variant.bytes.length }
      const model = take(number)
      try {
        const trial = await model.encode(sample, startOf(header))
        if (trial.length > mixed.length * (1 - leastGain)) return raw
        const code = await model.encode(variant.bytes, startOf(header))
        return Buffer.concat([netBytes(number, shelf), headerBytes(header), code])
      } finally {
        giveBack(number, model)
      }
    },
    decode(stored, rawLength) {
      const { net, payload } = parse(stored, rawLength, shelf)
      const { transform, code, codedLength } = payload
      const coded = decodeWith(net, (model) => model.decode(code, codedLength, startOf(payload)))
      if (coded === undefined) throw damaged()
      return transform === undefined ? coded : transform.inverse(coded, rawLength)
    },
    reproduces(stored, raw) {
      const { net, payload } = parse(stored, raw.length, shelf)
      const { transform, code, codedLength } = payload
      const expected = transform === undefined ? raw : transform.forward(raw)
      if (expected?.length !== codedLength) return false
      if (transform !== undefined && Buffer.compare(transform.inverse(expected, raw.length), raw) !== 0) return false
      const length = Math.min(codedLength, Math.max(shortestHead, codedLength >> 4))
      const head = decodeWith(net, (model) => model.decodeHead(code, length, startOf(payload)))
      return Buffer.compare(head, expected.subarray(0, length)) === 0
    },
  }
}

function middleOf(bytes: Uint8Array): Uint8Array {
  const from = Math.max(0, (bytes.length - trialLength) >> 1)
  return bytes.subarray(from, from + trialLength)
}

function netBytes(number: number, shelf: NetShelf): Uint8Array {
  const { hash } = shelf.get(number)
  return Buffer.concat([Buffer.of(number), Buffer.from(hash, 'hex').subarray(0, netLength - 1)])
}

/** @throws LmzError `ModelMissing`, `Corrupt`, `Unsupported` */
function parse(stored: Uint8Array, rawLength: number, shelf: NetShelf) {
  const [net] = stored
  if (net === undefined || stored.length < netLength) throw damaged()
  if (Buffer.compare(stored.subarray(0, netLength), netBytes(net, shelf)) !== 0) {
    const message = `This data was packed with another model ${shelf.get(net).id} than the one of this lmz.`
    throw new LmzError('ModelMissing', message, { subject: shelf.get(net).id })
  }
  return { net, payload: parsePayload(stored.subarray(netLength), rawLength) }
}

function damaged(): LmzError {
  return new LmzError('Corrupt', 'A neural block cannot be decoded: its bytes are damaged.')
}

import type { Base } from '../../../src-main/codecs/codec'
import { delta as deltaCodec } from '../../../src-main/codecs/delta/delta'
import { contentHashOf } from '../../../src-main/format/frame'
import { halved, movedWeights, weights } from '../../support/checkpoints'
import { Random } from '../../support/random'
import type { Target } from '../guided'

const first = weights(new Random(8), 500)
const base: Base = { id: 3, hash: contentHashOf(first), bytes: first, offset: 0 }

/** Input: what a frame header says of the raw length, 2 bytes; then the payload. What it is coded against is always the same. */
export const delta: Target = {
  name: 'codec delta',
  covers: /codecs\/delta\/(delta|payload|frequencies)\.ts/,
  longest: 2500,
  async seeds(random) {
    const near = movedWeights(random, first, 1e-7)
    const made: Buffer[] = []
    for (const raw of [near, near.subarray(3), first, halved(near), Buffer.alloc(1999)]) {
      const stored = await deltaCodec.encode(raw, { kind: 'tensor', base }, 0)
      made.push(Buffer.concat([Buffer.of(raw.length & 255, raw.length >> 8), stored]))
    }
    return made
  },
  run(input) {
    const rawLength = ((input[0] ?? 0) | ((input[1] ?? 0) << 8)) % 4096
    deltaCodec.baseOf?.name(input.subarray(2))
    const raw = deltaCodec.decode(input.subarray(2), rawLength, { kind: 'tensor', base })
    if (raw.length !== rawLength) throw new Error(`${raw.length} bytes instead of ${rawLength}`)
  },
}

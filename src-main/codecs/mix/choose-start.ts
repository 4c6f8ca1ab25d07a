import type { ContentKind } from '../../contract/content-kind'
import { blake3 } from '../../kernels/blake3'
import type { MixModel } from './mix-model'
import { startOf } from './payload'
import { recordLengthsOf } from './record-length'
import { type Choice, defaultRecordLength, isRaw, startsFor } from './starts'

/** Enough to tell novels from manuals, and a fiftieth of a block's time. */
const sampleLength = 12 * 1024

/** By what there is to choose from and hash of the sample: primers are tried on the same data several times. */
const chosen = new Map<string, Choice>()
const mostChosen = 256

/** What a block of this kind is best started with, by coding a sample with each. */
export async function chooseStart(
  model: MixModel,
  bytes: Uint8Array,
  kind: ContentKind,
  prior: number,
): Promise<Choice> {
  const choices = choicesFor(bytes, kind)
  const [first, ...others] = choices
  if (first === undefined) throw new RangeError(`No start for ${kind}.`)
  if (others.length === 0) return first
  const from = Math.max(0, (bytes.length - sampleLength) >> 1)
  const sample = bytes.subarray(from, from + sampleLength)
  const lengths = choices.map(({ recordLength }) => recordLength)
  const key = `${prior} ${kind} ${lengths.join(' ')} ${Buffer.from(blake3(sample)).toString('latin1')}`
  const known = chosen.get(key)
  if (known !== undefined) return known
  let best = { choice: first, length: Infinity }
  for (const choice of choices) {
    const header = { prior, choice, transform: undefined, codedLength: sample.length }
    const { length } = await model.encode(sample, { ...startOf(header), primer: undefined })
    if (length < best.length) best = { choice, length }
  }
  if (chosen.size >= mostChosen) chosen.clear()
  chosen.set(key, best.choice)
  return best.choice
}

/** What is worth trying, most likely first. */
function choicesFor(bytes: Uint8Array, kind: ContentKind): Choice[] {
  return startsFor(kind).flatMap((start) => {
    const lengths = isRaw(start) ? new Set([defaultRecordLength, ...recordLengthsOf(bytes)]) : [defaultRecordLength]
    return Array.from(lengths, (recordLength) => ({ start, recordLength }))
  })
}

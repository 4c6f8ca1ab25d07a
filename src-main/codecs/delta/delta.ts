import { LmzError } from '../../contract/error'
import { deltaKernel } from '../../kernels/delta-kernel'
import type { Base, Codec } from '../codec'
import { chooseLayout, chooseShift, wholeElements } from './choose-layout'
import { frequenciesOf, packFrequencies, unpackFrequencies } from './frequencies'
import { decodeBaseName, decodeHead, encodeHead, headLength, renamed } from './payload'

/** What a sample must come to for the whole block to be coded: a block that shares nothing with its base is as long as before. */
const mostShare = 0.97

/**
 * A tensor as its differences from another one: a later checkpoint, or a fine-tuned model. Each element is coded as how many numbers of its
 * type lie between it and the element at the same place of the base, which is another block of the archive.
 */
export const delta: Codec = {
  number: 5,
  name: 'delta',
  kinds: ['tensor'],
  // Without a base, it has nothing to say.
  seesThroughNoise: true,
  baseOf: { name: decodeBaseName, renamed },
  encode(raw, { base }) {
    return Promise.resolve(base === undefined ? raw : encode(raw, base))
  },
  decode(stored, rawLength, { base }) {
    if (base === undefined)
      throw new LmzError('Corrupt', 'A block cannot be decoded without the block it differs from.')
    return decode(stored, rawLength, base)
  },
}

function encode(raw: Uint8Array, base: Base): Uint8Array {
  const kernel = deltaKernel()
  const { offset } = base
  const counterpart = counterpartOf(base.bytes, offset, raw.length)
  const { layout: guess, share } = chooseLayout(kernel, raw, counterpart)
  if (share > mostShare) return raw
  const length = wholeElements(raw.length, guess.width)
  const values = raw.subarray(0, length)
  const bases = counterpart.subarray(0, length)
  const finest = kernel.model(values, bases, guess)
  const layout = { ...guess, shift: chooseShift(finest, guess) }
  const { counts, bits } = layout.shift === guess.shift ? finest : kernel.model(values, bases, layout)
  const frequencies = frequenciesOf(counts)
  const code = kernel.encode(frequencies)
  const head = encodeHead({ base, layout, codeLength: code.length })
  return Buffer.concat([head, packFrequencies(frequencies), code, bits, raw.subarray(length)])
}

function decode(stored: Uint8Array, rawLength: number, { bytes }: Base): Uint8Array {
  const { base, layout, codeLength } = decodeHead(stored)
  const { frequencies, length: tableLength } = unpackFrequencies(stored.subarray(headLength))
  const codeAt = headLength + tableLength
  const bitsAt = codeAt + codeLength
  const tailAt = stored.length - (rawLength % layout.width)
  const raw = new Uint8Array(rawLength)
  const length = wholeElements(rawLength, layout.width)
  const code = stored.subarray(codeAt, bitsAt)
  const counterpart = counterpartOf(bytes, base.offset, length)
  const values =
    bitsAt <= tailAt
      ? deltaKernel().decode(counterpart, layout, frequencies, code, stored.subarray(bitsAt, tailAt))
      : undefined
  if (values === undefined) throw new LmzError('Corrupt', 'A delta block cannot be decoded: its bytes are damaged.')
  raw.set(values)
  raw.set(stored.subarray(tailAt), length)
  return raw
}

/** The bytes of a base from `offset` on, as many as the block has; zeros where it has none. */
function counterpartOf(base: Uint8Array, offset: number, length: number): Uint8Array {
  if (offset >= 0 && offset + length <= base.length) return base.subarray(offset, offset + length)
  const counterpart = new Uint8Array(length)
  const from = Math.max(0, offset)
  const to = Math.min(base.length, offset + length)
  if (from < to) counterpart.set(base.subarray(from, to), from - offset)
  return counterpart
}

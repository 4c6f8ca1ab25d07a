import { createHash } from 'node:crypto'
import * as v from 'valibot'
import { historyLength, placeRows } from './context-rows'
import { type NetFile, ordersOf } from './net-file'

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

/** The vectors that are shipped with a net: inputs by formula, outputs by hash (native-models/training/neural/self_test.py). */
export const selfTestSchema = v.object({
  text: v.pipe(v.string(), v.regex(/^[0-9a-f]*$/)),
  largestRows: v.array(count),
  cases: v.array(
    v.object({
      name: v.string(),
      lanes: count,
      steps: count,
      seed: count,
      states: v.picklist(['zero', 'random', 'extreme']),
      rows: v.picklist(['random', 'largest', 'text']),
      sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
    }),
  ),
})

export type SelfTest = v.InferOutput<typeof selfTestSchema>
type Case = SelfTest['cases'][number]

/** What is tested: a net with so many lanes, from states (i16 a block, lane by lane) and rows to logits and the next states. */
export interface TestedNet {
  readonly logits: Int16Array
  run(states: readonly Int16Array[], rows: Int32Array): Promise<void>
  states(): Int16Array[]
}

/** Whether a net gives the numbers that were recorded for a case. @param net with as many lanes as the case */
export async function passes(net: TestedNet, file: NetFile, test: SelfTest, each: Case): Promise<boolean> {
  const numbers = new Numbers(each.seed)
  const hash = createHash('sha256')
  let states = statesOf(file, each, numbers)
  for (const rows of rowsOf(file, test, each, numbers)) {
    await net.run(states, rows)
    states = net.states()
    hash.update(bytesOf(net.logits))
  }
  for (const state of states) hash.update(bytesOf(state))
  return hash.digest('hex') === each.sha256
}

function statesOf(file: NetFile, { lanes, states }: Case, numbers: Numbers): Int16Array[] {
  return file.shape.blocks.map(([recurrent]) => {
    const values = new Int16Array(lanes * recurrent)
    if (states === 'zero') return values
    return values.map(() => {
      const drawn = numbers.next()
      if (states === 'random') return (drawn & 65_535) - 32_768
      return (drawn & 1) === 1 ? 32_767 : -32_768
    })
  })
}

function* rowsOf(file: NetFile, { text, largestRows }: SelfTest, each: Case, numbers: Numbers): Generator<Int32Array> {
  const { lanes, steps } = each
  const orders = ordersOf(file.shape)
  const parts = [256, ...file.shape.table_bits.map((bits) => 2 ** bits)]
  const starts = parts.map((_, order) => parts.slice(0, order).reduce((sum, part) => sum + part, 0))
  const bytes = Buffer.from(text, 'hex')
  for (let step = 0; step < steps; step++) {
    const rows = new Int32Array(lanes * orders)
    for (let lane = 0; lane < lanes; lane++) {
      const own = rows.subarray(lane * orders, (lane + 1) * orders)
      if (each.rows === 'largest') own.set(largestRows)
      else if (each.rows === 'random')
        own.set(starts.map((start, order) => start + (numbers.next() % (parts[order] ?? 1))))
      else {
        const read = bytes.subarray(Math.max(lane, lane + step - historyLength), lane + step)
        placeRows(file.shape, Uint8Array.from(read).reverse(), own)
      }
    }
    yield rows
  }
}

function bytesOf(values: Int16Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}

class Numbers {
  #at: number

  constructor(seed: number) {
    this.#at = seed << 16
  }

  next(): number {
    let x = Math.imul(++this.#at, 0x9e3779b1)
    x ^= x >>> 16
    x = Math.imul(x, 0x85ebca6b)
    x ^= x >>> 13
    x = Math.imul(x, 0xc2b2ae35)
    return (x ^ (x >>> 16)) >>> 0
  }
}

import type { NetFile } from '../../src-main/models/net/net-file'
import { sectionOf } from '../../src-main/models/net/net-file'

/** One step of the net in slow, plain numbers, written from docs/models.md alone: what every other implementation must equal. */
export class NetReference {
  readonly #file: NetFile
  readonly #weights: Uint8Array
  readonly #history: number[] = []
  /** By block and channel. */
  readonly states: number[][]

  constructor(file: NetFile, weights: Uint8Array) {
    this.#file = file
    this.#weights = weights
    this.states = file.shape.blocks.map(([recurrent]) => Array.from({ length: recurrent }, () => 0))
  }

  /** The logits of the next byte. */
  step(): number[] {
    return this.run(this.#rows())
  }

  take(byte: number): void {
    this.#history.unshift(byte)
  }

  /** From the row of each order to the logits. */
  run(rows: readonly number[]): number[] {
    const { blocks, row_width: rowWidth, table_bits: bits } = this.#file.shape
    const tableRows = 256 + bits.reduce((sum, each) => sum + 2 ** each, 0)
    const table = sectionOf(this.#file, this.#weights, 'table', 'uint8', tableRows * rowWidth)
    const entering = rows.flatMap((row) => [...table.subarray(row * rowWidth, (row + 1) * rowWidth)])
    const { width } = this.#file.shape
    const residual = this.#product('entry', entering, width)
    blocks.forEach(([recurrent, squares], at) => {
      const count = recurrent * 3 + squares
      const [low, high] = [this.#numbers(`block${at}.low`, count), this.#numbers(`block${at}.high`, count)]
      const inner = this.#product(`block${at}.inner`, residual.map(activation), count).map((value, place) =>
        clip(value, low[place] ?? 0, high[place] ?? 0),
      )
      const state = this.states[at] ?? []
      const outputs: number[] = []
      for (let channel = 0; channel < recurrent; channel++) {
        const part = (number: number) => inner[number * recurrent + channel] ?? 0
        const candidate = part(1) * 16
        const next = candidate + Math.floor((part(0) * ((state[channel] ?? 0) - candidate)) / 256)
        state[channel] = next
        outputs.push(Math.floor((part(2) * next) / 65_536) + 64)
      }
      const roots = inner.slice(recurrent * 3).map((root) => Math.floor((root * root) / 256))
      this.#product(`block${at}.outer`, [...outputs, ...roots], width).forEach((value, channel) => {
        residual[channel] = (residual[channel] ?? 0) + value
      })
    })
    return this.#product('head', residual.map(activation), 256).map((value) => clip(value, -2048, 2047))
  }

  #rows(): number[] {
    const byte = (back: number) => this.#history[back] ?? 0
    const rows = [byte(0)]
    let hash = Math.imul(byte(0) + 1, 0x9e3779b1)
    hash ^= hash >>> 15
    let first = 256
    this.#file.shape.table_bits.forEach((bits, at) => {
      hash = Math.imul(hash ^ (byte(at + 1) + 1), 0x85ebca6b)
      hash ^= hash >>> 13
      rows.push(first + (at === 0 && bits === 16 ? byte(1) * 256 + byte(0) : hash >>> (32 - bits)))
      first += 2 ** bits
    })
    return rows
  }

  #product(name: string, input: readonly number[], outputs: number): number[] {
    const weights = sectionOf(this.#file, this.#weights, `${name}.weight`, 'int8', input.length * outputs)
    const [scale, offset] = [this.#numbers(`${name}.scale`, outputs), this.#numbers(`${name}.offset`, outputs)]
    return Array.from({ length: outputs }, (_, output) => {
      const sum = input.reduce((total, value, at) => total + value * (weights[at * outputs + output] ?? 0), 0)
      return Math.floor(sum * (scale[output] ?? 0) + (offset[output] ?? 0))
    })
  }

  #numbers(name: string, length: number): Float32Array {
    return sectionOf(this.#file, this.#weights, name, 'float32', length)
  }
}

function activation(value: number): number {
  return clip(value, 0, 127)
}

function clip(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value))
}

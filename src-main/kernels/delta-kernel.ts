import { wasm } from './generated/delta'
import { instantiate } from './instantiate'

/** How elements are read, and how what is expected of them is followed: see docs/codecs.md, "delta". */
export interface DeltaLayout {
  /** Bytes of an element: 1, 2, 4 or 8. */
  readonly width: number
  /** Of a float, the bits of its exponent; 0 for integers. */
  readonly exponentBits: number
  /** The expected length of a difference moves by 2^-rate of what it was wrong by. */
  readonly rate: number
  /** What is expected has 2^(8 - shift) contexts a bit. */
  readonly shift: number
}

interface Exports {
  readonly counts: { readonly value: number }
  readonly free: { readonly value: number }
  readonly memory: { readonly buffer: ArrayBuffer }
  readonly reserve: (end: number) => void
  readonly model: (...parameters: readonly number[]) => number
  readonly useFrequencies: () => number
  readonly encode: (symbols: number, count: number, end: number) => number
  readonly decode: (...parameters: readonly number[]) => number
}

export const deltaContexts = 64
export const deltaTokens = 128
/** Read and written beyond the ends of streams. */
const margin = 16

/** Elements as tokens and bits; the tokens stay in the kernel until they are coded. */
export interface ModelledDelta {
  /** How often each token comes in each context: {@link deltaTokens} for each of {@link deltaContexts}. */
  readonly counts: Uint32Array
  readonly bits: Uint8Array
}

/** Codes the elements of one tensor as differences from another's. One instance a thread; it keeps nothing of a block. */
export class DeltaKernel {
  readonly #exports = instantiate(wasm) as Exports
  #symbols = 0
  #symbolsEnd = 0
  #count = 0

  /** @param base as many bytes as there are values, a whole number of elements */
  model(values: Uint8Array, base: Uint8Array, layout: DeltaLayout): ModelledDelta {
    const count = values.length / layout.width
    const valuesAt = this.#exports.free.value
    const baseAt = align(valuesAt + values.length)
    this.#symbols = align(baseAt + base.length)
    this.#symbolsEnd = align(this.#symbols + count * 2)
    this.#count = count
    const bitsAt = this.#symbolsEnd
    this.#exports.reserve(bitsAt + values.length + margin)
    this.#memory.set(values, valuesAt)
    this.#memory.set(base, baseAt)
    const { width, exponentBits, rate, shift } = layout
    const { model } = this.#exports
    const end = model(valuesAt, baseAt, count, width, exponentBits, rate, shift, this.#symbols, bitsAt)
    return { counts: this.#counts.slice(), bits: this.#memory.slice(bitsAt, end) }
  }

  /** Codes the tokens that were modelled last; each that occurs has a frequency. */
  encode(frequencies: Uint32Array): Uint8Array {
    this.#useFrequencies(frequencies)
    // Two bytes an element at most, and the two states.
    const end = this.#symbolsEnd + this.#count * 2 + margin
    this.#exports.reserve(end)
    const start = this.#exports.encode(this.#symbols, this.#count, end)
    return this.#memory.slice(start, end)
  }

  /**
   * @param base as many bytes as are to be decoded
   * @returns undefined for streams that no encoder wrote
   */
  decode(
    base: Uint8Array,
    layout: DeltaLayout,
    frequencies: Uint32Array,
    code: Uint8Array,
    bits: Uint8Array,
  ): Uint8Array | undefined {
    const { width, exponentBits, rate, shift } = layout
    const valuesAt = this.#exports.free.value
    const baseAt = align(valuesAt + base.length)
    const codeAt = align(baseAt + base.length)
    const bitsAt = align(codeAt + code.length + margin)
    this.#exports.reserve(bitsAt + bits.length + margin)
    this.#memory.set(base, baseAt)
    this.#memory.set(code, codeAt)
    this.#memory.set(bits, bitsAt)
    this.#memory.fill(0, bitsAt + bits.length, bitsAt + bits.length + margin)
    if (!this.#useFrequencies(frequencies)) return undefined
    const streams = [codeAt, codeAt + code.length, bitsAt, bitsAt + bits.length]
    const count = base.length / width
    const { decode } = this.#exports
    const isWhole = decode(valuesAt, baseAt, count, width, exponentBits, rate, shift, ...streams) === 1
    return isWhole ? this.#memory.slice(valuesAt, valuesAt + base.length) : undefined
  }

  #useFrequencies(frequencies: Uint32Array): boolean {
    this.#counts.set(frequencies)
    return this.#exports.useFrequencies() === 1
  }

  get #memory(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#exports.memory.buffer)
  }

  get #counts(): Uint32Array {
    return new Uint32Array(this.#exports.memory.buffer, this.#exports.counts.value, deltaContexts * deltaTokens)
  }
}

function align(address: number): number {
  return Math.ceil(address / margin) * margin
}

let own: DeltaKernel | undefined

/** This thread's instance. */
export function deltaKernel(): DeltaKernel {
  return (own ??= new DeltaKernel())
}

import { setImmediate as letOthersRun } from 'node:timers/promises'
import type { MixKernel } from '../../kernels/mix-kernel'
import type { NetKernel } from '../../kernels/net-kernel'
import { chancesAt, measureSlices } from '../mix/measure'
import type { MixModel, MixStart } from '../mix/mix-model'
import type { Said } from './say'

/** What a net has to bring. */
export interface ExpectedGain {
  /** As a share of what mix alone makes of the bytes' beginning; a tenth of that in the end. */
  readonly leastGain: number
  /** Bytes that are stored beside the code and that mix does not need. */
  readonly overhead: number
}

const whateverItGains: ExpectedGain = { leastGain: -Infinity, overhead: 0 }

/** Of 256 i16, in the words that they are copied by. */
const logitsLength = 64
/** After so much it is seen whether the net helps. */
const trialLength = 16 * 1024

/**
 * A net beside a model that mixes what it says with what contexts know. One block at a time; each starts from the same state, whatever came
 * before, so that it decodes alone: mix from what it knows of a primer, if there is one, and the net from nothing, since it soon forgets
 * what lies far back.
 */
export class NeuralModel {
  readonly #net: NetKernel
  readonly #mix: MixModel
  readonly #kernel: MixKernel
  readonly #mostSteps: number
  /** What the net says of the bytes that come next, at its place and at the kernel's, and of the very next one. */
  readonly #said: BigInt64Array
  readonly #heard: BigInt64Array
  readonly #next: BigInt64Array
  /** What it is to read. */
  readonly #unread: Uint8Array
  /** What it says of the bits of a slice. */
  readonly #bits: Int16Array

  constructor(net: NetKernel, mix: MixModel) {
    const { kernel } = mix
    this.#net = net
    this.#mix = mix
    this.#kernel = kernel
    this.#mostSteps = Math.min(net.mostSteps, kernel.mostSteps)
    this.#said = new BigInt64Array(net.memory().buffer, net.logits, logitsLength * this.#mostSteps)
    this.#heard = new BigInt64Array(kernel.memory.buffer, kernel.logits, logitsLength * this.#mostSteps)
    this.#next = this.#said.subarray(0, logitsLength)
    this.#unread = new Uint8Array(net.memory().buffer, net.bytes, this.#mostSteps)
    this.#bits = new Int16Array(kernel.memory.buffer, kernel.said, kernel.sliceLength * 8)
  }

  /**
   * @param said what a net has said of these bytes, if one has been asked already: see {@link sayTogether}
   * @returns the code; of bytes that cannot be predicted, it is a little longer than they are
   */
  async encode(raw: Uint8Array, start: MixStart, said?: Said): Promise<Uint8Array> {
    // Whatever it gains: there is always a code.
    return (await this.#encode(raw, start, whateverItGains, said)) as Uint8Array
  }

  /**
   * As {@link encode}, but gives up where the net does not help: mix does as well in a tenth of the time.
   * @returns undefined where it gains less than it should
   */
  encodeIfShorter(raw: Uint8Array, start: MixStart, gain: ExpectedGain): Promise<Uint8Array | undefined> {
    return this.#encode(raw, start, gain)
  }

  async #encode(
    raw: Uint8Array,
    start: MixStart,
    { leastGain, overhead }: ExpectedGain,
    said?: Said,
  ): Promise<Uint8Array | undefined> {
    const kernel = this.#kernel
    const { sliceLength } = kernel
    const from = this.#start(start)
    kernel.memory.set(raw, kernel.bytes + from)
    kernel.startEncoding()
    // Slice by slice: what the net reads and what mix learns push each other out of the caches.
    for (let at = 0; at < raw.length; at += sliceLength) {
      if (at > 0) await letOthersRun()
      if (at === trialLength && kernel.codeLength() > this.mixLength() * (1 - leastGain)) return undefined
      const slice = raw.subarray(at, at + sliceLength)
      if (said === undefined) this.#say(slice, from + at)
      else this.#bits.set(said.subarray(at * 8, (at + slice.length) * 8))
      kernel.encodeWithNet(from + at, from + at + slice.length)
    }
    const length = kernel.finishEncoding()
    if (length + overhead > this.mixLength() * (1 - leastGain / 10)) return undefined
    return kernel.memory.slice(kernel.stored, kernel.stored + length)
  }

  /** As MixModel.measure, with the net. */
  async measure(raw: Uint8Array, start: MixStart): Promise<Float64Array> {
    const kernel = this.#kernel
    const from = this.#start(start)
    kernel.memory.set(raw, kernel.bytes + from)
    return measureSlices(kernel, raw.length, (at, to) => {
      this.#say(raw.subarray(at, to), from + at)
      kernel.measureWithNet(from + at, from + to)
    })
  }

  /** As MixModel.forecast, with the net. */
  async forecast(before: Uint8Array, start: MixStart): Promise<Float64Array> {
    await this.measure(before, start)
    return chancesAt(this.#kernel, this.#kernel.forecastWithNet())
  }

  /** How long what was encoded last, or is being encoded, becomes by mix alone, in bytes: right to some of them. */
  mixLength(): number {
    return this.#kernel.mixLength()
  }

  /** Lets the net read a slice, some steps at once. The first of the logits that the kernel has are always those of the next byte. */
  #say(slice: Uint8Array, from: number): void {
    for (let at = 0; at < slice.length; at += this.#mostSteps) {
      const bytes = slice.subarray(at, at + this.#mostSteps)
      this.#unread.set(bytes)
      this.#net.read(bytes.length)
      const last = logitsLength * (bytes.length - 1)
      this.#heard.set(this.#said.subarray(0, last), logitsLength)
      this.#kernel.say(from + at, bytes.length, at)
      this.#heard.set(this.#said.subarray(last, last + logitsLength))
    }
  }

  /** @returns undefined where the code is not one of that many bytes; damage that keeps the length gives other bytes */
  decode(code: Uint8Array, rawLength: number, start: MixStart): Uint8Array | undefined {
    const raw = this.decodeHead(code, rawLength, start)
    return this.#kernel.isConsumed() ? raw : undefined
  }

  /** The first bytes of what {@link decode} gives, in a part of its time; no check of what follows. */
  decodeHead(code: Uint8Array, length: number, start: MixStart): Uint8Array {
    const kernel = this.#kernel
    this.#start(start)
    kernel.memory.set(code, kernel.stored)
    kernel.startDecoding(code.length)
    const raw = new Uint8Array(length)
    for (let at = 0; at < length; at++) {
      const byte = kernel.decodeWithNet()
      raw[at] = byte
      this.#net.step(byte)
      this.#hear()
    }
    return raw
  }

  /** @returns how many bytes stand before the block */
  #start(start: MixStart): number {
    const before = this.#mix.start(start)
    this.#kernel.startNet()
    this.#net.start()
    this.#hear()
    return before
  }

  #hear(): void {
    this.#heard.set(this.#next)
  }
}

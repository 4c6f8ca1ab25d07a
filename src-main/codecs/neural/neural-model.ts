import { setImmediate as letOthersRun } from 'node:timers/promises'
import type { NetKernel } from '../../kernels/net-kernel'
import { type NeuralKernel, startNeuralKernel } from '../../kernels/neural-kernel'
import type { MixStart } from '../mix/mix-model'
import { type Primed, restoreStart } from '../mix/restore-state'
import type { Said } from './say'

/** What a block starts with: what mix knows of a primer, if there is one. The net begins with nothing: it soon forgets what lies far back. */
export interface NeuralStart extends Omit<MixStart, 'primer'> {
  readonly primed: Primed | undefined
}

/** What a net has to bring. */
export interface ExpectedGain {
  /** As a share of what mix alone makes of the bytes' beginning; a tenth of that in the end. */
  readonly leastGain: number
  /** Bytes that are stored beside the code and that mix does not need. */
  readonly overhead: number
}

const whateverItGains: ExpectedGain = { leastGain: -Infinity, overhead: 0 }

/** About 60 ms of coding. */
const sliceLength = 4096
/** After so much it is seen whether the net helps. */
const trialLength = 4 * sliceLength

/**
 * A net and the kernel that mixes what it says with what mix knows. One block at a time; each starts from the same state, whatever came
 * before, so that it decodes alone.
 */
export class NeuralModel {
  readonly #net: NetKernel
  readonly #kernel: NeuralKernel = startNeuralKernel()
  readonly #said: BigInt64Array
  readonly #heard: BigInt64Array
  /** What the net says of the bits of a byte. */
  readonly #bits: Int16Array

  constructor(net: NetKernel) {
    this.#net = net
    this.#said = new BigInt64Array(net.memory().buffer, net.logits, 64)
    this.#heard = new BigInt64Array(this.#kernel.memory.buffer, this.#kernel.logits, 64)
    this.#bits = new Int16Array(this.#kernel.memory.buffer, this.#kernel.said, 8)
  }

  /**
   * @param said what a net has said of these bytes, if one has been asked already: see {@link sayTogether}
   * @returns the code; of bytes that cannot be predicted, it is a little longer than they are
   */
  async encode(raw: Uint8Array, start: NeuralStart, said?: Said): Promise<Uint8Array> {
    // Whatever it gains: there is always a code.
    return (await this.#encode(raw, start, whateverItGains, said)) as Uint8Array
  }

  /**
   * As {@link encode}, but gives up where the net does not help: mix does as well in a tenth of the time.
   * @returns undefined where it gains less than it should
   */
  encodeIfShorter(raw: Uint8Array, start: NeuralStart, gain: ExpectedGain): Promise<Uint8Array | undefined> {
    return this.#encode(raw, start, gain)
  }

  async #encode(
    raw: Uint8Array,
    start: NeuralStart,
    { leastGain, overhead }: ExpectedGain,
    said?: Said,
  ): Promise<Uint8Array | undefined> {
    const kernel = this.#kernel
    this.#start(start)
    kernel.startEncoding()
    for (let at = 0; at < raw.length; at += sliceLength) {
      if (at > 0) await letOthersRun()
      if (at === trialLength && kernel.codeLength() > this.mixLength() * (1 - leastGain)) return undefined
      const slice = raw.subarray(at, at + sliceLength)
      this.#encodeSlice(slice, said?.subarray(at * 8, (at + slice.length) * 8) ?? this.#say(slice))
    }
    const length = kernel.finishEncoding()
    if (length + overhead > this.mixLength() * (1 - leastGain / 10)) return undefined
    return kernel.memory.slice(kernel.stored, kernel.stored + length)
  }

  /** How long what was encoded last, or is being encoded, becomes by mix alone, in bytes: right to some of them. */
  mixLength(): number {
    return this.#kernel.mixLength()
  }

  /** What the net says of bytes that come next. The two parts of the work take turns at slices: each pushes the other out of the caches. */
  #say(bytes: Uint8Array): Said {
    const said = new Int16Array(bytes.length * 8)
    for (const [at, byte] of bytes.entries()) {
      this.#kernel.say(byte)
      said.set(this.#bits, at * 8)
      this.#take(byte)
    }
    return said
  }

  #encodeSlice(bytes: Uint8Array, said: Said): void {
    for (const [at, byte] of bytes.entries()) {
      this.#bits.set(said.subarray(at * 8, at * 8 + 8))
      this.#kernel.encodeByte(byte)
    }
  }

  /** @returns undefined where the code is not one of that many bytes; damage that keeps the length gives other bytes */
  decode(code: Uint8Array, rawLength: number, start: NeuralStart): Uint8Array | undefined {
    const raw = this.decodeHead(code, rawLength, start)
    return this.#kernel.isConsumed() ? raw : undefined
  }

  /** The first bytes of what {@link decode} gives, in a part of its time; no check of what follows. */
  decodeHead(code: Uint8Array, length: number, start: NeuralStart): Uint8Array {
    const kernel = this.#kernel
    this.#start(start)
    kernel.memory.set(code, kernel.stored)
    kernel.startDecoding(code.length)
    const raw = new Uint8Array(length)
    for (let at = 0; at < length; at++) {
      const byte = kernel.decodeByte()
      raw[at] = byte
      this.#take(byte)
    }
    return raw
  }

  #start({ contextSet, recordLength, prior, primed }: NeuralStart): void {
    restoreStart(this.#kernel, prior, primed)
    this.#kernel.start(contextSet, primed?.length ?? 0, recordLength)
    this.#net.start()
    this.#heard.set(this.#said)
  }

  #take(byte: number): void {
    this.#net.step(byte)
    this.#heard.set(this.#said)
  }
}

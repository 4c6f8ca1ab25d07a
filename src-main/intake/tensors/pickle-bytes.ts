import { NotTensors, utf8 } from './reading'

/** Characters of a line, which names a module or class, at most. */
const longestLine = 1024

/** The bytes of a pickle from front to back. All of its methods throw NotTensors where it ends early. */
export class PickleBytes {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  u8(): number {
    return this.#bytes.readUInt8(this.take(1))
  }

  u16(): number {
    return this.#bytes.readUInt16LE(this.take(2))
  }

  u32(): number {
    return this.#bytes.readUInt32LE(this.take(4))
  }

  i32(): number {
    return this.#bytes.readInt32LE(this.take(4))
  }

  /** The one number that pickles write with its largest byte first. */
  f64(): number {
    return this.#bytes.readDoubleBE(this.take(8))
  }

  /** A little-endian number of so many bytes; undefined for one that is negative or over 2^48. */
  long(length: number): number | undefined {
    const at = this.take(length)
    if (length === 0) return 0
    if (length > 7 || ((this.#bytes[at + length - 1] ?? 0) & 0x80) !== 0) return undefined
    if (length === 7) return this.#bytes[at + 6] === 0 ? this.#bytes.readUIntLE(at, 6) : undefined
    return this.#bytes.readUIntLE(at, length)
  }

  text(length: number): string {
    const at = this.take(length)
    return utf8(this.#bytes.subarray(at, at + length))
  }

  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at)
    if (end === -1 || end - this.#at > longestLine) throw new NotTensors('a pickle that makes no sense')
    const text = this.#bytes.toString('latin1', this.#at, end)
    this.#at = end + 1
    return text
  }

  /** Passes over bytes; gives where they begin. */
  take(length: number): number {
    const at = this.#at
    if (length > this.#bytes.length - at) throw new NotTensors('a pickle that ends early')
    this.#at += length
    return at
  }
}

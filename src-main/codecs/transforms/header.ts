import { LmzError } from '../../contract/error'

/** Collects the few numbers that stand before transformed bytes: single bytes and LEB128 numbers under 2^31. */
export class HeaderWriter {
  readonly #bytes: number[] = []

  get length(): number {
    return this.#bytes.length
  }

  byte(value: number): void {
    this.#bytes.push(value)
  }

  number(value: number): void {
    let rest = value
    while (rest >= 0x80) {
      this.#bytes.push((rest & 0x7f) | 0x80)
      rest >>>= 7
    }
    this.#bytes.push(rest)
  }

  copyTo(target: Uint8Array): void {
    target.set(this.#bytes)
  }
}

/** Reads what {@link HeaderWriter} wrote, trusting nothing. */
export class HeaderReader {
  readonly #bytes: Uint8Array
  readonly #transform: string
  #at = 0

  /** @param transform its name, for errors */
  constructor(bytes: Uint8Array, transform: string) {
    this.#bytes = bytes
    this.#transform = transform
  }

  byte(): number {
    const value = this.#bytes[this.#at++]
    if (value === undefined) throw this.corrupt()
    return value
  }

  /** @throws LmzError `Corrupt` where the number is over `most` or not written in the fewest bytes */
  number(most: number): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte()
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) {
        if (value > most || (byte === 0 && shift > 0)) throw this.corrupt()
        return value
      }
    }
    throw this.corrupt()
  }

  /** All that has not been read. */
  rest(): Uint8Array {
    return this.#bytes.subarray(this.#at)
  }

  corrupt(): LmzError {
    return new LmzError(
      'Corrupt',
      `A block cannot be restored: what the transform ${this.#transform} wrote is damaged.`,
    )
  }
}

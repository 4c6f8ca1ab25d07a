import { LmzError } from '../../contract/error'
import { shareSum } from './shares'

/** Puts a payload together. */
export class StoredWriter {
  readonly #parts: Uint8Array[] = []
  #open: number[] = []

  byte(value: number): void {
    this.#open.push(value)
  }

  /** LEB128, unsigned, in the fewest bytes. */
  number(value: number): void {
    let left = value
    for (; left >= 128; left = Math.floor(left / 128)) this.#open.push((left % 128) | 128)
    this.#open.push(left)
  }

  /** For each symbol from the first to the last one its share; for one without, 0 and how many more follow that have none. */
  shares(shares: Uint16Array): void {
    const first = shares.findIndex((share) => share > 0)
    const last = shares.findLastIndex((share) => share > 0)
    this.byte(first)
    this.byte(last)
    for (let symbol = first; symbol <= last; symbol++) {
      this.number(shares[symbol] ?? 0)
      if (shares[symbol] !== 0) continue
      let next = symbol + 1
      while (shares[next] === 0) next++
      this.number(next - symbol - 1)
      symbol = next - 1
    }
  }

  /** @param bytes kept as they are until {@link finish} */
  bytes(bytes: Uint8Array): void {
    this.#close()
    this.#parts.push(bytes)
  }

  finish(): Uint8Array {
    this.#close()
    return Buffer.concat(this.#parts)
  }

  #close(): void {
    this.#parts.push(Uint8Array.from(this.#open))
    this.#open = []
  }
}

/** Reads what {@link StoredWriter} wrote; every method throws an LmzError `Corrupt` for what it cannot have written. */
export class StoredReader {
  readonly #stored: Uint8Array
  at = 0

  constructor(stored: Uint8Array) {
    this.#stored = stored
  }

  get isAtEnd(): boolean {
    return this.at === this.#stored.length
  }

  byte(): number {
    const value = this.#stored[this.at++]
    if (value === undefined) throw damaged()
    return value
  }

  number(limit: number): number {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte()
      value += (byte & 127) * scale
      if (value > limit || (byte === 0 && scale > 1)) throw damaged()
      if (byte < 128) return value
    }
  }

  shares(): Uint16Array {
    const first = this.byte()
    const last = this.byte()
    const shares = new Uint16Array(256)
    let sum = 0
    for (let symbol = first; symbol <= last; symbol++) {
      const share = this.number(shareSum - 1)
      shares[symbol] = share
      sum += share
      if (share === 0) symbol += this.number(last - symbol)
    }
    if (sum !== shareSum) throw damaged()
    return shares
  }

  /** Skips so many bytes. @returns where they begin */
  skip(length: number): number {
    const start = this.at
    if (length > this.#stored.length - start) throw damaged()
    this.at += length
    return start
  }
}

export function damaged(): LmzError {
  return new LmzError('Corrupt', 'A float block cannot be decoded: its bytes are damaged.')
}

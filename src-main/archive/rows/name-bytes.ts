import { LmzError } from '../../contract/error'
import { foldName } from './natural-key'

/** More would not fit the offsets; names that long in sum are no archive of a person's files. */
const mostBytes = 2 ** 31 - 1
/** Between names; no name has it. */
const separator = 0x2f

/** How well a name fits what is looked for, best first. */
export const fits = { exact: 0, prefix: 1, wordStart: 2, elsewhere: 3, none: 4 } as const

/** Names without letter case, one after the other in UTF-8, where they can be searched at a byte a nanosecond. */
export class NameBytes {
  #bytes: Buffer = Buffer.alloc(64 * 1024)
  #starts = new Uint32Array(1024)
  #count = 0
  #end = 0

  get count(): number {
    return this.#count
  }

  /** @throws LmzError `Limit` */
  add(name: string): void {
    const folded = foldName(name)
    const most = this.#end + folded.length * 3 + 1
    if (most > this.#bytes.length) this.#grow(most)
    if (this.#count + 2 > this.#starts.length) {
      const longer = new Uint32Array(this.#starts.length * 2)
      longer.set(this.#starts)
      this.#starts = longer
    }
    this.#end += this.#bytes.write(folded, this.#end)
    this.#bytes[this.#end++] = separator
    this.#starts[++this.#count] = this.#end
  }

  /** The name at a position, without letter case. */
  at(position: number): string {
    return this.#bytes.toString('utf8', this.#starts[position] ?? 0, this.#endOf(position))
  }

  /** Bytes of the name at a position. */
  lengthOf(position: number): number {
    return this.#endOf(position) - (this.#starts[position] ?? 0)
  }

  /** How the name at a position contains the bytes of a folded text; see {@link fits}. */
  fit(position: number, wanted: Uint8Array): number {
    const bytes = this.#bytes
    const start = this.#starts[position] ?? 0
    const last = this.#endOf(position) - wanted.length
    const first = wanted[0]
    let best: number = fits.none
    for (let at = start; at <= last; at++) {
      if (bytes[at] !== first && first !== undefined) continue
      let matched = 1
      while (matched < wanted.length && bytes[at + matched] === wanted[matched]) matched++
      if (matched < wanted.length) continue
      if (at === start) return start === last ? fits.exact : fits.prefix
      if (isWordStart(bytes[at - 1] ?? 0)) return fits.wordStart
      best = fits.elsewhere
    }
    return best
  }

  startsWith(position: number, wanted: Uint8Array): boolean {
    if (this.lengthOf(position) < wanted.length) return false
    return this.#hasAt(this.#starts[position] ?? 0, wanted)
  }

  endsWith(position: number, wanted: Uint8Array): boolean {
    if (this.lengthOf(position) < wanted.length) return false
    return this.#hasAt(this.#endOf(position) - wanted.length, wanted)
  }

  #hasAt(start: number, wanted: Uint8Array): boolean {
    for (let at = 0; at < wanted.length; at++) if (this.#bytes[start + at] !== wanted[at]) return false
    return true
  }

  #endOf(position: number): number {
    return (this.#starts[position + 1] ?? 1) - 1
  }

  #grow(least: number): void {
    if (least > mostBytes)
      throw new LmzError('Limit', 'The names in the archive are longer in sum than can be searched.')
    const longer = Buffer.alloc(Math.min(mostBytes, Math.max(least, this.#bytes.length * 2)))
    this.#bytes.copy(longer, 0, 0, this.#end)
    this.#bytes = longer
  }
}

/** Whether what comes behind this byte begins a word: it is neither a letter, nor a digit, nor a part of a character beyond ASCII. */
function isWordStart(byte: number): boolean {
  return byte < 0x80 && !(byte >= 0x61 && byte <= 0x7a) && !(byte >= 0x30 && byte <= 0x39)
}

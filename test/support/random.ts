/** Numbers that look random and are the same for the same seed, so that a failure can be had again (mulberry32). */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed | 0
  }

  /** At least 0 and less than 1. */
  share(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number from 0 up to `end`, exclusive. */
  below(end: number): number {
    return Math.floor(this.share() * end)
  }

  pick<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.below(choices.length)] ?? choices[0]
  }

  /** Bytes that no codec shortens. */
  bytes(length: number): Buffer {
    const bytes = Buffer.alloc(length)
    for (let at = 0; at < length; at++) bytes[at] = this.below(256)
    return bytes
  }

  /** Text of made-up words, which compresses to about a third. */
  text(length: number): Buffer {
    const words = Array.from({ length: 300 }, () => this.bytes(2 + this.below(7)).toString('hex'))
    let text = ''
    while (text.length < length) text += `${words[Math.floor(this.share() ** 2 * words.length)] ?? ''} `
    return Buffer.from(text.slice(0, length))
  }
}

/** The seed of this run: the same each time unless LMZ_SEED says otherwise. */
export const seed = Number(process.env['LMZ_SEED'] ?? 1)

/**
 * Which chunks are already stored: a hash table over 128-bit chunk hashes in typed arrays, about 30 bytes a chunk, so
 * that ten million chunks still fit the memory bound (a Map of strings would need ten times that).
 *
 * Chunks are known by number. A chunk stored by an earlier commit is known by its 64-bit hint only, until
 * {@link confirm} gives its full hash from the bytes themselves.
 */
export class ChunkTable {
  #slots = new Uint32Array(1 << 12)
  /** Four words of hash a number; a hint fills the first two. */
  #hashes = new Uint32Array(4 << 12)
  #isHint = new Uint8Array(1 << 12)
  #count = 0

  /** How many numbers are in use; numbers run from 1. */
  get count(): number {
    return this.#count
  }

  /**
   * Finds a chunk by hash.
   * @param hash at least 16 bytes of BLAKE3
   * @returns its number, and whether only its first 64 bits are known to be equal
   */
  find(hash: Uint8Array): { readonly number: number; readonly isHint: boolean } | undefined {
    const words = wordsOf(hash)
    const mask = this.#slots.length - 1
    for (let slot = words[0] & mask; ; slot = (slot + 1) & mask) {
      const number = this.#slots[slot] ?? 0
      if (number === 0) return undefined
      const at = number * 4
      if (this.#hashes[at] !== words[0] || this.#hashes[at + 1] !== words[1]) continue
      if (this.#isHint[number] === 1) return { number, isHint: true }
      if (this.#hashes[at + 2] === words[2] && this.#hashes[at + 3] === words[3]) return { number, isHint: false }
    }
  }

  /** Enters a new chunk under the next number. */
  add(hash: Uint8Array): number {
    return this.#insert(wordsOf(hash), false)
  }

  /** Enters a chunk of an earlier commit under the next number, known by its hint. */
  addHint(hint: bigint): number {
    const low = Number(BigInt.asUintN(32, hint))
    const high = Number(BigInt.asUintN(32, hint >> 32n))
    return this.#insert([low, high, 0, 0], true)
  }

  /** Gives a hinted chunk its full hash, computed from its bytes. */
  confirm(number: number, hash: Uint8Array): void {
    this.#hashes.set(wordsOf(hash), number * 4)
    this.#isHint[number] = 0
  }

  #insert(words: Words, isHint: boolean): number {
    const number = ++this.#count
    if (number >= this.#isHint.length) this.#growHashes()
    if (number * 3 > this.#slots.length * 2) this.#growSlots()
    this.#hashes.set(words, number * 4)
    this.#isHint[number] = isHint ? 1 : 0
    this.#place(number)
    return number
  }

  #place(number: number): void {
    const mask = this.#slots.length - 1
    let slot = (this.#hashes[number * 4] ?? 0) & mask
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
    this.#slots[slot] = number
  }

  #growHashes(): void {
    const hashes = new Uint32Array(this.#hashes.length * 2)
    hashes.set(this.#hashes)
    this.#hashes = hashes
    const isHint = new Uint8Array(this.#isHint.length * 2)
    isHint.set(this.#isHint)
    this.#isHint = isHint
  }

  #growSlots(): void {
    this.#slots = new Uint32Array(this.#slots.length * 2)
    for (let number = 1; number < this.#count; number++) this.#place(number)
  }
}

type Words = readonly [number, number, number, number]

/** The first 16 bytes as little-endian words. */
function wordsOf(hash: Uint8Array): Words {
  const word = (at: number): number =>
    ((hash[at] ?? 0) | ((hash[at + 1] ?? 0) << 8) | ((hash[at + 2] ?? 0) << 16) | ((hash[at + 3] ?? 0) << 24)) >>> 0
  return [word(0), word(4), word(8), word(12)]
}

/** The hint an index keeps of a chunk: the first 8 bytes of its hash as a signed little-endian integer. */
export function chunkHint(hash: Uint8Array): bigint {
  return Buffer.from(hash.buffer, hash.byteOffset, 8).readBigInt64LE(0)
}

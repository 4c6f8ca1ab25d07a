/** 16 MB of them, which is four orders of a million entries. */
const mostPositions = 4_000_000

/** Sorted lists that are asked for again with the next page; the least used go when they are too many. */
export class PositionCache {
  readonly #lists = new Map<string, Promise<Uint32Array>>()
  readonly #lengths = new Map<string, number>()
  #total = 0

  /** The list under a key, made when it is not there; one under way is shared. */
  async get(key: string, make: () => Promise<Uint32Array>): Promise<Uint32Array> {
    const known = this.#lists.get(key)
    const list = known ?? make()
    this.#lists.delete(key)
    this.#lists.set(key, list)
    if (known !== undefined) return known
    try {
      this.#keep(key, (await list).length)
      return await list
    } catch (cause) {
      this.#lists.delete(key)
      throw cause
    }
  }

  #keep(key: string, length: number): void {
    this.#lengths.set(key, length)
    // An empty list costs something too.
    this.#total += length + 64
    for (const oldest of this.#lists.keys()) {
      if (this.#total <= mostPositions || oldest === key) return
      const freed = this.#lengths.get(oldest)
      if (freed === undefined) continue
      this.#lists.delete(oldest)
      this.#lengths.delete(oldest)
      this.#total -= freed + 64
    }
  }
}

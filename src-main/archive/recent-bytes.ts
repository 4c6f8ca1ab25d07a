/** Keeps the newest decoded bytes, up to a total length, so that what is asked for again soon costs one decoding. */
export class RecentBytes<Key, Item extends Uint8Array | { readonly bytes: Uint8Array }> {
  readonly #items = new Map<Key, Item>()
  readonly #limit: number
  #total = 0

  /** @param limit bytes; the newest item is kept whatever its length */
  constructor(limit: number) {
    this.#limit = limit
  }

  get(key: Key, load: () => Item): Item {
    return this.find(key) ?? this.keep(key, load())
  }

  find(key: Key): Item | undefined {
    const item = this.#items.get(key)
    if (item === undefined) return undefined
    this.#items.delete(key)
    this.#items.set(key, item)
    return item
  }

  keep(key: Key, item: Item): Item {
    this.#items.set(key, item)
    this.#total += lengthOf(item)
    for (const [oldest, old] of this.#items) {
      if (this.#total <= this.#limit || oldest === key) break
      this.#items.delete(oldest)
      this.#total -= lengthOf(old)
    }
    return item
  }
}

function lengthOf(item: Uint8Array | { readonly bytes: Uint8Array }): number {
  return item instanceof Uint8Array ? item.length : item.bytes.length
}

import type { Share } from '../../contract/engine-api'
import { entryKinds } from '../../contract/entry'
import { noContentKind } from '../../index/content-shares'
import { childrenAt, type EntrySizes, type EntryTable, topLevel } from './entry-table'
import { kindOfFile } from './kind-of-file'

/** Deeper folders are shown as one part: rectangles that deep have no area, and nested messages have their limits. */
const deepest = 24

export interface ShareSource {
  readonly table: EntryTable
  readonly sizes: EntrySizes
  readonly nameOf: (position: number) => string
}

interface Node {
  readonly position: number
  readonly depth: number
  readonly parts: Node[]
  /** The largest of its children first, as far as they could be of use. */
  candidates: Uint32Array
  taken: number
  readonly childCount: number
}

/**
 * The stored bytes below a directory as nested parts, the largest of all first to be shown, until there are `most` nodes; what is left
 * in a directory is summed up as a node with the id 0. Yields now and then.
 */
export function* shareTree(
  source: ShareSource,
  directory: number,
  { name, most }: { readonly name: string; readonly most: number },
): Generator<void, Share> {
  const { table, sizes } = source
  const root: Node = yield* openNode(source, directory, 0, most)
  const open = new LargestFirst((node: Node) => sizes.stored[node.candidates[node.taken] ?? 0] ?? 0)
  let nodes = 1 + remainder(root)
  if (nodes <= most) open.add(root)
  for (let node = open.take(); node !== undefined; node = open.take()) {
    const position = node.candidates[node.taken] ?? 0
    const isDirectory = table.kinds[position] === entryKinds.directory
    // The last child takes the place of the remainder.
    const isLast = node.taken + 1 === node.childCount
    if (nodes + (isLast ? 0 : 1) > most) break
    nodes += isLast ? 0 : 1
    node.taken++
    if (node.taken < node.candidates.length) open.add(node)
    const isOpened = isDirectory && node.depth + 1 < deepest && nodes < most
    const child = isOpened
      ? yield* openNode(source, position, node.depth + 1, most - nodes)
      : leaf(position, node.depth + 1)
    node.parts.push(child)
    nodes += remainder(child)
    if (child.candidates.length > 0) open.add(child)
  }
  return toShare(source, root, name)
}

/** Nodes that sum up what is left in a directory. */
function remainder(node: Node): number {
  return node.candidates.length > 0 ? 1 : 0
}

function leaf(position: number, depth: number): Node {
  return { position, depth, parts: [], candidates: new Uint32Array(0), taken: 0, childCount: 0 }
}

function* openNode(source: ShareSource, position: number, depth: number, most: number): Generator<void, Node> {
  const { table, sizes } = source
  const children = childrenAt(table, position)
  yield
  // Only so many can be shown: of a folder of a million, those over the smallest that can be.
  const candidates = largest(children, sizes.stored, most)
  yield
  return { position, depth, parts: [], candidates, taken: 0, childCount: children.length }
}

function largest(children: Uint32Array, stored: Float64Array, most: number): Uint32Array {
  const byStored = (left: number, right: number) => (stored[right] ?? 0) - (stored[left] ?? 0)
  if (children.length <= most) return children.toSorted(byStored)
  const values = new Float64Array(children.length)
  children.forEach((child, at) => (values[at] = stored[child] ?? 0))
  const least = values.sort()[children.length - most] ?? 0
  return children
    .filter((child) => (stored[child] ?? 0) >= least)
    .sort(byStored)
    .subarray(0, most)
}

function toShare(source: ShareSource, node: Node, name: string): Share {
  const { table, sizes, nameOf } = source
  const { position } = node
  const isTop = position === topLevel
  const size = isTop ? sizes.size : (sizes.sizes[position] ?? 0)
  const stored = isTop ? sizes.storedSize : (sizes.stored[position] ?? 0)
  const isDirectory = isTop || table.kinds[position] === entryKinds.directory
  const own = { id: isTop ? 0 : (table.ids[position] ?? 0), name, isDirectory, size, stored: Math.round(stored) }
  const kind = isTop ? noContentKind : (sizes.contentKinds[position] ?? noContentKind)
  if (!isDirectory) return { ...own, contentKind: kind === noContentKind ? undefined : kindOfFile(name, kind) }
  // A remainder alone says no more than the directory itself.
  if (node.taken === 0) return own
  const parts = node.parts.map((part) => toShare(source, part, nameOf(part.position)))
  if (node.taken < node.childCount) {
    let [shownSize, shownStored] = [0, 0]
    for (const { position: shown } of node.parts) {
      shownSize += sizes.sizes[shown] ?? 0
      shownStored += sizes.stored[shown] ?? 0
    }
    const rest = { size: size - shownSize, stored: Math.round(Math.max(0, stored - shownStored)) }
    parts.push({ id: 0, name: '', isDirectory: false, ...rest })
  }
  return { ...own, parts }
}

/** A binary heap that gives the item of the largest value first; a value does not change while its item is inside. */
class LargestFirst<Item> {
  readonly #items: Item[] = []
  readonly #valueOf: (item: Item) => number

  constructor(valueOf: (item: Item) => number) {
    this.#valueOf = valueOf
  }

  add(item: Item): void {
    const items = this.#items
    let at = items.push(item) - 1
    for (let parent = (at - 1) >> 1; at > 0 && this.#comesFirst(at, parent); parent = (at - 1) >> 1) {
      this.#swap(at, parent)
      at = parent
    }
  }

  take(): Item | undefined {
    const items = this.#items
    if (items.length > 1) this.#swap(0, items.length - 1)
    const taken = items.pop()
    for (let at = 0; ;) {
      const [left, right] = [2 * at + 1, 2 * at + 2]
      const best = right < items.length && this.#comesFirst(right, left) ? right : left
      if (best >= items.length || !this.#comesFirst(best, at)) return taken
      this.#swap(at, best)
      at = best
    }
  }

  #comesFirst(one: number, other: number): boolean {
    return this.#valueOf(this.#items[one] as Item) > this.#valueOf(this.#items[other] as Item)
  }

  #swap(one: number, other: number): void {
    const items = this.#items
    const kept = items[one] as Item
    items[one] = items[other] as Item
    items[other] = kept
  }
}

import { entryKinds } from '../../contract/entry'
import type { ArchiveIndex } from '../../index/archive-index'
import { noContentKind } from '../../index/content-shares'
import { fault } from '../../index/rows'
import { positionOfId } from '../../index/sorted-ids'
import { NameBytes } from './name-bytes'
import { makeWhole } from './whole-bytes'

/** The position that stands for the top level, which is no entry. */
export const topLevel = -1

/** What all entries are, in columns by position; positions ascend with ids, so parents come before children. */
export interface EntryTable {
  readonly count: number
  readonly ids: Float64Array
  /** Position of the directory that holds it, {@link topLevel} for none. */
  readonly parents: Int32Array
  readonly kinds: Uint8Array
  readonly mtimesMs: Float64Array
  readonly contents: Float64Array
  readonly names: NameBytes
  /** The entries of each directory together, those of the top level first. */
  readonly children: Uint32Array
  /** Where in `children` those of position `at` begin: at `at + 1`. They end where the next ones begin. */
  readonly childStarts: Uint32Array
  /** By position + 1: whether there is a directory in it. */
  readonly hasFolders: Uint8Array
}

/** Reads the table; about 1 s for a million entries. Yields now and then. @throws LmzError `Format` */
export function* readEntryTable(index: ArchiveIndex): Generator<void, EntryTable> {
  const most = index.totals().entries
  const ids = new Float64Array(most)
  const parents = new Int32Array(most)
  const kinds = new Uint8Array(most)
  const mtimesMs = new Float64Array(most)
  const contents = new Float64Array(most)
  const names = new NameBytes()
  const hasFolders = new Uint8Array(most + 1)
  const childStarts = new Uint32Array(most + 2)
  let count = 0
  for (const page of index.entryFacts()) {
    for (const { id, parent, name, kind, mtimeMs, content } of page) {
      if (count === most) throw fault(`entry ${id}`, 'there are more entries than were counted')
      const parentAt = parent === 0 ? topLevel : positionOfId(ids, count, parent)
      const isInFolder = parent === 0 || (parentAt >= 0 && kinds[parentAt] === entryKinds.directory)
      if (!isInFolder) throw fault(`entry ${id}`, `entry ${parent} is no directory`)
      ids[count] = id
      parents[count] = parentAt
      kinds[count] = kind
      mtimesMs[count] = mtimeMs
      contents[count] = content
      names.add(name)
      if (kind === entryKinds.directory) hasFolders[parentAt + 1] = 1
      childStarts[parentAt + 2] = (childStarts[parentAt + 2] ?? 0) + 1
      count++
    }
    yield
  }
  for (let at = 1; at < childStarts.length; at++) childStarts[at] = (childStarts[at] ?? 0) + (childStarts[at - 1] ?? 0)
  yield
  const children = new Uint32Array(count)
  const next = childStarts.slice()
  for (let at = 0; at < count; at++) {
    const parent = (parents[at] ?? topLevel) + 1
    const place = next[parent] ?? 0
    children[place] = at
    next[parent] = place + 1
  }
  return { count, ids, parents, kinds, mtimesMs, contents, names, children, childStarts, hasFolders }
}

/** Positions of what is in a directory, in the order of their ids. */
export function childrenAt({ children, childStarts }: EntryTable, directory: number): Uint32Array {
  return children.subarray(childStarts[directory + 1], childStarts[directory + 2])
}

/** What entries take, by position; of directories, all that is below them. */
export interface EntrySizes {
  readonly sizes: Float64Array
  /** Bytes of the archive, whole ones: those of all files add up to what is stored of them. */
  readonly stored: Float64Array
  /** Of files; {@link noContentKind} for what has none. */
  readonly contentKinds: Uint8Array
  /** Of the top level. */
  readonly size: number
  readonly storedSize: number
}

/** Adds up the sizes of files over their directories; about 2 s for a million entries. Yields now and then. */
export function* readEntrySizes(index: ArchiveIndex, table: EntryTable): Generator<void, EntrySizes> {
  const { count, contents, parents } = table
  const uses = new Map<number, number>()
  for (let at = 0; at < count; at++) {
    const content = contents[at] ?? 0
    if (content !== 0) uses.set(content, (uses.get(content) ?? 0) + 1)
    if (at % 4096 === 0) yield
  }
  const shares = yield* index.contentShares(uses)
  const sizes = new Float64Array(count)
  const stored = new Float64Array(count)
  const contentKinds = new Uint8Array(count).fill(noContentKind)
  for (let at = 0; at < count; at++) {
    const content = contents[at] ?? 0
    const found = content === 0 ? -1 : positionOfId(shares.ids, shares.ids.length, content)
    if (found >= 0) {
      sizes[at] = shares.sizes[found] ?? 0
      stored[at] = shares.stored[found] ?? 0
      contentKinds[at] = shares.kinds[found] ?? noContentKind
    }
    if (at % 4096 === 0) yield
  }
  yield* makeWhole(stored)
  let [size, storedSize] = [0, 0]
  // From the last to the first: what is in a directory is known before it is added to the one above.
  for (let at = count - 1; at >= 0; at--) {
    const parent = parents[at] ?? topLevel
    if (parent === topLevel) {
      size += sizes[at] ?? 0
      storedSize += stored[at] ?? 0
    } else {
      sizes[parent] = (sizes[parent] ?? 0) + (sizes[at] ?? 0)
      stored[parent] = (stored[parent] ?? 0) + (stored[at] ?? 0)
    }
    if (at % 4096 === 0) yield
  }
  return { sizes, stored, contentKinds, size, storedSize }
}

import { setTimeout as wait } from 'node:timers/promises'
import type { EntryRow, Page, RowOrder, RowPage, Share } from '../../contract/engine-api'
import { type Entry, entryKinds } from '../../contract/entry'
import { LmzError } from '../../contract/error'
import { compareNames } from '../../index/name-order'
import { positionOfId } from '../../index/sorted-ids'
import type { Archive } from '../archive'
import { type EntrySizes, type EntryTable, childrenAt, readEntrySizes, readEntryTable, topLevel } from './entry-table'
import { findEntries } from './find'
import { naturalKey } from './natural-key'
import { needsSizes, orderByName, reorder, type OrderSource } from './order'
import { PositionCache } from './position-cache'
import { rowOf } from './row'
import { shareTree } from './share-tree'
import { inSlices } from './slices'

/** A directory of so many entries is listed at once even while the table is still being read. */
const mostListedAtOnce = 2000
/** Entries of large directories that are sorted before they are asked for. */
const mostSortedAhead = 1_000_000
/** Milliseconds from the first call on that a list waits for the sizes of directories: those of most archives are known by then. */
const longestWaitForSizes = 60

/**
 * The entries of an open archive as a window shows them: in any order, found by a part of their names, with what each takes.
 *
 * The first call starts reading a table of all entries, and after it their sizes, in slices between which other work goes on: 0.3 s in
 * all for 100,000 entries, 3 s for a million, at some 100 bytes of memory each. Meanwhile, directories have no sizes.
 */
export class ArchiveRows {
  readonly #archive: Archive
  readonly #orders = new PositionCache()
  readonly #finds = new PositionCache()
  #reading: Reading | undefined
  #table: EntryTable | undefined
  #sizes: EntrySizes | undefined
  #isClosed = false

  constructor(archive: Archive) {
    this.#archive = archive
  }

  /** Work under way ends with an LmzError. To be called before the archive is closed. */
  close(): void {
    this.#isClosed = true
  }

  /** Entries of a directory (0: the top level). @throws LmzError `NotFound`, `Format` */
  async list(directory: number, order: RowOrder, page: Page): Promise<RowPage> {
    this.#requireDirectory(directory)
    if (this.#table === undefined && order.column === 'name') {
      void this.#read()
      const entries = this.#listAtOnce(directory, order.descending)
      if (entries !== undefined) {
        await this.#read().sizesIfSoon
        return { total: entries.length, rows: await this.#rowsOf(take(entries, page), (entry) => entry) }
      }
    }
    const positions = await this.#ordered(directory, order)
    await this.#read().sizesIfSoon
    return this.#page(positions, page)
  }

  /** The directories in a directory. @throws LmzError `NotFound`, `Format` */
  async folders(directory: number): Promise<readonly EntryRow[]> {
    this.#requireDirectory(directory)
    const { kinds } = await this.#readTable()
    const positions = await this.#ordered(directory, { column: 'name', descending: false })
    const end = positions.findIndex((at) => kinds[at] !== entryKinds.directory)
    return (await this.#page(end < 0 ? positions : positions.subarray(0, end), everything)).rows
  }

  /** See {@link findEntries}. @throws LmzError `NotFound`, `Format` */
  async find(directory: number, text: string, order: RowOrder | undefined, page: Page): Promise<RowPage> {
    this.#requireDirectory(directory)
    const table = await this.#readTable()
    const position = this.#positionOf(table, directory)
    const best = await this.#finds.get(`${position} ${text}`, () => this.#run(findEntries(table, position, text)))
    const found =
      order === undefined
        ? best
        : await this.#inOrder(order, {
            key: `${position} ${text}`,
            positions: () => best.toSorted(),
            cache: this.#finds,
          })
    const { total, rows } = await this.#page(found, page)
    const places = new Map<number, string>()
    const placeOf = (parent: number): string => {
      const known = places.get(parent) ?? this.#archive.index.pathOf(parent).join('/')
      places.set(parent, known)
      return known
    }
    return { total, rows: rows.map((row) => ({ ...row, place: placeOf(row.parent) })) }
  }

  /** See {@link shareTree}. @throws LmzError `NotFound`, `Format` */
  async shares(directory: number, most: number): Promise<Share> {
    this.#requireDirectory(directory)
    const table = await this.#readTable()
    const sizes = await this.#readSizes()
    const nameOf = (position: number): string => this.#entryAt(table, position).name
    const position = this.#positionOf(table, directory)
    const name = position === topLevel ? this.#archive.name : nameOf(position)
    return this.#run(shareTree({ table, sizes, nameOf }, position, { name, most }))
  }

  /** What a file takes of the archive, in whole bytes; a hard link what its file does. @throws LmzError `NotFound`, `Format` */
  async storedBytesOf(entry: number): Promise<number> {
    const table = await this.#readTable()
    const { stored } = await this.#readSizes()
    const position = positionOfId(table.ids, table.count, this.#archive.index.entry(entry)?.link ?? entry)
    if (position < 0) throw new LmzError('NotFound', `There is no entry ${entry} in ${this.#archive.name}.`)
    return stored[position] ?? 0
  }

  /** Goes through the steps of work on the table of all entries, in slices between which others get their turn. */
  async overTable<Result>(work: (table: EntryTable) => Iterator<unknown, Result>): Promise<Result> {
    return this.#run(work(await this.#readTable()))
  }

  #read(): Reading {
    if (this.#reading !== undefined) return this.#reading
    const { index } = this.#archive
    const table = this.#run(readEntryTable(index)).then((read) => (this.#table = read))
    const sizes = table.then((read) => this.#run(readEntrySizes(index, read))).then((read) => (this.#sizes = read))
    void sizes.then(() => this.#sortLargeDirectories()).catch(() => undefined)
    // Whoever needs them gets the error; the others go on without.
    for (const reading of [table, sizes]) reading.catch(() => undefined)
    const late = wait(longestWaitForSizes, undefined, { ref: false })
    const sizesIfSoon = Promise.race([sizes.catch(() => undefined), late])
    return (this.#reading = { table, sizes, sizesIfSoon })
  }

  /** So that they too are there at once when they are opened. */
  async #sortLargeDirectories(): Promise<void> {
    const table = await this.#readTable()
    let sorted = 0
    for (const [at, kind] of table.kinds.entries()) {
      if (kind !== entryKinds.directory) continue
      const { length } = childrenAt(table, at)
      if (length <= mostListedAtOnce || sorted + length > mostSortedAhead) continue
      sorted += length
      await this.#ordered(table.ids[at] ?? 0, { column: 'name', descending: false })
    }
  }

  async #readTable(): Promise<EntryTable> {
    return this.#table ?? this.#read().table
  }

  async #readSizes(): Promise<EntrySizes> {
    return this.#sizes ?? this.#read().sizes
  }

  #run<Result>(steps: Iterator<unknown, Result>): Promise<Result> {
    return inSlices(steps, () => this.#refuseIfClosed())
  }

  #refuseIfClosed(): void {
    if (this.#isClosed) throw new LmzError('Usage', 'The archive is no longer open.')
  }

  async #ordered(directory: number, order: RowOrder): Promise<Uint32Array> {
    const table = await this.#readTable()
    const position = this.#positionOf(table, directory)
    const positions = () => childrenAt(table, position).slice()
    return this.#inOrder(order, { key: String(position), positions, cache: this.#orders })
  }

  async #inOrder(
    order: RowOrder,
    from: { readonly key: string; readonly positions: () => Uint32Array; readonly cache: PositionCache },
  ): Promise<Uint32Array> {
    const table = await this.#readTable()
    const sizes = needsSizes(order.column) ? await this.#readSizes() : undefined
    const source: OrderSource = { table, sizes, exactName: (position) => this.#entryAt(table, position).name }
    const byName = await from.cache.get(`name ${from.key}`, () => this.#run(orderByName(source, from.positions())))
    const { column, descending } = order
    if (column === 'name' && !descending) return byName
    return from.cache.get(`${column} ${descending} ${from.key}`, () => this.#run(reorder(source, byName, order)))
  }

  /** @returns undefined for a directory of more entries than can be listed without holding others up */
  #listAtOnce(directory: number, descending: boolean): readonly Entry[] | undefined {
    const entries: { readonly key: string; readonly entry: Entry }[] = []
    for (const entry of this.#archive.index.children(directory)) {
      if (entries.push({ key: naturalKey(entry.name), entry }) > mostListedAtOnce) return undefined
    }
    const sign = descending ? -1 : 1
    entries.sort((left, right) => {
      const folders = Number(right.entry.kind === 'directory') - Number(left.entry.kind === 'directory')
      if (folders !== 0) return folders
      if (left.key !== right.key) return left.key < right.key ? -sign : sign
      return sign * compareNames(left.entry.name, right.entry.name)
    })
    return entries.map(({ entry }) => entry)
  }

  async #page(positions: Uint32Array, page: Page): Promise<RowPage> {
    const table = await this.#readTable()
    const rows = await this.#rowsOf(take(positions, page), (position) => this.#entryAt(table, position))
    return { total: positions.length, rows }
  }

  async #rowsOf<Item>(items: Iterable<Item>, entryOf: (item: Item) => Entry): Promise<readonly EntryRow[]> {
    const known = { index: this.#archive.index, table: this.#table, sizes: this.#sizes }
    const rows: EntryRow[] = []
    function* make(): Generator<void> {
      for (const item of items) {
        rows.push(rowOf(entryOf(item), known))
        yield
      }
    }
    await this.#run(make())
    return rows
  }

  #entryAt({ ids }: EntryTable, position: number): Entry {
    const entry = this.#archive.index.entry(ids[position] ?? 0)
    if (entry === undefined) throw new TypeError(`there is no entry ${ids[position]}`)
    return entry
  }

  #positionOf(table: EntryTable, directory: number): number {
    return directory === 0 ? topLevel : positionOfId(table.ids, table.count, directory)
  }

  #requireDirectory(directory: number): void {
    this.#refuseIfClosed()
    if (directory === 0 || this.#archive.index.entry(directory)?.kind === 'directory') return
    throw new LmzError('NotFound', `There is no folder ${directory} in ${this.#archive.name}.`, {
      subject: this.#archive.path,
    })
  }
}

/** What is being read, once for all calls. */
interface Reading {
  readonly table: Promise<EntryTable>
  readonly sizes: Promise<EntrySizes>
  /** Settles when the sizes are known, or failing that after a moment. */
  readonly sizesIfSoon: Promise<unknown>
}

const everything: Page = { offset: 0, limit: Number.POSITIVE_INFINITY }

function take<Items extends Uint32Array | readonly Entry[]>(items: Items, { offset, limit }: Page): Items {
  return items.slice(offset, offset + limit) as Items
}

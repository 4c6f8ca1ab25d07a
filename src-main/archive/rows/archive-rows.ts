import type { EntryRow, Page, RowOrder, RowPage, Share } from '../../contract/engine-api'
import { contentKindOf } from '../../contract/content-kind'
import type { Entry } from '../../contract/entry'
import { compareNames } from '../../index/name-order'
import type { Archive } from '../archive'
import { foldName, naturalKey } from './natural-key'

/** The entries of an open archive as a window shows them. */
export class ArchiveRows {
  readonly #archive: Archive

  constructor(archive: Archive) {
    this.#archive = archive
  }

  async list(directory: number, order: RowOrder, { offset, limit }: Page): Promise<RowPage> {
    const rows = [...this.#archive.index.children(directory)].map((entry) => this.#rowOf(entry))
    rows.sort(comparator(order))
    return Promise.resolve({ total: rows.length, rows: rows.slice(offset, offset + limit) })
  }

  async folders(directory: number): Promise<readonly EntryRow[]> {
    const { rows } = await this.list(directory, { column: 'name', descending: false }, { offset: 0, limit: 10_000 })
    return rows.filter(({ kind }) => kind === 'directory')
  }

  async find(directory: number, text: string, order: RowOrder | undefined, { offset, limit }: Page): Promise<RowPage> {
    const { index } = this.#archive
    const wanted = foldName(text)
    const found: { rank: number; length: number; row: EntryRow }[] = []
    for (const entry of index.descendants(directory)) {
      const path = index.pathOf(entry.id)
      const name = foldName(wanted.includes('/') ? path.join('/') : entry.name)
      const at = name.indexOf(wanted)
      if (at < 0) continue
      const rank = name === wanted ? 0 : at === 0 ? 1 : /[a-z0-9]/.test(name[at - 1] ?? '') ? 3 : 2
      const row = { ...this.#rowOf(entry), place: path.slice(0, -1).join('/') }
      found.push({ rank, length: name.length, row })
    }
    if (order === undefined) found.sort((one, other) => one.rank - other.rank || one.length - other.length)
    else {
      const compare = comparator(order)
      found.sort((one, other) => compare(one.row, other.row))
    }
    const rows = found.slice(offset, offset + limit).map(({ row }) => row)
    return Promise.resolve({ total: found.length, rows })
  }

  async shares(directory: number, most: number): Promise<Share> {
    const { index } = this.#archive
    const name = directory === 0 ? this.#archive.name : (index.entry(directory)?.name ?? '')
    const parts: Share[] = []
    for (const entry of index.children(directory)) {
      const { id, size = 0, stored = 0, contentKind } = this.#rowOf(entry)
      if (entry.kind === 'directory') parts.push(await this.shares(id, most))
      else if (entry.kind === 'file') {
        parts.push({ id, name: entry.name, isDirectory: false, size, stored, contentKind })
      }
    }
    parts.sort((one, other) => other.stored - one.stored)
    const sum = (of: (share: Share) => number) => parts.reduce((total, share) => total + of(share), 0)
    const [size, stored] = [sum((share) => share.size), sum((share) => share.stored)]
    return { id: directory, name, isDirectory: true, size, stored, parts }
  }

  #rowOf(entry: Entry): EntryRow {
    const { id, parent, name, kind, target, mode } = entry
    const { index } = this.#archive
    const mtimeMs = Number(entry.mtimeNs / 1_000_000n)
    const common = { id, parent, name, kind, target, mtimeMs, isExecutable: kind === 'file' && (mode & 0o111) !== 0 }
    if (kind === 'directory') {
      const children = [...index.children(id)]
      const hasFolders = children.some((child) => child.kind === 'directory')
      return { ...common, items: children.length, hasFolders }
    }
    const file = entry.link === undefined ? entry : index.entry(entry.link)
    if (file?.kind !== 'file') return common
    if (file.content === undefined) return { ...common, isMissing: true }
    let stored = 0
    let contentKind
    for (const piece of index.piecesOf(file.content)) {
      const block = index.block(piece.block)
      stored += (block.storedLength * piece.length) / block.rawLength
      contentKind ??= contentKindOf(block.kind)
    }
    return { ...common, size: entry.size, stored: Math.round(stored), contentKind }
  }
}

function comparator({ column, descending }: RowOrder): (one: EntryRow, other: EntryRow) => number {
  const sign = descending ? -1 : 1
  const byName = (one: EntryRow, other: EntryRow): number => {
    const [left, right] = [naturalKey(one.name), naturalKey(other.name)]
    return left === right ? compareNames(one.name, other.name) : left < right ? -1 : 1
  }
  const value = ({ size = 0, stored = 0, mtimeMs, kind, contentKind }: EntryRow): number | string => {
    switch (column) {
      case 'size':
        return size
      case 'stored':
        return stored
      case 'bits':
        return size === 0 ? 0 : stored / size
      case 'modified':
        return mtimeMs
      case 'kind':
        return contentKind ?? kind
      case 'name':
        return 0
    }
  }
  return (one, other) => {
    const folders = Number(other.kind === 'directory') - Number(one.kind === 'directory')
    if (folders !== 0) return folders
    const [left, right] = [value(one), value(other)]
    if (left !== right) return left < right ? -sign : sign
    return column === 'name' ? sign * byName(one, other) : byName(one, other)
  }
}

import type { EntryRow } from '../../contract/engine-api'
import type { Entry } from '../../contract/entry'
import type { ArchiveIndex } from '../../index/archive-index'
import { noContentKind } from '../../index/content-shares'
import { positionOfId } from '../../index/sorted-ids'
import { childrenAt, type EntrySizes, type EntryTable } from './entry-table'
import { kindOfFile } from './kind-of-file'

/** What is known of all entries by now. */
export interface KnownOfAll {
  readonly index: ArchiveIndex
  readonly table?: EntryTable | undefined
  readonly sizes?: EntrySizes | undefined
}

/** More children are not gone through only to see whether there is a folder among them. */
const mostLookedAt = 1000

export function rowOf(entry: Entry, known: KnownOfAll): EntryRow {
  const { index, table, sizes } = known
  const { id, parent, name, kind, mode } = entry
  const position = table === undefined ? -1 : positionOfId(table.ids, table.count, id)
  const row = { id, parent, name, kind, mtimeMs: Number(entry.mtimeNs / 1_000_000n) }
  const stored = sizes?.stored[position]
  const taken = { stored: stored === undefined ? undefined : Math.round(stored) }
  switch (kind) {
    case 'directory':
      return { ...row, ...taken, size: sizes?.sizes[position], ...folderFacts(known, id, position) }
    case 'symlink':
      return { ...row, target: entry.target }
    case 'hardLink': {
      const file = entry.link === undefined ? undefined : index.entry(entry.link)
      const isMissing = file?.content === undefined || undefined
      // Its bytes are counted where its file is.
      return { ...row, size: entry.size, stored: 0, isExecutable: isExecutable(mode), isMissing }
    }
    case 'file': {
      const contentKind = sizes?.contentKinds[position] ?? noContentKind
      return {
        ...row,
        ...taken,
        size: entry.size,
        contentKind: contentKind === noContentKind ? undefined : kindOfFile(name, contentKind),
        isExecutable: isExecutable(mode),
        isMissing: entry.content === undefined || undefined,
      }
    }
  }
}

function folderFacts({ index, table }: KnownOfAll, id: number, position: number): Partial<EntryRow> {
  if (table !== undefined) {
    return { items: childrenAt(table, position).length, hasFolders: table.hasFolders[position + 1] === 1 }
  }
  let items = 0
  let hasFolders = false
  for (const child of index.children(id)) {
    if (++items > mostLookedAt) return {}
    hasFolders ||= child.kind === 'directory'
  }
  return { items, hasFolders }
}

function isExecutable(mode: number): boolean {
  return (mode & 0o111) !== 0
}

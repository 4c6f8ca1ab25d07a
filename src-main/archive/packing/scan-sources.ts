import type { ContentKind } from '../../contract/content-kind'
import type { Entry } from '../../contract/entry'
import { LmzError } from '../../contract/error'
import { dataGroup } from '../../intake/data-group'
import { likenessKey } from '../../intake/likeness'
import { kindOfName } from '../../intake/name-kind'
import { walk } from '../../intake/walk'
import type { WalkedEntry, WalkedFile } from '../../intake/walked-entry'
import type { IndexWriter } from '../../index/index-writer'
import type { WorkList } from '../../index/work-list'
import type { JobControl } from '../job-control'

export interface ScanOptions {
  readonly roots: readonly string[]
  readonly exclude: readonly string[]
  /** Identities of files to pass over in silence: the archive itself. */
  readonly skip: ReadonlySet<string>
  /** The directory that they are entered in; the top level if not given. */
  readonly folder?: number | undefined
}

/** What the scan found out that the index does not say. */
export interface ScanResult {
  /** By the entry that stands for a file with several names: the entries of its other names. */
  readonly linksOf: ReadonlyMap<number, readonly number[]>
  /** By the entry of a file: the symlink that an earlier commit has in its place. */
  readonly replaced: ReadonlyMap<number, Entry>
  readonly entries: number
  readonly bytes: number
  /** The bytes by what the names of their files promise. */
  readonly bytesByKind: ReadonlyMap<ContentKind, number>
}

/**
 * Walks the given paths, enters directories, symlinks and hard links in the index at once, and files, still without content,
 * in index and work list. An entry that was there before keeps its id; a file keeps its old content until the new one
 * has been read in full.
 *
 * @throws LmzError `NotFound` or `Usage` for the given paths, before anything is entered; `Cancelled`
 */
export async function scanSources(
  index: IndexWriter,
  work: WorkList,
  options: ScanOptions,
  control: JobControl,
): Promise<ScanResult> {
  const scan = new Scan(index, work, control, options.folder ?? 0)
  const entries = walk(options.roots, {
    exclude: options.exclude,
    skip: options.skip,
    signal: control.signal,
    onProblem: (problem) => control.problem(problem),
  })
  for await (const batch of entries) {
    await control.checkpoint()
    for (const entry of batch) scan.enter(entry)
    scan.report(batch.at(-1)?.displayPath)
  }
  scan.report(undefined)
  return scan
}

class Scan implements ScanResult {
  readonly linksOf = new Map<number, number[]>()
  readonly replaced = new Map<number, Entry>()
  readonly #index: IndexWriter
  readonly #work: WorkList
  readonly #control: JobControl
  readonly #folder: number
  /** Entry ids of the directories on the path to the current entry, by depth. */
  readonly #path: (number | undefined)[] = []
  /** Only directories with smaller ids were in the archive before; in those that this scan enters nothing can stand yet. */
  readonly #firstNew: number
  readonly #firstNames = new Map<string, number>()
  readonly bytesByKind = new Map<ContentKind, number>()
  entries = 0
  bytes = 0

  constructor(index: IndexWriter, work: WorkList, control: JobControl, folder: number) {
    this.#folder = folder
    this.#index = index
    this.#work = work
    this.#control = control
    this.#firstNew = index.lastEntryId() + 1
  }

  enter(found: WalkedEntry): void {
    const parent = found.depth === 0 ? this.#folder : this.#path[found.depth - 1]
    // Below a directory that could not be entered, nothing can be; the problem has been told.
    const id = parent === undefined ? undefined : this.#enterBelow(parent, found)
    if (found.kind === 'directory') this.#path[found.depth] = id
    if (id !== undefined) this.entries++
  }

  report(current: string | undefined): void {
    const { entries, bytes } = this
    this.#control.progress({ phase: 'scan', entries, bytes, current }, current === undefined)
  }

  #enterBelow(parent: number, found: WalkedEntry): number | undefined {
    const mayExist = parent < this.#firstNew
    const existing = mayExist ? this.#index.entryAt(parent, found.name) : undefined
    switch (found.kind) {
      case 'directory':
        return this.#enterDirectory(parent, found, existing)
      case 'symlink':
        return this.#enterSymlink(parent, found, existing)
      case 'file':
        return this.#enterFile(parent, found, existing)
    }
  }

  #enterDirectory(parent: number, found: WalkedEntry, existing: Entry | undefined): number | undefined {
    const { name, rawName, mode, mtimeNs } = found
    if (existing === undefined) return this.#index.addEntry({ parent, name, rawName, kind: 'directory', mode, mtimeNs })
    if (existing.kind !== 'directory') {
      this.#refuse(found, 'a file of that name is in the archive')
      return undefined
    }
    this.#index.updateEntry(existing.id, { mode, mtimeNs })
    return existing.id
  }

  #enterSymlink(
    parent: number,
    found: WalkedEntry & { readonly kind: 'symlink' },
    existing: Entry | undefined,
  ): number | undefined {
    if (existing?.kind === 'directory') {
      this.#refuse(found, 'a folder of that name is in the archive')
      return undefined
    }
    if (existing !== undefined) this.#index.removeEntry(existing.id)
    const { name, rawName, mode, mtimeNs, target } = found
    return this.#index.addEntry({ parent, name, rawName, kind: 'symlink', mode, mtimeNs, target })
  }

  #enterFile(parent: number, found: WalkedFile, existing: Entry | undefined): number | undefined {
    if (existing?.kind === 'directory') {
      this.#refuse(found, 'a folder of that name is in the archive')
      return undefined
    }
    const { name, rawName, mode, mtimeNs, identity } = found
    const first = identity === undefined ? undefined : this.#firstNames.get(identity)
    if (first !== undefined) {
      if (existing !== undefined) this.#index.removeEntry(existing.id)
      const id = this.#index.addEntry({ parent, name, rawName, kind: 'hardLink', mode, mtimeNs, link: first })
      this.linksOf.get(first)?.push(id)
      return id
    }
    const id = existing?.kind === 'file' ? existing.id : this.#replaceByFile(parent, found, existing)
    // Other names that an earlier commit gave to it keep what it was then.
    if (existing?.kind === 'file') this.#index.releaseLinks(id)
    if (identity !== undefined) {
      this.#firstNames.set(identity, id)
      this.linksOf.set(id, [])
    }
    const { path, displayPath, stamp } = found
    // What is as it was is stored already and needs nothing chosen for it.
    const isKnown = existing?.kind === 'file' && existing.size === stamp.size && existing.mtimeNs === mtimeNs
    const group = isKnown ? undefined : dataGroup(displayPath)
    this.#work.add({ entry: id, path, size: stamp.size, group, order: likenessKey(displayPath) })
    this.bytes += stamp.size
    const kind = kindOfName(name) ?? 'binary'
    this.bytesByKind.set(kind, (this.bytesByKind.get(kind) ?? 0) + stamp.size)
    return id
  }

  /** A hard link's content is kept as a file's is, and the symlink is, until the new one has been read in full. */
  #replaceByFile(parent: number, found: WalkedFile, existing: Entry | undefined): number {
    const content = existing?.link === undefined ? undefined : this.#index.entry(existing.link)?.content
    if (existing !== undefined) this.#index.removeEntry(existing.id)
    const { name, rawName, mode, mtimeNs } = found
    const id = this.#index.addEntry({ parent, name, rawName, kind: 'file', mode, mtimeNs, content })
    if (existing?.kind === 'symlink') this.replaced.set(id, existing)
    return id
  }

  #refuse({ displayPath }: WalkedEntry, because: string): void {
    const message = `${displayPath} cannot be added: ${because}. Remove that first.`
    const error = new LmzError('Collision', message, { subject: displayPath })
    this.#control.problem({ path: displayPath, error: error.toData(), outcome: 'left out' })
  }
}

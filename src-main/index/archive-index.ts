import type { Entry } from '../contract/entry'
import { BlockTable, type ChunkLengths } from './block-table'
import { checkAll, type CheckProgress } from './check-all'
import { type ContentReach, contentReach } from './content-reach'
import { type ContentShares, contentShares } from './content-shares'
import { Contents, type Piece } from './contents'
import { type EntryFacts, entryFacts } from './entry-facts'
import { EntryTree } from './entry-tree'
import type { IndexParts } from './index-parts'
import { isPathPattern, nameTest } from './name-pattern'
import { UntrustedDatabase } from './open'
import { extractionPlan, type ExtractionStep } from './plan'
import { PrimerTable } from './primer-table'
import { type Block, bounded, checkExact, type Content, fault, type PrimerRow, type RowLimits, text } from './rows'
import { longestSettingKey, longestSettingValue } from './rules'
import { type IndexTotals, totalsOf } from './totals'

export interface ArchiveIndexOptions {
  /** Bytes of the archive the index belongs to; blocks beyond them are refused. */
  readonly fileLength: number
  /** Whether it was written in mid-job, so that files may be without contents. */
  readonly checkpoint?: boolean
  /** Bytes up to which the structure of the database is searched for damage at once. */
  readonly structureCheckLimit?: number
}

/** More settings than this are no settings. */
const mostSettings = 1000

/**
 * The index of an archive, read-only. Its bytes are untrusted: every row is checked before it leaves this class, and each
 * method throws an LmzError `Format` that names the row when it breaks a rule.
 *
 * Iterators read page by page. They may be interleaved with each other and with all other calls, and abandoned.
 */
export class ArchiveIndex {
  readonly #parts: IndexParts
  #totals: IndexTotals | undefined

  private constructor(database: UntrustedDatabase, options: ArchiveIndexOptions) {
    const limits: RowLimits = { fileLength: options.fileLength, isCheckpoint: options.checkpoint ?? false }
    const blocks = new BlockTable(database, limits)
    this.#parts = {
      database,
      blocks,
      primers: new PrimerTable(database, limits),
      contents: new Contents(database, blocks),
      tree: new EntryTree(database, limits),
    }
  }

  /**
   * Opens an uncompressed index; the bytes are copied. About 1 s for a million entries, 0.1 s for 100,000.
   * @throws LmzError `Format`; `Unsupported` for a newer schema
   */
  static fromBytes(bytes: Uint8Array, options: ArchiveIndexOptions): ArchiveIndex {
    return new ArchiveIndex(UntrustedDatabase.fromBytes(bytes, options.structureCheckLimit), options)
  }

  /**
   * Opens an uncompressed index in a file, which must be in a private folder and stay unchanged.
   * @throws LmzError as {@link fromBytes}; `Io`, `NotFound`
   */
  static fromFile(path: string, options: ArchiveIndexOptions): ArchiveIndex {
    return new ArchiveIndex(UntrustedDatabase.fromFile(path, options.structureCheckLimit), options)
  }

  entry(id: number): Entry | undefined {
    return this.#parts.tree.get(id)
  }

  /** The entry of this name in a directory (0: the top level). */
  child(parent: number, name: string): Entry | undefined {
    return this.#parts.tree.child(parent, name)
  }

  /** The entry at a path; undefined also for the empty path. */
  resolve(components: readonly string[]): Entry | undefined {
    let entry: Entry | undefined
    for (const component of components) {
      if (entry !== undefined && entry.kind !== 'directory') return undefined
      entry = this.child(entry?.id ?? 0, component)
      if (entry === undefined) return undefined
    }
    return entry
  }

  /**
   * The entries of a directory (0: the top level), sorted by the bytes of their names.
   * @param after only those behind this name, for paging
   */
  children(parent: number, after?: string): IterableIterator<Entry> {
    return this.#parts.tree.children(parent, after)
  }

  /**
   * Everything below an entry (0: everything), depth-first, parents before their children.
   * @throws LmzError `Limit` below 2,000 levels
   */
  descendants(id: number): IterableIterator<Entry> {
    return this.#parts.tree.descendants(id)
  }

  /** All entries in the order of their ids: faster than {@link descendants}, and parents come before children too. */
  entries(): IterableIterator<Entry> {
    return this.#parts.tree.all()
  }

  /** The names from the top level down to an entry. @throws LmzError `Limit` for more than 2,000 of them */
  pathOf(id: number): string[] {
    return this.#parts.tree.path(id)
  }

  /**
   * Entries whose name contains the pattern or, if it has `*` or `?`, matches it as a whole; patterns with a "/" are compared
   * with the whole path, and may have a component `**`. Letter case does not count. About 0.5 s for a million entries.
   */
  *search(pattern: string): Generator<Entry> {
    const { tree } = this.#parts
    const matches = nameTest(pattern)
    const wantsPath = isPathPattern(pattern)
    for (const { id, name } of tree.allNames()) {
      if (!matches(wantsPath ? tree.path(id).join('/') : name)) continue
      const entry = tree.get(id)
      if (entry !== undefined) yield entry
    }
  }

  /** Size and runs of a content. */
  content(id: number): Content {
    const { contents } = this.#parts
    return contents.complete(contents.head(id))
  }

  /** All contents by id, used or not. */
  *contents(): Generator<Content> {
    const { contents } = this.#parts
    for (const head of contents.heads()) yield contents.complete(head)
  }

  /** Where the bytes of a content lie, in the order of the file; neighbouring pieces are joined. */
  piecesOf(content: number): IterableIterator<Piece> {
    return this.#parts.contents.pieces(content)
  }

  block(id: number): Block {
    return this.#parts.blocks.get(id)
  }

  /** All blocks in the order of their chunks, which is also their order in the file. */
  blocks(): IterableIterator<Block> {
    return this.#parts.blocks.all()
  }

  /** @throws LmzError `Format` for a primer that is not there or breaks a rule */
  primer(id: number): PrimerRow {
    return this.#parts.primers.get(id)
  }

  /** All primers by id, which is also their order in the file. */
  primers(): IterableIterator<PrimerRow> {
    return this.#parts.primers.all()
  }

  /** Lengths of a block's chunks; they add up to its raw length. */
  chunkLengths(block: number): ChunkLengths {
    return this.#parts.blocks.chunkLengths(this.block(block))
  }

  /** Id of the last chunk, 0 if there is none. */
  lastChunkId(): number {
    return this.#parts.blocks.lastChunkId()
  }

  /** Steps that extract files with each block decoded once; see {@link extractionPlan}. */
  extractionPlan(selection: 'all' | Iterable<number>): IterableIterator<ExtractionStep> {
    return extractionPlan(this.#parts, selection)
  }

  /** What a list needs to know of all entries, by id, a page at a time; see {@link entryFacts}. */
  entryFacts(): IterableIterator<readonly EntryFacts[]> {
    return entryFacts(this.#parts.database)
  }

  /** How the stored bytes are divided among contents; see {@link contentShares}. */
  contentShares(uses: ReadonlyMap<number, number>): Generator<void, ContentShares> {
    const { database, blocks } = this.#parts
    return contentShares(database, blocks, uses)
  }

  /** Which blocks each content lies in; see {@link contentReach}. */
  contentReach(): Generator<ContentReach | undefined, void> {
    const { database, blocks } = this.#parts
    return contentReach(database, blocks)
  }

  /** Counts and sums; computed once. @throws LmzError `Limit` for sums over 2^53 */
  totals(): IndexTotals {
    const { database } = this.#parts
    database.checkStructure()
    this.#totals ??= totalsOf((sql) => database.rows(sql))
    return this.#totals
  }

  /** How many files have their bytes in the archive; fewer than there are only in a checkpoint. */
  storedFiles(): number {
    return this.totals().storedFiles
  }

  settings(): ReadonlyMap<string, string> {
    const { database } = this.#parts
    const key = bounded('key', longestSettingKey)
    const value = bounded('value', longestSettingValue)
    const sql = `SELECT ${key}, ${value}, CAST(${key} AS BLOB), CAST(${value} AS BLOB) FROM setting
      ORDER BY key LIMIT ${mostSettings + 1}`
    const rows = database.rows(sql)
    if (rows.length > mostSettings) throw fault('the settings', `there are more than ${mostSettings}`)
    return new Map(
      rows.map(([keyText, valueText, keyBytes, valueBytes]) => {
        const name = text(keyText, 'a setting', 'key')
        const label = `setting "${name}"`
        const setting = text(valueText, label, 'value')
        checkExact(name, () => keyBytes, label, 'key')
        checkExact(setting, () => valueBytes, label, 'value')
        return [name, setting]
      }),
    )
  }

  /** Checks every row and what rows say of each other, for `verify`; see {@link checkAllInSteps}. */
  checkAll(): void {
    const steps = this.checkAllInSteps()
    while (steps.next().done !== true);
  }

  /** The same, with a pause every 50 ms to report progress or to stop. Nothing is checked unless it is iterated. */
  *checkAllInSteps(): Generator<CheckProgress> {
    this.settings()
    yield* checkAll(this.#parts)
  }

  close(): void {
    this.#parts.database.close()
  }
}

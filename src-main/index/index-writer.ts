import type { Entry } from '../contract/entry'
import { LmzError } from '../contract/error'
import { headerLength } from '../format/header'
import type { ArchiveIndex } from './archive-index'
import { asBuffer, copyRows, insertBlock, insertContent, insertEntry, insertPrimer } from './insert-rows'
import {
  type NewBlock,
  type NewContent,
  type NewEntry,
  type NewPrimer,
  requireValidBlock,
  requireValidContent,
  requireValidEntry,
  requireValidPrimer,
  requireValidSetting,
  usage,
} from './new-rows'
import { linkTables, releaseLinks, removeSubtree, removeUnusedContents } from './remove-entries'
import { type Block, chunkEnd, entryColumns, entryOf, entryTables, frameEnd, type PrimerRow } from './rows'
import { deepestPath } from './rules'
import { schemaVersion, schemaVersions } from './schema'
import { ScratchDatabase } from './scratch-database'
import { snapshotBytes, writeSnapshot } from './snapshot'
import { causeIsDuplicate } from './sqlite-error'
import { type IndexTotals, totalsOf } from './totals'

export interface SnapshotOptions {
  /** Whether files may be without content, because the job goes on. */
  readonly checkpoint?: boolean
}

const cacheKibibytes = 16 * 1024
/** Directories whose depth is remembered. */
const mostKnownDepths = 65_536
/** Finds entries by name and refuses duplicates; snapshots do not have it. */
const nameIndex = 'CREATE UNIQUE INDEX entry_by_parent ON entry(parent, name)'
const ownLimits = { fileLength: Number.MAX_SAFE_INTEGER, isCheckpoint: true }

/**
 * An index being made. It lives in a temporary database that spills to the disk, so its size does not matter; about 2 µs a
 * row. Nothing of it lasts but its snapshots. Mistakes of the caller are LmzErrors of code `Usage`.
 */
export class IndexWriter {
  /** For the work list, which shares the temporary database. */
  readonly database = new ScratchDatabase('Cannot write the index', cacheKibibytes)
  readonly #depths = new Map<number, number>()
  #lastEntry = 0
  #lastContent = 0
  #lastBlock = 0
  #lastPrimer = 0
  /** Where the next block's chunks and the next frame can begin. */
  #chunkEnd = 1
  #frameEnd = headerLength
  #mayHaveUnused = false

  private constructor() {
    this.database.execute((schemaVersions.get(schemaVersion) ?? []).join(';'))
    this.database.execute(nameIndex)
    this.database.execute(linkTables)
  }

  static create(): IndexWriter {
    return new IndexWriter()
  }

  /** Starts with all rows of an index, under the same ids. About 6 s for a million entries. @throws LmzError `Format` */
  static amend(index: ArchiveIndex): IndexWriter {
    const steps = IndexWriter.amendInSteps(index)
    for (;;) {
      const step = steps.next()
      if (step.done === true) return step.value
    }
  }

  /** The same, with a pause now and then to do other work or to stop: then it is to be ended with `return`. */
  static *amendInSteps(index: ArchiveIndex): Generator<void, IndexWriter> {
    const writer = new IndexWriter()
    let isComplete = false
    try {
      const { entry, content, block, primer } = yield* copyRows(writer.database, index)
      writer.#lastEntry = entry
      writer.#lastContent = content
      if (block !== undefined) writer.#noteBlock(block)
      if (primer !== undefined) writer.#notePrimer(primer)
      isComplete = true
      return writer
    } finally {
      if (!isComplete) writer.close()
    }
  }

  /**
   * Adds an entry; its parent and the file it links to come first. A file may get its content later.
   * @returns its id
   * @throws LmzError `Collision` if there is an entry of that name, `Limit` for a path of more than 2,000 components
   */
  addEntry(entry: NewEntry): number {
    requireValidEntry(entry)
    const depth = this.#depthOf(entry.parent) + 1
    if (depth > deepestPath) {
      const message = `${entry.name} cannot be stored: it lies more than ${deepestPath} folders deep.`
      throw new LmzError('Limit', message, { subject: entry.name })
    }
    if (entry.link !== undefined && this.entry(entry.link)?.kind !== 'file') {
      throw usage(`${entry.name} cannot be stored: entry ${entry.link} is no file to link to.`)
    }
    if (entry.content !== undefined) this.#requireContent(entry.content)
    const id = this.#lastEntry + 1
    try {
      insertEntry(this.database, { ...entry, id })
    } catch (cause) {
      if (!causeIsDuplicate(cause)) throw cause
      const message = `There is more than one ${entry.name} in the same folder.`
      throw new LmzError('Collision', message, { subject: entry.name, cause })
    }
    this.#lastEntry = id
    if (entry.kind === 'directory') this.#noteDepth(id, depth)
    return id
  }

  entry(id: number): Entry | undefined {
    return this.#find('e.id = +?', id)
  }

  entryAt(parent: number, name: string): Entry | undefined {
    return this.#find('e.parent = +? AND e.name = +?', parent, name)
  }

  pathOf(id: number): string[] {
    const path: string[] = []
    for (let at = this.entry(id); at !== undefined; at = at.parent === 0 ? undefined : this.entry(at.parent)) {
      path.push(at.name)
    }
    return path.reverse()
  }

  /** Changes what is given. An entry cannot change its kind or its folder: remove it and add another. */
  updateEntry(id: number, fields: Partial<Omit<NewEntry, 'kind' | 'parent' | 'link'>>): void {
    const old = this.entry(id)
    if (old === undefined) throw usage(`There is no entry ${id}.`)
    const entry = { ...old, ...fields }
    requireValidEntry(entry)
    if (entry.name !== old.name && this.entryAt(old.parent, entry.name) !== undefined) {
      throw usage(`${old.name} cannot be called ${entry.name}: there is another of that name.`)
    }
    if (fields.content !== undefined) this.setContent(id, fields.content)
    const { name, rawName, mode, mtimeNs, target } = entry
    const sql = 'UPDATE entry SET name = ?, raw_name = ?, mode = ?, mtime_ns = ?, target = ? WHERE id = ?'
    this.database.run(sql, name, asBuffer(rawName), mode, mtimeNs, target, id)
  }

  /** Gives a file its content; its hard links have it too, see {@link releaseLinks}. */
  setContent(entry: number, content: number): void {
    this.#requireContent(content)
    const sql = 'UPDATE entry SET content = ? WHERE id = ? AND kind = 0'
    if (this.database.run(`${sql} AND content IS NULL`, content, entry) > 0) return
    this.#mayHaveUnused = true
    if (this.database.run(sql, content, entry) === 0) throw usage(`Entry ${entry} is no file.`)
  }

  /**
   * Removes an entry and all below it. If a file had hard links elsewhere, the first of them becomes the file.
   * @returns how many entries that were
   */
  removeEntry(id: number): number {
    this.#depths.clear()
    this.#mayHaveUnused = true
    return removeSubtree(this.database, id)
  }

  /**
   * Lets a file's hard links keep its present content, as a file of their own with links to it. To be called before the file
   * alone gets another content.
   */
  releaseLinks(file: number): void {
    releaseLinks(this.database, file)
  }

  /** Adds a content made of runs of stored chunks; an empty one has none. @returns its id */
  addContent({ size, runs }: NewContent): number {
    requireValidContent(size, runs, this.#chunkEnd)
    const id = this.#lastContent + 1
    insertContent(this.database, { id, size, runs })
    this.#lastContent = id
    return id
  }

  /** Removes contents that no entry has any more; their chunks stay in their blocks. @returns how many */
  removeUnusedContents(): number {
    if (!this.#mayHaveUnused) return 0
    this.#mayHaveUnused = false
    return removeUnusedContents(this.database)
  }

  /**
   * Adds a block; in the file, it lies behind all blocks before it.
   * @returns its id and that of its first chunk; the other chunks follow
   */
  addBlock({ chunkLengths, ...block }: NewBlock): { readonly id: number; readonly firstChunk: number } {
    const id = block.id ?? this.#lastBlock + 1
    requireValidBlock({ ...block, id, chunkLengths }, { id: this.#lastBlock, frameEnd: this.#frameEnd })
    this.#requirePrimer(block.primer)
    const complete = { ...block, id, firstChunk: this.#chunkEnd, chunkCount: chunkLengths.length }
    insertBlock(this.database, complete, chunkLengths)
    this.#noteBlock(complete)
    return { id, firstChunk: complete.firstChunk }
  }

  /** Adds a primer; in the file, it lies behind all primers and blocks before it. @returns its id */
  addPrimer(primer: NewPrimer): number {
    const id = primer.id ?? this.#lastPrimer + 1
    requireValidPrimer({ ...primer, id }, { id: this.#lastPrimer, frameEnd: this.#frameEnd })
    insertPrimer(this.database, { ...primer, id })
    this.#notePrimer({ ...primer, id })
    return id
  }

  /** 0 if there is none. */
  lastEntryId(): number {
    return this.#lastEntry
  }

  /** 0 if there is none. */
  lastBlockId(): number {
    return this.#lastBlock
  }

  /** 0 if there is none. */
  lastPrimerId(): number {
    return this.#lastPrimer
  }

  setSetting(key: string, value: string): void {
    requireValidSetting(key, value)
    this.database.run('INSERT INTO setting VALUES(?, ?) ON CONFLICT DO UPDATE SET value = excluded.value', key, value)
  }

  totals(): IndexTotals {
    return totalsOf((sql) => this.database.rows(sql))
  }

  /** At most how many bytes a snapshot has; it is smaller by the index over the names, some 15 to 25 %. */
  estimatedBytes(): number {
    return this.database.length
  }

  /** The index as bytes, for small ones. @throws LmzError `Usage` for files without content in what is no checkpoint */
  snapshot(options: SnapshotOptions = {}): Uint8Array {
    this.#refuseUnfinished(options)
    return snapshotBytes(this.database)
  }

  /** The index as a new file, for large ones. @throws LmzError as {@link snapshot}; `Collision`, `NoSpace`, `Io` */
  snapshotToFile(path: string, options: SnapshotOptions = {}): void {
    this.#refuseUnfinished(options)
    writeSnapshot(this.database, path)
  }

  close(): void {
    this.database.close()
  }

  #find(condition: string, ...parameters: readonly (number | string)[]): Entry | undefined {
    const row = this.database.row(`SELECT ${entryColumns} FROM ${entryTables} WHERE ${condition}`, ...parameters)
    return row === undefined
      ? undefined
      : entryOf(row, ownLimits, (id, column) => {
          return this.database.row(`SELECT CAST(${column} AS BLOB) FROM entry WHERE id = ?`, id)?.[0]
        })
  }

  /** How deep a directory lies; 0 for the top level. */
  #depthOf(directory: number): number {
    if (directory === 0) return 0
    const known = this.#depths.get(directory)
    if (known !== undefined) return known
    const entry = this.entry(directory)
    if (entry?.kind !== 'directory') throw usage(`Entry ${directory} is no folder to add entries to.`)
    const depth = this.pathOf(directory).length
    this.#noteDepth(directory, depth)
    return depth
  }

  #noteDepth(directory: number, depth: number): void {
    if (this.#depths.size >= mostKnownDepths) this.#depths.clear()
    this.#depths.set(directory, depth)
  }

  #noteBlock(block: Block): void {
    this.#lastBlock = block.id
    this.#chunkEnd = chunkEnd(block)
    this.#frameEnd = Math.max(this.#frameEnd, frameEnd(block))
  }

  #notePrimer(primer: PrimerRow): void {
    this.#lastPrimer = primer.id
    this.#frameEnd = Math.max(this.#frameEnd, frameEnd(primer))
  }

  #requirePrimer(primer: number | undefined): void {
    if (primer === undefined || this.database.row('SELECT 1 FROM primer WHERE id = ?', primer) !== undefined) return
    throw usage(`There is no primer ${primer}.`)
  }

  #requireContent(content: number): void {
    if (!(content >= 1 && content <= this.#lastContent)) throw usage(`There is no content ${content}.`)
  }

  #refuseUnfinished({ checkpoint = false }: SnapshotOptions): void {
    if (checkpoint) return
    const file = this.database.row('SELECT id FROM entry WHERE kind = 0 AND content IS NULL LIMIT 1')?.[0]
    if (file !== undefined) throw usage(`${this.pathOf(Number(file)).join('/')} has no content yet.`)
  }
}

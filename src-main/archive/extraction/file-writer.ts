import { codecName } from '../../codecs/registry'
import type { Entry } from '../../contract/entry'
import { LmzError, type LmzErrorData, toLmzError } from '../../contract/error'
import { frameHeaderLength } from '../../format/frame'
import type { Block } from '../../index/rows'
import type { ExtractionStep } from '../../index/plan'
import type { Outlet } from '../../outlet/outlet'
import type { Placement } from '../../outlet/placement'
import { createFile, dropFile, finishFile, writeWholeFile } from '../../outlet/write-file'
import type { Archive } from '../archive'
import type { ExtractionBudget } from './extraction-budget'
import type { BlockLocation } from '../block-reader'
import type { JobControl } from '../job-control'
import { displayPath } from '../selection'
import type { PieceFailure, PieceToWrite } from '../workers/tasks'
import type { WorkCosts } from '../work-costs'
import type { WorkerPool } from '../workers/worker-pool'

interface FileWriterParts {
  readonly archive: Archive
  readonly outlet: Outlet
  readonly pool: WorkerPool
  readonly control: JobControl
  readonly costs: WorkCosts<string>
  readonly budget: ExtractionBudget
  /** Whether an entry is part of the extraction. */
  readonly isChosen: (entry: number) => boolean
  readonly bytesTotal: number
  readonly entriesTotal: number
}

/** A file whose bytes come from several blocks. */
interface PartialFile {
  readonly entry: Entry
  readonly placement: Placement
  /** Bytes still to come. */
  missing: number
  hasFailed: boolean
}

/** A piece and the file it belongs to. */
interface Target {
  readonly entry: Entry
  readonly placement: Placement
  readonly partial: PartialFile | undefined
}

/**
 * Writes the files of an extraction block by block, in file order, so that each block is read and decoded once. Workers
 * decode and write; this side decides places and keeps account. Memory: the entries of the blocks under way, not of the archive.
 */
export class FileWriter {
  readonly #parts: FileWriterParts
  readonly #partial = new Map<number, PartialFile>()
  #current: string | undefined
  /** Files that were not placed: refused, or skipped by the user. Blocks that only they need are not read. */
  readonly #refused = new Set<number>()
  /** Chosen entries that stand elsewhere at the destination than in the archive. */
  readonly #moved = new Map<number, Entry>()
  readonly #links: { readonly entry: Entry; readonly file: number }[] = []
  /** Placements of the files that links of the selection name. */
  readonly #linked = new Map<number, Placement | undefined>()
  /** By file that was not chosen itself: the first chosen link to it, which becomes the file. */
  readonly #standIns = new Map<number, number>()
  /** Numbers of primers, and of blocks that others were decoded with. */
  readonly #needsRead = { primers: new Set<number>(), bases: new Set<number>() }
  #filesDone = 0
  bytesWritten = 0
  archiveBytesRead = 0

  constructor(parts: FileWriterParts) {
    this.#parts = parts
  }

  /** Deals with everything but file contents: makes directories, notes links, and files without bytes. */
  async prepare(entry: Entry): Promise<void> {
    const { outlet } = this.#parts
    switch (entry.kind) {
      case 'directory':
        await outlet.place(entry)
        break
      case 'symlink':
        await outlet.symlink(entry)
        break
      case 'hardLink':
        await this.#prepareLink(entry)
        break
      case 'file':
        await this.#prepareFile(entry, entry.content)
        break
    }
  }

  /** Whether the bytes of this chosen entry are to be written, once all entries have been prepared. */
  hasBytes(entry: Entry): boolean {
    return entry.kind === 'file' || (entry.link !== undefined && this.#standIns.get(entry.link) === entry.id)
  }

  async #prepareLink(entry: Entry): Promise<void> {
    const { archive, isChosen } = this.#parts
    if (entry.link === undefined) return
    const standIn = this.#standIns.get(entry.link)
    if (isChosen(entry.link) || standIn !== undefined) {
      const file = standIn ?? entry.link
      this.#links.push({ entry, file })
      this.#linked.set(file, this.#linked.get(file))
      return
    }
    this.#standIns.set(entry.link, entry.id)
    this.#linked.set(entry.id, undefined)
    await this.#prepareFile(entry, archive.index.entry(entry.link)?.content)
  }

  async #prepareFile(entry: Entry, content: number | undefined): Promise<void> {
    const { archive, control } = this.#parts
    if (entry.parent !== archive.index.entry(entry.id)?.parent) this.#moved.set(entry.id, entry)
    if (content === undefined) {
      const path = displayPath(archive, entry.id)
      const message = `${path} lies in the part of the archive that is missing.`
      const error = new LmzError('Corrupt', message, { subject: path }).toData()
      control.problem({ path, error, outcome: 'not written' })
      this.#refused.add(entry.id)
    } else if (entry.size === 0) {
      await this.#writeEmpty(entry)
    }
  }

  /** Writes the bytes of all files of the selection, with at most two blocks a worker under way. */
  async writeBlocks(selection: 'all' | Iterable<number>): Promise<void> {
    const { archive, pool, control, budget } = this.#parts
    this.report(true)
    const underWay = new Set<Promise<void>>()
    let failure: unknown
    for (const step of archive.index.extractionPlan(selection)) {
      await control.checkpoint()
      const task = await this.#taskFor(step)
      if (task === undefined) continue
      budget.spend(step.block)
      const base = archive.baseOf(step.block)
      if (base !== undefined) budget.spend(base)
      const work = this.#runTask(step.block, task)
        .catch((thrown: unknown) => (failure ??= thrown))
        .then(() => void underWay.delete(work))
      underWay.add(work)
      while (underWay.size >= pool.size * 2) await Promise.race(underWay)
      if (failure !== undefined) break
    }
    await Promise.all(underWay)
    if (failure !== undefined) throw toLmzError(failure, 'Cannot extract')
    this.#dropUnfinished()
    this.report(true)
  }

  /** Makes the links to files that are now placed. */
  async writeLinks(): Promise<void> {
    const { outlet, control } = this.#parts
    for (const { entry, file } of this.#links) {
      await control.checkpoint()
      await outlet.link({ ...entry, link: file }, this.#linked.get(file))
    }
  }

  async #writeEmpty(entry: Entry): Promise<void> {
    const placement = await this.#place(entry)
    if (placement === undefined) return
    try {
      const { mode, mtimeNs } = entry
      writeWholeFile(placement.stagingPath, new Uint8Array(), { mode, mtimeNs, displayPath: placement.displayPath })
      this.#filesDone++
    } catch (thrown) {
      this.#fail({ entry, placement, partial: undefined }, toLmzError(thrown, 'Cannot write').toData())
    }
  }

  async #place(entry: Entry): Promise<Placement | undefined> {
    const placement = await this.#parts.outlet.place(entry)
    if (placement === undefined) this.#refused.add(entry.id)
    else if (this.#linked.has(entry.id)) this.#linked.set(entry.id, placement)
    return placement
  }

  /** Decides where the pieces of a block go. @returns undefined if none of them is wanted */
  async #taskFor({ pieces }: ExtractionStep): Promise<{ pieces: PieceToWrite[]; targets: Target[] } | undefined> {
    const task = { pieces: [] as PieceToWrite[], targets: [] as Target[] }
    for (const { entry: entryId, fileOffset, blockOffset, length } of pieces) {
      if (this.#refused.has(entryId)) continue
      const target = this.#partial.get(entryId) ?? (await this.#startFile(entryId, length))
      if (target === undefined) continue
      const { entry, placement } = target
      const partial = 'missing' in target ? target : undefined
      task.targets.push({ entry, placement, partial })
      task.pieces.push({
        path: placement.stagingPath,
        displayPath: placement.displayPath,
        blockOffset,
        length,
        fileOffset,
        ...(partial === undefined ? { whole: { mode: entry.mode, mtimeNs: entry.mtimeNs } } : {}),
      })
    }
    return task.pieces.length === 0 ? undefined : task
  }

  async #startFile(entryId: number, length: number): Promise<Target | PartialFile | undefined> {
    const { archive } = this.#parts
    const entry = this.#moved.get(entryId) ?? archive.index.entry(entryId)
    const placement = entry === undefined ? undefined : await this.#place(entry)
    if (entry === undefined || placement === undefined) return undefined
    if (length === entry.size) return { entry, placement, partial: undefined }
    try {
      createFile(placement.stagingPath, entry.size, placement.displayPath)
    } catch (thrown) {
      this.#fail({ entry, placement, partial: undefined }, toLmzError(thrown, 'Cannot write').toData())
      return undefined
    }
    const partial = { entry, placement, missing: entry.size, hasFailed: false }
    this.#partial.set(entryId, partial)
    return partial
  }

  async #runTask(block: Block, { pieces, targets }: { pieces: PieceToWrite[]; targets: Target[] }): Promise<void> {
    const { archive, pool, costs } = this.#parts
    const codec = codecName(block.codec)
    const bytes = pieces.reduce((sum, { length }) => sum + length, 0)
    let failures: readonly PieceFailure[]
    try {
      failures = await archive.withBlock(block, async (input) => {
        const done = await pool.run('extract', { ...input, pieces }, costs.watch(codec, bytes))
        this.#noteNeeds(input.block)
        return done
      })
      this.archiveBytesRead += frameHeaderLength + block.storedLength
    } catch (thrown) {
      // A damaged block costs its own files, a stopped pool the whole job.
      if (!(thrown instanceof LmzError) || thrown.code === 'Cancelled' || thrown.code === 'Io') throw thrown
      failures = pieces.map((_piece, at) => ({ piece: at, error: thrown.toData() }))
    }
    const failed = new Map(failures.map(({ piece, error }) => [piece, error]))
    costs.bytesDone(codec, bytes)
    targets.forEach((target, at) => this.#pieceDone(target, pieces[at]?.length ?? 0, failed.get(at)))
    this.#current = targets.at(-1)?.placement.displayPath
    this.report()
  }

  /** Each worker thread may read a primer or a base for itself; for the account of what the archive's files need, it counts once. */
  #noteNeeds({ primer, base }: BlockLocation): void {
    const { primers, bases } = this.#needsRead
    const needs = [
      { frame: primer, read: primers },
      { frame: base, read: bases },
      { frame: base?.primer, read: primers },
    ]
    for (const { frame, read } of needs) {
      if (frame === undefined || read.has(frame.id)) continue
      read.add(frame.id)
      this.archiveBytesRead += frameHeaderLength + frame.storedLength
    }
  }

  #pieceDone(target: Target, length: number, error: LmzErrorData | undefined): void {
    const { entry, placement, partial } = target
    if (error === undefined) this.bytesWritten += length
    if (partial === undefined) {
      if (error === undefined) this.#filesDone++
      else this.#fail(target, error)
      return
    }
    partial.missing -= length
    if (error !== undefined && !partial.hasFailed) {
      partial.hasFailed = true
      this.#fail(target, error)
    }
    if (partial.missing > 0) return
    this.#partial.delete(entry.id)
    try {
      if (partial.hasFailed) {
        dropFile(placement.stagingPath)
        return
      }
      const { mode, mtimeNs, size } = entry
      finishFile(placement.stagingPath, { mode, mtimeNs, size, displayPath: placement.displayPath })
      this.#filesDone++
    } catch (thrown) {
      this.#fail(target, toLmzError(thrown, 'Cannot write').toData())
      dropFile(placement.stagingPath)
    }
  }

  /** Removes what was written of files that failed: after the first failure their other pieces are not even tried. */
  #dropUnfinished(): void {
    for (const partial of this.#partial.values()) {
      const { entry, placement, hasFailed } = partial
      if (!hasFailed) {
        const message = `${placement.displayPath} is not complete in the archive.`
        this.#fail({ entry, placement, partial }, new LmzError('Corrupt', message).toData())
      }
      dropFile(placement.stagingPath)
    }
    this.#partial.clear()
  }

  #fail({ entry, placement }: Target, error: LmzErrorData): void {
    const { outlet, control } = this.#parts
    outlet.abandon(placement)
    if (this.#linked.has(entry.id)) this.#linked.set(entry.id, undefined)
    this.#refused.add(entry.id)
    control.problem({ path: placement.displayPath, error, outcome: 'not written' })
  }

  report(force = false): void {
    const { control, bytesTotal, entriesTotal, costs, pool } = this.#parts
    if (!force && !control.isProgressDue) return
    const bytes = this.bytesWritten
    const done = { entries: this.#filesDone, bytes, share: costs.share(bytes, bytesTotal, pool.size) }
    control.progress({ phase: 'work', ...done, entriesTotal, bytesTotal, current: this.#current }, force)
  }
}

import { basename, join } from 'node:path'
import type { Entry } from '../../contract/entry'
import { toLmzError } from '../../contract/error'
import type { ExtractionLimits } from '../../contract/job'
import type { OverwritePolicy } from '../../contract/question'
import type { ExtractReport } from '../../contract/report'
import type { MarkStore } from '../../outlet/download-mark/mark-store'
import type { DownloadMark } from '../../outlet/download-mark/mark-tree'
import { systemMarks } from '../../outlet/download-mark/system-marks'
import { Outlet } from '../../outlet/outlet'
import type { LinkPolicy } from '../../outlet/pending-links'
import { smartFolder } from '../../outlet/smart-folder'
import { Archive } from '../archive'
import { ExtractionBudget } from './extraction-budget'
import { FileWriter } from './file-writer'
import { JobControl, type JobOptions } from '../job-control'
import { findEntry } from '../selection'
import { diskStorage, type Storage } from '../storage'
import { costsOfBlocks, WorkCosts } from '../work-costs'
import { withPool } from '../workers/worker-pool'

export interface ExtractOptions extends JobOptions {
  /** For files that exist at the destination. `ask` without someone to ask is `skip`. Default `ask`. */
  readonly overwrite?: OverwritePolicy | undefined
  /** Whether several top-level items go into a folder named after the archive. Default true. */
  readonly smart?: boolean | undefined
  /** Which symlinks to make; by default none that lead out of the extracted tree. */
  readonly links?: LinkPolicy | undefined
  /** What it may take; see extraction-budget.ts for what is usual. */
  readonly limits?: ExtractionLimits | undefined
}

/**
 * Takes entries out of an archive; of the archive only the index and the blocks that hold them are read. Everything is
 * written to a private folder inside the destination first and moved into place at the end; after an error or a cancel
 * nothing of it is left.
 *
 * @param paths entry paths such as "docs/readme.md"; a directory means all below it; none means everything. A single entry
 *   comes out by its own name, without the folders above it
 * @throws LmzError `NotFound` for a path that is not in the archive, `NoSpace` and `Limit` before anything is written, `Format`, `Corrupt`,
 *   `Io`, `Cancelled`. Entries that cannot be extracted are in `problems`; all others are extracted
 */
export async function extractArchive(
  path: string,
  paths: readonly string[],
  destination: string,
  options: ExtractOptions = {},
  storage: Storage = diskStorage,
  marks: MarkStore | undefined = systemMarks(),
): Promise<ExtractReport> {
  const control = new JobControl(options)
  const archive = await Archive.open(path, storage, control.unlock)
  try {
    const selection = new Selection(archive, paths)
    const folder = options.smart === false ? undefined : smartFolder(basename(path), selection.topLevel())
    const target = folder === undefined ? destination : join(destination, folder)
    const outlet = await Outlet.open(target, {
      overwrite: effectivePolicy(options),
      ask: control.ask,
      links: options.links,
      mark: markOf(path, marks, control),
      onProblem: (problem) => control.problem(problem),
    })
    try {
      const { archiveBytesRead, bytes } = await writeAll(archive, selection, outlet, control, options.limits)
      control.throwIfCancelled()
      control.progress({ phase: 'finish', entries: selection.entries, bytes }, true)
      const { files, directories, symlinks, skipped } = await outlet.commit()
      const notices = [...archive.notices, ...control.notices]
      if (skipped > 0) notices.push(skippedNotice(skipped))
      return {
        condition: archive.condition,
        destination: target,
        files,
        directories,
        links: symlinks,
        bytes,
        archiveBytesRead,
        problems: control.problems,
        notices,
      }
    } catch (cause) {
      await outlet.discard()
      throw toLmzError(cause, `Cannot extract ${archive.name}`, path)
    }
  } finally {
    archive.close()
  }
}

/** Whatever was downloaded stays marked as such when it is taken out of its archive, so that the system asks before it runs. */
export function markOf(path: string, marks: MarkStore | undefined, control: JobControl): DownloadMark | undefined {
  if (marks === undefined) return undefined
  try {
    const text = marks.read(path)
    return text === undefined ? undefined : { marks, text }
  } catch {
    control.notice(
      'It could not be found out whether this archive was downloaded. What came out of it is not marked so.',
    )
    return undefined
  }
}

function skippedNotice(count: number): string {
  const what = count === 1 ? '1 entry was there already and was' : `${count} entries were there already and were`
  return `${what} left alone.`
}

/** Nobody who could be asked: what is there already stays. */
export function effectivePolicy({ overwrite = 'ask', ask }: ExtractOptions): OverwritePolicy {
  return overwrite === 'ask' && ask === undefined ? 'skip' : overwrite
}

async function writeAll(
  archive: Archive,
  selection: Selection,
  outlet: Outlet,
  control: JobControl,
  limits: ExtractionLimits | undefined,
): Promise<{ readonly archiveBytesRead: number; readonly bytes: number }> {
  const { bytes: bytesTotal, entries: entriesTotal } = await selection.measure(control)
  outlet.reserve(bytesTotal, entriesTotal)
  const budget = new ExtractionBudget(archive, limits)
  budget.checkClaim(bytesTotal, entriesTotal)
  if (selection.isEverything) budget.checkAllBlocks()
  control.progress({ phase: 'work', entries: 0, bytes: 0, entriesTotal, bytesTotal }, true)
  return withPool(control.signal, async (pool) => {
    const isChosen = (entry: number): boolean => selection.includes(entry)
    // Which blocks a part of the entries needs is not known beforehand: then bytes to come cost what those so far did.
    const costs = selection.isEverything ? costsOfBlocks(archive.index) : new WorkCosts<string>(new Map())
    const files = new FileWriter({ archive, outlet, pool, control, costs, budget, isChosen, bytesTotal, entriesTotal })
    for (const entry of selection.all()) {
      await control.checkpoint()
      await files.prepare(selection.asPlaced(entry))
    }
    const chosen = selection.isEverything ? 'all' : selection.ids((entry) => files.hasBytes(entry))
    await control.reporting(
      () => files.report(),
      () => files.writeBlocks(chosen),
    )
    await files.writeLinks()
    const indexBytes = archive.footer?.index.length ?? 0
    return { archiveBytesRead: indexBytes + files.archiveBytesRead, bytes: files.bytesWritten }
  })
}

/** The entries to take out; parents before children. */
class Selection {
  readonly #archive: Archive
  /** The chosen entries themselves, each once and none below another; empty for everything. */
  readonly #chosen: ReadonlyMap<number, Entry>
  entries = 0

  constructor(archive: Archive, paths: readonly string[]) {
    this.#archive = archive
    const found = new Map(paths.map((path) => findEntry(archive, path)).map((entry) => [entry.id, entry]))
    this.#chosen = new Map([...found].filter(([, entry]) => !this.#isBelowAny(entry, found)))
  }

  get isEverything(): boolean {
    return this.#chosen.size === 0
  }

  /** Items that would lie side by side at the destination. */
  topLevel(): Iterable<Entry> {
    return this.isEverything ? this.#archive.index.children(0) : this.#chosen.values()
  }

  *all(): Generator<Entry> {
    const { index } = this.#archive
    if (this.isEverything) {
      yield* index.descendants(0)
      return
    }
    for (const entry of this.#chosen.values()) {
      yield entry
      if (entry.kind === 'directory') yield* index.descendants(entry.id)
    }
  }

  *ids(wanted: (entry: Entry) => boolean): Generator<number> {
    for (const entry of this.all()) if (wanted(entry)) yield entry.id
  }

  /** Whether an entry is chosen, itself or with a directory above it. */
  includes(id: number): boolean {
    if (this.isEverything) return true
    for (
      let entry = this.#archive.index.entry(id);
      entry !== undefined;
      entry = this.#archive.index.entry(entry.parent)
    ) {
      if (this.#chosen.has(entry.id)) return true
    }
    return false
  }

  /** A chosen entry goes to the destination itself, wherever it is in the archive. */
  asPlaced(entry: Entry): Entry {
    return this.#chosen.has(entry.id) ? { ...entry, parent: 0 } : entry
  }

  async measure(control: JobControl): Promise<{ readonly bytes: number; readonly entries: number }> {
    if (this.isEverything) {
      const { rawBytes, entries } = this.#archive.index.totals()
      this.entries = entries
      return { bytes: rawBytes, entries }
    }
    let bytes = 0
    for (const entry of this.all()) {
      await control.checkpoint()
      bytes += entry.size
      this.entries++
    }
    return { bytes, entries: this.entries }
  }

  #isBelowAny(entry: Entry, others: ReadonlyMap<number, Entry>): boolean {
    let above: Entry | undefined = this.#archive.index.entry(entry.parent)
    while (above !== undefined) {
      if (others.has(above.id)) return true
      above = this.#archive.index.entry(above.parent)
    }
    return false
  }
}

import { mkdirSync } from 'node:fs'
import { escapeForDisplay } from '../contract/display-name'
import type { Entry } from '../contract/entry'
import { LmzError, toLmzError } from '../contract/error'
import type { OnProblem } from '../contract/problem'
import type { OverwriteChoice, OverwritePolicy } from '../contract/question'
import { EntryCheck, type Spot } from './check-entry'
import { DirectoryTree } from './directory-tree'
import { type DownloadMark, markTree } from './download-mark/mark-tree'
import { creationError } from './file-error'
import { doesFolderFoldNames } from './fold-name'
import { flawOfTarget, isTargetTooLong, longestTarget } from './link-target'
import { Move } from './move-into-place'
import { OverwriteRule, refuseUnlikeKinds, type AskOverwrite } from './overwrite'
import { PendingLinks, unsafeLink, type LinkPolicy } from './pending-links'
import { Placement } from './placement'
import { Staging } from './staging'
import { Tally, type OutletResult } from './tally'

export interface OutletOptions {
  readonly overwrite: OverwritePolicy
  /** Must be there for the policy `ask`. What it throws comes out of the call that had to ask. */
  readonly ask?: AskOverwrite | undefined
  readonly onProblem: OnProblem
  /** Default `safe`: no link that leads out of the extracted tree. */
  readonly links?: LinkPolicy | undefined
  /** The mark of the archive as something that was downloaded, for everything that comes out of it. */
  readonly mark?: DownloadMark | undefined
  /** Whose rules for names hold; the system's own unless a test asks for others. */
  readonly platform?: NodeJS.Platform | undefined
  /** Whether names that differ in case or normalisation meet; found out by trying if not given. */
  readonly foldNames?: boolean | undefined
}

/** Something given back at once, or as a promise if the user had to be asked. */
export type Answer<Value> = Value | Promise<Value>

type Reason = 'new' | 'merge' | OverwriteChoice

/**
 * The only way out of an archive. Entries get a place in a private staging directory; when all are written, `commit` makes
 * the links and moves everything to the destination. A problem with one entry is reported and never stops the others.
 */
export class Outlet {
  readonly #staging: Staging
  readonly #tree: DirectoryTree
  readonly #rule: OverwriteRule
  readonly #links: PendingLinks
  readonly #linkPolicy: LinkPolicy
  readonly #check: EntryCheck
  readonly #mark: DownloadMark | undefined
  readonly #tally: Tally
  #isOpen = true

  private constructor(staging: Staging, rule: OverwriteRule, options: OutletOptions) {
    const platform = options.platform ?? process.platform
    const alwaysFolds = platform === 'win32' || platform === 'darwin'
    const doesFold = options.foldNames ?? (alwaysFolds || doesFolderFoldNames(staging.treePath.toString()))
    this.#staging = staging
    this.#rule = rule
    this.#tree = new DirectoryTree(staging.treePath, staging.plainTreePath, staging.destination.path, platform)
    this.#check = new EntryCheck(this.#tree, platform, doesFold)
    this.#links = new PendingLinks(doesFold, platform)
    this.#linkPolicy = options.links ?? 'safe'
    this.#mark = options.mark
    this.#tally = new Tally(options.onProblem)
  }

  /**
   * Makes the destination, if it is missing, and a staging directory in it.
   *
   * @throws LmzError `Collision` when a file stands at the destination, `Usage`, `NoSpace`, `Io`
   */
  static async open(destination: string, options: OutletOptions): Promise<Outlet> {
    const rule = new OverwriteRule(options.overwrite, options.ask)
    const staging = Staging.open(destination)
    try {
      return new Outlet(staging, rule, options)
    } catch (error) {
      await staging.close()
      staging.removeMadeDirectories()
      throw toLmzError(error, `Cannot extract to ${escapeForDisplay(destination)}`, destination)
    }
  }

  /**
   * Checks that there is room before anything is written. Sizes in an archive may be far larger than the archive.
   *
   * @param bytes sum of the logical sizes of all files
   * @param entries how many files, folders and links there will be
   * @throws LmzError `NoSpace`, or `Limit` for a number that is no size
   */
  reserve(bytes: number, entries = 0): void {
    this.#staging.reserve(bytes, entries)
  }

  /**
   * Gives a file a place in staging, to be written with the functions of write-file.ts, or makes a directory. Parents
   * come before their children. A hard link is taken as a file of its own.
   *
   * @returns undefined for what is not to be written: it was refused and reported, or the user skips it
   * @throws LmzError `Usage`; what asking the user threw
   */
  place(entry: Entry): Answer<Placement | undefined> {
    if (entry.kind === 'symlink') throw new LmzError('Usage', 'A symlink has no place before everything else has.')
    return this.#decide(entry, (spot, reason) => {
      const isDirectory = entry.kind === 'directory'
      const path = this.#tree.stagingPath(spot.parent, spot.component)
      if (isDirectory) {
        mkdirSync(path, 0o700)
        this.#tree.add(entry, spot.parent, spot.component, reason !== 'merge')
        this.#tally.counts.directories += 1
      } else {
        this.#tally.counts.files += 1
      }
      return new Placement(this, isDirectory ? 'directory' : 'file', entry.id, path, this.#check.pathOf(entry))
    })
  }

  /**
   * Makes `entry` another name of a file that {@link place} gave a place, at the end; a copy of it where there are no
   * hard links.
   *
   * @param target undefined when the file itself is not written: then the link is not either, and reported
   */
  link(entry: Entry, target: Placement | undefined): Answer<boolean> {
    const isLinked = this.#decide(entry, ({ parent, component }) => {
      if (target?.isFileOf(this) !== true || (entry.link !== undefined && entry.link !== target.entryId)) {
        const path = this.#check.pathOf(entry)
        const message = `The file that ${escapeForDisplay(path)} is another name of was not extracted.`
        throw new LmzError('NotFound', message, { subject: path })
      }
      const { name, mode, mtimeNs } = entry
      this.#links.addHardLink({ parent, component, name, mode, mtimeNs, target })
      this.#tally.counts.files += 1
      return true
    })
    return isLinked instanceof Promise ? isLinked.then((done) => done ?? false) : (isLinked ?? false)
  }

  /** Makes a symlink at the end, if the link policy allows it; one that it does not allow is reported then or now. */
  symlink(entry: Entry): Answer<boolean> {
    const target = entry.target ?? ''
    const isMade = this.#decide(entry, ({ parent, component }) => {
      this.#links.noteSymlink(parent, component)
      if (this.#linkPolicy === 'none') {
        this.#tally.counts.skipped += 1
        return false
      }
      const path = this.#check.pathOf(entry)
      if (isTargetTooLong(target)) {
        const message = `The link ${escapeForDisplay(path)} was not created: its target is over ${longestTarget} bytes long.`
        throw new LmzError('Limit', message, { subject: path })
      }
      const flaw = flawOfTarget(target)
      if (flaw !== undefined) throw unsafeLink(path, flaw)
      this.#links.addSymlink({ parent, component, name: entry.name, mtimeNs: entry.mtimeNs, target })
      this.#tally.counts.symlinks += 1
      return true
    })
    return isMade instanceof Promise ? isMade.then((done) => done ?? false) : (isMade ?? false)
  }

  /** Takes a file out of the count that could not be written; what is left of it is the caller's to drop. */
  abandon(placement: Placement): void {
    if (placement.isFileOf(this) && placement.abandon()) this.#tally.counts.files -= 1
  }

  /**
   * Makes the links, moves everything to the destination and removes staging. All writing must be over. Folders get their
   * modes and times last; those that were there already keep their own.
   *
   * @throws what asking the user threw, or LmzError `Io` about staging itself; call {@link discard} then
   */
  async commit(): Promise<OutletResult> {
    this.#requireOpen()
    const { outer, treeName, destination } = this.#staging
    await this.#links.make(this.#tree, this.#linkPolicy, this.#tally)
    const mark = await this.#markAll()
    try {
      await new Move(this.#tree, this.#rule, this.#tally, mark).run(outer, treeName, destination)
    } catch (error) {
      this.#rule.rethrowFailedQuestion(error)
      throw toLmzError(error, 'Cannot move what was extracted to its place')
    }
    this.#isOpen = false
    try {
      await this.#staging.close()
    } catch (error) {
      this.#tally.problem('.', toLmzError(error, 'Cannot remove the temporary folder'), 'left at the destination')
    }
    return this.#tally.result()
  }

  /** Removes staging and the directories that were made for it; nothing of this extraction stays. Harmless after commit. */
  async discard(): Promise<void> {
    if (!this.#isOpen) return
    this.#isOpen = false
    try {
      await this.#staging.close()
    } finally {
      this.#staging.removeMadeDirectories()
    }
  }

  /** @returns the mark, if the file system has a place for it */
  async #markAll(): Promise<DownloadMark | undefined> {
    if (this.#mark === undefined) return undefined
    try {
      await markTree(this.#tree, this.#staging.treePath, this.#mark)
      return this.#mark
    } catch (cause) {
      const message =
        'The archive is marked as downloaded, but what came out of it could not be marked. Be as careful with it as with the archive.'
      this.#tally.problem('.', new LmzError('Io', message, { cause }), 'not marked as downloaded')
      return undefined
    }
  }

  #requireOpen(): void {
    if (!this.#isOpen) throw new LmzError('Usage', 'This extraction is over.')
  }

  /** Checks an entry, asks what to do where something is there, and runs `make` unless it is skipped. */
  #decide<Value>(entry: Entry, make: (spot: Spot, reason: Reason) => Value): Answer<Value | undefined> {
    this.#requireOpen()
    let spot: Spot | undefined
    try {
      spot = this.#check.check(entry)
    } catch (error) {
      this.#refuse(entry, error)
      return undefined
    }
    if (spot === undefined) {
      this.#skip(entry)
      return undefined
    }
    const { existing } = spot
    if (existing === undefined) return this.#make(spot, 'new', make)
    if (existing.isDirectory() && entry.kind === 'directory') return this.#make(spot, 'merge', make)
    const incoming = { path: this.#check.pathOf(entry), size: entry.size, mtimeMs: Number(entry.mtimeNs / 1_000_000n) }
    const choice = this.#rule.choose(spot.parent.id, spot.component, existing, incoming)
    const checked = spot
    return choice instanceof Promise
      ? choice.then((answer) => this.#make(checked, answer, make))
      : this.#make(checked, choice, make)
  }

  #make<Value>(spot: Spot, reason: Reason, make: (spot: Spot, reason: Reason) => Value): Value | undefined {
    if (reason === 'skip') {
      this.#skip(spot.entry)
      return undefined
    }
    try {
      if (reason === 'replace' && spot.existing !== undefined) {
        refuseUnlikeKinds(spot.existing, spot.entry.kind === 'directory', this.#check.pathOf(spot.entry))
      }
      return make(spot, reason)
    } catch (error) {
      this.#refuse(spot.entry, error)
      return undefined
    }
  }

  #skip(entry: Entry): void {
    this.#tally.counts.skipped += 1
    if (entry.kind === 'directory') this.#tree.addAbsent(entry, 'skipped')
  }

  #refuse(entry: Entry, error: unknown): void {
    const path = this.#check.pathOf(entry)
    const problem = creationError(error, 'Cannot write', path)
    if (entry.kind === 'directory') this.#tree.addAbsent(entry, problem.code)
    this.#tally.problem(path, problem, entry.kind === 'symlink' ? 'link not created' : 'not written')
  }
}

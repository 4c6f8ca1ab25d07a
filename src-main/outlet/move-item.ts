import { lstatSync } from 'node:fs'
import type { LmzError } from '../contract/error'
import type { Anchor } from './anchor'
import type { DirectoryTree, PlacedDirectory } from './directory-tree'
import { below, type DiskPath } from './disk-path'
import type { DownloadMark } from './download-mark/mark-tree'
import { creationError, systemCode } from './file-error'
import { numberedNames } from './numbered-name'
import { refuseUnlikeKinds, type OverwriteRule } from './overwrite'
import type { RemovedCounts, StagedItem } from './remove-tree'
import { carryAcross, moveIfAbsent, moveOver, unlinkIfThere } from './rename'

export interface MoveReport {
  /** Something could not be put in its place; `lost` is how much that was. */
  failed(path: string, error: LmzError, lost: RemovedCounts): void
  skipped(lost: RemovedCounts): void
  renamed(): void
  /** A directory is in its place without its mode and time. */
  unsettled(path: string, error: LmzError): void
}

/** A directory that is on both sides. */
export interface MeetingPlace {
  readonly directory: PlacedDirectory
  readonly staged: Anchor
  readonly target: Anchor
}

/** How often something may appear and vanish at a place before lmz gives up on it. */
const attempts = 3

const oneFile: RemovedCounts = { files: 1, directories: 0, symlinks: 0 }
const oneSymlink: RemovedCounts = { files: 0, directories: 0, symlinks: 1 }

function countOf(item: StagedItem): RemovedCounts {
  return item.isSymlink ? oneSymlink : oneFile
}

/** Moves single files and symlinks from staging to their places. */
export class ItemMover {
  readonly #tree: DirectoryTree
  readonly #rule: OverwriteRule
  readonly #report: MoveReport
  readonly #mark: DownloadMark | undefined

  constructor(tree: DirectoryTree, rule: OverwriteRule, report: MoveReport, mark?: DownloadMark) {
    this.#tree = tree
    this.#rule = rule
    this.#report = report
    this.#mark = mark
  }

  /**
   * @returns false when it is still in staging, and reported
   * @throws only what a question to the user threw
   */
  async move(place: MeetingPlace, item: StagedItem): Promise<boolean> {
    const traveller = new Traveller(below(place.staged.path, item.name), place.target, item.isSymlink, this.#mark)
    try {
      await this.#find(place, item, traveller)
      return true
    } catch (error) {
      traveller.drop()
      this.#rule.rethrowFailedQuestion(error)
      const path = this.#tree.displayPath(place.directory, item.name.toString())
      this.#report.failed(path, creationError(error, 'Cannot write', path), countOf(item))
      return false
    }
  }

  async #find(place: MeetingPlace, item: StagedItem, traveller: Traveller): Promise<void> {
    const final = below(place.target.path, item.name)
    const { directory } = place
    let mayReplace = this.#rule.known(directory.id, item.name) === 'replace'
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      if (!mayReplace && traveller.moveIfAbsent(final)) return
      const existing = lstatSync(final, { throwIfNoEntry: false })
      if (existing === undefined) {
        mayReplace = false
        continue
      }
      const path = this.#tree.displayPath(directory, item.name.toString())
      const { size, mtimeMs } = lstatSync(traveller.path)
      const choice = await this.#rule.choose(directory.id, item.name, existing, { path, size, mtimeMs })
      switch (choice) {
        case 'skip':
          traveller.discard()
          this.#report.skipped(countOf(item))
          return
        case 'replace':
          refuseUnlikeKinds(existing, false, path)
          traveller.moveOver(final)
          return
        case 'rename':
          this.#moveNumbered(place, item, traveller)
          return
      }
    }
    throw Object.assign(new Error('it keeps appearing and vanishing'), { code: 'EEXIST' })
  }

  #moveNumbered(place: MeetingPlace, item: StagedItem, traveller: Traveller): void {
    for (const name of numberedNames(item.name, false)) {
      // A name that the archive itself brings is left to the entry that has it.
      if (lstatSync(below(place.staged.path, name), { throwIfNoEntry: false }) !== undefined) continue
      if (!traveller.moveIfAbsent(below(place.target.path, name))) continue
      this.#report.renamed()
      return
    }
  }
}

/** One item on its way, which may lead over a temporary name on the target's file system. */
class Traveller {
  path: DiskPath
  readonly #target: Anchor
  readonly #isSymlink: boolean
  readonly #mark: DownloadMark | undefined
  #isCarried = false

  constructor(path: DiskPath, target: Anchor, isSymlink: boolean, mark: DownloadMark | undefined) {
    this.path = path
    this.#target = target
    this.#isSymlink = isSymlink
    this.#mark = mark
  }

  moveIfAbsent(final: DiskPath): boolean {
    const isMoved = this.#acrossFileSystems(() => moveIfAbsent(this.path, final, this.#isSymlink))
    if (isMoved && this.#isSymlink) this.#markLink(final)
    return isMoved
  }

  /** A symlink is made anew at its place; one that cannot be marked does not stay there. */
  #markLink(final: DiskPath): void {
    if (this.#mark?.marks.marksAll !== true) return
    try {
      this.#mark.marks.write([final], this.#mark.text)
    } catch (error) {
      unlinkIfThere(final)
      throw error
    }
  }

  moveOver(final: DiskPath): void {
    this.#acrossFileSystems(() => moveOver(this.path, final))
  }

  discard(): void {
    unlinkIfThere(this.path)
  }

  /** Leaves nothing under a temporary name at the destination. */
  drop(): void {
    if (this.#isCarried) unlinkIfThere(this.path)
  }

  #acrossFileSystems<Result>(move: () => Result): Result {
    try {
      return move()
    } catch (error) {
      if (systemCode(error) !== 'EXDEV' || this.#isCarried) throw error
      this.path = carryAcross(this.path, this.#target.path, this.#isSymlink)
      this.#isCarried = true
      return move()
    }
  }
}

import { lstatSync, mkdirSync, renameSync, type Stats } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Anchor } from './anchor'
import type { DirectoryTree, PlacedDirectory } from './directory-tree'
import type { DownloadMark } from './download-mark/mark-tree'
import { below } from './disk-path'
import { creationError, systemCode } from './file-error'
import { ItemMover, type MeetingPlace, type MoveReport } from './move-item'
import { numberedNames } from './numbered-name'
import { refuseUnlikeKinds, type OverwriteRule } from './overwrite'
import { callsPerTurn, itemsOf, removeTree, type RemovedCounts } from './remove-tree'
import type { SafeComponent } from './safe-name'
import { settleBelow } from './settle'

/** A directory that is on both sides, so that what is in it moves one by one. */
interface Meeting extends MeetingPlace {
  /** The next of its directories to move. */
  next: PlacedDirectory | undefined
  /** We had to make it, since it lies on another file system than staging. */
  readonly isMade: boolean
}

/** Moves what was built in staging to the destination: whole directories where there was none, item by item elsewhere. */
export class Move {
  readonly #tree: DirectoryTree
  readonly #rule: OverwriteRule
  readonly #report: MoveReport
  readonly #items: ItemMover
  /** From the destination down to where the work is; one or two descriptors a level. */
  readonly #meetings: Meeting[] = []
  #calls = 0

  /** @param mark what a symlink gets again that has to be made anew at its place */
  constructor(tree: DirectoryTree, rule: OverwriteRule, report: MoveReport, mark?: DownloadMark) {
    this.#tree = tree
    this.#rule = rule
    this.#report = report
    this.#items = new ItemMover(tree, rule, report, mark)
  }

  /**
   * @param outer the directory that holds the staged tree
   * @param treeName the tree's name in there
   * @throws only what a question to the user threw, or a system error about staging itself
   */
  async run(outer: Anchor, treeName: SafeComponent, destination: Anchor): Promise<void> {
    const { root } = this.#tree
    try {
      await this.#meet({
        directory: root,
        staged: outer.step(treeName),
        target: destination,
        next: root.firstChild,
        isMade: false,
      })
      for (let meeting = this.#meetings.at(-1); meeting !== undefined; meeting = this.#meetings.at(-1)) {
        const child = meeting.next
        if (child === undefined) {
          this.#meetings.pop()
          this.#part(meeting)
        } else {
          meeting.next = child.nextSibling
          await this.#moveDirectory(meeting, child)
        }
      }
    } finally {
      for (const meeting of this.#meetings) this.#close(meeting)
    }
  }

  #close(meeting: Meeting): void {
    meeting.staged.close()
    // The destination itself belongs to the caller.
    if (meeting.directory !== this.#tree.root) meeting.target.close()
  }

  /** Moves all that is no directory at once; the directories in it follow one by one. */
  async #meet(meeting: Meeting): Promise<void> {
    try {
      // A mode it was given too early could forbid taking things out of it.
      meeting.staged.unlock()
      const failed = new Set<string>()
      // Some file systems skip names while others are being removed, so it is listed until nothing is left to do.
      for (let isDone = false; !isDone;) {
        isDone = true
        for (const item of itemsOf(meeting.staged)) {
          const key = item.name.toString('latin1')
          if (item.isDirectory || failed.has(key)) continue
          isDone = false
          if (++this.#calls % callsPerTurn === 0) await nextTurn()
          if (!(await this.#items.move(meeting, item))) failed.add(key)
        }
      }
      this.#meetings.push(meeting)
    } catch (error) {
      this.#close(meeting)
      throw error
    }
  }

  #part(meeting: Meeting): void {
    const { directory, target } = meeting
    try {
      if (meeting.isMade) target.settle(directory.mode, directory.mtimeNs)
    } catch (error) {
      this.#reportUnsettled(directory, error)
    } finally {
      this.#close(meeting)
    }
  }

  async #moveDirectory(meeting: Meeting, child: PlacedDirectory): Promise<void> {
    if (++this.#calls % callsPerTurn === 0) await nextTurn()
    try {
      const existing = lstatSync(below(meeting.target.path, child.component), { throwIfNoEntry: false })
      if (existing === undefined) await this.#moveWhole(meeting, child, child.component)
      else if (existing.isDirectory()) await this.#enter(meeting, child, child.component, false)
      else await this.#resolve(meeting, child, existing)
    } catch (error) {
      this.#rule.rethrowFailedQuestion(error)
      const path = this.#pathOf(child)
      const lost = await removeStaged(meeting.staged, child)
      this.#report.failed(path, creationError(error, 'Cannot make the folder', path), lost)
    }
  }

  /** A file or a link stands where a directory should go; it is never entered. */
  async #resolve(meeting: Meeting, child: PlacedDirectory, existing: Stats): Promise<void> {
    const incoming = { path: this.#pathOf(child), size: 0, mtimeMs: Number(child.mtimeNs / 1_000_000n) }
    const choice = await this.#rule.choose(meeting.directory.id, child.component, existing, incoming)
    switch (choice) {
      case 'skip':
        this.#report.skipped(await removeStaged(meeting.staged, child))
        return
      case 'replace':
        refuseUnlikeKinds(existing, true, incoming.path)
        return
      case 'rename':
        for (const name of numberedNames(child.component, true)) {
          const isFree = [meeting.staged, meeting.target].every(
            (side) => lstatSync(below(side.path, name), { throwIfNoEntry: false }) === undefined,
          )
          if (!isFree) continue
          await this.#moveWhole(meeting, child, name)
          this.#report.renamed()
          return
        }
    }
  }

  /** Renames a directory with all that is in it. */
  async #moveWhole(meeting: Meeting, child: PlacedDirectory, name: SafeComponent): Promise<void> {
    const final = below(meeting.target.path, name)
    const anchor = meeting.staged.step(child.component)
    try {
      await settleBelow(child, anchor, (directory, error) => this.#reportUnsettled(directory, error))
      // Fails where anything but an empty directory has appeared meanwhile.
      renameSync(below(meeting.staged.path, child.component), final)
      try {
        // Only now: without write permission it could not be moved, and where it was moved its time may have changed.
        anchor.settle(child.mode, child.mtimeNs, final)
      } catch (error) {
        this.#reportUnsettled(child, error)
      }
    } catch (error) {
      if (systemCode(error) !== 'EXDEV') throw error
      mkdirSync(final, 0o700)
      await this.#enter(meeting, child, name, true)
    } finally {
      anchor.close()
    }
  }

  async #enter(meeting: Meeting, child: PlacedDirectory, name: SafeComponent, isMade: boolean): Promise<void> {
    const target = meeting.target.step(name)
    let staged: Anchor
    try {
      staged = meeting.staged.step(child.component)
    } catch (error) {
      target.close()
      throw error
    }
    await this.#meet({ directory: child, staged, target, next: child.firstChild, isMade })
  }

  #pathOf(directory: PlacedDirectory): string {
    return this.#tree.displayPath(directory.parent, directory.name)
  }

  #reportUnsettled(directory: PlacedDirectory, error: unknown): void {
    const path = this.#pathOf(directory)
    this.#report.unsettled(path, creationError(error, 'Cannot set the time and permissions of', path))
  }
}

/** What is lost with a directory that does not get its place. */
async function removeStaged(staged: Anchor, child: PlacedDirectory): Promise<RemovedCounts> {
  try {
    return await removeTree(staged, child.component)
  } catch {
    // It goes with the rest of staging; only the count is not exact.
    return { files: 0, directories: 1, symlinks: 0 }
  }
}

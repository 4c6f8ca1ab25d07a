import type { Entry } from '../contract/entry'
import type { LmzErrorCode } from '../contract/error'
import { below, componentLength, type DiskPath } from './disk-path'
import type { SafeComponent } from './safe-name'

/** A directory that was made in staging; the root stands for the destination itself. */
export interface PlacedDirectory {
  readonly state: 'placed'
  readonly id: number
  readonly parent: PlacedDirectory | undefined
  /** As it is called in the archive. */
  readonly name: string
  /** As it is called on the disk; the root's is never used. */
  readonly component: SafeComponent
  readonly mode: number
  readonly mtimeNs: bigint
  /** Length of its path in staging, without descriptors, in bytes (POSIX) or UTF-16 units (Windows). */
  readonly pathLength: number
  /** Nothing was at its final place when it was placed, so nothing can be below it. */
  readonly isNew: boolean
  // Children form a linked list: an array for each of a million directories would cost more than the directories.
  firstChild: PlacedDirectory | undefined
  readonly nextSibling: PlacedDirectory | undefined
}

/** A directory of the archive that is not written; what is in it is not written either. */
export interface AbsentDirectory {
  readonly state: 'absent'
  readonly parent: PlacedDirectory | AbsentDirectory | undefined
  /** The outermost of the absent directories that it is in, or itself. */
  readonly outermost: AbsentDirectory
  readonly name: string
  /** Why: the user's choice, or the code of the problem that was reported. */
  readonly reason: 'skipped' | LmzErrorCode
}

/** How many levels of what is not written a path shows: an archive may claim millions, and each is reported. */
const shownLevels = 16

interface Paths {
  readonly directory: PlacedDirectory
  readonly staging: DiskPath
  readonly final: DiskPath
  readonly display: string
}

/** The directories of one extraction, by entry id. This is all that is kept of entries, however many files there are. */
export class DirectoryTree {
  readonly root: PlacedDirectory
  readonly #directories = new Map<number, PlacedDirectory | AbsentDirectory>()
  readonly #platform: NodeJS.Platform
  /** Entries mostly come directory by directory, so the newest directory's paths are kept. */
  #newest: Paths
  readonly #rootPaths: Paths

  /**
   * @param staging where the tree is built, as paths begin in calls to the system
   * @param plainStaging the same as the system resolves it
   * @param destination how paths to the destination begin
   */
  constructor(staging: DiskPath, plainStaging: string, destination: DiskPath, platform: NodeJS.Platform) {
    this.#platform = platform
    this.root = {
      state: 'placed',
      id: 0,
      parent: undefined,
      name: '',
      component: '' as string & SafeComponent,
      mode: 0,
      mtimeNs: 0n,
      pathLength: componentLength(plainStaging, platform),
      isNew: false,
      firstChild: undefined,
      nextSibling: undefined,
    }
    this.#directories.set(0, this.root)
    this.#rootPaths = { directory: this.root, staging, final: destination, display: '' }
    this.#newest = this.#rootPaths
  }

  get(id: number): PlacedDirectory | AbsentDirectory | undefined {
    return this.#directories.get(id)
  }

  *placed(): Generator<PlacedDirectory> {
    for (const directory of this.#directories.values()) if (directory.state === 'placed') yield directory
  }

  add(entry: Entry, parent: PlacedDirectory, component: SafeComponent, isNew: boolean): PlacedDirectory {
    const directory: PlacedDirectory = {
      state: 'placed',
      id: entry.id,
      parent,
      name: entry.name,
      component,
      mode: entry.mode,
      mtimeNs: entry.mtimeNs,
      pathLength: this.pathLength(parent, component),
      isNew,
      firstChild: undefined,
      nextSibling: parent.firstChild,
    }
    parent.firstChild = directory
    this.#directories.set(entry.id, directory)
    return directory
  }

  addAbsent(entry: Entry, reason: AbsentDirectory['reason']): void {
    // A second directory of one id was refused itself; the first keeps its place.
    if (this.#directories.has(entry.id)) return
    const parent = this.#directories.get(entry.parent)
    this.#directories.set(entry.id, new Absent(parent, entry.name, reason))
  }

  pathLength(parent: PlacedDirectory, component: SafeComponent): number {
    return parent.pathLength + 1 + componentLength(component, this.#platform)
  }

  stagingPath(parent: PlacedDirectory, component: SafeComponent): DiskPath {
    return below(this.#paths(parent).staging, component)
  }

  /** Where it will be; only of use below directories that were there before. */
  finalPath(parent: PlacedDirectory, component: SafeComponent): DiskPath {
    return below(this.#paths(parent).final, component)
  }

  /** The path in the archive, "/"-separated. */
  displayPath(parent: PlacedDirectory | AbsentDirectory | undefined, name: string): string {
    if (parent?.state === 'placed') return joinDisplay(this.#paths(parent).display, name)
    if (parent === undefined) return name
    const names = [name]
    let directory: PlacedDirectory | AbsentDirectory | undefined = parent
    for (; directory?.state === 'absent'; directory = directory.parent) {
      names.push(directory.name)
      if (names.length > shownLevels && directory !== parent.outermost) {
        names.push('…', parent.outermost.name)
        directory = parent.outermost.parent
        break
      }
    }
    const shown = names.reverse().join('/')
    return directory?.state === 'placed' ? joinDisplay(this.#paths(directory).display, shown) : shown
  }

  #paths(directory: PlacedDirectory): Paths {
    if (this.#newest.directory === directory) return this.#newest
    const chain: PlacedDirectory[] = []
    let paths = this.#rootPaths
    for (let step: PlacedDirectory | undefined = directory; step !== undefined; step = step.parent) {
      if (step === this.#newest.directory) {
        paths = this.#newest
        break
      }
      if (step !== this.root) chain.push(step)
    }
    for (const step of chain.reverse()) {
      paths = {
        directory: step,
        staging: below(paths.staging, step.component),
        final: below(paths.final, step.component),
        display: joinDisplay(paths.display, step.name),
      }
    }
    this.#newest = paths
    return paths
  }
}

function joinDisplay(directory: string, name: string): string {
  return directory === '' ? name : `${directory}/${name}`
}

class Absent implements AbsentDirectory {
  readonly state = 'absent'
  readonly outermost: AbsentDirectory

  constructor(
    readonly parent: PlacedDirectory | AbsentDirectory | undefined,
    readonly name: string,
    readonly reason: AbsentDirectory['reason'],
  ) {
    this.outermost = parent?.state === 'absent' ? parent.outermost : this
  }
}

import { constants, copyFileSync, linkSync, symlinkSync, unlinkSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { escapeForDisplay } from '../contract/display-name'
import { LmzError } from '../contract/error'
import type { DirectoryTree, PlacedDirectory } from './directory-tree'
import type { DiskPath } from './disk-path'
import { creationError, systemCode } from './file-error'
import { setMode } from './file-mode'
import { setLinkTime, setTime } from './file-times'
import { foldKey } from './fold-name'
import { dangerOfTarget, type LinkSurroundings } from './link-target'
import { placeKey } from './overwrite'
import type { Placement } from './placement'
import { callsPerTurn } from './remove-tree'
import type { SafeComponent } from './safe-name'

/** Which symlinks are made: those that stay inside, all, or none. */
export type LinkPolicy = 'safe' | 'all' | 'none'

interface Spot {
  readonly parent: PlacedDirectory
  readonly component: SafeComponent
  readonly name: string
  readonly mtimeNs: bigint
}

export interface PendingHardLink extends Spot {
  readonly mode: number
  readonly target: Placement
}

export interface PendingSymlink extends Spot {
  readonly target: string
}

export interface LinkReport {
  hardLinkFailed(path: string, error: LmzError): void
  symlinkFailed(path: string, error: LmzError): void
}

/** Errors of link() after which a copy of the file does as well. */
const copyInstead = new Set(['EPERM', 'EXDEV', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EACCES'])

/**
 * Links wait until every file is written: hard links for their files, symlinks so that nothing can ever be written through
 * one, in whatever order the archive lists them.
 */
export class PendingLinks {
  readonly #hardLinks: PendingHardLink[] = []
  readonly #symlinks: PendingSymlink[] = []
  /** Where the archive has symlinks, made or not. */
  readonly #symlinkPlaces = new Set<string>()
  readonly #doesFold: boolean
  readonly #platform: NodeJS.Platform

  constructor(doesFold: boolean, platform: NodeJS.Platform) {
    this.#doesFold = doesFold
    this.#platform = platform
  }

  addHardLink(link: PendingHardLink): void {
    this.#hardLinks.push(link)
  }

  addSymlink(link: PendingSymlink): void {
    this.#symlinks.push(link)
  }

  /** Remembers that the archive has a symlink here, so that no other link may lead through it. */
  noteSymlink(parent: PlacedDirectory, component: SafeComponent): void {
    this.#symlinkPlaces.add(this.#key(parent, component))
  }

  /** Makes all links in staging, hard links first. */
  async make(tree: DirectoryTree, policy: LinkPolicy, report: LinkReport): Promise<void> {
    let calls = 0
    for (const link of this.#hardLinks) {
      if (++calls % callsPerTurn === 0) await nextTurn()
      try {
        makeHardLink(link, tree.stagingPath(link.parent, link.component))
      } catch (error) {
        const path = tree.displayPath(link.parent, link.name)
        report.hardLinkFailed(path, hardLinkError(error, path))
      }
    }
    const surroundings = this.#surroundings(tree)
    for (const link of this.#symlinks) {
      if (++calls % callsPerTurn === 0) await nextTurn()
      try {
        const danger =
          policy === 'safe' ? dangerOfTarget(link.target, link.parent, surroundings, this.#platform) : undefined
        if (danger !== undefined) throw unsafeLink(tree.displayPath(link.parent, link.name), danger)
        const path = tree.stagingPath(link.parent, link.component)
        symlinkSync(link.target, path)
        setLinkTime(path, link.mtimeNs)
      } catch (error) {
        const path = tree.displayPath(link.parent, link.name)
        report.symlinkFailed(path, creationError(error, 'Cannot make the link', path))
      }
    }
  }

  /** Names in a link's target are names on the disk, and meet as the disk lets them meet. */
  #surroundings(tree: DirectoryTree): LinkSurroundings {
    const directories = new Map<string, PlacedDirectory>()
    if (this.#symlinks.length > 0) {
      for (const directory of tree.placed()) {
        if (directory.parent) directories.set(this.#key(directory.parent, directory.component), directory)
      }
    }
    return {
      directory: (parent, name) => directories.get(this.#key(parent, name)),
      isSymlink: (parent, name) => this.#symlinkPlaces.has(this.#key(parent, name)),
    }
  }

  #key(parent: PlacedDirectory, name: string | SafeComponent): string {
    const folded = this.#doesFold && typeof name === 'string' ? foldKey(name, this.#platform) : name
    // Only compared with others of its kind, never joined to a path.
    return placeKey(parent.id, folded as SafeComponent)
  }
}

/** The refusal of a symlink, as it is reported. */
export function unsafeLink(path: string, reason: string): LmzError {
  return new LmzError('UnsafePath', `The link ${escapeForDisplay(path)} was not created: ${reason}.`, { subject: path })
}

function makeHardLink(link: PendingHardLink, path: DiskPath): void {
  try {
    linkSync(link.target.stagingPath, path)
  } catch (error) {
    if (!copyInstead.has(systemCode(error))) throw error
    copyFileSync(link.target.stagingPath, path, constants.COPYFILE_EXCL)
    try {
      setTime(path, link.mtimeNs)
      setMode(path, link.mode)
    } catch (failure) {
      unlinkSync(path)
      throw failure
    }
  }
}

function hardLinkError(error: unknown, path: string): LmzError {
  if (systemCode(error) !== 'ENOENT') return creationError(error, 'Cannot link', path)
  const message = `The file that ${escapeForDisplay(path)} is another name of was not extracted.`
  return new LmzError('NotFound', message, { subject: path, cause: error })
}

import { lstatSync, mkdirSync, rmdirSync, statfsSync, statSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { dirname, join, resolve } from 'node:path'
import { escapeForDisplay } from '../contract/display-name'
import { LmzError, toLmzError } from '../contract/error'
import { Anchor } from './anchor'
import { below, type DiskPath } from './disk-path'
import { systemCode } from './file-error'
import { removeTree } from './remove-tree'
import { safeName, type SafeComponent } from './safe-name'

/**
 * The destination and, inside it, the private directory in which everything is made first: on the same file system,
 * so that finished things move by renaming. Others can neither enter it (mode 0700) nor replace it (see {@link Anchor}).
 *
 *     <destination>/.lmz-<random>/<random>/...
 *
 * The second random name is part of every path below staging: a path used too late, when the descriptor in it stands for
 * another directory, leads nowhere instead of somewhere else.
 */
export class Staging {
  readonly destination: Anchor
  /** The tree's directory, {@link treeName}, is in it. */
  readonly outer: Anchor
  readonly treeName: SafeComponent
  readonly #destinationPath: string
  readonly #outerName: SafeComponent
  readonly #madeDirectories: readonly string[]

  private constructor(destinationPath: string, madeDirectories: readonly string[]) {
    this.#destinationPath = destinationPath
    this.#madeDirectories = madeDirectories
    this.#outerName = safeName(`.lmz-${randomBytes(8).toString('hex')}`)
    this.treeName = safeName(randomBytes(8).toString('hex'))
    this.destination = Anchor.hold(destinationPath)
    const held = [this.destination]
    try {
      mkdirSync(below(this.destination.path, this.#outerName), 0o700)
      this.outer = this.destination.step(this.#outerName)
      held.push(this.outer)
      if (!this.outer.isPrivate()) {
        throw new LmzError('Io', `Someone else interferes with ${escapeForDisplay(destinationPath)}.`)
      }
      mkdirSync(this.treePath, 0o700)
    } catch (error) {
      for (const anchor of held) anchor.close()
      throw error
    }
  }

  /**
   * Makes the destination, if it is missing, and the staging directory in it.
   *
   * @throws LmzError `Collision` when a file stands at the destination, `NoSpace`, `Io`
   */
  static open(destination: string): Staging {
    const path = resolve(destination)
    const made: string[] = []
    try {
      makeDirectories(path, made)
      return new Staging(path, made)
    } catch (error) {
      removeEmpty(made)
      throw toLmzError(error, `Cannot extract to ${escapeForDisplay(destination)}`, destination)
    }
  }

  /** Where the tree is built. */
  get treePath(): DiskPath {
    return below(this.outer.path, this.treeName)
  }

  /** The same without descriptors, which is how long paths really get. */
  get plainTreePath(): string {
    return join(this.#destinationPath, this.#outerName as string, this.treeName as string)
  }

  /**
   * Checks that `bytes` and `entries` can fit; a close call passes, since block sizes and compression of the file system
   * are not known.
   *
   * @throws LmzError `NoSpace`, or `Limit` for a number that is none
   */
  reserve(bytes: number, entries: number): void {
    if (!(bytes >= 0 && bytes <= Number.MAX_SAFE_INTEGER && entries >= 0)) {
      throw new LmzError('Limit', 'The archive claims a total size that no disk can hold. Nothing was written.')
    }
    const system = statfsSync(this.#destinationPath)
    const free = system.bavail * system.bsize
    // Some network and virtual file systems report no blocks or no inodes at all: then only writing will tell.
    if (system.blocks > 0 && bytes > free) this.#refuse(`${free} bytes free, but ${bytes} bytes are needed`)
    if (system.files > 0 && entries > system.ffree) {
      this.#refuse(`room for ${system.ffree} more files, but ${entries} are needed`)
    }
  }

  #refuse(comparison: string): never {
    const message = `${escapeForDisplay(this.#destinationPath)} has ${comparison}. Nothing was written.`
    throw new LmzError('NoSpace', message, { subject: this.#destinationPath })
  }

  /**
   * Removes staging, with whatever is left in it, and lets go of the destination. Goes by the anchor and not by the name:
   * who can write into the destination could have put a directory of his there.
   *
   * @throws LmzError `Io`
   */
  async close(): Promise<void> {
    try {
      await removeTree(this.outer, this.treeName)
      rmdirSync(below(this.destination.path, this.#outerName))
    } catch (error) {
      throw toLmzError(error, `Cannot remove the temporary folder in ${escapeForDisplay(this.#destinationPath)}`)
    } finally {
      this.outer.close()
      this.destination.close()
    }
  }

  /** Removes the directories that {@link open} had to make, as far as they are empty. */
  removeMadeDirectories(): void {
    removeEmpty(this.#madeDirectories)
  }
}

/** Makes the missing part of a path and notes each new directory in `made`, outermost first. */
function makeDirectories(path: string, made: string[]): void {
  const missing: string[] = []
  let place = path
  while (isMissing(place) && dirname(place) !== place) {
    missing.push(place)
    place = dirname(place)
  }
  if (!statSync(place).isDirectory()) {
    const message = `${escapeForDisplay(place)} is a file, not a folder. Nothing was written.`
    throw new LmzError('Collision', message, { subject: place })
  }
  for (const directory of missing.reverse()) {
    mkdirSync(directory)
    made.push(directory)
  }
}

function isMissing(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) === undefined
  } catch (error) {
    // A part of the path is a file: the search goes on upwards until it is found.
    if (systemCode(error) === 'ENOTDIR') return true
    throw error
  }
}

function removeEmpty(directories: readonly string[]): void {
  for (const directory of directories.toReversed()) {
    try {
      rmdirSync(directory)
    } catch {
      // Someone has put something into it, or taken it away; either way it is not ours to remove any more.
      return
    }
  }
}

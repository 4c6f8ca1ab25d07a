import { opendirSync, rmdirSync, unlinkSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Anchor } from './anchor'
import { below } from './disk-path'
import { systemCode } from './file-error'
import type { SafeComponent } from './safe-name'

/** How many quick system calls may run before other work of the process gets its turn. */
export const callsPerTurn = 500

export interface RemovedCounts {
  files: number
  directories: number
  symlinks: number
}

interface Level {
  readonly parent: Anchor
  readonly name: SafeComponent
  readonly anchor: Anchor
  /** Directories in it that are still to be removed; undefined before it was listed. */
  inside: SafeComponent[] | undefined
}

/**
 * Removes a directory of ours and all below it, following no link, without recursion however deep it is. Memory grows
 * with directories, not with files; one descriptor is held a level.
 *
 * @throws a system error for what cannot be removed
 */
export async function removeTree(parent: Anchor, name: SafeComponent): Promise<RemovedCounts> {
  const removed: RemovedCounts = { files: 0, directories: 0, symlinks: 0 }
  const levels: Level[] = []
  let calls = 0
  function enter(from: Anchor, directory: SafeComponent): void {
    const anchor = from.step(directory)
    levels.push({ parent: from, name: directory, anchor, inside: undefined })
    anchor.unlock()
  }
  try {
    enter(parent, name)
    for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
      if (++calls % callsPerTurn === 0) await nextTurn()
      const next = level.inside?.pop()
      if (next !== undefined) {
        enter(level.anchor, next)
        continue
      }
      if (level.inside !== undefined && removeEmpty(level)) {
        level.anchor.close()
        levels.pop()
        removed.directories += 1
        continue
      }
      level.inside = []
      for (const item of itemsOf(level.anchor)) {
        if (++calls % callsPerTurn === 0) await nextTurn()
        if (item.isDirectory) {
          level.inside.push(item.name)
          continue
        }
        unlinkSync(below(level.anchor.path, item.name))
        if (item.isSymlink) removed.symlinks += 1
        else removed.files += 1
      }
    }
    return removed
  } finally {
    for (const level of levels) level.anchor.close()
  }
}

/** False when the listing missed something, as some file systems do while files are being removed. */
function removeEmpty(level: Level): boolean {
  try {
    rmdirSync(below(level.parent.path, level.name))
    return true
  } catch (error) {
    if (systemCode(error) !== 'ENOTEMPTY' && systemCode(error) !== 'EEXIST') throw error
    return false
  }
}

export interface StagedItem {
  /** Named by the system itself, so it is one component. */
  readonly name: SafeComponent
  readonly isDirectory: boolean
  readonly isSymlink: boolean
}

/** What lies in a directory of ours; items may be removed on the way. */
export function* itemsOf(directory: Anchor): Generator<StagedItem> {
  // Bytes on POSIX systems, where not every name is text; Windows and macOS only have text.
  const encoding = process.platform === 'win32' || process.platform === 'darwin' ? 'utf8' : 'buffer'
  const listing = opendirSync(directory.path, { encoding: encoding as BufferEncoding })
  try {
    for (let item = listing.readSync(); item !== null; item = listing.readSync()) {
      const name = item.name as SafeComponent
      yield { name, isDirectory: item.isDirectory(), isSymlink: item.isSymbolicLink() }
    }
  } finally {
    listing.closeSync()
  }
}

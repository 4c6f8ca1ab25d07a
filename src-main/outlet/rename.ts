import {
  constants,
  copyFileSync,
  linkSync,
  lstatSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs'
import { randomBytes } from 'node:crypto'
import { below, type DiskPath } from './disk-path'
import { systemCode } from './file-error'
import { setMode } from './file-mode'
import { setLinkTime, setTime } from './file-times'
import { safeName } from './safe-name'

/*
 * Moving one file or symlink out of staging. Whether something is at its place is never looked up first: between the look
 * and the move another process may put a file there. link() and symlink() both fail if anything is there, in one step.
 */

/** What link() says where there are no hard links, or no more of them. */
const noHardLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EACCES'])

/**
 * Moves a file or symlink to a place where nothing may be.
 *
 * @returns false, with nothing done, when something is there
 * @throws a system error
 */
export function moveIfAbsent(staged: DiskPath, final: DiskPath, isSymlink: boolean): boolean {
  try {
    if (isSymlink) copySymlink(staged, final)
    else linkSync(staged, final)
  } catch (error) {
    const code = systemCode(error)
    if (code === 'EEXIST') return false
    if (isSymlink || !noHardLinks.has(code)) throw error
    // FAT and the like: no other way than to look first.
    if (lstatSync(final, { throwIfNoEntry: false }) !== undefined) return false
    renameSync(staged, final)
    return true
  }
  unlinkSync(staged)
  return true
}

/** Puts a file or symlink in the place of another file or symlink, in one step. */
export function moveOver(staged: DiskPath, final: DiskPath): void {
  renameSync(staged, final)
}

/** Makes the same symlink again. Bytes go through as they are; the time is the link's own. */
function copySymlink(from: DiskPath, to: DiskPath): void {
  symlinkSync(readlinkSync(from, { encoding: 'buffer' }), to)
  setLinkTime(to, lstatSync(from, { bigint: true }).mtimeNs)
}

/**
 * A folder inside the destination may be on another file system, where nothing can be renamed to. Brings the item there, under
 * a name of its own, so that the last step is a rename again.
 *
 * @returns where it is now; `staged` is gone
 */
export function carryAcross(staged: DiskPath, directory: DiskPath, isSymlink: boolean): DiskPath {
  const arrived = below(directory, safeName(`.lmz-${randomBytes(8).toString('hex')}`))
  if (isSymlink) {
    copySymlink(staged, arrived)
  } else {
    const { mode, mtimeNs } = lstatSync(staged, { bigint: true })
    try {
      copyFileSync(staged, arrived, constants.COPYFILE_EXCL)
      setTime(arrived, mtimeNs)
      setMode(arrived, Number(mode))
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') unlinkIfThere(arrived)
      throw error
    }
  }
  unlinkSync(staged)
  return arrived
}

export function unlinkIfThere(path: DiskPath): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error
  }
}

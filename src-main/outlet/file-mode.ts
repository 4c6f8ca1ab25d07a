import { chmodSync, fchmodSync } from 'node:fs'
import type { DiskPath } from './disk-path'
import { systemCode } from './file-error'

/** Owner, group and others; the set-user-id, set-group-id and sticky bits of an archive are never applied. */
const permissionBits = 0o777

/** FAT and some network file systems have no modes, and say so by refusing them to the owner. */
function ignoreWithoutModes(error: unknown): void {
  if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(systemCode(error))) throw error
}

/** Sets the permissions of an open file, as far as its file system has any. */
export function setOpenFileMode(descriptor: number, mode: number): void {
  try {
    fchmodSync(descriptor, mode & permissionBits)
  } catch (error) {
    ignoreWithoutModes(error)
  }
}

/** The same for a file or directory of ours; follows links, so never for anything that could be one. */
export function setMode(path: DiskPath, mode: number): void {
  try {
    chmodSync(path, mode & permissionBits)
  } catch (error) {
    ignoreWithoutModes(error)
  }
}

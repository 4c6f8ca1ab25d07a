import { closeSync, openSync, readSync, realpathSync, statSync } from 'node:fs'
import { hasHeaderMagic } from '../../format/header'

/** Whether a path is that of an archive, by its name or, where the name does not say so, by its first bytes. */
export function isArchive(path: string): boolean {
  try {
    if (!statSync(path).isFile()) return false
  } catch {
    // The window says what is wrong with an archive that cannot be read.
    return hasArchiveName(path)
  }
  return hasArchiveName(path) || hasArchiveMagic(path)
}

function hasArchiveName(path: string): boolean {
  return /\.lmz$/i.test(path)
}

function hasArchiveMagic(path: string): boolean {
  try {
    const file = openSync(path, 'r')
    try {
      const head = Buffer.alloc(8)
      return readSync(file, head, 0, head.length, 0) === head.length && hasHeaderMagic(head)
    } finally {
      closeSync(file)
    }
  } catch {
    return false
  }
}

/** Equal for two paths of one file. */
export function identityOf(path: string): string {
  try {
    return realpathSync.native(path)
  } catch {
    return path
  }
}

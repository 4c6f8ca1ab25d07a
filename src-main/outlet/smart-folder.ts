import { posix, win32 } from 'node:path'
import { LmzError } from '../contract/error'
import { safeName } from './safe-name'

const archiveExtension = /\.lmz$/i

/**
 * The folder to extract into, below the destination: none for an archive with one top-level item (or nothing), and one named
 * after the archive where several items would lie about.
 *
 * "photos.lmz" gives "photos", "photos.tar.lmz" gives "photos.tar". An archive without the extension gives "photos-extracted",
 * for "photos" is the archive itself.
 *
 * @param archiveName file name or path of the archive
 * @param topLevelNames how many top-level items there are, or their names, of which at most two are taken
 */
export function smartFolder(
  archiveName: string,
  topLevelNames: number | Iterable<unknown>,
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  if (!hasSeveral(topLevelNames)) return undefined
  const name = (platform === 'win32' ? win32 : posix).basename(archiveName)
  const stem = archiveExtension.test(name) ? name.replace(archiveExtension, '') : `${name}-extracted`
  try {
    return safeName(stem, platform)
  } catch (error) {
    if (!(error instanceof LmzError)) throw error
    return 'archive'
  }
}

function hasSeveral(topLevelNames: number | Iterable<unknown>): boolean {
  if (typeof topLevelNames === 'number') return topLevelNames > 1
  const names = topLevelNames[Symbol.iterator]()
  const areSeveral = names.next().done !== true && names.next().done !== true
  names.return?.()
  return areSeveral
}

import type { PlacedDirectory } from './directory-tree'

/** Longest text of a symlink, in bytes; no system lmz runs on takes more. */
export const longestTarget = 4096

/** What the archive has at a place; names are as they are written in link targets. */
export interface LinkSurroundings {
  directory(parent: PlacedDirectory, name: string): PlacedDirectory | undefined
  isSymlink(parent: PlacedDirectory, name: string): boolean
}

/** Says why a text can be no link at all, whatever the user allows. */
export function flawOfTarget(target: string): string | undefined {
  if (target === '') return 'it points nowhere'
  if (target.includes('\0')) return 'its target holds a NUL character'
  return undefined
}

/** Windows drops the spaces behind dots, and takes more than two dots for two in places. */
function isStepUp(name: string): boolean {
  return name.includes('..') && /^[. ]+$/.test(name)
}

/** True for more than {@link longestTarget} bytes; looks at no more of the text than it must. */
export function isTargetTooLong(target: string): boolean {
  return target.length > longestTarget || Buffer.byteLength(target) > longestTarget
}

/**
 * Says why a link could lead out of the extracted tree, or undefined if it cannot.
 *
 * The target is followed name by name from the link's own directory. A step up is taken only from a directory that the
 * archive itself brings; from anything else ("file/..", "link/..") the system might end up elsewhere than the text says.
 * Every link but the last name of the target is a detour that the text does not show, so it is refused; as the last name it
 * is a link that was judged itself ("libx.so" to "libx.so.1" to "libx.so.1.2").
 */
export function dangerOfTarget(
  target: string,
  from: PlacedDirectory,
  surroundings: LinkSurroundings,
  platform: NodeJS.Platform,
): string | undefined {
  if (target.startsWith('/') || target.startsWith('\\') || /^[a-z]:/i.test(target))
    return 'it points to an absolute path'
  // Elsewhere than on Windows "\" is an ordinary character, but not where a step up may hide behind it.
  if (platform !== 'win32' && target.includes('\\') && target.split(/[\\/]/).some(isStepUp)) {
    return 'Windows would read a step upwards in it'
  }
  const names = target.split(platform === 'win32' ? /[\\/]/ : '/').filter((name) => name !== '' && name !== '.')
  let place: PlacedDirectory | undefined = from
  for (const [index, name] of names.entries()) {
    if (name === '..') {
      if (place === undefined) return 'it steps up from something that may be no folder'
      if (place.parent === undefined) return 'it points out of the destination'
      place = place.parent
      continue
    }
    if (/^[. ]+$/.test(name)) return 'it holds a name of nothing but dots and spaces'
    if (place === undefined) continue
    if (index < names.length - 1 && surroundings.isSymlink(place, name)) return 'it leads through another link'
    place = surroundings.directory(place, name)
  }
  return undefined
}

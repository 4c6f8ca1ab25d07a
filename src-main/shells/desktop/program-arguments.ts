import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The files named on a command line. Desktops name them as paths or, where an entry asks for addresses, as file: URLs. Switches are
 * Chromium's own business; anything behind "--" is a path.
 * @param given what stands behind the program (and behind the app's folder, where Electron was started with one)
 * @param folder against which relative paths are meant
 */
export function pathsAmong(given: readonly string[], folder: string): readonly string[] {
  const end = given.indexOf('--')
  const options = end < 0 ? given : given.slice(0, end)
  const rest = end < 0 ? [] : given.slice(end + 1)
  const named = options.filter((word) => word !== '' && !word.startsWith('-')).map(fromAddress)
  return [...named, ...rest].flatMap((path) => (path === undefined || path === '' ? [] : [resolve(folder, path)]))
}

/** @returns undefined for an address of something else than a file of this computer */
function fromAddress(word: string): string | undefined {
  // A drive of Windows looks like a scheme of one letter.
  if (!/^[a-z][a-z0-9+.-]+:/i.test(word)) return word
  if (!/^file:/i.test(word)) return undefined
  try {
    return fileURLToPath(word)
  } catch {
    return undefined
  }
}

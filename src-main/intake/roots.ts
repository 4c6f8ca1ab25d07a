import { lstatSync } from 'node:fs'
import { basename, isAbsolute, resolve, sep } from 'node:path'
import { LmzError, toLmzError } from '../contract/error'

/** One of the paths a user asked to add. */
export interface Root {
  /** As the user wrote it. */
  readonly given: string
  /** Absolute. */
  readonly path: string
  /** Its name in the archive; undefined if only its contents are added, at the top level. */
  readonly name: string | undefined
}

/**
 * Looks at all given paths before anything is added:
 *
 * - `some/dir` contributes the entry `dir` and all below it
 * - `.`, `..`, `/` and paths that end so contribute what they hold, at the top level
 * - a symlink contributes itself, never what it points to, unless a "/" at its end asks for that (as for tar and ls)
 *
 * @throws LmzError `NotFound` if one does not exist, `Usage` for an empty path, `Io` if one cannot be looked at
 */
export function checkRoots(given: readonly string[]): Root[] {
  return given.map(checkRoot)
}

function checkRoot(given: string): Root {
  if (given === '') throw new LmzError('Usage', 'An empty path cannot be added.')
  const path = absolutePath(given)
  try {
    lstatSync(path)
  } catch (thrown) {
    throw toLmzError(thrown, `Cannot add ${given}`, given)
  }
  const name = basename(given)
  return { given, path, name: name === '' || name === '.' || name === '..' ? undefined : name.toWellFormed() }
}

function absolutePath(given: string): string {
  // After a symlink, ".." is not where plain string arithmetic would put it: then the system must see every component.
  const components = given.split(sep === '\\' ? /[\\/]/ : '/')
  if (components.includes('..')) return isAbsolute(given) ? given : `${process.cwd()}${sep}${given}`
  const path = resolve(given)
  return components.at(-1) === '' && !path.endsWith(sep) ? path + sep : path
}

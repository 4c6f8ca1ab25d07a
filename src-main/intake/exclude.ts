import picomatch from 'picomatch'
import { LmzError } from '../contract/error'

/** What an exclude pattern is asked about. All paths are "/"-separated and without a leading "/". */
export interface ExcludeCandidate {
  readonly name: string
  /** The path it would have in the archive: `photos/2024/a.jpg` for the root `photos`. */
  readonly archivePath: string
  /** The path below the root it was found in: `2024/a.jpg`; empty for the root itself. */
  readonly pathBelowRoot: string
  readonly isDirectory: boolean
}

export type Exclude = (candidate: ExcludeCandidate) => boolean

/**
 * Compiles `--exclude` patterns (picomatch globs: `*`, `**`, `?`, `[a-z]`, `{a,b}`):
 *
 * - without "/", a pattern is compared with the last name of a path, at any depth: `*.tmp`, `node_modules`
 * - with "/", it is compared with the whole path, both as it would be in the archive and as it is below the given
 *   root, so that `photos/raw` and `/raw` both leave out `raw` of the root `photos`
 * - a "/" at the end makes it match directories only
 * - names that start with a dot are names like any other; "!" at the start has no meaning of its own
 *
 * The walk does not enter a directory that is excluded. Case counts, but on Windows.
 * @throws LmzError `Usage` for an empty pattern or one that cannot be compiled
 */
export function compileExcludes(patterns: readonly string[]): Exclude {
  const excludes = patterns.map(compileExclude)
  return (candidate) => excludes.some((excludes) => excludes(candidate))
}

function compileExclude(pattern: string): Exclude {
  const directoriesOnly = pattern.endsWith('/')
  const trimmed = pattern.replace(/\/+$/, '').replace(/^(\.\/)+/, '')
  const wholePath = trimmed.includes('/')
  const matches = compileGlob(trimmed.replace(/^\/+/, ''), pattern)
  return ({ name, archivePath, pathBelowRoot, isDirectory }) => {
    if (directoriesOnly && !isDirectory) return false
    return wholePath ? matches(pathBelowRoot) || matches(archivePath) : matches(name)
  }
}

function compileGlob(glob: string, pattern: string): (path: string) => boolean {
  try {
    // The flag s lets "**" pass over names that hold a line feed.
    const flags = process.platform === 'win32' ? 'si' : 's'
    const matches = picomatch(glob, { dot: true, nonegate: true, windows: false, flags })
    return (path) => matches(path)
  } catch (thrown) {
    throw new LmzError('Usage', `The pattern "${pattern}" cannot be used to leave files out.`, { cause: thrown })
  }
}

import { isUtf8 } from 'node:buffer'
import { readdirSync } from 'node:fs'
import { type OsPath, showBytes, toFsPath } from './os-path'

export interface DirectoryName {
  /** Valid Unicode and unique in its directory. */
  readonly name: string
  /** The exact bytes, only where they are not valid UTF-8. */
  readonly rawName?: Uint8Array
}

/**
 * The names in one directory, sorted by UTF-16 code units, so that the same tree always gives the same archive.
 * @throws what `node:fs` throws
 */
export function readDirectoryNames(directory: OsPath): DirectoryName[] {
  const names = readdirSync(toFsPath(directory))
  // Node puts U+FFFD where a name is not valid UTF-8; only then is the directory read once more, as bytes.
  if (names.some((name) => name.includes('\uFFFD'))) return readRawNames(directory)
  return names.sort().map((name) => ({ name }))
}

function readRawNames(directory: OsPath): DirectoryName[] {
  const all = readdirSync(toFsPath(directory), { encoding: 'buffer' })
  const named: DirectoryName[] = all.filter((bytes) => isUtf8(bytes)).map((bytes) => ({ name: bytes.toString() }))
  const taken = new Set(named.map(({ name }) => name))
  for (const rawName of all.filter((bytes) => !isUtf8(bytes)).sort((one, other) => one.compare(other))) {
    const shown = showBytes(rawName)
    let name = shown
    for (let attempt = 2; taken.has(name); attempt++) name = `${shown} (${attempt})`
    taken.add(name)
    named.push({ name, rawName })
  }
  return named.sort((one, other) => (one.name < other.name ? -1 : 1))
}

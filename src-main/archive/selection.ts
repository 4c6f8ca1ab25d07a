import { basename } from 'node:path'
import type { Entry } from '../contract/entry'
import { LmzError } from '../contract/error'
import type { Archive } from './archive'

/**
 * The entry at a path as people write it: "docs/readme.md", also with a leading "./" or a trailing "/".
 * @throws LmzError `NotFound`
 */
export function findEntry(archive: Archive, path: string): Entry {
  const components = path.split('/').filter((component) => component !== '' && component !== '.')
  const entry = components.length === 0 ? undefined : archive.index.resolve(components)
  if (entry === undefined) {
    throw new LmzError('NotFound', `There is no ${path} in ${basename(archive.path)}.`, { subject: path })
  }
  return entry
}

/** "docs/readme.md" of an entry, for messages. */
export function displayPath(archive: Archive, entry: number): string {
  return archive.index.pathOf(entry).join('/')
}

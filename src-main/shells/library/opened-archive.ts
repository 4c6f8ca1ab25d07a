import { Archive } from '../../archive/archive'
import { archiveInfo } from '../../archive/info'
import { fileBytes, readFileRange } from '../../archive/read-file'
import { displayPath, findEntry } from '../../archive/selection'
import type { ArchiveInfo } from '../../contract/archive-info'
import type { Entry } from '../../contract/entry'

/** An archive opened for looking around: one consistent state, whatever others do to the file meanwhile. */
export interface OpenedArchive extends Disposable {
  info(): ArchiveInfo
  /** Entries of a folder, or of the top level, sorted by name. @throws LmzError `NotFound` */
  list(folder?: string): Iterable<Entry>
  /** Entries by a part of their name or a pattern with * and ?; by path if the pattern has a "/". */
  find(pattern: string): Iterable<Entry>
  /** @throws LmzError `NotFound` */
  entry(path: string): Entry
  pathOf(entry: Entry): string
  /** The bytes of a file in pieces; only its blocks are read and decoded. @throws LmzError `NotFound`, `Corrupt` */
  read(path: string): Iterable<Uint8Array>
  /** At most `length` bytes of a file from `offset` on. @throws LmzError as {@link read} */
  readRange(path: string, offset: number, length: number): Uint8Array
  close(): void
}

/**
 * Opens an archive. Costs the reading of its index, about 0.5 s for a million entries.
 * @throws LmzError `NotFound`, `Format`, `Corrupt`, `Unsupported`, `Io`
 */
export async function openArchive(path: string): Promise<OpenedArchive> {
  const archive = await Archive.open(path)
  return {
    info: () => archiveInfo(archive),
    list: (folder) => archive.index.children(folder === undefined ? 0 : findEntry(archive, folder).id),
    find: (pattern) => archive.index.search(pattern),
    entry: (entryPath) => findEntry(archive, entryPath),
    pathOf: (entry) => displayPath(archive, entry.id),
    read: (entryPath) => fileBytes(archive, findEntry(archive, entryPath).id),
    readRange: (entryPath, offset, length) => readFileRange(archive, findEntry(archive, entryPath).id, offset, length),
    close: () => archive.close(),
    [Symbol.dispose]: () => archive.close(),
  }
}

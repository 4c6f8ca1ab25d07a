import type { DiskPath } from '../disk-path'

/**
 * Where a system keeps the mark of files that came from elsewhere, by which it asks before it runs one. Marks are copied from an archive
 * to what comes out of it, and never taken from what is in an archive: a name that would write one is refused (safe-name.ts).
 */
export interface MarkStore {
  /** Whether folders and symlinks carry the mark too. */
  readonly marksAll: boolean
  /** @returns the mark, in the system's own words; undefined for a file without one. @throws where that cannot be found out */
  read(path: string): string | undefined
  /** Gives each of the files a mark that {@link read} gave. @throws where their file system has no place for it, or fails */
  write(paths: readonly DiskPath[], mark: string): void
}

import { lstatSync, utimesSync } from 'node:fs'
import type { DiskPath } from '../../src-main/outlet/disk-path'
import type { MarkStore } from '../../src-main/outlet/download-mark/mark-store'

/**
 * Marks of downloads for a system without any: they stick to the file, whatever it is called, as NTFS streams and extended attributes
 * do. As there, only what may be written to can be marked, and as on Windows that changes the file's time.
 */
export class MarksByInode implements MarkStore {
  readonly marksAll: boolean
  readonly #marks = new Map<string, string>()
  /** Set for a file system that has no place for marks. */
  isRefused = false

  constructor(marksAll: boolean) {
    this.marksAll = marksAll
  }

  read(path: string): string | undefined {
    return this.#marks.get(keyOf(path))
  }

  write(paths: readonly DiskPath[], mark: string): void {
    for (const path of paths) {
      if (this.isRefused) throw Object.assign(new Error('no place for a mark'), { code: 'EINVAL' })
      const status = lstatSync(path)
      if ((status.mode & 0o200) === 0) throw Object.assign(new Error('read-only'), { code: 'EACCES' })
      if (status.isFile()) utimesSync(path, 1, 1)
      this.#marks.set(keyOf(path), mark)
    }
  }
}

function keyOf(path: DiskPath): string {
  const { dev, ino } = lstatSync(path, { bigint: true })
  return `${dev} ${ino}`
}

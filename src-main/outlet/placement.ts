import type { DiskPath } from './disk-path'

/** A place in staging for one entry. */
export class Placement {
  readonly kind: 'file' | 'directory'
  readonly entryId: number
  /** For the functions of write-file.ts, in any thread of this process, until the outlet commits or discards. */
  readonly stagingPath: DiskPath
  /** The entry's path in the archive, for messages. */
  readonly displayPath: string
  readonly #owner: object
  #isAbandoned = false

  constructor(owner: object, kind: 'file' | 'directory', entryId: number, stagingPath: DiskPath, displayPath: string) {
    this.#owner = owner
    this.kind = kind
    this.entryId = entryId
    this.stagingPath = stagingPath
    this.displayPath = displayPath
  }

  /** True for a file that this very outlet gave a place, which no caller can forge. */
  isFileOf(owner: object): boolean {
    return this.#owner === owner && this.kind === 'file'
  }

  /** False if it was given up before. */
  abandon(): boolean {
    const isFirst = !this.#isAbandoned
    this.#isAbandoned = true
    return isFirst
  }
}

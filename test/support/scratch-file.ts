import { closeSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ArchiveSource, diskStorage, readExactly, type Storage } from '../../src-main/archive/storage'

/**
 * A file without a name that is given one content after the other: for code that reads archives by their descriptors as well, where memory
 * would not do.
 */
export class ScratchFile {
  readonly #descriptor: number

  constructor() {
    const path = join(tmpdir(), `lmz-scratch-${process.pid}-${performance.now()}`)
    this.#descriptor = openSync(path, 'wx+', 0o600)
    rmSync(path)
  }

  /** Opens the content, whatever path is asked for. */
  storageWith(content: Uint8Array): Storage {
    ftruncateSync(this.#descriptor)
    writeSync(this.#descriptor, content, 0, content.length, 0)
    const opened: ArchiveSource = {
      descriptor: this.#descriptor,
      size: content.length,
      read: (position, length) => readExactly(this.#descriptor, position, length),
      hasShrunk: () => false,
      close: () => undefined,
    }
    return { ...diskStorage, openSource: () => opened }
  }

  close(): void {
    closeSync(this.#descriptor)
  }
}

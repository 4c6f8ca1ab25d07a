import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { toLmzError } from '../../contract/error'
import { readExactly } from '../storage'

/**
 * Healed cells, in a temporary file without a name: of a badly damaged archive they can be more than memory holds, and worker threads read
 * them by the file's descriptor.
 */
export class HealedCells {
  #descriptor: number | undefined
  #path: string | undefined
  #length = 0

  /** Keeps bytes; they stand at the offset that is returned. @throws LmzError `NoSpace`, `Io` */
  keep(bytes: Uint8Array): number {
    const offset = this.#length
    try {
      const descriptor = this.descriptor
      for (let written = 0; written < bytes.length;) {
        written += fs.writeSync(descriptor, bytes, written, bytes.length - written, offset + written)
      }
    } catch (cause) {
      throw toLmzError(cause, 'Cannot keep what was repaired in a temporary file')
    }
    this.#length += bytes.length
    return offset
  }

  read(offset: number, length: number): Uint8Array {
    return readExactly(this.descriptor, offset, length)
  }

  get descriptor(): number {
    return (this.#descriptor ??= this.#open())
  }

  close(): void {
    if (this.#descriptor !== undefined) fs.closeSync(this.#descriptor)
    if (this.#path !== undefined) fs.rmSync(this.#path, { force: true })
    this.#descriptor = undefined
    this.#path = undefined
  }

  #open(): number {
    const path = join(tmpdir(), `lmz-healed-${randomBytes(8).toString('hex')}`)
    const descriptor = fs.openSync(path, 'wx+', 0o600)
    try {
      fs.unlinkSync(path)
    } catch {
      // Windows does not remove open files; then it goes when it is closed.
      this.#path = path
    }
    return descriptor
  }
}

import { type FileStamp, isSameStamp } from '../file-stamp'
import type { OsPath } from '../os-path'
import type { ReadAt } from '../stable-read'
import { largeTensors, leastOwnBlock } from './chunk-tensors'
import type { Tensor } from './layout'
import { readLayout } from './read-layout'
import { readNow } from './reading'

/** Finds the large tensors of files on the disk; those of the last file are kept in mind, since large files come in many segments. */
export class TensorFinder {
  #last: { readonly path: OsPath; readonly stamp: FileStamp; readonly large: readonly Tensor[] } | undefined

  /** @returns none for a file without, and for one that is not well-formed */
  find(path: OsPath, stamp: FileStamp, readAt: ReadAt): readonly Tensor[] {
    if (stamp.size < leastOwnBlock) return []
    const last = this.#last
    if (last !== undefined && isSamePath(last.path, path) && isSameStamp(last.stamp, stamp)) return last.large
    const layout = readNow(readLayout(stamp.size), (offset, length) => {
      const bytes = Buffer.alloc(length)
      return bytes.subarray(0, readAt(offset, bytes))
    })
    const large = layout === undefined ? [] : largeTensors(layout)
    this.#last = { path, stamp, large }
    return large
  }
}

function isSamePath(left: OsPath, right: OsPath): boolean {
  return Buffer.compare(Buffer.from(left), Buffer.from(right)) === 0
}

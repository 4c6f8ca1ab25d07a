import { LmzError } from '../../contract/error'
import type { OsPath } from '../os-path'
import { readStable } from '../stable-read'
import type { Tensor } from './layout'
import { TensorFinder } from './tensor-finder'

/** A file as the walk found it. */
export interface WalkedFile {
  readonly path: OsPath
  readonly size: number
}

/**
 * The large tensors of files, by their headers. To be run in a worker thread: files are read synchronously.
 * @returns for each file; none for one without, and for one that cannot be read or has another size by now: whoever packs it will tell
 */
export function findInFiles(files: readonly WalkedFile[]): readonly (readonly Tensor[])[] {
  const finder = new TensorFinder()
  return files.map(({ path, size }) => {
    try {
      return readStable(path, (stamp, readAt) => (stamp.size === size ? finder.find(path, stamp, readAt) : [])).result
    } catch (thrown) {
      if (thrown instanceof LmzError) return []
      throw thrown
    }
  })
}

import { chmodSync, lstatSync, opendirSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { DirectoryTree, PlacedDirectory } from '../directory-tree'
import { below, type DiskPath } from '../disk-path'
import { setMode } from '../file-mode'
import { setTime } from '../file-times'
import type { SafeComponent } from '../safe-name'
import type { MarkStore } from './mark-store'

/** Items that are marked at once. */
const batchLength = 500
const writable = 0o200

/** A mark to be given, and where it is kept. */
export interface DownloadMark {
  readonly marks: MarkStore
  readonly text: string
}

/**
 * Marks everything in staging, before it gets its place: nothing that comes out of a downloaded archive is there without the mark, not
 * even for a moment. Times and modes stay as they are.
 * @param staging where the tree begins
 * @throws where the file system has no place for marks, or fails
 */
export async function markTree(tree: DirectoryTree, staging: DiskPath, mark: DownloadMark): Promise<void> {
  let batch: DiskPath[] = []
  const flush = async (): Promise<void> => {
    markFiles(batch, mark)
    batch = []
    await nextTurn()
  }
  for (const directory of tree.placed()) {
    const path = pathOf(tree, directory, staging)
    if (mark.marks.marksAll && directory !== tree.root) batch.push(path)
    for (const item of itemsIn(path, mark.marks.marksAll)) {
      batch.push(below(path, item))
      if (batch.length >= batchLength) await flush()
    }
  }
  await flush()
}

function pathOf(tree: DirectoryTree, { parent, component }: PlacedDirectory, staging: DiskPath): DiskPath {
  return parent === undefined ? staging : tree.stagingPath(parent, component)
}

function* itemsIn(directory: DiskPath, withLinks: boolean): Generator<SafeComponent> {
  const encoding = process.platform === 'linux' ? 'buffer' : 'utf8'
  const listing = opendirSync(directory, { encoding: encoding as BufferEncoding })
  try {
    for (let item = listing.readSync(); item !== null; item = listing.readSync()) {
      if (item.isFile() || (withLinks && item.isSymbolicLink())) yield item.name as SafeComponent
    }
  } finally {
    listing.closeSync()
  }
}

/** A mark can only be written to what may be written to, and on Windows it changes the time of its file. */
function markFiles(paths: readonly DiskPath[], { marks, text }: DownloadMark): void {
  const before = paths.map((path) => ({ path, status: lstatSync(path, { bigint: true }) }))
  const files = before.filter(({ status }) => status.isFile())
  for (const { path, status } of files) if (!isWritable(status.mode)) chmodSync(path, Number(status.mode) | writable)
  try {
    if (paths.length > 0) marks.write(paths, text)
  } finally {
    for (const { path, status } of files) {
      setTime(path, status.mtimeNs)
      if (!isWritable(status.mode)) setMode(path, Number(status.mode))
    }
  }
}

function isWritable(mode: bigint): boolean {
  return (Number(mode) & writable) !== 0
}

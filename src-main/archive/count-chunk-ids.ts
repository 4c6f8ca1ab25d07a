import { LmzError } from '../contract/error'
import type { Archive } from './archive'

/** Chunks have consecutive ids, but for a few gaps. More room than there are chunks would only be an attack on memory. */
const mostUnusedIds = 1_000_000

/** How many numbers of chunks an archive has room for. @throws LmzError `Limit` */
export function countChunkIds(archive: Archive): number {
  const last = archive.index.lastChunkId()
  if (last <= mostUnusedIds) return last
  let chunks = 0
  for (const block of archive.index.blocks()) chunks += archive.index.chunkLengths(block.id).lengths.length
  if (last <= 2 * chunks + mostUnusedIds) return last
  throw new LmzError('Limit', `${archive.name} has ${chunks} pieces of data, but numbers for ${last}.`)
}

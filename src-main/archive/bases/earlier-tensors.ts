import { contentKindOf } from '../../contract/content-kind'
import type { Entry } from '../../contract/entry'
import { LmzError } from '../../contract/error'
import { largeTensors, leastOwnBlock } from '../../intake/tensors/chunk-tensors'
import type { Tensor } from '../../intake/tensors/layout'
import { readLayout } from '../../intake/tensors/read-layout'
import { readLater } from '../../intake/tensors/reading'
import type { Archive } from '../archive'
import type { KnownPart } from './base-shelf'
import type { JobControl } from '../job-control'
import { blockRanges } from '../read-file'
import { RecentBytes } from '../recent-bytes'
import { tensorKey } from './tensor-parts'
import type { WorkerPool } from '../workers/worker-pool'

/** Files whose headers are read, at most: the newest. */
const mostFiles = 100
const mostKept = 16 * 1024 * 1024

/**
 * Where the large tensors lie that an archive holds, by the headers of its files with tensors; of files that are damaged, none. Of a block
 * that is coded against another, it is that other one which counts.
 */
export async function earlierTensors(
  archive: Archive,
  pool: WorkerPool,
  control: JobControl,
): Promise<readonly KnownPart[]> {
  const kept = new RecentBytes<number, Uint8Array>(mostKept)
  const decode = async (id: number): Promise<Uint8Array> => {
    const block = archive.index.block(id)
    return kept.find(id) ?? kept.keep(id, await archive.withBlock(block, (input) => pool.run('decode', input)))
  }
  const parts: KnownPart[] = []
  for (const entry of await tensorFiles(archive, control)) {
    await control.checkpoint()
    try {
      const layout = await readLater(readLayout(entry.size), async (offset, length) => {
        const pieces: Uint8Array[] = []
        for (const { block, from, to } of [...blockRanges(archive, entry.id, offset, length)]) {
          pieces.push((await decode(block)).subarray(from, to))
        }
        return Buffer.concat(pieces)
      })
      if (layout === undefined) continue
      // One by one: a large file has more of them than a call takes arguments.
      for (const part of partsOfFile(archive, entry, largeTensors(layout))) parts.push(part)
    } catch (cause) {
      if (!(cause instanceof LmzError) || ['Io', 'Cancelled'].includes(cause.code)) throw cause
    }
  }
  return parts
}

async function tensorFiles(archive: Archive, control: JobControl): Promise<readonly Entry[]> {
  const files: Entry[] = []
  for (const entry of archive.index.entries()) {
    await control.checkpoint()
    if (entry.kind !== 'file' || entry.content === undefined || entry.size < leastOwnBlock) continue
    const [first] = archive.index.piecesOf(entry.content)
    if (first === undefined || contentKindOf(archive.index.block(first.block).kind) !== 'tensor') continue
    files.push(entry)
  }
  return files.slice(-mostFiles)
}

function* partsOfFile(archive: Archive, { content = 0 }: Entry, tensors: readonly Tensor[]): Generator<KnownPart> {
  let start = 0
  let next = 0
  for (const piece of archive.index.piecesOf(content)) {
    const end = start + piece.length
    for (let at = next; at < tensors.length; at++) {
      const tensor = tensors[at]
      if (tensor === undefined || tensor.offset >= end) break
      if (tensor.offset + tensor.bytes <= end) next = at + 1
      if (tensor.offset + tensor.bytes <= start) continue
      yield knownPart(archive, piece.block, tensor, start - tensor.offset - piece.offset)
    }
    start = end
  }
}

/** @param offset bytes from the tensor's start to the block's */
function knownPart(archive: Archive, id: number, tensor: Tensor, offset: number): KnownPart {
  const block = archive.index.block(id)
  const base = archive.baseOf(block)
  const holder = base ?? block
  const { rawLength } = holder
  const own = offset - (base?.offset ?? 0)
  return { key: tensorKey(tensor), offset: own, length: rawLength, location: archive.locate(holder) }
}

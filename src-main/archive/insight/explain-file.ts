import { closeSync, fstatSync, openSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { mix } from '../../codecs/mix/mix'
import type { ContentKind } from '../../contract/content-kind'
import { LmzError, toLmzError } from '../../contract/error'
import type { BlockContest, FileExplanation } from '../../contract/insight'
import { classify, headLength } from '../../intake/classify'
import { readExactly } from '../storage'
import { type WorkerPool, withPool } from '../workers/worker-pool'
import { contendersFor } from './contenders'
import { tryContenders } from './contest'
import { outstanding } from './stretches'

export interface ExplainFileOptions {
  readonly signal?: AbortSignal | undefined
  /** Stretches of the file that are looked at, at most; 2 if not given. */
  readonly blocks?: number | undefined
  /** Told after each, with how many there will be. */
  readonly onProgress?: ((done: number, all: number) => void) | undefined
}

/** Enough for a model to get to know a file, and with the slowest codec some five seconds. */
const blockLength = 256 * 1024
const usualBlocks = 2
const stretches = 5

/**
 * What lmz would make of a file that lies in no archive: what it is, how long each codec's code of it would be, what is known of it and
 * what is not. Of a large file, a few stretches are looked at, evenly spread.
 * @throws LmzError `NotFound`, `Io`, `Usage` for what is no file, `Cancelled`
 */
export async function explainFile(path: string, options: ExplainFileOptions = {}): Promise<FileExplanation> {
  const file = open(path)
  try {
    const { size } = fstatSync(file)
    const head = readExactly(file, 0, Math.min(headLength, size))
    const kind = await classify(head, basename(path))
    return await withPool(options.signal, async (pool) => {
      const blocks: FileExplanation['blocks'][number][] = []
      const places = placesIn(size, options.blocks ?? usualBlocks)
      for (const { offset, length } of places) {
        blocks.push({ offset, ...(await contestOf(pool, readExactly(file, offset, length), kind)) })
        options.onProgress?.(blocks.length, places.length)
      }
      const [first = { offset: 0, length: 0 }] = places
      const raw = readExactly(file, first.offset, first.length)
      const { bytes, blockBits, ...map } = await pool.run('measureRaw', { raw, kind })
      const surprise = { ...map, offset: first.offset, bytes, blockBits, block: accountOf(raw, kind, blockBits / 8) }
      return {
        path,
        rawBytes: size,
        kind,
        blocks,
        triedBytes: places.reduce((sum, { length }) => sum + length, 0),
        totals: totalsOf(blocks),
        surprise,
        dearest: outstanding(surprise, 1, stretches),
        cheapest: outstanding(surprise, -1, stretches),
      }
    })
  } finally {
    closeSync(file)
  }
}

function open(path: string): number {
  try {
    // Before it is opened: a pipe would keep whoever opens it waiting.
    if (statSync(path).isFile()) return openSync(path, 'r')
  } catch (cause) {
    throw toLmzError(cause, `Cannot read ${path}`)
  }
  throw new LmzError('Usage', `${path} is not a file.`, { subject: path })
}

function placesIn(size: number, most: number): readonly { readonly offset: number; readonly length: number }[] {
  const all = Math.ceil(size / blockLength)
  const count = Math.min(all, most)
  return Array.from({ length: count }, (_nothing, at) => {
    const offset = Math.floor((at * all) / count) * blockLength
    return { offset, length: Math.min(blockLength, size - offset) }
  })
}

async function contestOf(pool: WorkerPool, raw: Uint8Array, kind: ContentKind): Promise<BlockContest> {
  const contenders = await tryContenders(pool, { raw, kind, primer: undefined, primerShare: 0 }, contendersFor(kind))
  const shortest = contenders[0]?.dataBytes ?? raw.length
  return { ...accountOf(raw, kind, shortest), codec: contenders[0]?.name ?? mix.name, contenders }
}

/** As a block that is not stored. */
function accountOf(raw: Uint8Array, kind: ContentKind, storedBytes: number) {
  return { block: 0, kind, codec: mix.name, rawBytes: raw.length, storedBytes: Math.ceil(storedBytes) }
}

function totalsOf(blocks: FileExplanation['blocks']): FileExplanation['totals'] {
  const sums = new Map<string, number>()
  for (const { contenders } of blocks) {
    for (const { name, dataBytes } of contenders) sums.set(name, (sums.get(name) ?? 0) + dataBytes)
  }
  const rawBytes = blocks.reduce((sum, block) => sum + block.rawBytes, 0)
  return Array.from(sums, ([name, bytes]) => ({ name, bytes, bitsPerByte: (bytes * 8) / Math.max(1, rawBytes) })).sort(
    (one, other) => one.bytes - other.bytes,
  )
}

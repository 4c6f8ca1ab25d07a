import { basename } from 'node:path'
import type { ContentKind } from '../../contract/content-kind'
import { kindOfName } from '../../intake/name-kind'
import { type OsPath, showOsPath } from '../../intake/os-path'
import type { JobControl } from '../job-control'
import type { WorkerPool } from '../workers/worker-pool'
import type { Survey } from './survey'

/** What was read of one kind of data. */
export interface KindSample {
  readonly kind: ContentKind
  /** In shared memory; the runs one behind the other. */
  readonly bytes: Uint8Array
  /** Bytes of all the data that this stands for. */
  readonly standsFor: number
}

export interface Samples {
  readonly kinds: readonly KindSample[]
  /** Bytes that were read. */
  readonly bytes: number
  /** Files, or parts of them, that could not be read. */
  readonly unreadable: number
  /** Seconds of one thread to read what was read. */
  readonly readSeconds: number
  readonly filesRead: number
}

/** Bytes of a kind as they come in. */
interface Gathered {
  readonly pieces: Uint8Array[]
  length: number
  standsFor: number
}

/** Reads what the survey chose, and sorts it by kind. What cannot be read stands for nothing. @throws LmzError `Cancelled` */
export async function readKindSamples(found: Survey, pool: WorkerPool, control: JobControl): Promise<Samples> {
  const byKind = new Map<ContentKind, Gathered>()
  let unreadable = 0
  let filesRead = 0
  let milliseconds = 0
  let bytes = 0
  const weights = weightsOf(found)
  for (const { requests, length } of found.runs) {
    await control.checkpoint()
    const buffer = new SharedArrayBuffer(length)
    const started = performance.now()
    const kinds = await pool.run('sample', { requests, buffer })
    // The first call starts a thread.
    if (bytes > 0 || found.runs.length === 1) milliseconds += performance.now() - started
    let start = 0
    for (const [at, request] of requests.entries()) {
      const kind = kinds[at]
      const piece = new Uint8Array(buffer, start, request.length)
      start += request.length
      if (kind === undefined) {
        unreadable++
        continue
      }
      filesRead++
      bytes += piece.length
      const gathered = byKind.get(kind) ?? { pieces: [], length: 0, standsFor: 0 }
      byKind.set(kind, gathered)
      gathered.pieces.push(piece)
      gathered.length += piece.length
      gathered.standsFor += piece.length * (weights.get(promisedKind(request.path)) ?? 1)
    }
  }
  const kinds = [...byKind].map(([kind, gathered]) => ({
    kind,
    bytes: joined(gathered),
    standsFor: gathered.standsFor,
  }))
  kinds.sort((left, right) => right.standsFor - left.standsFor)
  return { kinds, bytes, unreadable, readSeconds: milliseconds / 1000, filesRead }
}

function joined({ pieces, length }: Gathered): Uint8Array {
  const bytes = new Uint8Array(new SharedArrayBuffer(length))
  let start = 0
  for (const piece of pieces) {
    bytes.set(piece, start)
    start += piece.length
  }
  return bytes
}

/**
 * Bytes that one byte of the sample stands for, by what the file's name promises: how much there is of each sort is known
 * exactly, which a sample alone would only tell roughly. Sorts that it missed are divided among all.
 */
function weightsOf({ runs, bytes, bytesByName }: Survey): ReadonlyMap<ContentKind | undefined, number> {
  const sampled = new Map<ContentKind | undefined, number>()
  for (const { requests } of runs) {
    for (const { path, length } of requests) {
      const promised = promisedKind(path)
      sampled.set(promised, (sampled.get(promised) ?? 0) + length)
    }
  }
  let met = 0
  for (const promised of sampled.keys()) met += bytesByName.get(promised) ?? 0
  const weights = [...sampled].map(([promised, length]) => {
    const weight = ((bytesByName.get(promised) ?? 0) / length) * (bytes / met)
    return [promised, weight] as const
  })
  return new Map(weights)
}

function promisedKind(path: OsPath): ContentKind | undefined {
  return kindOfName(basename(showOsPath(path)))
}

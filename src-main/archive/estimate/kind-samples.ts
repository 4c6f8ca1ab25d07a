import { basename } from 'node:path'
import type { Base } from '../../codecs/codec'
import type { ContentKind } from '../../contract/content-kind'
import { kindOfName } from '../../intake/name-kind'
import { type OsPath, showOsPath } from '../../intake/os-path'
import type { SampleRequest } from '../../intake/sample'
import type { JobControl } from '../job-control'
import type { WorkerPool } from '../workers/worker-pool'
import type { Survey } from './survey'
import type { TensorVersions } from './tensor-versions'

/** What was read of one kind of data. */
export interface KindSample {
  readonly kind: ContentKind
  /** In shared memory; the runs one behind the other. */
  readonly bytes: Uint8Array
  /** As many bytes of what they will be coded against, if there is such a thing. */
  readonly bases?: Uint8Array | undefined
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

/** A stretch of a sample, and what it will be coded against. */
interface Piece {
  readonly bytes: Uint8Array
  readonly base?: { readonly bytes: Uint8Array; readonly type: string } | undefined
}

/** Bytes of a kind as they come in. */
interface Gathered {
  readonly kind: ContentKind
  readonly pieces: Piece[]
  standsFor: number
}

/** Reads what the survey chose, and sorts it by kind. What cannot be read stands for nothing. @throws LmzError `Cancelled` */
export async function readKindSamples(
  found: Survey,
  versions: TensorVersions,
  pool: WorkerPool,
  control: JobControl,
): Promise<Samples> {
  const sorted = new Map<string, Gathered>()
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
      const read = new Uint8Array(buffer, start, request.length)
      start += request.length
      if (kind === undefined) {
        unreadable++
        continue
      }
      filesRead++
      bytes += read.length
      const weight = weights.get(promisedKind(request.path)) ?? 1
      for (const piece of kind === 'tensor' ? await withBases(read, request, versions, pool) : [{ bytes: read }]) {
        const key = `${kind} ${piece.base?.type ?? ''}`
        const gathered = sorted.get(key) ?? { kind, pieces: [], standsFor: 0 }
        sorted.set(key, gathered)
        gathered.pieces.push(piece)
        gathered.standsFor += piece.bytes.length * weight
      }
    }
  }
  const kinds = [...sorted.values()].map(sampleOf)
  kinds.sort((left, right) => right.standsFor - left.standsFor)
  return { kinds, bytes, unreadable, readSeconds: milliseconds / 1000, filesRead }
}

/** Cuts a stretch of a file with tensors into what has a counterpart in an earlier file, and what has none or one that cannot be read. */
async function withBases(
  read: Uint8Array,
  request: SampleRequest,
  versions: TensorVersions,
  pool: WorkerPool,
): Promise<readonly Piece[]> {
  const counterparts = [...versions.counterpartsOf(request)]
  if (counterparts.length === 0) return [{ bytes: read }]
  const length = counterparts.reduce((sum, { request: earlier }) => sum + earlier.length, 0)
  const buffer = new SharedArrayBuffer(length)
  const kinds = await pool.run('sample', { requests: counterparts.map(({ request: earlier }) => earlier), buffer })
  const pieces: Piece[] = []
  let [end, basesRead] = [0, 0]
  const alone = (to: number): void => {
    if (to > end) pieces.push({ bytes: read.subarray(end, to) })
    end = to
  }
  for (const [at, { start, type, request: earlier }] of counterparts.entries()) {
    const base = new Uint8Array(buffer, basesRead, earlier.length)
    basesRead += earlier.length
    if (kinds[at] === undefined) continue
    alone(start)
    end = start + earlier.length
    pieces.push({ bytes: read.subarray(start, end), base: { bytes: base, type } })
  }
  alone(read.length)
  return pieces
}

function sampleOf({ kind, pieces, standsFor }: Gathered): KindSample {
  const bytes = joined(pieces.map((piece) => piece.bytes))
  const bases = pieces.flatMap(({ base }) => base?.bytes ?? [])
  return { kind, bytes, standsFor, ...(bases.length === 0 ? {} : { bases: joined(bases) }) }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
  const bytes = new Uint8Array(new SharedArrayBuffer(length))
  let start = 0
  for (const piece of pieces) {
    bytes.set(piece, start)
    start += piece.length
  }
  return bytes
}

/** What a codec is to be told of a base that is stored nowhere. */
export function baseOfSample(bytes: Uint8Array | undefined): Base | undefined {
  return bytes && { id: 1, hash: new Uint8Array(16), offset: 0, bytes }
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

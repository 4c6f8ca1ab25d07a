import type { ContentKind } from '../../contract/content-kind'
import type { WorkerPool } from '../workers/worker-pool'
import type { Segment } from './coverage'
import type { SampleRun } from './sample-plan'

/** What was read of a group, all of one kind; in shared memory. */
export interface Sample {
  readonly kind: ContentKind
  /** How much of what was read is of this kind, from 0 to 1. */
  readonly share: number
  readonly bytes: Uint8Array
  /** Stretches of the bytes from which a primer may be taken. */
  readonly pieces: readonly Segment[]
  /** Stretches to try it on, none of which is part of a piece. */
  readonly tests: readonly Uint8Array[]
}

/**
 * Reads the runs of a group. What turns out to be of another kind than most of it is left out.
 * @returns undefined if there is nothing to try a primer on, or nothing to take it from
 */
export async function readSample(runs: readonly SampleRun[], pool: WorkerPool): Promise<Sample | undefined> {
  const total = runs.reduce((sum, { length }) => sum + length, 0)
  const buffer = new SharedArrayBuffer(total)
  const requests = runs.flatMap((run) => run.requests)
  const kinds = await pool.run('sample', { requests, buffer })
  const kind = mostOf(requests, kinds)
  if (kind === undefined) return undefined
  const bytes = new Uint8Array(buffer)
  const pieces: Segment[] = []
  const tests: Uint8Array[] = []
  let from = 0
  let kept = 0
  let next = 0
  for (const run of runs) {
    const start = kept
    for (const { length } of run.requests) {
      // What is kept moves up, so that a run has no gaps.
      if (kinds[next++] === kind) {
        bytes.copyWithin(kept, from, from + length)
        kept += length
      }
      from += length
    }
    if (kept === start) continue
    if (run.isTest) tests.push(bytes.subarray(start, kept))
    else pieces.push({ start, end: kept })
  }
  if (tests.length === 0 || pieces.length === 0) return undefined
  return { kind, share: kept / total, bytes: bytes.subarray(0, kept), pieces, tests }
}

function mostOf(
  requests: readonly { readonly length: number }[],
  kinds: readonly (ContentKind | undefined)[],
): ContentKind | undefined {
  const lengths = new Map<ContentKind, number>()
  requests.forEach(({ length }, at) => {
    const kind = kinds[at]
    if (kind !== undefined) lengths.set(kind, (lengths.get(kind) ?? 0) + length)
  })
  const [most] = [...lengths].sort(([, left], [, right]) => right - left)
  return most?.[0]
}

/**
 * A primer of at most so many bytes. The most valuable segment comes last: what a model has read last, it remembers best.
 * @param segments of the sample, the most valuable first
 */
export function joinSegments({ bytes }: Sample, segments: readonly Segment[], most: number): Uint8Array {
  const joined = new Uint8Array(new SharedArrayBuffer(most))
  let start = most
  for (const segment of segments) {
    const length = segment.end - segment.start
    if (length > start) break
    start -= length
    joined.set(bytes.subarray(segment.start, segment.end), start)
  }
  return joined.subarray(start)
}

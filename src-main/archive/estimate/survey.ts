import { lstatSync } from 'node:fs'
import type { ContentKind } from '../../contract/content-kind'
import { fileIdentity } from '../../intake/file-stamp'
import { kindOfName } from '../../intake/name-kind'
import { leastOwnBlock } from '../../intake/tensors/chunk-tensors'
import type { WalkedFile } from '../../intake/tensors/find-in-files'
import { walk } from '../../intake/walk'
import type { JobControl } from '../job-control'
import { RunPlan, type SampleRun } from './run-plan'

export interface SurveyOptions {
  readonly roots: readonly string[]
  readonly exclude: readonly string[]
  /** The archive to be made: what stands in its place is passed over in silence, as when it is made. */
  readonly archive: string | undefined
}

/** What there is to pack, and what to read of it. */
export interface Survey {
  readonly entries: number
  /** Without further names of the same file. */
  readonly files: number
  readonly bytes: number
  /** Bytes by what the files' names promise; undefined for names that say nothing. */
  readonly bytesByName: ReadonlyMap<ContentKind | undefined, number>
  readonly runs: readonly SampleRun[]
  /** The first files that may have large tensors, by name and size. */
  readonly tensorFiles: readonly WalkedFile[]
}

/** The header of each is read, which takes some milliseconds. */
const mostTensorFiles = 200

/**
 * Walks the given paths as a new archive's would be; reads names and sizes only.
 * @throws LmzError `NotFound` or `Usage` for the given paths, `Cancelled`
 */
export async function survey({ roots, exclude, archive }: SurveyOptions, control: JobControl): Promise<Survey> {
  const plan = new RunPlan()
  const seen = new Set<string>()
  const bytesByName = new Map<ContentKind | undefined, number>()
  const tensorFiles: WalkedFile[] = []
  let entries = 0
  let files = 0
  let bytes = 0
  const batches = walk(roots, {
    exclude,
    skip: identityOf(archive),
    signal: control.signal,
    onProblem: (problem) => control.problem(problem),
  })
  for await (const batch of batches) {
    await control.checkpoint()
    for (const entry of batch) {
      entries++
      if (entry.kind !== 'file') continue
      if (entry.identity !== undefined) {
        if (seen.has(entry.identity)) continue
        seen.add(entry.identity)
      }
      files++
      bytes += entry.stamp.size
      const promised = kindOfName(entry.name)
      bytesByName.set(promised, (bytesByName.get(promised) ?? 0) + entry.stamp.size)
      plan.add(entry.path, entry.stamp.size)
      const isPossible = promised === 'tensor' || promised === undefined
      if (isPossible && entry.stamp.size >= leastOwnBlock && tensorFiles.length < mostTensorFiles) {
        tensorFiles.push({ path: entry.path, size: entry.stamp.size })
      }
    }
    control.progress({ phase: 'scan', entries, bytes, current: batch.at(-1)?.displayPath })
  }
  return { entries, files, bytes, bytesByName, runs: plan.runs(), tensorFiles }
}

function identityOf(path: string | undefined): ReadonlySet<string> {
  const stats = path === undefined ? undefined : lstatSync(path, { bigint: true, throwIfNoEntry: false })
  return new Set(stats === undefined ? [] : [fileIdentity(stats.dev, stats.ino)])
}

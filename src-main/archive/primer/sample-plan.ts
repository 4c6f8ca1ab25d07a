import type { SampleRequest } from '../../intake/sample'
import type { WorkList } from '../../index/work-list'
import type { DataGroup, DataGroups } from './groups'

/** A stretch of a group's data, as if its files lay one behind the other. */
export interface SampleRun {
  readonly isTest: boolean
  readonly length: number
  readonly requests: readonly SampleRequest[]
}

/** How much of each group is looked at. */
export interface SampleSizes {
  /** Bytes of the runs that a primer may be taken from, in all. */
  readonly candidates: number
  /** Bytes of each run that primers are tried on, and how many there are. */
  readonly testLength: number
  readonly tests: number
}

const runLength = 16 * 1024
/** Files that are opened for the sample of one group, about. */
const mostFiles = 2048

interface PlannedRun {
  readonly isTest: boolean
  readonly start: number
  readonly end: number
  readonly requests: SampleRequest[]
}

/**
 * Lays runs evenly over the data of each group, in the order in which it will be packed: many short ones from which a primer may be
 * taken, and a few to try it on. The latter share no byte with the former.
 */
export function planSamples(
  work: WorkList,
  groups: DataGroups,
  sizesOf: (group: DataGroup) => SampleSizes,
): Map<DataGroup, SampleRun[]> {
  const plans = new Map(groups.all.map((group) => [group, { runs: layRuns(group, sizesOf(group)), at: 0, next: 0 }]))
  if (plans.size === 0) return new Map()
  for (const item of work.inOrder()) {
    const group = groups.of(item)
    const plan = group === undefined ? undefined : plans.get(group)
    if (plan === undefined) continue
    const end = plan.at + item.size
    for (let run = plan.runs[plan.next]; run !== undefined && run.start < end; run = plan.runs[plan.next]) {
      const from = Math.max(run.start, plan.at)
      const to = Math.min(run.end, end)
      const { path, size } = item
      if (from < to) run.requests.push({ path, size, offset: from - plan.at, length: to - from })
      if (run.end > end) break
      plan.next++
    }
    plan.at = end
  }
  const finished = [...plans].map(([group, { runs }]) => [group, runs.map(finishRun)] as const)
  return new Map(finished)
}

function finishRun({ isTest, requests }: PlannedRun): SampleRun {
  return { isTest, requests, length: requests.reduce((sum, { length }) => sum + length, 0) }
}

/** Runs in order of their place; none overlaps another. */
function layRuns({ bytes, files }: DataGroup, { candidates, testLength, tests }: SampleSizes): PlannedRun[] {
  const testRuns = evenly(bytes, testLength, tests, true)
  // Each run opens every file it touches.
  const filesInRun = 1 + (runLength * files) / bytes
  const count = Math.min(Math.ceil(candidates / runLength), Math.floor(mostFiles / filesInRun))
  const isFree = (run: PlannedRun): boolean => testRuns.every(({ start, end }) => run.end <= start || end <= run.start)
  const others = evenly(bytes, runLength, count, false).filter(isFree)
  return [...testRuns, ...others].sort((left, right) => left.start - right.start)
}

/** Runs in the middle of equal parts of so many bytes. */
function evenly(bytes: number, length: number, count: number, isTest: boolean): PlannedRun[] {
  const part = bytes / Math.max(1, count)
  const actual = Math.min(length, Math.floor(part))
  return Array.from({ length: count }, (_, at) => {
    const start = Math.floor(at * part + (part - actual) / 2)
    return { isTest, start, end: start + actual, requests: [] }
  })
}

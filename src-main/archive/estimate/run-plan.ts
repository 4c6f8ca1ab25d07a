import type { OsPath } from '../../intake/os-path'
import type { SampleRequest } from '../../intake/sample'

/** Consecutive bytes of the files in the order of the walk: the end of one, some whole ones, the start of the last. */
export interface SampleRun {
  readonly requests: readonly SampleRequest[]
  readonly length: number
}

const runLength = 256 * 1024
const mostRuns = 32
/** Where files have a few bytes each, opening them is what takes the time. */
const mostFilesOfRun = 256

interface OpenRun {
  readonly start: number
  readonly requests: SampleRequest[]
  length: number
}

/**
 * Chooses what to read of files whose number and sizes become known only as they come: runs of 256 KiB at equal distances
 * in all bytes, 32 at most. When there are too many, every second one is given up and the distance doubled. Data of less than
 * 8 MiB is taken whole; of more, at least half of that.
 */
export class RunPlan {
  #runs: OpenRun[] = []
  #distance = runLength
  #position = 0

  add(path: OsPath, size: number): void {
    const fileStart = this.#position
    this.#position += size
    const last = this.#runs.at(-1)
    if (last !== undefined) fill(last, path, size, fileStart)
    for (let start = this.#nextStart(); start < this.#position; start = this.#nextStart()) {
      const run = { start, requests: [], length: 0 }
      this.#runs.push(run)
      fill(run, path, size, fileStart)
      if (this.#runs.length > mostRuns) this.#thinOut()
    }
  }

  runs(): readonly SampleRun[] {
    return this.#runs.filter(({ length }) => length > 0)
  }

  #nextStart(): number {
    const last = this.#runs.at(-1)
    return last === undefined ? 0 : last.start + this.#distance
  }

  #thinOut(): void {
    this.#runs = this.#runs.filter((_run, at) => at % 2 === 0)
    this.#distance *= 2
  }
}

function fill(run: OpenRun, path: OsPath, size: number, fileStart: number): void {
  if (run.requests.length >= mostFilesOfRun) return
  const start = Math.max(fileStart, run.start)
  const end = Math.min(fileStart + size, run.start + runLength)
  if (end <= start) return
  run.requests.push({ path, size, offset: start - fileStart, length: end - start })
  run.length += end - start
}

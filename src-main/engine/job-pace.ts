import type { Progress } from '../contract/progress'

/** Milliseconds over which the rate is taken: blocks are done in bursts. */
const rateWindow = 5000
/** Milliseconds in which threads are started and read what they start from: they say nothing of the pace. */
const startUp = 1000
/** Milliseconds of work after that, and the share of it, before which the time left would be a guess. */
const leastElapsed = 1000
const leastShare = 0.03
/**
 * The pace is that of so many of the last milliseconds, or of so large a share of the time worked so far: long enough to level out
 * what blocks differ, short enough to notice that the machine is busier than before.
 */
const leastPaceWindow = 10_000
const paceWindowShare = 0.5
/** Smoothing of the expected end: milliseconds at least, and the shares of the time worked so far and of the time left. */
const leastSmoothing = 300
const smoothingShare = 0.1
const smoothingShareOfLeft = 0.3

interface Point {
  readonly time: number
  readonly bytes: number
  readonly share: number
}

/**
 * Tells from the reports of a job how fast it is and how long it will take. Time is that of work: neither the look round beforehand
 * nor pauses count. All times are given by the caller, in milliseconds.
 */
export class JobPace {
  #latest: Progress | undefined
  /** The largest share so far. */
  #shown: number | undefined
  #startedAt: number | undefined
  #first: Point | undefined
  #last: Point | undefined
  readonly #recent: Point[] = []
  /** Those the pace is taken from; the first is the one it is taken since. */
  readonly #paced: Point[] = []
  #expectedEnd: number | undefined
  #pausedAt: number | undefined
  #pausedFor = 0

  report(progress: Progress, now: number): void {
    this.#latest = progress
    const share = shareOf(progress)
    // What is still to do may turn out to be more than it seemed; a bar that goes back tells nobody anything.
    if (share !== undefined) this.#shown = Math.max(share, this.#shown ?? 0)
    if (progress.phase !== 'work') return
    const point = { time: this.#workingTime(now), bytes: progress.bytes, share: share ?? 0 }
    this.#startedAt ??= point.time
    if (this.#first === undefined || point.time - this.#startedAt <= startUp) {
      this.#first = point
      this.#paced.length = 0
    }
    if (point.bytes !== this.#last?.bytes || point.share !== this.#last.share) this.#advance(point)
  }

  pause(now: number): void {
    this.#pausedAt ??= now
  }

  resume(now: number): void {
    if (this.#pausedAt !== undefined) this.#pausedFor += now - this.#pausedAt
    this.#pausedAt = undefined
  }

  /** The last report, with rate and time left as they are now. */
  progress(now: number): Progress | undefined {
    const latest = this.#latest
    if (latest === undefined) return undefined
    const isWorking = latest.phase === 'work' && this.#pausedAt === undefined
    const time = this.#workingTime(now)
    return {
      ...latest,
      share: this.#shown,
      bytesPerSecond: isWorking ? this.#rate(time) : undefined,
      secondsLeft: latest.phase === 'work' ? this.#secondsLeft(time) : undefined,
    }
  }

  /** The last report, as of a job that is done. */
  finished(): Progress | undefined {
    const latest = this.#latest
    if (latest === undefined) return undefined
    const { entriesTotal = latest.entries, bytesTotal = latest.bytes } = latest
    const all = { entries: entriesTotal, entriesTotal, bytes: bytesTotal, bytesTotal }
    return { ...latest, ...all, phase: 'finish', current: undefined, share: 1, secondsLeft: 0 }
  }

  #workingTime(now: number): number {
    return (this.#pausedAt ?? now) - this.#pausedFor
  }

  #advance(point: Point): void {
    const first = this.#first ?? point
    const sinceLast = point.time - (this.#last?.time ?? first.time)
    this.#last = point
    if (point.share > 0) this.#paced.push(point)
    const window = Math.max(leastPaceWindow, (point.time - first.time) * paceWindowShare)
    while ((this.#paced[1]?.time ?? Infinity) <= point.time - window) this.#paced.shift()
    this.#recent.push(point)
    while ((this.#recent[1]?.time ?? Infinity) <= point.time - rateWindow) this.#recent.shift()
    const elapsed = point.time - first.time
    if (elapsed < leastElapsed || point.share - first.share < leastShare) return
    const since = this.#paced[0] ?? first
    const done = point.share - since.share
    if (done <= 0) return
    const end = point.time + ((1 - point.share) * (point.time - since.time)) / done
    const expected = this.#expectedEnd ?? end
    const smoothing = Math.min(elapsed * smoothingShare, (expected - point.time) * smoothingShareOfLeft)
    const weight = 1 - Math.exp(-sinceLast / Math.max(leastSmoothing, smoothing))
    this.#expectedEnd = expected + (end - expected) * weight
  }

  #rate(time: number): number | undefined {
    const [oldest] = this.#recent
    if (oldest === undefined || this.#last === undefined) return undefined
    const elapsed = time - oldest.time
    return elapsed < leastElapsed ? undefined : Math.round(((this.#last.bytes - oldest.bytes) * 1000) / elapsed)
  }

  #secondsLeft(time: number): number | undefined {
    const [first, last] = [this.#first, this.#last]
    if (this.#expectedEnd === undefined || first === undefined || last === undefined) return undefined
    // While nothing new is done, the time left must not run out.
    const ifNothingIsUnderWay = ((1 - last.share) * (time - first.time)) / (last.share - first.share)
    return Math.max(this.#expectedEnd - time, ifNothingIsUnderWay / 2, 0) / 1000
  }
}

function shareOf({ share, bytes, bytesTotal }: Progress): number | undefined {
  if (share !== undefined) return share
  return bytesTotal === undefined || bytesTotal === 0 ? undefined : Math.min(1, bytes / bytesTotal)
}

/** How far a job is. Totals appear when they are known: before, a shell shows counts, not a percentage. */
export interface Progress {
  /** `scan` finds out what there is, `work` moves bytes, `finish` makes the result durable. */
  readonly phase: 'scan' | 'work' | 'finish'
  readonly entries: number
  readonly entriesTotal?: number | undefined
  /** Raw bytes dealt with so far; what deduplication saves counts as done. */
  readonly bytes: number
  readonly bytesTotal?: number | undefined
  /** Which part of the work is done, 0 to 1, weighed by what bytes of each sort cost; undefined until that can be told. */
  readonly share?: number | undefined
  /** Over the last seconds; told by the engine. */
  readonly bytesPerSecond?: number | undefined
  /** Told by the engine once there is a base for it. */
  readonly secondsLeft?: number | undefined
  /** The entry at hand, as the user would recognise it. */
  readonly current?: string | undefined
}

export type OnProgress = (progress: Progress) => void

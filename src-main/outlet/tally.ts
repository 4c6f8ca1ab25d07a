import type { LmzError } from '../contract/error'
import type { OnProblem } from '../contract/problem'
import type { MoveReport } from './move-item'
import type { LinkReport } from './pending-links'
import type { RemovedCounts } from './remove-tree'

/** What an extraction did, in entries. */
export interface OutletResult {
  /** Written, hard links among them. */
  readonly files: number
  /** Written, or there already. */
  readonly directories: number
  readonly symlinks: number
  /** Left as they were because the user wants it so, each with all that is in it. */
  readonly skipped: number
  /** Written under another name, such as "photo (2).jpg". */
  readonly renamed: number
  /** How many problems were reported. */
  readonly problems: number
}

/** Counts what becomes of the entries and passes problems on. */
export class Tally implements MoveReport, LinkReport {
  readonly counts = { files: 0, directories: 0, symlinks: 0, skipped: 0, renamed: 0, problems: 0 }
  readonly #onProblem: OnProblem

  constructor(onProblem: OnProblem) {
    this.#onProblem = onProblem
  }

  result(): OutletResult {
    return { ...this.counts }
  }

  problem(path: string, error: LmzError, outcome: string): void {
    this.counts.problems += 1
    this.#onProblem({ path, error: error.toData(), outcome })
  }

  failed(path: string, error: LmzError, lost: RemovedCounts): void {
    this.#subtract(lost)
    const total = lost.files + lost.directories + lost.symlinks
    this.problem(path, error, total > 1 ? `not written, and ${total - 1} entries in it` : 'not written')
  }

  skipped(lost: RemovedCounts): void {
    this.#subtract(lost)
    this.counts.skipped += lost.files + lost.directories + lost.symlinks
  }

  renamed(): void {
    this.counts.renamed += 1
  }

  unsettled(path: string, error: LmzError): void {
    this.problem(path, error, 'restored without its time and permissions')
  }

  hardLinkFailed(path: string, error: LmzError): void {
    this.counts.files -= 1
    this.problem(path, error, 'not written')
  }

  symlinkFailed(path: string, error: LmzError): void {
    this.counts.symlinks -= 1
    this.problem(path, error, 'link not created')
  }

  #subtract(lost: RemovedCounts): void {
    this.counts.files -= lost.files
    this.counts.directories -= lost.directories
    this.counts.symlinks -= lost.symlinks
  }
}

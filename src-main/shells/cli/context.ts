import type { Terminal } from './terminal'

/** What every command works with. */
export interface CommandContext {
  readonly terminal: Terminal
  readonly signal: AbortSignal
  /** Of several exit codes, the highest counts. */
  readonly setExitCode: (code: number) => void
}

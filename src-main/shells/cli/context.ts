import type { Terminal } from './terminal'

/** What every command works with. */
export interface CommandContext {
  readonly terminal: Terminal
  readonly signal: AbortSignal
  setExitCode(code: number): void
}

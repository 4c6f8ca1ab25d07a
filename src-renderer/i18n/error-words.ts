import type { LmzErrorData } from '../../src-main/contract/error'
import { escapeForDisplay } from '../../src-main/contract/display-name'
import { t } from './text.svelte'

/** An error as the window says it. */
export interface ErrorWords {
  readonly happened: string
  /** What is not lost, or what was not touched. */
  readonly safe: string
  readonly next: string
  /** The engine's own sentence, which is exact and in English. */
  readonly detail: string
}

export function errorWords({ code, message, subject }: LmzErrorData): ErrorWords {
  return {
    happened: t(`errors.${code}.happened`),
    safe: t(`errors.${code}.safe`),
    next: t(`errors.${code}.next`),
    detail: escapeForDisplay(subject === undefined || message.includes(subject) ? message : `${subject}: ${message}`),
  }
}

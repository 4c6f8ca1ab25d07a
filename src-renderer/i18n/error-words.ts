import type { LmzErrorData } from '../../src-main/contract/error'
import { escapeForDisplay } from '../../src-main/contract/display-name'
import type { Problem } from '../../src-main/contract/problem'
import { isTextKey, t } from './text.svelte'

/** An error as the window says it. */
export interface ErrorWords {
  readonly happened: string
  /** What is not lost, or what was not touched. */
  readonly safe: string
  readonly next: string
  /** The engine's own sentence, which is exact and in English. */
  readonly detail: string
}

export function errorWords({ code: told, message, subject, reason }: LmzErrorData): ErrorWords {
  // Whether a disk or a person changed what was encrypted, nobody knows; what it means is the same.
  const code = reason === 'damaged' ? 'Corrupt' : told
  return {
    happened: t(`errors.${code}.happened`),
    safe: t(`errors.${code}.safe`),
    next: t(`errors.${code}.next`),
    detail: escapeForDisplay(subject === undefined || message.includes(subject) ? message : `${subject}: ${message}`),
  }
}

/** A problem with one entry while the job went on: another "what happened" than where nothing came of the whole. */
export function problemWords({ error, outcome }: Problem): Omit<ErrorWords, 'safe'> & { readonly outcome: string } {
  const words = errorWords(error)
  const word = (part: 'happened' | 'next'): string => {
    const code = error.reason === 'damaged' ? 'Corrupt' : error.code
    const key = `entryProblems.${code}.${part}`
    return isTextKey(key) ? t(key) : words[part]
  }
  const outcomeKey = `outcomes.${outcome}`
  return {
    happened: word('happened'),
    next: word('next'),
    detail: words.detail,
    // The engine may know more outcomes than there are texts.
    outcome: isTextKey(outcomeKey) ? t(outcomeKey) : escapeForDisplay(outcome),
  }
}

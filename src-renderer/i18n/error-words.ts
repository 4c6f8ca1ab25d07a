import type { LmzErrorCode, LmzErrorData } from '../../src-main/contract/error'
import { escapeForDisplay } from '../../src-main/contract/display-name'
import type { Problem } from '../../src-main/contract/problem'
import { chosenLanguage, isTextKey, say, t } from './text.svelte'

/** What there is to say about an error beyond its kind. */
export interface ErrorDetail {
  /** Empty if there is nothing more to say. */
  readonly detail: string
  /** Where that is not the window's: the engine speaks English, which is said for those who have it read aloud. */
  readonly detailLanguage: 'en' | undefined
}

/** An error as the window says it. */
export interface ErrorWords extends ErrorDetail {
  readonly happened: string
  /** What is not lost, or what was not touched. */
  readonly safe: string
  readonly next: string
}

export function errorWords(error: LmzErrorData): ErrorWords {
  const code = meaningOf(error)
  return {
    happened: t(`errors.${code}.happened`),
    safe: t(`errors.${code}.safe`),
    next: t(`errors.${code}.next`),
    ...detailOf(error),
  }
}

/** An error of one entry, where nothing is wrong with the whole: another "what happened" and "what can be done". */
export function entryErrorWords(error: LmzErrorData): Omit<ErrorWords, 'safe'> {
  const { safe: _, ...words } = errorWords(error)
  const word = (part: 'happened' | 'next'): string => {
    const key = `entryProblems.${meaningOf(error)}.${part}`
    return isTextKey(key) ? t(key) : words[part]
  }
  return { ...words, happened: word('happened'), next: word('next') }
}

/** A problem with one entry while the job went on. */
export function problemWords({ error, outcome }: Problem): Omit<ErrorWords, 'safe'> & { readonly outcome: string } {
  const outcomeKey = `outcomes.${outcome}`
  return {
    ...entryErrorWords(error),
    // The engine may know more outcomes than there are texts.
    outcome: isTextKey(outcomeKey) ? t(outcomeKey) : escapeForDisplay(outcome),
  }
}

/**
 * The engine's own sentence, which is exact and in English. In another language, what the system answered and where damage lies is said
 * in that, and nothing where the code says it all.
 */
export function detailOf(error: LmzErrorData): ErrorDetail {
  const { code, message, subject, offset, reason, system } = error
  const exact = escapeForDisplay(
    subject === undefined || message.includes(subject) ? message : `${subject}: ${message}`,
  )
  if (chosenLanguage() === 'en') return { detail: exact, detailLanguage: undefined }
  // Without a subject, the sentence alone says what it is about.
  if (system !== undefined && subject !== undefined)
    return { detail: `${escapeForDisplay(subject)}: ${t(`systemErrors.${system}`)}`, detailLanguage: undefined }
  if (reason === 'password' || saidByCode.includes(code))
    return { detail: escapeForDisplay(subject ?? ''), detailLanguage: undefined }
  if (meaningOf(error) === 'Corrupt' && offset !== undefined)
    return { detail: t('errorPlace', { offset: say.count(offset) }), detailLanguage: undefined }
  return { detail: exact, detailLanguage: 'en' }
}

/** Codes with one meaning, about which the engine's sentence says no more than the window's. */
const saidByCode: readonly LmzErrorCode[] = ['Cancelled', 'Busy', 'SourceChanged']

/** Whether a disk or a person changed what was encrypted, nobody knows; what it means is the same. */
function meaningOf({ code, reason }: LmzErrorData): LmzErrorCode {
  return reason === 'damaged' ? 'Corrupt' : code
}

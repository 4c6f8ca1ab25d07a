import type { Stats } from 'node:fs'
import { escapeForDisplay } from '../contract/display-name'
import { LmzError } from '../contract/error'
import type { OverwriteAnswer, OverwriteChoice, OverwritePolicy, OverwriteQuestion } from '../contract/question'
import type { SafeComponent } from './safe-name'

export type AskOverwrite = (question: OverwriteQuestion) => Promise<OverwriteAnswer>

export interface Incoming {
  readonly path: string
  readonly size: number
  readonly mtimeMs: number
}

/** Identifies what one question was about. */
export function placeKey(directoryId: number, component: SafeComponent): string {
  const bytes = typeof component === 'string' ? Buffer.from(component as string) : (component as Buffer)
  return `${directoryId}/${bytes.toString('latin1')}`
}

/**
 * What to do where something is there already. Remembers the answers to its questions, since things are moved to their
 * places long after their data was asked for.
 */
export class OverwriteRule {
  #policy: OverwritePolicy
  readonly #ask: AskOverwrite | undefined
  readonly #answers = new Map<string, OverwriteChoice>()
  #hasAskingFailed = false

  /** @throws LmzError `Usage` for the policy `ask` without anyone to ask */
  constructor(policy: OverwritePolicy, ask: AskOverwrite | undefined) {
    if (policy === 'ask' && ask === undefined) throw new LmzError('Usage', 'There is nobody to ask what to overwrite.')
    this.#policy = policy
    this.#ask = ask
  }

  /** The choice for a place if it needs no question. */
  known(directoryId: number, component: SafeComponent): OverwriteChoice | undefined {
    const answer = this.#answers.size > 0 ? this.#answers.get(placeKey(directoryId, component)) : undefined
    return answer ?? (this.#policy === 'ask' ? undefined : this.#policy)
  }

  /** The choice for a place where `existing` stands; a promise only if someone must be asked. */
  choose(
    directoryId: number,
    component: SafeComponent,
    existing: Stats,
    incoming: Incoming,
  ): OverwriteChoice | Promise<OverwriteChoice> {
    return this.known(directoryId, component) ?? this.#askAbout(placeKey(directoryId, component), existing, incoming)
  }

  async #askAbout(key: string, existing: Stats, incoming: Incoming): Promise<OverwriteChoice> {
    const question: OverwriteQuestion = {
      kind: 'overwrite',
      path: incoming.path,
      existing: { size: existing.size, mtimeMs: existing.mtimeMs, isDirectory: existing.isDirectory() },
      incoming: { size: incoming.size, mtimeMs: incoming.mtimeMs },
    }
    let answer: OverwriteAnswer | undefined
    try {
      // The constructor sees to it that there is someone to ask where the policy is to ask.
      answer = await this.#ask?.(question)
    } catch (error) {
      this.#hasAskingFailed = true
      throw error
    }
    const choice = answer?.choice ?? 'skip'
    // Answers for one place outlive a later answer for all.
    this.#answers.set(key, choice)
    if (answer?.forAll === true) this.#policy = choice
    return choice
  }

  /** A question that could not be asked (the user cancelled) ends the whole job; any other error is about one entry. */
  rethrowFailedQuestion(error: unknown): void {
    if (this.#hasAskingFailed) throw error
  }
}

/** Refuses to put a directory in the place of anything else, or anything else in the place of a directory. */
export function refuseUnlikeKinds(existing: Stats, isIncomingDirectory: boolean, path: string): void {
  if (existing.isDirectory() === isIncomingDirectory) return
  const shown = escapeForDisplay(path)
  const message = existing.isDirectory()
    ? `Cannot write ${shown}: a folder of that name is there, and folders are never replaced by files.`
    : `Cannot make the folder ${shown}: a file or link of that name is there, and is never replaced by a folder.`
  throw new LmzError('Collision', message, { subject: path })
}

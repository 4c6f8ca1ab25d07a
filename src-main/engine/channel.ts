import { createBirpc } from 'birpc'
import type { EngineApi, EngineEvents } from '../contract/engine-api'
import { LmzError, type LmzErrorData, toLmzError } from '../contract/error'
import { Engine } from './engine'

/** A pipe that carries structured-cloneable messages both ways. */
export interface Channel {
  post(message: unknown): void
  on(listener: (message: unknown) => void): void
}

/** Errors cross as data, so that they arrive as the same {@link LmzError} and not as text. */
type Answer = { readonly value: unknown } | { readonly error: LmzErrorData }

type Calls = Record<keyof EngineApi, (...args: unknown[]) => Promise<Answer>>

const calls: readonly (keyof EngineApi)[] = [
  'submit',
  'cancel',
  'pause',
  'resume',
  'answer',
  'jobs',
  'openArchive',
  'closeArchive',
  'children',
  'search',
  'pathOf',
  'read',
]

/** Puts a new engine behind a channel. */
export function serveEngine(channel: Channel): void {
  const serve = (name: keyof EngineApi) => async (...args: unknown[]): Promise<Answer> => {
    try {
      // The schema of a job is checked by the engine; handles and numbers are looked up, never trusted as objects.
      const method = engine[name] as (...args: unknown[]) => unknown
      return { value: await method.apply(engine, args) }
    } catch (thrown) {
      return { error: toLmzError(thrown, 'The engine failed').toData() }
    }
  }
  const local = Object.fromEntries(calls.map((name) => [name, serve(name)])) as Calls
  const shell = createBirpc<EngineEvents, Calls>(local, { ...channel, timeout: -1 })
  const engine = new Engine({
    jobChanged: (job) => void shell.jobChanged.asEvent(job),
    problem: (job, problem) => void shell.problem.asEvent(job, problem),
    question: (question, job, detail) => void shell.question.asEvent(question, job, detail),
  })
}

/** The engine as a shell in another process sees it: the same calls, each answered by a promise. */
export type RemoteEngine = {
  readonly [Name in keyof EngineApi]: (
    ...args: Parameters<EngineApi[Name]>
  ) => Promise<Awaited<ReturnType<EngineApi[Name]>>>
}

/** The shell's end of a channel behind which {@link serveEngine} runs. */
export function connectEngine(channel: Channel, events: EngineEvents): RemoteEngine {
  const remote = createBirpc<Calls, EngineEvents>(events, { ...channel, timeout: -1 })
  const ask = async (name: keyof EngineApi, args: unknown[]): Promise<unknown> => {
    const answer = await remote.$call(name, ...args)
    if ('error' in answer) throw LmzError.fromData(answer.error)
    return answer.value
  }
  const bound = calls.map((name) => [name, (...args: unknown[]) => ask(name, args)])
  return Object.fromEntries(bound) as unknown as RemoteEngine
}

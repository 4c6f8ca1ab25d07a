import { createBirpc } from 'birpc'
import type { EngineApi, EngineEvents } from '../contract/engine-api'
import { LmzError, type LmzErrorData } from '../contract/error'
import { callNames } from './call-arguments'

/** A pipe that carries structured-cloneable messages both ways. */
export interface Channel {
  /** Rejects or throws if the message cannot be sent. */
  post(message: unknown): void | Promise<void>
  on(listener: (message: unknown) => void): void
  /** Calls back when the other end is gone for good. */
  onClose(listener: () => void): void
}

/** Errors cross as data, so that they arrive as the same {@link LmzError} and not as text. */
export type Answer = { readonly value: unknown } | { readonly error: LmzErrorData }

/** The engine's calls as they are on the wire. */
export type Calls = Record<keyof EngineApi, (...args: unknown[]) => Promise<Answer>>

/** The engine as a shell in another process sees it: the same calls, each answered by a promise. */
export type RemoteEngine = {
  readonly [Name in keyof EngineApi]: (
    ...args: Parameters<EngineApi[Name]>
  ) => Promise<Awaited<ReturnType<EngineApi[Name]>>>
}

/**
 * The shell's end of a channel behind which an engine serves (see serve.ts). Calls reject with the engine's own LmzError, and
 * with `Io` once the engine is gone, those under way included.
 */
export function connectEngine(channel: Channel, events: EngineEvents): RemoteEngine {
  const remote = createBirpc<Calls, EngineEvents>(events, {
    post: (message) => channel.post(message),
    on: (listener) => channel.on(listener),
    timeout: -1,
  })
  channel.onClose(() => remote.$close())
  const call = async (name: keyof EngineApi, args: unknown[]): Promise<unknown> => {
    const answer = await remote.$call(name, ...args).catch(engineGone)
    if ('error' in answer) throw LmzError.fromData(answer.error)
    return answer.value
  }
  const bound: unknown = Object.fromEntries(callNames.map((name) => [name, (...args: unknown[]) => call(name, args)]))
  return bound as RemoteEngine
}

/** The engine answers with data even when it fails, so a rejected call means that it could not be reached. */
function engineGone(cause: unknown): never {
  const message = 'The engine has stopped. The job it was at is not done, and its archive is as it was before.'
  throw new LmzError('EngineEnded', message, { cause })
}

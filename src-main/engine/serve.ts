import { createBirpc } from 'birpc'
import type { EngineEvents } from '../contract/engine-api'
import { toLmzError } from '../contract/error'
import { type CallName, callNames, checkedArguments } from './call-arguments'
import type { Answer, Calls, Channel } from './channel'
import { Engine } from './engine'

/** Puts a new engine behind a channel; it ends when the channel does. */
export function serveEngine(channel: Channel): Engine {
  const serve =
    (name: CallName) =>
    async (...given: unknown[]): Promise<Answer> => {
      try {
        return { value: await methods[name](...checkedArguments(name, given)) }
      } catch (thrown) {
        return { error: toLmzError(thrown, 'The engine failed').toData() }
      }
    }
  const calls = Object.fromEntries(callNames.map((name) => [name, serve(name)])) as Calls
  const shell = createBirpc<EngineEvents, Calls>(calls, {
    post: (message) => channel.post(message),
    on: (listener) => channel.on(listener),
    timeout: -1,
  })
  // Nobody is left to be told when an event cannot be sent; the channel's end is seen to elsewhere.
  const tell = <Name extends keyof EngineEvents>(name: Name, ...args: Parameters<EngineEvents[Name]>): void =>
    void shell.$callEvent(name, ...args).catch(() => undefined)
  const engine = new Engine({
    jobChanged: (job) => tell('jobChanged', job),
    problem: (job, problem) => tell('problem', job, problem),
    question: (question, job, detail) => tell('question', question, job, detail),
  })
  // Each method gets what its schema in call-arguments.ts lets through.
  const methods = engine as unknown as Record<CallName, (...args: unknown[]) => unknown>
  return engine
}

import { resolve } from 'node:path'
import { onTestFinished } from 'vitest'
import type { JobState } from '../../../src-main/contract/engine-api'
import type { LmzErrorData } from '../../../src-main/contract/error'
import { EngineHost } from '../../../src-main/shells/window/engine-host'
import { type EngineProcess, startEngineChild } from '../../../src-main/shells/window/engine-process'

export const builtEngine = resolve(import.meta.dirname, '../../../out/main/engine.js')

export interface HostedEngine {
  readonly host: EngineHost
  /** Every process the host has started, the newest last. */
  readonly processes: readonly EngineProcess[]
  /** Every state told of, in order; `restarted` where the host told of another engine. */
  readonly history: readonly (JobState | 'restarted')[]
  /** The first state, past ones included, that is as wanted. */
  readonly when: (wanted: (state: JobState) => boolean) => Promise<JobState>
}

/** A host of real engine processes, which end with the test. */
export function hostEngine(program: string = builtEngine): HostedEngine {
  const processes: EngineProcess[] = []
  const history: (JobState | 'restarted')[] = []
  const waiting = new Set<() => void>()
  const host = new EngineHost(() => {
    const process = startEngineChild(program)
    processes.push(process)
    return process
  })
  onTestFinished(async () => {
    await host.close()
    for (const process of processes) process.kill()
  })
  host.subscribe({
    jobChanged: (state) => {
      history.push(state)
      for (const look of waiting) look()
    },
    problem: () => undefined,
    question: () => undefined,
    engineRestarted: () => void history.push('restarted'),
  })
  const when = (wanted: (state: JobState) => boolean): Promise<JobState> =>
    new Promise((found) => {
      const look = (): void => {
        const state = history.find((one): one is JobState => one !== 'restarted' && wanted(one))
        if (state === undefined) return
        waiting.delete(look)
        found(state)
      }
      waiting.add(look)
      look()
    })
  return { host, processes, history, when }
}

/** What a call fails with; fails the test if it does not. */
export async function failureOf(call: Promise<unknown>): Promise<LmzErrorData> {
  const thrown: unknown = await call.then(
    (value) => {
      throw new Error(`The call should have failed, and gave ${JSON.stringify(value)}`)
    },
    (error: unknown) => error,
  )
  return thrown as LmzErrorData
}

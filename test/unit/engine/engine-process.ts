import { type ChildProcess, fork } from 'node:child_process'
import { resolve } from 'node:path'
import { onTestFinished } from 'vitest'
import type { EngineEvents, JobState } from '../../../src-main/contract/engine-api'
import { connectEngine, type RemoteEngine } from '../../../src-main/engine/channel'
import { channelToChild } from '../../../src-main/engine/child-channel'

const program = resolve(import.meta.dirname, '../../../out/main/engine.js')

export interface StartedEngine {
  readonly engine: RemoteEngine
  readonly child: ChildProcess
  /** Every state of every job the engine told of, in order. */
  readonly history: readonly JobState[]
  /** The first state of a job, past ones included, that is as wanted. */
  readonly when: (wanted: (state: JobState) => boolean) => Promise<JobState>
}

/** The built engine as a process of its own, which ends with the test. */
export function startEngine(events: Partial<EngineEvents> = {}, onState?: (state: JobState) => void): StartedEngine {
  const child = fork(program, { serialization: 'advanced' })
  onTestFinished(() => void child.kill('SIGKILL'))
  const history: JobState[] = []
  const waiting = new Set<() => void>()
  const engine = connectEngine(channelToChild(child), {
    jobChanged: (state) => {
      history.push(state)
      onState?.(state)
      for (const look of waiting) look()
    },
    problem: () => undefined,
    question: () => undefined,
    ...events,
  })
  const when = (wanted: (state: JobState) => boolean): Promise<JobState> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = history.find(wanted)
        if (found === undefined) return
        waiting.delete(look)
        resolve(found)
      }
      waiting.add(look)
      look()
    })
  return { engine, child, history, when }
}

export function hasEnded({ status }: JobState): boolean {
  return status === 'done' || status === 'failed' || status === 'cancelled'
}

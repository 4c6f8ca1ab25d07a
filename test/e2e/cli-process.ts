import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'

export const program = resolve(import.meta.dirname, '../../out/main/cli.js')

export interface Outcome {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the built `lmz` in a folder, without a terminal, to its end. */
export async function lmz(folder: string, ...parameters: readonly string[]): Promise<Outcome> {
  const child = startLmz(folder, ...parameters)
  const [stdout, stderr] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, 'close')])
  return { exitCode: child.exitCode, stdout, stderr }
}

export function startLmz(folder: string, ...parameters: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [program, ...parameters], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

export type Event = Readonly<Record<string, unknown>> & { readonly event: string }

export interface JsonOutcome extends Outcome {
  readonly events: readonly Event[]
  /** The result or the error. */
  readonly last: Event
}

/** As {@link lmz}, with --json; fails if a line of stdout is not an event. */
export async function lmzJson(folder: string, ...parameters: readonly string[]): Promise<JsonOutcome> {
  const outcome = await lmz(folder, '--json', ...parameters)
  const events = outcome.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Event)
  const last = events.at(-1)
  if (last === undefined) throw new Error(`no events; stderr: ${outcome.stderr}`)
  return { ...outcome, events, last }
}

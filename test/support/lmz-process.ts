import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const lmzProgram = fileURLToPath(new URL('../../out/main/cli.js', import.meta.url))

/** How a run of the command line ended. */
export interface Ended {
  /** Null if a signal killed it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  /** From the start of the process to its end. */
  readonly milliseconds: number
}

export interface RunningLmz {
  readonly process: ChildProcess
  readonly ended: Promise<Ended>
}

export interface LmzOptions {
  readonly environment?: NodeJS.ProcessEnv
  /** Modules that run before lmz. */
  readonly preload?: readonly string[]
}

/** Starts the built command line as a child of its own, so that a signal hits it and nothing in between. */
export function startLmz(parameters: readonly string[], { environment, preload = [] }: LmzOptions = {}): RunningLmz {
  const start = performance.now()
  const imports = preload.flatMap((path) => ['--import', path])
  const child = spawn(process.execPath, [...imports, lmzProgram, ...parameters], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      resolve({ code, signal, stdout, stderr, milliseconds: performance.now() - start })
    })
  })
  return { process: child, ended }
}

export function runLmz(parameters: readonly string[], options?: LmzOptions): Promise<Ended> {
  return startLmz(parameters, options).ended
}

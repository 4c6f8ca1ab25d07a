import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

export interface Measurement {
  readonly seconds: number
  /** Largest resident set of any process of the command, in bytes; NaN where GNU time is missing. */
  readonly peakMemory: number
  /** Bytes all processes of the command read from files and pipes, their own program files included; NaN if unknown. */
  readonly bytesRead: number
}

const gnuTime = '/usr/bin/time'

/**
 * Runs a shell command and measures it.
 * @throws Error with its output when it fails
 */
export function measure(command: string, cwd: string, environment: Readonly<Record<string, string>>): Measurement {
  const hasTime = existsSync(gnuTime)
  // The I/O account of a shell includes its finished children.
  const counted = `${command}\nstatus=$?\nif [ -r /proc/$$/io ]; then grep rchar /proc/$$/io >&2; fi\nexit $status`
  const [program, before] = hasTime ? [gnuTime, ['-f', 'peak %M', 'sh']] : ['sh', []]
  const started = performance.now()
  const child = spawnSync(program, [...before, '-c', counted], {
    cwd,
    env: { ...process.env, ...environment },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  const seconds = (performance.now() - started) / 1000
  if (child.status !== 0) throw new Error(`${command} failed: ${child.stderr.slice(0, 2000)}`)
  return {
    seconds,
    peakMemory: Number(/^peak (\d+)$/m.exec(child.stderr)?.[1] ?? Number.NaN) * 1024,
    bytesRead: Number(/^rchar: (\d+)$/m.exec(child.stderr)?.[1] ?? Number.NaN),
  }
}

export function isInstalled(program: string): boolean {
  return spawnSync('sh', ['-c', 'command -v "$0"', program]).status === 0
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

import { exitCodes } from './exit-code'

/**
 * A signal sent twice at once is one signal: Ctrl-C reaches a program from the terminal and again from the npm that started
 * it. Whoever sends another one later wants it to end now.
 */
const oneSignalMs = 1000

/** Aborts when the program is told to stop: by Ctrl-C, by `kill`, or by its terminal being closed. */
export function stopSignal(): AbortSignal {
  const abort = new AbortController()
  let first: number | undefined
  const stop = (): void => {
    first ??= performance.now()
    if (performance.now() - first > oneSignalMs) process.exit(exitCodes.cancelled)
    abort.abort()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
  return abort.signal
}

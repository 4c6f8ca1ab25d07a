/** Runs a program in the foreground, as if it had been started in this process's place. */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'

/**
 * Starts a program with this process's terminal and waits for its end. SIGTERM and SIGHUP are passed on. So is SIGINT,
 * except on a terminal: Ctrl-C there reaches every process of the group by itself, and would arrive twice.
 * @returns the exit code; 128 + the signal's number where a signal ended it
 */
export function run(program, parameters, { folder, environment = process.env, stdio = 'inherit', shell = false } = {}) {
  const child = spawn(program, parameters, { cwd: folder, env: environment, stdio, shell })
  const stopPassingOn = [...passOnSignals(child), passOnDeathOfNpm(child)]
  return new Promise((finish, fail) => {
    child.on('error', fail)
    child.on('close', (code, signal) => finish(code ?? 128 + constants.signals[signal]))
  }).finally(() => stopPassingOn.forEach((stop) => stop()))
}

function passOnSignals(child) {
  const onTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY
  return ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => {
    const passOn = () => {
      if (signal !== 'SIGINT' || !onTerminal) child.kill(signal)
    }
    process.on(signal, passOn)
    return () => process.off(signal, passOn)
  })
}

/** npm puts a shell between itself and a script; a SIGTERM to npm ends that shell and never comes here. */
function passOnDeathOfNpm(child) {
  if (process.env.npm_lifecycle_event === undefined) return () => {}
  const shell = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === shell) return
    clearInterval(watch)
    child.kill('SIGTERM')
  }, 300)
  return () => clearInterval(watch)
}

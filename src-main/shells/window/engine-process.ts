import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Channel } from '../../engine/channel'
import { channelToChild } from '../../engine/child-channel'
import { farewell } from '../../engine/farewell'

/** An engine in a process of its own, whichever way it was started. */
export interface EngineProcess {
  readonly channel: Channel
  /** Calls back once when the process has ended, with what ended it: "exit code 1". */
  onEnd(listener: (reason: string) => void): void
  /** Lets it break off its jobs, tidy up after them, and end. */
  stop(): void
  /** For one that does not do so. */
  kill(): void
}

export type StartEngine = () => EngineProcess

/** The built engine, beside the built shell. */
export function builtEngine(): string {
  const fromHere = import.meta.url.includes('/src-main/') ? '../../../out/main/engine.js' : './engine.js'
  return fileURLToPath(new URL(fromHere, import.meta.url))
}

/** As out/lmz starts the command line: the engine's young objects die young, and larger spaces for them only cost memory. */
const engineFlags = ['--max-semi-space-size=4']

/** An engine as a child of this process, on the same Node or another. */
export function startEngineChild(program: string = builtEngine(), node: string = process.execPath): EngineProcess {
  const child = fork(program, {
    execPath: node,
    serialization: 'advanced',
    execArgv: engineFlags,
    // Standard output belongs to the shell's own messages.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  return {
    channel: channelToChild(child),
    onEnd: (listener) => {
      let isTold = false
      const tell = (reason: string): void => {
        if (isTold) return
        isTold = true
        listener(reason)
      }
      child.once('exit', (code, signal) =>
        tell(signal === null ? `exit code ${code ?? 'unknown'}` : `signal ${signal}`),
      )
      child.once('error', (error) => tell(error.message))
    },
    stop: () => {
      // Node does not close a channel in the middle of a message from the other side, and forgets to do so later.
      if (child.connected) child.send(farewell, () => undefined)
    },
    kill: () => void child.kill('SIGKILL'),
  }
}

import type { ChildProcess } from 'node:child_process'
import type { Channel } from './channel'

/** The channel to an engine that was started with `fork('engine.js', { serialization: 'advanced' })`. */
export function channelToChild(child: ChildProcess): Channel {
  return {
    // Without a callback, a message to a child that is gone would be thrown as an event of the child.
    post: (message) =>
      new Promise((resolve, reject) => {
        child.send(message as never, (error) => (error === null ? resolve() : reject(error)))
      }),
    on: (listener) => void child.on('message', listener),
    onClose: (listener) => {
      if (!child.connected) queueMicrotask(listener)
      // A child that could not even be started tells so by an error alone.
      for (const event of ['disconnect', 'exit', 'error'] as const) child.once(event, listener)
    },
  }
}

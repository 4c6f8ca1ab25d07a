import type { Channel } from './channel'
import { farewell } from './farewell'
import { serveEngine } from './serve'

/*
 * The engine as a process of its own: a Node child with an IPC channel, or Electron's utilityProcess. When the process
 * that started it goes away, the engine breaks off its jobs, tidies up after them, and ends.
 */

interface ElectronParentPort {
  postMessage(message: unknown): void
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void
}

/** Tidying up takes milliseconds; a disk that hangs must not keep the process for ever. */
const longestFarewellMs = 5000

const parentPort = (process as unknown as { readonly parentPort?: ElectronParentPort }).parentPort

const channel: Channel =
  parentPort === undefined
    ? {
        post: (message) => {
          // With a callback, a shell that has just gone is no error that ends this process: it has jobs to tidy up after.
          if (process.connected) process.send?.(message, undefined, {}, () => undefined)
        },
        on: (listener) =>
          process.on('message', (message) => {
            if (message !== farewell) listener(message)
          }),
        onClose: (listener) => {
          process.once('disconnect', listener)
          process.on('message', (message) => {
            if (message === farewell) listener()
          })
        },
      }
    : {
        post: (message) => parentPort.postMessage(message),
        on: (listener) =>
          parentPort.on('message', ({ data }) => {
            if (data !== farewell) listener(data)
          }),
        // Electron ends the process together with the one that started it; before that, it is told to tidy up.
        onClose: (listener) =>
          parentPort.on('message', ({ data }) => {
            if (data === farewell) listener()
          }),
      }

const engine = serveEngine(channel)

let isEnding = false

function end(): void {
  if (isEnding) return
  isEnding = true
  setTimeout(() => process.exit(1), longestFarewellMs).unref()
  void engine.close().finally(() => process.exit())
}

channel.onClose(end)
process.once('SIGTERM', end)
// Ctrl-C in a terminal reaches every process started from it; what it means is for the shell to say.
process.on('SIGINT', () => undefined)

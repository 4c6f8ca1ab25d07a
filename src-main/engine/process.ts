import { type Channel, serveEngine } from './channel'

/*
 * The engine as a process of its own: a Node child with an IPC channel, or Electron's utilityProcess. When the process
 * that started it goes away, so does the engine; jobs under way leave nothing behind but an unfinished temporary file.
 */

interface ElectronParentPort {
  postMessage(message: unknown): void
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void
}

const parentPort = (process as unknown as { readonly parentPort?: ElectronParentPort }).parentPort

const channel: Channel =
  parentPort === undefined
    ? {
        post: (message) => process.send?.(message),
        on: (listener) => process.on('message', listener),
      }
    : {
        post: (message) => parentPort.postMessage(message),
        on: (listener) => parentPort.on('message', ({ data }) => listener(data)),
      }

serveEngine(channel)
process.on('disconnect', () => process.exit())

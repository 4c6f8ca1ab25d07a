import { contextBridge, ipcRenderer, webUtils } from 'electron'
import { connectChannel, portChannel } from './link-names'

/*
 * The only code with Electron's own rights in a window. It hands the page one port to the shell, and tells the paths of files that
 * the user dropped; nothing else of Electron is within the page's reach. A page could ask for a port as often as it likes: each gives it no
 * more than the one before, which the shell closes.
 */

interface PageMessage {
  readonly source: unknown
  readonly origin: string
  readonly data: { readonly lmz?: unknown } | null
}

/** The part of the page's world used here; the main process is compiled without the types of the browser. */
declare const window: {
  addEventListener(type: 'message', listener: (event: PageMessage) => void): void
  postMessage(message: unknown, origin: string, transfer: readonly unknown[]): void
  readonly location: { readonly origin: string }
}

contextBridge.exposeInMainWorld('lmzDesktop', {
  pathOf: (file: Parameters<typeof webUtils.getPathForFile>[0]) => webUtils.getPathForFile(file),
})

window.addEventListener('message', ({ source, origin, data }) => {
  if (source !== window || origin !== window.location.origin || data?.lmz !== 'ready') return
  ipcRenderer.send(connectChannel)
})

ipcRenderer.on(portChannel, ({ ports }) => window.postMessage({ lmz: 'port' }, window.location.origin, ports))

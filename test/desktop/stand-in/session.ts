import { EventEmitter } from 'node:events'
import { Preventable } from './app.ts'
import { command, record } from './control.ts'

type Handler = (request: Request) => Promise<Response>
type Decide = (granted: boolean) => void
type PermissionHandler = (
  contents: unknown,
  permission: string,
  decide: Decide,
  details: { readonly requestingUrl: string },
) => void
type CheckHandler = (contents: unknown, permission: string, origin: string) => boolean
type Before = (details: { readonly url: string }, decide: (answer: { readonly cancel?: boolean }) => void) => void

const handlers = new Map<string, Handler>()

export const protocol = {
  registerSchemesAsPrivileged: (schemes: unknown) => record('protocol.registerSchemesAsPrivileged', schemes),
  handle: (scheme: string, handler: Handler) => void handlers.set(scheme, handler),
}

export function handlerOf(address: string): Handler | undefined {
  return handlers.get(new URL(address).protocol.slice(0, -1))
}

class Session extends EventEmitter {
  onRequest: PermissionHandler | undefined
  onCheck: CheckHandler | undefined
  onDevice: (() => boolean) | undefined
  before: Before | undefined
  readonly webRequest = { onBeforeRequest: (listener: Before) => void (this.before = listener) }

  setPermissionRequestHandler(handler: PermissionHandler): void {
    this.onRequest = handler
  }
  setPermissionCheckHandler(handler: CheckHandler): void {
    this.onCheck = handler
  }
  setDevicePermissionHandler(handler: () => boolean): void {
    this.onDevice = handler
  }
}

const defaultSession = new Session()
export const session = { defaultSession }

/** Whether a request may be made. */
export function before(url: string): boolean {
  let isCancelled = false
  defaultSession.before?.({ url }, ({ cancel }) => (isCancelled = cancel === true))
  return !isCancelled
}

command('askForPermission', (permission: string, requestingUrl: string) => {
  let isGranted = true
  defaultSession.onRequest?.(undefined, permission, (granted) => (isGranted = granted), { requestingUrl })
  return {
    request: isGranted,
    check: defaultSession.onCheck?.(undefined, permission, requestingUrl),
    device: defaultSession.onDevice?.(),
  }
})
command('mayRequest', (url: string) => before(url))
command('mayDownload', () => {
  const event = new Preventable()
  defaultSession.emit('will-download', event)
  return !event.defaultPrevented
})
command('get', async (url: string) => {
  const response = await handlerOf(url)?.(new Request(url))
  return {
    status: response?.status,
    headers: Object.fromEntries(response?.headers ?? []),
    text: await response?.text(),
  }
})

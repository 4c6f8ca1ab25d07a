import { type BrowserContext, chromium, type Page, type Route } from 'playwright-core'
import { readFileSync } from 'node:fs'
import { type MessagePortMain } from './ports.ts'
import { before, handlerOf } from './session.ts'

/*
 * A page of Chromium in the place of the contents of a window. An address of the app's scheme becomes one of a host that does not
 * exist; whatever the page asks for is answered here.
 */

const standInHost = 'lmz-app.localhost'

export function toStandIn(address: string): string {
  return address.replace(/^lmz-app:\/\/window/, `http://${standInHost}`)
}

export function fromStandIn(address: string): string {
  return address.replace(`http://${standInHost}`, 'lmz-app://window')
}

/** What the page's side of the stand-in tells. */
export interface PageEvents {
  /** The preload script has sent a message. */
  sent(channel: string, args: readonly unknown[], frameAddress: string): void
  /** A navigation that is not the app's own doing. @returns whether it may go on */
  navigates(address: string): boolean
  /** @returns whether a window may be opened */
  opens(address: string): boolean
}

let context: Promise<BrowserContext> | undefined

async function browserContext(): Promise<BrowserContext> {
  const endpoint = process.env['LMZ_STAND_IN_BROWSER'] ?? ''
  const [first] = (await chromium.connectOverCDP(endpoint)).contexts()
  if (first === undefined) throw new Error('The browser has no context.')
  return first
}

export class StandInPage {
  readonly #page: Promise<Page>
  readonly #ports = new Map<number, MessagePortMain>()
  #nextPort = 1
  /** Whether it is the app that wants the page to be loaded. */
  #isLoading = false

  constructor(number: number, preload: string, events: PageEvents) {
    this.#page = this.#open(number, preload, events)
    // Whoever waits for it sees it too.
    this.#page.catch((error: unknown) => console.error(error))
  }

  async #open(number: number, preload: string, events: PageEvents): Promise<Page> {
    context ??= browserContext()
    const page = await (await context).newPage()
    await page.exposeBinding('lmzStandIn', ({ frame }, kind: string, ...args: unknown[]) => {
      const address = fromStandIn(frame.url())
      if (kind === 'send') events.sent(args[0] as string, args[1] as unknown[], address)
      if (kind === 'port') this.#ports.get(args[0] as number)?.receive(args[1])
    })
    await page.addInitScript({ content: pageScript(number, readFileSync(preload, 'utf8')) })
    await page.route('**', (route) => this.#answer(route, events))
    page.on('popup', (popup) => {
      // Chromium has opened it already; Electron would have asked first.
      if (!events.opens(popup.url())) void popup.close()
    })
    page.on('framenavigated', (frame) => {
      if (frame === page.mainFrame()) this.#closePorts()
    })
    return page
  }

  async #answer(route: Route, events: PageEvents): Promise<void> {
    const request = route.request()
    const address = fromStandIn(request.url())
    if (request.isNavigationRequest() && !this.#isLoading && !events.navigates(address)) {
      // Any other reason would put a page of the browser's own in the place of this one.
      return route.abort('aborted')
    }
    if (!before(address)) return route.abort('blockedbyclient')
    const handler = handlerOf(address)
    // Nothing else there is to be had.
    if (handler === undefined) return route.abort('addressunreachable')
    const response = await handler(new Request(address, { method: request.method() }))
    const served = Buffer.from(await response.arrayBuffer())
    // The window's own code does nothing where a test speaks for the page.
    const isLeftOut = process.env['LMZ_STAND_IN_EMPTY_PAGE'] === '1' && request.resourceType() === 'script'
    const body = isLeftOut ? '' : served
    return route.fulfill({ status: response.status, headers: Object.fromEntries(response.headers), body })
  }

  async load(address: string): Promise<void> {
    const page = await this.#page
    this.#isLoading = true
    await page.goto(toStandIn(address)).finally(() => (this.#isLoading = false))
  }

  async reload(): Promise<void> {
    const page = await this.#page
    this.#isLoading = true
    await page.reload().finally(() => (this.#isLoading = false))
  }

  async close(): Promise<void> {
    this.#closePorts()
    await (await this.#page).close()
  }

  async emulate(colorScheme: 'light' | 'dark' | null): Promise<void> {
    await (await this.#page).emulateMedia({ colorScheme })
  }

  /** Gives the preload script a message with ports, of which the other ends are in this process. */
  async post(channel: string, message: unknown, ports: readonly MessagePortMain[]): Promise<void> {
    const page = await this.#page
    const numbers = ports.map((port) => {
      const number = this.#nextPort++
      this.#ports.set(number, port)
      return number
    })
    await page.evaluate(([name, data, all]) => lmzStandInPage.post(name, data, all), [
      channel,
      message,
      numbers,
    ] as const)
    for (const number of numbers) {
      this.#ports.get(number)?.moveTo({
        message: (data) =>
          void page.evaluate(([to, what]) => lmzStandInPage.deliver(to, what), [number, data] as const).catch(gone),
        close: () => void page.evaluate((to) => lmzStandInPage.close(to), number).catch(gone),
      })
    }
  }

  #closePorts(): void {
    for (const port of this.#ports.values()) port.close()
    this.#ports.clear()
  }
}

/** The page may go at any time. */
function gone(): undefined {
  return undefined
}

/** The page's side, as `pageScript` puts it there. */
declare const lmzStandInPage: {
  post(channel: string, message: unknown, ports: readonly number[]): void
  deliver(port: number, data: unknown): void
  close(port: number): void
}

function pageScript(number: number, preload: string): string {
  return `
if (window === window.top) {
  const listeners = new Map()
  const ports = new Map()
  const electron = {
    contextBridge: { exposeInMainWorld: (name, api) => { window[name] = Object.freeze(api) } },
    ipcRenderer: {
      send: (channel, ...args) => window.lmzStandIn('send', channel, args),
      on: (channel, listener) => listeners.set(channel, listener),
    },
    webUtils: { getPathForFile: (file) => window.lmzStandInPaths?.[file.name] ?? '' },
  }
  window.lmzStandInWindow = ${number}
  window.lmzStandInPage = {
    post(channel, message, numbers) {
      const given = numbers.map((number) => {
        const { port1, port2 } = new MessageChannel()
        port1.onmessage = ({ data }) => window.lmzStandIn('port', number, data)
        ports.set(number, port1)
        return port2
      })
      listeners.get(channel)?.({ ports: given }, message)
    },
    deliver: (number, data) => ports.get(number)?.postMessage(data),
    close: (number) => ports.get(number)?.close(),
  }
  const require = (name) => { if (name === 'electron') return electron; throw new Error('no ' + name) }
  const exports = {}
  ;(() => {
${preload}
  })()
}
`
}

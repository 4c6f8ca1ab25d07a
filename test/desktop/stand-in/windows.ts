import { EventEmitter } from 'node:events'
import { app, Preventable } from './app.ts'
import { command, record } from './control.ts'
import { StandInPage } from './page.ts'
import type { MessagePortMain } from './ports.ts'

interface Bounds {
  readonly x?: number
  readonly y?: number
  readonly width: number
  readonly height: number
}

interface Options extends Bounds {
  readonly webPreferences: { readonly preload: string }
  readonly show?: boolean
}

export const ipcMain = new EventEmitter()

let lastNumber = 0
/** Its number; 0 when the user looks at another app. */
let focused = 0

class WebContents extends EventEmitter {
  readonly mainFrame = { url: '', frameTreeNodeId: 1 }
  readonly page: StandInPage
  #onOpen: (details: { readonly url: string }) => { readonly action: string } = () => ({ action: 'allow' })

  constructor(number: number, preload: string) {
    super()
    this.page = new StandInPage(number, preload, {
      sent: (channel, args, frameAddress) => {
        this.mainFrame.url = frameAddress
        ipcMain.emit(channel, { sender: this, senderFrame: this.mainFrame }, ...args)
      },
      navigates: (url) => this.#isAllowed('will-navigate', { url }),
      opens: (url) => this.#onOpen({ url }).action !== 'deny',
    })
  }

  /** What becomes of something that Electron lets an app prevent. */
  #isAllowed(name: string, details: object): boolean {
    const event = Object.assign(new Preventable(), details)
    this.emit(name, event)
    record('webContents.asked', name, details, !event.defaultPrevented)
    return !event.defaultPrevented
  }

  asks(name: string): boolean {
    return this.#isAllowed(name, { url: 'https://example.com/' })
  }
  mayOpen(url: string): string {
    return this.#onOpen({ url }).action
  }
  setWindowOpenHandler(handler: (details: { readonly url: string }) => { readonly action: string }): void {
    this.#onOpen = handler
  }
  postMessage(channel: string, message: unknown, ports: readonly MessagePortMain[] = []): void {
    record('webContents.postMessage', channel)
    void this.page.post(channel, message, ports).catch((error: unknown) => console.error(error))
  }
  startDrag(item: { readonly files: readonly string[] }): void {
    record('webContents.startDrag', item.files)
  }
}

export class BrowserWindow extends EventEmitter {
  readonly number = ++lastNumber
  readonly webContents: WebContents
  #bounds: Bounds
  #isDestroyed = false
  #isMaximized = false
  #title = ''

  constructor(options: Options) {
    super()
    record('window.new', this.number, options)
    const { width, height, x = 100, y = 100 } = options
    this.#bounds = { x, y, width, height }
    this.webContents = new WebContents(this.number, options.webPreferences.preload)
    app.windows.push(this)
    app.emit('web-contents-created', new Preventable(), this.webContents)
  }

  static getAllWindows(): readonly BrowserWindow[] {
    return app.windows.filter((window) => window instanceof BrowserWindow)
  }
  static getFocusedWindow(): BrowserWindow | null {
    return BrowserWindow.getAllWindows().find(({ number }) => number === focused) ?? null
  }
  static fromWebContents(contents: unknown): BrowserWindow | null {
    return BrowserWindow.getAllWindows().find((window) => window.webContents === contents) ?? null
  }

  async loadURL(address: string): Promise<void> {
    this.webContents.mainFrame.url = address
    await this.webContents.page.load(address)
    this.emit('ready-to-show')
    record('window.loaded', this.number)
  }
  reload(): void {
    void this.webContents.page.reload()
  }
  close(): void {
    if (this.#isDestroyed) return
    const event = new Preventable()
    this.emit('close', event)
    if (event.defaultPrevented) return
    this.#isDestroyed = true
    if (focused === this.number) focused = 0
    void this.webContents.page.close()
    record('window.closed', this.number)
    this.emit('closed')
    app.windowClosed(this)
  }
  isDestroyed(): boolean {
    return this.#isDestroyed
  }
  show(): void {
    focused = this.number
    record('window.show', this.number)
  }
  focus(): void {
    focused = this.number
    record('window.focus', this.number)
  }
  isMinimized(): boolean {
    return false
  }
  restore(): void {
    record('window.restore', this.number)
  }
  maximize(): void {
    this.#isMaximized = true
  }
  isMaximized(): boolean {
    return this.#isMaximized
  }
  getNormalBounds(): Bounds {
    return this.#bounds
  }
  setBounds(bounds: Bounds): void {
    this.#bounds = bounds
  }
  setTitle(title: string): void {
    this.#title = title
    record('window.setTitle', this.number, this.#title)
  }
  setRepresentedFilename(): void {
    // Of macOS alone.
  }
  setProgressBar(progress: number, options?: object): void {
    record('window.setProgressBar', this.number, progress, options)
  }
}

function windowOf(number: number): BrowserWindow {
  const window = BrowserWindow.getAllWindows().find((one) => one.number === number)
  if (window === undefined) throw new Error(`There is no window ${number}.`)
  return window
}

command('close', (number: number) => windowOf(number).close())
command('look elsewhere', () => (focused = 0))
command('setBounds', (number: number, bounds: Bounds) => windowOf(number).setBounds(bounds))
command('asks', (number: number, name: string) => windowOf(number).webContents.asks(name))
command('mayOpen', (number: number, url: string) => windowOf(number).webContents.mayOpen(url))
/** A message as if a frame had sent it that is not the window's own page. */
command('foreignMessage', (number: number, channel: string, url: string, isMainFrame: boolean) => {
  const { webContents } = windowOf(number)
  const own = webContents.mainFrame.url
  if (isMainFrame) webContents.mainFrame.url = url
  ipcMain.emit(channel, {
    sender: webContents,
    senderFrame: isMainFrame ? webContents.mainFrame : { url, frameTreeNodeId: 2 },
  })
  webContents.mainFrame.url = own
})

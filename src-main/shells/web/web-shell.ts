import { basename, join } from 'node:path'
import type { WebSocket } from 'ws'
import { LmzError } from '../../contract/error'
import type { Desk } from '../window/desk'
import type { ShellPart } from '../window/shell-part'
import { WindowSession } from '../window/window-session'
import { findBrowser, openAppWindow } from './browser'
import { answerEntry, encodeName } from './downloads'
import { channelToWindow } from './link'
import { PageFiles } from './page-files'
import { revealInFileManager } from './reveal'
import { Uploads } from './uploads'
import { WebServer } from './web-server'

export interface WebShellOptions {
  readonly desk: Desk
  /** The folder of the built page. */
  readonly page: string
  /** 0 for any that is free. */
  readonly port: number
  /** Whether to look for a browser. */
  readonly openBrowser: boolean
  /** What the first window is to open. */
  readonly paths: readonly string[]
  /** An address for a person to open. */
  readonly onAddress: (address: string) => void
  /** Something to tell the person at the terminal. */
  readonly onNotice: (notice: string) => void
}

/** Long enough for a page to be loaded again. */
const graceMs = 4000
/** A browser that has shown nothing until then will not do so any more. */
const longestStartMs = 30_000

/** lmz's window in a browser of this computer. */
export class WebShell {
  readonly #options: WebShellOptions
  readonly #sessions = new Set<WindowSession>()
  readonly #uploads: Uploads
  readonly #browser: string | undefined
  /** What windows that are being opened are to show, in the order they were asked for. */
  readonly #toOpen: (readonly string[])[] = []
  #server: WebServer | undefined
  #hadWindow = false
  #end: NodeJS.Timeout | undefined
  #finish: () => void = () => undefined
  /** Resolves when the last window has been closed and no job is left, or when it is {@link close}d. */
  readonly finished = new Promise<void>((resolve) => {
    this.#finish = resolve
  })

  private constructor(options: WebShellOptions) {
    this.#options = options
    this.#uploads = new Uploads(options.desk.temporary, options.desk.host)
    this.#browser = options.openBrowser ? findBrowser() : undefined
    options.desk.host.subscribe({
      jobChanged: () => this.#endSoon(),
      problem: () => undefined,
      question: () => undefined,
      engineRestarted: () => undefined,
    })
  }

  /** @throws LmzError `NotFound` where the page is not built, `Io` for a port that is taken */
  static async open(options: WebShellOptions): Promise<WebShell> {
    const shell = new WebShell(options)
    const page = new PageFiles(options.page)
    shell.#server = await WebServer.listen(options.port, {
      page,
      upload: (request, response, address) => shell.#uploads.take(request, response, address),
      entry: async (response, handle, entry) => {
        const session = [...shell.#sessions].find(({ archives }) => archives.has(handle))
        if (session === undefined) return false
        await answerEntry(response, session.archives, handle, entry)
        return true
      },
      link: (socket) => shell.#serve(socket),
    })
    shell.#openWindow(options.paths)
    return shell
  }

  /** Cuts off all windows; jobs and engine are the desk's. */
  async close(): Promise<void> {
    clearTimeout(this.#end)
    this.#finish()
    await this.#server?.close()
  }

  #openWindow(paths: readonly string[]): void {
    if (paths.length > 0) this.#toOpen.push(paths)
    const address = this.#opened().admission.newAddress()
    if (this.#browser === undefined) {
      this.#options.onAddress(address)
      return
    }
    const hasFailed = this.#sessions.size === 0 ? () => this.#sessions.size === 0 : () => false
    const child = openAppWindow(this.#browser, address, join(this.#options.desk.folders.cache, 'browser'))
    // A browser that is running already takes the address over, and the process ends; that is not a failure.
    const giveUp = (): void => {
      clearTimeout(timer)
      if (!hasFailed()) return
      this.#options.onNotice(`${basename(child.spawnfile)} does not show the window; open this address in a browser:`)
      this.#options.onAddress(this.#opened().admission.newAddress())
    }
    const timer = setTimeout(giveUp, longestStartMs)
    timer.unref()
    child.once('error', giveUp)
    child.once('exit', (code) => {
      if (code !== 0) giveUp()
    })
  }

  #opened(): WebServer {
    if (this.#server === undefined) throw new LmzError('Usage', 'The web shell is not open.')
    return this.#server
  }

  #serve(socket: WebSocket): void {
    const uploads: string[] = []
    const session = new WindowSession(channelToWindow(socket), this.#options.desk, (window) =>
      this.#partOf(window, uploads),
    )
    this.#sessions.add(session)
    this.#hadWindow = true
    const paths = this.#toOpen.shift()
    if (paths !== undefined) session.tell('openRequested', paths)
    session.onClose(() => {
      this.#sessions.delete(session)
      for (const id of uploads) this.#uploads.leave(id)
      this.#lastWindowClosed()
    })
  }

  #partOf(window: WindowSession, uploads: string[]): ShellPart {
    const entryUrl = async (handle: number, entry: number): Promise<string> => {
      const path = await window.archives.entryPath(handle, entry)
      return `${this.#opened().admission.origin}/entry/${handle}/${entry}/${encodeName(path.split('/').at(-1) ?? '')}`
    }
    return {
      kind: 'web',
      choose: () => Promise.resolve(undefined),
      reveal: revealInFileManager,
      // The browser has its own care for programs among downloads.
      openEntry: async (handle, entry) => ({ result: 'download', url: await entryUrl(handle, entry) }),
      entryUrl,
      dragOut: () => Promise.reject(new LmzError('Unsupported', 'A browser drags files out as downloads.')),
      newUpload: () => {
        const upload = this.#uploads.open()
        uploads.push(upload.id)
        return Promise.resolve(upload)
      },
      showing: () => Promise.resolve(),
      openWindow: (archive) => {
        this.#openWindow(archive === undefined ? [] : [archive])
        return Promise.resolve()
      },
      // A page closes itself.
      closeWindow: () => Promise.resolve(),
    }
  }

  #lastWindowClosed(): void {
    if (this.#sessions.size > 0) return
    if (this.#options.desk.host.hasJobsUnderWay) {
      this.#options.onNotice('The window is closed; lmz ends when its jobs are done. To see them again, open')
      this.#options.onAddress(this.#opened().admission.newAddress())
    }
    this.#endSoon()
  }

  /** Does nothing before the first window has come, nor while there is any, nor while a job is under way. */
  #endSoon(): void {
    const isNeeded = (): boolean => this.#sessions.size > 0 || this.#options.desk.host.hasJobsUnderWay
    if (!this.#hadWindow || isNeeded()) return
    clearTimeout(this.#end)
    this.#end = setTimeout(() => {
      if (!isNeeded()) this.#finish()
    }, graceMs)
  }
}

import { app, BrowserWindow, type IpcMainEvent, MessageChannelMain, nativeTheme } from 'electron'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { HandedOverAs } from '../../contract/shell-api'
import type { Desk } from '../window/desk'
import type { ShellPart } from '../window/shell-part'
import { WindowSession } from '../window/window-session'
import { isOwnAddress, pageAddress } from './app-scheme'
import { identityOf } from './archive-path'
import { portChannel as portMessage } from './link-names'
import { portChannel } from './port-channel'
import type { WindowState } from './window-state'

const preload = fileURLToPath(new URL('../preload/preload.cjs', import.meta.url))

/** A page that has not said after this what it shows will not do so: events are no longer kept back for it. */
const longestStartMs = 3000

/** Between two crashes of a page. */
const shortLifeMs = 10_000

/** One window and the session that serves its page. */
export class AppWindow {
  readonly window: BrowserWindow
  /** The archive that the window shows, or is about to. */
  archive: string | undefined
  /** Set once the user has agreed to close it with jobs under way. */
  mayClose = false
  readonly #desk: Desk
  readonly #partOf: (window: AppWindow, session: WindowSession) => ShellPart
  #session: WindowSession | undefined
  /** What the page is to open as soon as it listens. */
  #kept: { readonly paths: readonly string[]; readonly as: HandedOverAs }[] = []
  #isListening = false
  #crashedAt = -Infinity

  constructor(desk: Desk, state: WindowState, partOf: (window: AppWindow, session: WindowSession) => ShellPart) {
    this.#desk = desk
    this.#partOf = partOf
    this.window = new BrowserWindow({
      ...state.bounds(BrowserWindow.getAllWindows().length),
      minWidth: 560,
      minHeight: 400,
      show: false,
      title: 'lmz',
      autoHideMenuBar: true,
      // What is seen until the page has been drawn: the ground of its own themes.
      backgroundColor: nativeTheme.shouldUseDarkColors ? '#16191d' : '#ffffff',
      ...(process.platform === 'linux' ? { icon: windowIcon() } : {}),
      webPreferences: {
        preload,
        contextIsolation: true,
        sandbox: true,
        nodeIntegration: false,
        nodeIntegrationInWorker: false,
        nodeIntegrationInSubFrames: false,
        webSecurity: true,
        webviewTag: false,
        navigateOnDragDrop: false,
        spellcheck: false,
        devTools: !app.isPackaged,
      },
    })
    state.watch(this.window)
    if (state.wasMaximized) this.window.maximize()
    this.window.once('ready-to-show', () => this.window.show())
    this.window.on('closed', () => this.#disconnect())
    this.window.webContents.on('render-process-gone', (_event, { reason }) => {
      // The page has lost what it showed, but the engine and its jobs have not noticed. A page that crashes at once will do so again.
      const isFirst = performance.now() - this.#crashedAt > shortLifeMs
      this.#crashedAt = performance.now()
      if (reason !== 'clean-exit' && isFirst) this.window.reload()
    })
    void this.window.loadURL(pageAddress)
  }

  /** Gives the page a new port; one it had before is closed, with the archives it had opened through it. */
  connect({ senderFrame }: Pick<IpcMainEvent, 'senderFrame'>): void {
    const { webContents } = this.window
    // Only the page itself, and not another one that may have got into the window or into a frame of it.
    const { mainFrame } = webContents
    if (senderFrame?.frameTreeNodeId !== mainFrame.frameTreeNodeId || !isOwnAddress(senderFrame.url)) return
    this.#disconnect()
    const { port1, port2 } = new MessageChannelMain()
    const session = new WindowSession(portChannel(port1), this.#desk, (serving) => this.#partOf(this, serving))
    session.onClose(() => {
      port1.close()
      if (this.#session === session) this.#session = undefined
    })
    this.#session = session
    webContents.postMessage(portMessage, null, [port2])
    setTimeout(() => this.#listen(session), longestStartMs).unref()
  }

  /** Has the page open archives or pack files, now or as soon as it listens. */
  open(paths: readonly string[], as: HandedOverAs): void {
    if (this.#isListening) this.#session?.tell('openRequested', paths, as)
    else this.#kept.push({ paths, as })
  }

  /** Has the page ask whether to close with jobs under way. @returns false where there is no page to ask */
  askToClose(): boolean {
    this.#session?.tell('closeRequested')
    return this.#session !== undefined
  }

  /** What the page says that it shows. */
  showing(archive: string | undefined): void {
    // A page that has just started shows nothing, and does not know yet what it is about to be asked to open.
    if (archive !== undefined || this.#kept.length === 0) this.archive = archive
    const name = archive === undefined ? undefined : basename(archive)
    this.window.setTitle(name === undefined ? 'lmz' : `${name} - lmz`)
    if (process.platform === 'darwin') this.window.setRepresentedFilename(archive ?? '')
    if (archive !== undefined) app.addRecentDocument(archive)
    if (this.#session !== undefined) this.#listen(this.#session)
  }

  shows(archive: string): boolean {
    return this.archive !== undefined && identityOf(this.archive) === identityOf(archive)
  }

  focus(): void {
    if (this.window.isMinimized()) this.window.restore()
    this.window.show()
    this.window.focus()
  }

  #listen(session: WindowSession): void {
    if (this.#session !== session || this.#isListening) return
    this.#isListening = true
    for (const { paths, as } of this.#kept.splice(0)) session.tell('openRequested', paths, as)
  }

  #disconnect(): void {
    this.#isListening = false
    this.#session?.close()
    this.#session = undefined
  }
}

/** Elsewhere the system takes it from the program itself. */
function windowIcon(): string {
  const name = 'icons/app/256x256.png'
  return app.isPackaged
    ? join(process.resourcesPath, name)
    : fileURLToPath(new URL(`../../build/${name}`, import.meta.url))
}

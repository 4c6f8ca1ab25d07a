import { app, BrowserWindow, ipcMain } from 'electron'
import type { AppWindow } from './app-window'
import { isArchive } from './archive-path'
import { connectChannel } from './link-names'

/** All windows: one for each archive, and one to start with where none is open. */
export class Windows {
  readonly #create: () => AppWindow
  readonly #all = new Map<Electron.BrowserWindow, AppWindow>()
  readonly #closing: (window: AppWindow) => boolean

  /**
   * @param create makes a window
   * @param closing says whether a window may close now; if not, it asks by itself
   */
  constructor(create: () => AppWindow, closing: (window: AppWindow) => boolean) {
    this.#create = create
    this.#closing = closing
    ipcMain.on(connectChannel, (event) => {
      const window = BrowserWindow.fromWebContents(event.sender)
      if (window !== null) this.#all.get(window)?.connect(event)
    })
  }

  get all(): readonly AppWindow[] {
    return [...this.#all.values()]
  }

  get focused(): AppWindow | undefined {
    const window = BrowserWindow.getFocusedWindow()
    return window === null ? undefined : this.#all.get(window)
  }

  /** A window that shows no archive yet. */
  openEmpty(): AppWindow {
    const opened = this.#create()
    const { window } = opened
    this.#all.set(window, opened)
    window.on('close', (event) => {
      if (!this.#closing(opened)) event.preventDefault()
    })
    window.on('closed', () => this.#all.delete(window))
    return opened
  }

  /** Opens an archive in a window of its own, or brings forward the one that it is open in. */
  openArchive(archive: string): void {
    const open = this.all.find((window) => window.shows(archive))
    if (open !== undefined) {
      open.focus()
      return
    }
    const window = this.#freeWindow()
    window.archive = archive
    window.open([archive], 'archives')
    window.focus()
  }

  /** What the system handed over: archives to open, anything else to pack, nothing at all for a window to start with. */
  open(paths: readonly string[]): void {
    const archives = paths.filter((path) => isArchive(path))
    const others = paths.filter((path) => !archives.includes(path))
    for (const archive of archives) this.openArchive(archive)
    if (others.length > 0) this.pack(others)
    if (paths.length === 0) (this.all.at(-1) ?? this.openEmpty()).focus()
    // The task bar's list and the dock's menu open windows through here as well.
    app.focus({ steal: true })
  }

  /** Offers to make an archive of files and folders, whatever they are. */
  pack(sources: readonly string[]): void {
    const window = this.#freeWindow()
    window.open(sources, 'sources')
    window.focus()
  }

  #freeWindow(): AppWindow {
    return this.all.find((window) => window.archive === undefined) ?? this.openEmpty()
  }
}

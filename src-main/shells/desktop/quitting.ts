import { app, dialog } from 'electron'
import type { Desk } from '../window/desk'
import type { AppWindow } from './app-window'
import { hasRealWork } from './job-signs'
import { text } from './texts'

/** On macOS an app goes on without windows, and so do its jobs. */
const livesWithoutWindows = process.platform === 'darwin'

/** Nothing that is under way is broken off without being asked for, and the engine tidies up before the app ends. */
export class Quitting {
  readonly #desk: Desk
  readonly #windows: () => readonly AppWindow[]
  #isAgreed = false
  #isAsking = false
  #isDeskClosed = false

  constructor(desk: Desk, windows: () => readonly AppWindow[]) {
    this.#desk = desk
    this.#windows = windows
    app.on('window-all-closed', () => {
      if (!livesWithoutWindows) app.quit()
    })
    app.on('before-quit', (event) => {
      if (this.#isAgreed || !hasRealWork(this.#desk.host)) return
      event.preventDefault()
      void this.#ask()
    })
    app.on('will-quit', (event) => {
      if (this.#isDeskClosed) return
      event.preventDefault()
      void this.#desk.close().finally(() => {
        this.#isDeskClosed = true
        app.quit()
      })
    })
  }

  /** Whether a window may close now; if not, it has been asked for, by the page or where that does not answer by a dialog. */
  mayClose(window: AppWindow): boolean {
    const isLast = this.#windows().length <= 1
    if (this.#isAgreed || !isLast || livesWithoutWindows || !hasRealWork(this.#desk.host)) return true
    if (window.mayClose) {
      this.#isAgreed = true
      return true
    }
    if (!window.askToClose()) void this.#ask()
    return false
  }

  async #ask(): Promise<void> {
    if (this.#isAsking) return
    this.#isAsking = true
    const { response } = await dialog.showMessageBox({
      type: 'question',
      message: text('closing.message'),
      detail: text('closing.detail'),
      buttons: [text('closing.keep'), text('closing.quit')],
      defaultId: 0,
      cancelId: 0,
      noLink: true,
    })
    this.#isAsking = false
    if (response !== 1) return
    this.#isAgreed = true
    app.quit()
  }
}

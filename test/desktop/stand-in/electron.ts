/** Everything of `electron` that the main process of lmz imports. */
import { fork } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { command, record } from './control.ts'
import { BrowserWindow } from './windows.ts'

export { app } from './app.ts'
export { MessageChannelMain } from './ports.ts'
export { protocol, session } from './session.ts'
export { BrowserWindow, ipcMain } from './windows.ts'

// As where Electron is started with the path of an app, which has to be passed over on the command line.
Object.assign(process, { defaultApp: true, resourcesPath: import.meta.dirname })

const unanswered: ((answer: unknown) => void)[] = []

function ask(kind: string, args: readonly unknown[]): Promise<never> {
  // A dialog may have a window it belongs to.
  record(`dialog.${kind}`, args.at(-1))
  return new Promise<unknown>((resolve) => unanswered.push(resolve)) as Promise<never>
}

export const dialog = {
  showOpenDialog: (...args: unknown[]) => ask('showOpenDialog', args),
  showSaveDialog: (...args: unknown[]) => ask('showSaveDialog', args),
  showMessageBox: (...args: unknown[]) => ask('showMessageBox', args),
  showErrorBox: (title: string, content: string) => record('dialog.showErrorBox', title, content),
}
command('answerDialog', (answer: unknown) => unanswered.shift()?.(answer))

interface MenuItem {
  readonly label?: string
  readonly submenu?: readonly MenuItem[]
  readonly click?: () => void
}
let menu: readonly MenuItem[] = []

export const Menu = {
  buildFromTemplate: (template: readonly MenuItem[]) => template,
  setApplicationMenu: (shown: readonly MenuItem[]) => void (menu = shown),
}
command('menu', () => menu)
command('clickMenu', (label: string) => {
  const items = menu.flatMap(({ submenu }) => submenu ?? [])
  const item = items.find((one) => one.label === label)
  if (item?.click === undefined)
    throw new Error(`There is no ${label} among ${items.map((one) => one.label).join(', ')}.`)
  item.click()
})

export const nativeTheme = {
  shouldUseDarkColors: false,
  set themeSource(source: 'system' | 'light' | 'dark') {
    record('nativeTheme.themeSource', source)
    for (const { webContents } of BrowserWindow.getAllWindows()) {
      void webContents.page.emulate(source === 'system' ? null : source)
    }
  },
}

const notices: Notification[] = []
export class Notification extends EventEmitter {
  readonly options: unknown
  constructor(options: unknown) {
    super()
    this.options = options
  }
  static isSupported(): boolean {
    return true
  }
  show(): void {
    notices.push(this)
    record('notification.show', this.options)
  }
}
command('clickNotification', () => notices.at(-1)?.emit('click'))

let blockers = 0
export const powerSaveBlocker = {
  start: (type: string) => {
    record('powerSaveBlocker.start', type)
    return ++blockers
  },
  stop: (id: number) => record('powerSaveBlocker.stop', id),
}

export const screen = {
  getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }],
}

export const shell = {
  openPath: (path: string) => {
    record('shell.openPath', path)
    return Promise.resolve('')
  },
  showItemInFolder: (path: string) => record('shell.showItemInFolder', path),
}

const engines: UtilityProcess[] = []
class UtilityProcess extends EventEmitter {
  readonly #child
  constructor(program: string, args: readonly string[], { serviceName }: { readonly serviceName?: string }) {
    super()
    const shim = new URL('./parent-port.mjs', import.meta.url).href
    this.#child = fork(program, args, { serialization: 'advanced', execArgv: ['--import', shim] })
    this.#child.on('message', (message) => this.emit('message', message))
    this.#child.on('exit', (code) => this.emit('exit', code ?? 1))
    record('utilityProcess.fork', serviceName, this.#child.pid)
  }
  get pid(): number | undefined {
    return this.#child.exitCode === null ? this.#child.pid : undefined
  }
  postMessage(message: unknown): void {
    if (this.#child.connected) this.#child.send(message as never)
  }
  kill(): boolean {
    return this.#child.kill()
  }
}
export const utilityProcess = {
  fork: (program: string, args: readonly string[], options: { readonly serviceName?: string }) => {
    const engine = new UtilityProcess(program, args, options)
    engines.push(engine)
    return engine
  },
}
command('engines', () => engines.map(({ pid }) => pid ?? null))

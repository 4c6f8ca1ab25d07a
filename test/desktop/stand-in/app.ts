import { EventEmitter } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { command, record } from './control.ts'

/** Of an event that can be prevented. */
export class Preventable {
  defaultPrevented = false
  preventDefault(): void {
    this.defaultPrevented = true
  }
}

/** Where the first app looks for what the others were started with. */
const lockFolder = process.env['LMZ_STAND_IN_LOCK']

interface Closable {
  close(): void
  isDestroyed(): boolean
}

class App extends EventEmitter {
  readonly isPackaged = false
  readonly windows: Closable[] = []
  #paths = new Map<string, string>()
  #isReady = false
  readonly #ready: Promise<void>
  #becomeReady: () => void = () => undefined

  constructor() {
    super()
    this.#ready = new Promise((resolve) => (this.#becomeReady = resolve))
    // Not before the entry has run: that is the first turn in which Electron could be ready.
    setImmediate(() => void this.#start())
  }

  async #start(): Promise<void> {
    // On macOS, files to open come before the app is ready.
    const early = JSON.parse(process.env['LMZ_STAND_IN_OPEN_FILE'] ?? '[]') as string[]
    for (const path of early) this.openFile(path)
    await new Promise((resolve) => setTimeout(resolve, 50))
    this.#isReady = true
    this.emit('ready')
    this.#becomeReady()
  }

  openFile(path: string): boolean {
    const event = new Preventable()
    this.emit('open-file', event, path)
    return event.defaultPrevented
  }

  isReady(): boolean {
    return this.#isReady
  }
  whenReady(): Promise<void> {
    return this.#ready
  }

  requestSingleInstanceLock(data?: object): boolean {
    if (lockFolder === undefined) return true
    const first = join(lockFolder, 'first')
    if (!existsSync(first)) {
      mkdirSync(lockFolder, { recursive: true })
      writeFileSync(first, String(process.pid))
      setInterval(() => this.#lookForOthers(lockFolder), 30).unref()
      return true
    }
    const told = join(lockFolder, `${process.pid}.told`)
    writeFileSync(`${told}.new`, JSON.stringify({ commandLine: process.argv, folder: process.cwd(), data }))
    renameSync(`${told}.new`, told)
    return false
  }

  #lookForOthers(folder: string): void {
    for (const name of readdirSync(folder).filter((one) => one.endsWith('.told'))) {
      const { commandLine, folder: cwd, data } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Told
      rmSync(join(folder, name))
      this.emit('second-instance', new Preventable(), commandLine, cwd, data)
    }
  }

  quit(): void {
    const before = new Preventable()
    this.emit('before-quit', before)
    if (before.defaultPrevented) return
    for (const window of [...this.windows]) {
      window.close()
      if (!window.isDestroyed()) return
    }
    this.#end()
  }

  /** A window is gone. */
  windowClosed(window: Closable): void {
    this.windows.splice(this.windows.indexOf(window), 1)
    if (this.windows.length > 0) return
    if (this.listenerCount('window-all-closed') === 0) this.quit()
    else this.emit('window-all-closed')
  }

  #end(): void {
    const event = new Preventable()
    this.emit('will-quit', event)
    if (event.defaultPrevented) return
    this.emit('quit')
    this.exit(0)
  }

  exit(code = 0): void {
    record('app.exit', code)
    // What was recorded has to get out first.
    setTimeout(() => process.exit(code), 50)
  }

  setPath(name: string, path: string): void {
    this.#paths.set(name, path)
  }
  getPath(name: string): string {
    return this.#paths.get(name) ?? ''
  }
  getLocale(): string {
    return process.env['LMZ_STAND_IN_LOCALE'] ?? 'en-GB'
  }
  getFileIcon(): Promise<object> {
    return Promise.resolve({})
  }
  setAppUserModelId(id: string): void {
    record('app.setAppUserModelId', id)
  }
  setName(name: string): void {
    record('app.setName', name)
  }
  enableSandbox(): void {
    record('app.enableSandbox')
  }
  addRecentDocument(path: string): void {
    record('app.addRecentDocument', path)
  }
  focus(): void {
    record('app.focus')
  }
}

interface Told {
  readonly commandLine: readonly string[]
  readonly folder: string
  readonly data: unknown
}

export const app = new App()

command('openFile', (path: string) => app.openFile(path))
command('quit', () => app.quit())
command('emit', (name: string, ...args: unknown[]) => app.emit(name, new Preventable(), ...args))

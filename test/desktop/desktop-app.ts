import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest'
import { suiteFolder } from '../support/suite-folder'
import { temporaryFolder } from '../support/temporary'

const root = join(import.meta.dirname, '../..')
const entry = join(root, 'out/main/desktop.js')
const register = join(import.meta.dirname, 'stand-in/register.mjs')

/** One Chromium for all tests of a file; `endpoint` is to be read once they run. */
export interface SharedBrowser {
  endpoint: string
  browser: Browser
}

/** Milliseconds: other tests may keep both cores busy. */
const longestStart = 120_000

export function sharedBrowser(): SharedBrowser {
  const profile = suiteFolder()
  const shared = {} as SharedBrowser
  let process: ChildProcess
  beforeAll(async () => {
    const flags = ['--headless=new', '--no-sandbox', '--no-first-run', '--remote-debugging-port=0', '--disable-gpu']
    process = spawn('/usr/bin/chromium', [...flags, `--user-data-dir=${profile}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    shared.endpoint = await new Promise((resolve, reject) => {
      let said = ''
      process.stderr?.setEncoding('utf8').on('data', (text: string) => {
        said += text
        const found = /DevTools listening on (ws:\S+)/.exec(said)
        if (found?.[1] !== undefined) resolve(found[1])
      })
      process.once('exit', () => reject(new Error(`Chromium does not start: ${said}`)))
      process.once('error', reject)
    })
    shared.browser = await chromium.connectOverCDP(shared.endpoint, { timeout: longestStart })
  }, longestStart)
  afterAll(async () => {
    // There is none where it did not start, and then what there is of it has to go all the same.
    await (shared.browser as Browser | undefined)?.close()
    process.kill()
    await once(process, 'exit')
  })
  return shared
}

export interface Call {
  readonly call: string
  readonly args: readonly unknown[]
}

interface Answer {
  readonly value?: unknown
  readonly error?: string
}

interface StartOptions {
  readonly home?: string
  readonly openFileEarly?: readonly string[]
  readonly folder?: string
  readonly environment?: NodeJS.ProcessEnv
  /** Whether the window's own code runs in its page; if not, the test speaks for the page (page-client.ts). */
  readonly withRenderer?: boolean
}

/** The desktop app, started from its built entry on the stand-in for Electron. */
export class DesktopApp {
  readonly home: string
  readonly calls: Call[] = []
  readonly exited: Promise<number | null>
  readonly #process: ChildProcess
  readonly #browser: Browser
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  #lastId = 0

  constructor({ browser, endpoint }: SharedBrowser, args: readonly string[], options: StartOptions = {}) {
    this.home = options.home ?? temporaryFolder()
    this.#browser = browser
    mkdirSync(this.home, { recursive: true })
    this.#process = fork(entry, [...args], {
      cwd: options.folder ?? this.home,
      execArgv: ['--import', register],
      env: {
        ...process.env,
        HOME: this.home,
        XDG_CONFIG_HOME: join(this.home, 'config'),
        XDG_CACHE_HOME: join(this.home, 'cache'),
        LMZ_STAND_IN_BROWSER: endpoint,
        LMZ_STAND_IN_LOCK: join(this.home, 'lock'),
        LMZ_STAND_IN_OPEN_FILE: JSON.stringify(options.openFileEarly ?? []),
        LMZ_STAND_IN_EMPTY_PAGE: options.withRenderer === true ? '0' : '1',
        ...options.environment,
      },
    })
    this.exited = new Promise((resolve) => this.#process.once('exit', resolve))
    this.#process.on('message', (message: Call | ({ readonly id: number } & Answer)) => {
      if ('call' in message) this.calls.push(message)
      else this.#waiting.get(message.id)?.(message)
    })
    onTestFinished(async () => {
      this.#process.kill('SIGKILL')
      await this.exited
      for (const page of this.#pages()) await page.close().catch(() => undefined)
    })
  }

  /** Does something as the system or the user would. */
  async do(name: string, ...args: readonly unknown[]): Promise<unknown> {
    const id = ++this.#lastId
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve))
    this.#process.send({ id, name, args })
    const { value, error } = await answered
    if (error !== undefined) throw new Error(error)
    return value
  }

  /** What the app has asked of Electron under a name so far. */
  asked(call: string): readonly (readonly unknown[])[] {
    return this.calls.filter((one) => one.call === call).map(({ args }) => args)
  }

  /** The page of a window, by the number of the window. */
  async page(number: number): Promise<Page> {
    await expect
      .poll(() => this.asked('window.loaded').map(([loaded]) => loaded), { timeout: 15_000 })
      .toContain(number)
    for (const page of this.#pages()) {
      if ((await page.evaluate('window.lmzStandInWindow')) === number) return page
    }
    throw new Error(`Window ${number} has no page.`)
  }

  #pages(): readonly Page[] {
    return this.#browser.contexts().flatMap((context) => context.pages())
  }
}

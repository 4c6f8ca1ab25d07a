import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, BrowserContextOptions, CDPSession, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest'
import { launchChromium, testBrowser } from '../../support/chromium'
import { temporaryFolder } from '../../support/temporary'

const program = resolve(import.meta.dirname, '../../../out/main/cli.js')

/** Where the window is to be seen as it was when a test failed. */
const failures = resolve(import.meta.dirname, '../../../out/test-failures')

/** For `describe`: the reason stands in the report where the tests are left out. */
export const inBrowser =
  testBrowser === undefined ? ' (skipped: no Chromium or Chrome; LMZ_TEST_BROWSER names one)' : ''
export const hasBrowser = testBrowser !== undefined

export interface WindowOptions extends BrowserContextOptions {
  /** What `lmz serve` is given to open. */
  readonly paths?: readonly string[]
  readonly settings?: Readonly<Record<string, unknown>>
  readonly home?: string
}

const looks = {
  light: { colorScheme: 'light', forcedColors: 'none' },
  dark: { colorScheme: 'dark', forcedColors: 'none' },
  'forced colours': { colorScheme: 'light', forcedColors: 'active' },
} as const
export type LookName = keyof typeof looks

/** Of axe's, those whose answer depends on colours. */
const rulesOfColour = ['color-contrast', 'link-in-text-block']

/** One browser for all tests of a file. */
export function windows(): (options?: WindowOptions) => Promise<ServedWindow> {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser.close())
  return (options) => ServedWindow.open(browser, options)
}

/**
 * The window as people have it: `lmz serve` in a process of its own with a home of its own, and its page in a real browser. When
 * the test is over, nothing may have complained: no error in the console, no dialog of the browser, no request to anywhere else.
 */
export class ServedWindow {
  readonly page: Page
  readonly home: string
  readonly complaints: string[]
  /** Complaints that belong to what a test does. */
  readonly expected: RegExp[] = []
  readonly address: string
  readonly #server: ChildProcess
  readonly #devtools: CDPSession

  private constructor(page: Page, devtools: CDPSession, home: string, served: Served, complaints: string[]) {
    this.page = page
    this.home = home
    this.complaints = complaints
    this.address = served.address
    this.#server = served.server
    this.#devtools = devtools
  }

  static async open(browser: Browser, options: WindowOptions = {}): Promise<ServedWindow> {
    const { paths = [], settings, home = temporaryFolder(), ...ofContext } = options
    if (settings !== undefined) await writeSettings(home, settings)
    const served = await serve(home, paths)
    const { address } = served
    const context = await browser.newContext({
      locale: 'en-US',
      viewport: { width: 1280, height: 800 },
      reducedMotion: 'reduce',
      ...ofContext,
    })
    const page = await context.newPage()
    page.setDefaultTimeout(20_000)
    const complaints = complaintsOf(page, new URL(address).origin)
    const window = new ServedWindow(page, await context.newCDPSession(page), home, served, complaints)
    onTestFinished(async ({ task }) => {
      if (task.result?.state === 'fail') await page.screenshot({ path: join(failures, `${task.name}.png`) })
      await context.close()
      await window.stopServer()
      expect(complaints.filter((complaint) => !window.expected.some((kind) => kind.test(complaint)))).toEqual([])
    })
    await page.goto(address)
    await page.locator('.window').waitFor()
    return window
  }

  /** Ends `lmz serve` as Ctrl-C does. */
  async stopServer(): Promise<void> {
    if (this.#server.exitCode !== null || this.#server.signalCode !== null) return
    const ended = once(this.#server, 'exit')
    this.#server.kill('SIGTERM')
    await ended
  }

  get grid(): Locator {
    return this.page.getByRole('grid')
  }

  get jobs(): Locator {
    return this.page.getByRole('region', { name: /^Jobs$/ })
  }

  get dialog(): Locator {
    return this.page.locator('dialog[open]').last()
  }

  /** The row of a name that is shown whole. */
  row(name: string): Locator {
    return this.grid.locator('.row').filter({ has: this.page.locator(`.first > .name[title=${JSON.stringify(name)}]`) })
  }

  /** Names in the list, from the top, as they are shown. */
  async names(): Promise<readonly (string | null)[]> {
    const rows = await this.grid.locator('.row').evaluateAll((elements) =>
      elements
        .map((row) => ({
          index: Number((row as HTMLElement).dataset['index']),
          name: row.querySelector('.first > .name')?.getAttribute('title') ?? null,
        }))
        .toSorted((one, other) => one.index - other.index),
    )
    return rows.map(({ name }) => name)
  }

  /** Names of the selected rows, from the top. */
  selected(): Promise<readonly (string | null)[]> {
    return this.grid
      .locator('.row[aria-selected="true"] .first > .name')
      .evaluateAll((names) => names.map((name) => name.getAttribute('title')))
  }

  /** Where the breadcrumb says that the window is. */
  place(): Promise<readonly string[]> {
    return this.page.getByRole('navigation', { name: 'Place' }).getByRole('button').allInnerTexts()
  }

  /** The pane that shows what is selected. */
  get preview(): Locator {
    return this.page.getByRole('region', { name: 'Preview' }).first()
  }

  /** What axe finds fault with in the window as it stands. @param rules all of axe's if they are not given */
  async violations(rules?: readonly string[]): Promise<readonly string[]> {
    // There are no frames, for which the other mode opens a page of its own each time.
    const axe = new AxeBuilder({ page: this.page }).setLegacyMode().options({ resultTypes: ['violations'] })
    const { violations } = await (rules === undefined ? axe : axe.withRules([...rules])).analyze()
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`)
  }

  /** The same in each look, and the window is left in the last one. What is no matter of colour is the same in all of them. */
  async violationsInLooks(
    names: readonly LookName[] = ['dark', 'forced colours', 'light'],
  ): Promise<readonly { readonly name: LookName; readonly violations: readonly string[] }[]> {
    const found = []
    for (const name of names) {
      await this.page.emulateMedia(looks[name])
      found.push({ name, violations: await this.violations(name === names.at(-1) ? undefined : rulesOfColour) })
    }
    return found
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: true })
  }

  /** A line of the menu of a button. */
  async choose(button: string, line: string | RegExp): Promise<void> {
    await this.button(button).click()
    await this.page.getByRole('menuitem', { name: line }).click()
  }

  /** Drops files and folders of the disk on the page, as a file manager does. */
  async drop(...files: readonly string[]): Promise<void> {
    const { width, height } = this.page.viewportSize() ?? { width: 800, height: 600 }
    const data = { items: [], files: [...files], dragOperationsMask: 1 }
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await this.#devtools.send('Input.dispatchDragEvent', { type, x: width / 2, y: height / 2, data })
    }
  }

  /** Chooses a path of the disk in the window's own dialog, by typing it. */
  async pick(path: string, kind: 'item' | 'folder' = 'item'): Promise<void> {
    const { dialog } = this
    // The first folder comes into the field by itself: what a test fills in meanwhile would be added to it.
    await expect.poll(() => dialog.getByRole('textbox', { name: 'Path' }).inputValue()).not.toBe('')
    await dialog.getByRole('textbox', { name: 'Path' }).fill(kind === 'folder' ? `${path}/` : path)
    if (kind === 'folder') await dialog.getByRole('listbox', { name: `Contents of ${path}`, exact: true }).waitFor()
    else await dialog.getByRole('option').getByText(basename(path), { exact: true }).waitFor()
    await dialog.locator('footer button').last().click()
    await dialog.getByRole('listbox').waitFor({ state: 'detached' })
  }

  /** Opens an archive as a person does who knows where it is. */
  async openArchive(path: string): Promise<void> {
    await this.button('Open…').click()
    await this.pick(path)
  }

  /** Waits until the strip of jobs says so. A space stands for any, those that do not break included. */
  async told(text: RegExp): Promise<void> {
    const spaced = new RegExp(text.source.replaceAll(' ', String.raw`\s`))
    await this.jobs.getByText(spaced).first().waitFor()
  }

  /** The engine's process, a child of the shell's. */
  get engine(): number {
    const { pid } = this.#server
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
    const engine = children.find((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('engine.js'))
    if (engine === undefined) throw new Error('lmz serve has no engine')
    return Number(engine)
  }
}

interface Served {
  readonly server: ChildProcess
  /** With the token that lets one page in. */
  readonly address: string
}

/** @param port any that is free if it is not given */
export async function serve(home: string, paths: readonly string[], port?: number): Promise<Served> {
  const server = spawn(
    process.execPath,
    [program, 'serve', '--no-browser', ...(port === undefined ? [] : ['--port', `${port}`]), ...paths],
    {
      cwd: home,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, HOME: home, XDG_CONFIG_HOME: join(home, '.config'), XDG_CACHE_HOME: join(home, '.cache') },
    },
  )
  const address = await new Promise<string>((found, failed) => {
    let said = ''
    server.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text
      const [match] = /http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]+/.exec(said) ?? []
      if (match !== undefined) found(match)
    })
    server.once('exit', (code) => failed(new Error(`lmz serve ended with ${code}: ${said}`)))
  })
  return { server, address }
}

async function writeSettings(home: string, settings: Readonly<Record<string, unknown>>): Promise<void> {
  const { SettingsFile } = await import('../../../src-main/shells/window/settings-file')
  const { defaultSettings } = await import('../../../src-main/contract/shell-api')
  const folder = join(home, '.config', 'lmz')
  mkdirSync(folder, { recursive: true })
  await new SettingsFile(join(folder, 'settings.json')).change({ ...defaultSettings, ...settings })
}

/** Whatever a page should never do, as it happens. */
function complaintsOf(page: Page, origin: string): string[] {
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') {
      const { url, lineNumber, columnNumber } = message.location()
      complaints.push(`console: ${message.text()} (${url}:${lineNumber + 1}:${columnNumber})`)
    }
  })
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`))
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('request', (request) => {
    const url = new URL(request.url())
    const isOwn = url.protocol === 'blob:' ? url.href.startsWith(`blob:${origin}/`) : url.origin === origin
    if (!isOwn) complaints.push(`request: ${request.url()}`)
  })
  return complaints
}

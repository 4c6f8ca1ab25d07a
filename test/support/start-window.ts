import { AxeBuilder } from '@axe-core/playwright'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, CDPSession, Locator, Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { type OpenedWebShell, openWebShell } from './web-window'

/** The window in a real browser before anything is opened in it, in front of a real engine. */
export class StartWindow {
  readonly page: Page
  readonly shell: OpenedWebShell
  /** Whatever the page complained about, scripts that ran where none should included. */
  readonly complaints: string[] = []
  readonly #devtools: CDPSession

  private constructor(page: Page, shell: OpenedWebShell, devtools: CDPSession) {
    this.page = page
    this.shell = shell
    this.#devtools = devtools
    page.setDefaultTimeout(20_000)
    page.on('pageerror', (error) => this.complaints.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text())
    })
    page.on('dialog', (dialog) => {
      if (dialog.type() !== 'beforeunload') this.complaints.push(`a dialog: ${dialog.message()}`)
      void dialog.accept()
    })
  }

  static async open(browser: Browser, options: BrowserContextOptions = {}): Promise<StartWindow> {
    const shell = await openWebShell()
    const context = await browser.newContext({ viewport: { width: 1000, height: 700 }, locale: 'en-GB', ...options })
    onTestFinished(() => context.close())
    const page = await context.newPage()
    const window = new StartWindow(page, shell, await context.newCDPSession(page))
    await page.goto(shell.address)
    await page.getByRole('main').waitFor()
    return window
  }

  /** The folder that is the user's own. */
  get home(): string {
    return this.shell.folder
  }

  /** The topmost dialog. */
  get dialog(): Locator {
    return this.page.locator('dialog[open]').last()
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', typeof name === 'string' ? { name, exact: true } : { name })
  }

  /** Drops files and folders of the disk, as a file manager does. */
  async drop(...paths: readonly string[]): Promise<void> {
    const data = { items: [], files: [...paths], dragOperationsMask: 1 }
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await this.#devtools.send('Input.dispatchDragEvent', { type, x: 300, y: 300, data })
    }
  }

  /** Types a path into the window's own dialog and takes it. */
  async choose(path: string): Promise<void> {
    const field = this.dialog.getByRole('textbox', { name: 'Path' })
    await this.dialog.getByRole('option').first().waitFor()
    await field.fill(path)
    await this.dialog.getByRole('option').first().waitFor()
    await this.dialog.locator('footer').getByRole('button').last().click()
  }

  /** Starts a new archive of one path, up to the dialog that asks for the rest. */
  async startArchive(path: string): Promise<void> {
    await this.page.keyboard.press('Control+n')
    await this.choose(path)
    await this.dialog.getByRole('radio').first().waitFor()
  }

  /** What axe finds fault with in the window as it stands. */
  async violations(): Promise<readonly string[]> {
    const found = await new AxeBuilder({ page: this.page }).analyze()
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(', ')}`)
  }

  /** A file that keeps the engine at work for many seconds. */
  writeLongWork(name: string): string {
    const path = join(this.home, name)
    const words = Array.from({ length: 3_000_000 }, (_, at) => ((at * 2654435761) >>> 8).toString(36))
    writeFileSync(path, words.join(' '))
    return path
  }
}

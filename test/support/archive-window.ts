import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { runLmz } from './lmz-process'
import { temporaryFolder } from './temporary'
import { openWebShell } from './web-window'

/** Makes an archive of these files, by their paths. @returns its path, in a folder of its own */
export async function archiveOf(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const folder = temporaryFolder()
  const tops = new Set<string>()
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, 'files', path)), { recursive: true })
    writeFileSync(join(folder, 'files', path), content)
    tops.add(path.split('/')[0]!)
  }
  const archive = join(folder, 'made.lmz')
  const sources = [...tops].map((top) => join(folder, 'files', top))
  const { code, stderr } = await runLmz(['create', '--preset', 'fast', archive, ...sources])
  if (code !== 0) throw new Error(stderr)
  return archive
}

/** The window of an archive in a real browser, in front of a real engine. */
export class ArchiveWindow {
  readonly page: Page
  /** Whatever the page complained about, scripts that ran where none should included. */
  readonly complaints: string[] = []

  private constructor(page: Page) {
    this.page = page
    page.on('pageerror', (error) => this.complaints.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text())
    })
    page.on('dialog', (dialog) => {
      this.complaints.push(`a dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
  }

  static async open(browser: Browser, archive: string): Promise<ArchiveWindow> {
    const { address } = await openWebShell({ paths: [archive] })
    const context = await browser.newContext({ viewport: { width: 1000, height: 700 }, locale: 'en-GB' })
    onTestFinished(() => context.close())
    const window = new ArchiveWindow(await context.newPage())
    await window.page.goto(address)
    return window
  }

  get list(): Locator {
    return this.page.getByRole('grid')
  }

  get tree(): Locator {
    return this.page.getByRole('tree')
  }

  get preview(): Locator {
    return this.page.getByRole('region', { name: 'Preview' }).first()
  }

  /** The row of an entry. */
  row(name: string): Locator {
    return this.list.locator('[data-index]').filter({ has: this.page.getByTitle(name, { exact: true }) })
  }

  /** Waits until the list shows exactly these names, in this order. */
  async shows(...names: readonly string[]): Promise<void> {
    const expected = JSON.stringify(names)
    await this.page.waitForFunction(
      (wanted) => {
        const cells = [...document.querySelectorAll('[role=grid] [data-index] .name')]
        return JSON.stringify(cells.map((cell) => cell.getAttribute('title'))) === wanted
      },
      expected,
      { timeout: 10_000 },
    )
  }

  /** The names that are marked as selected. */
  selected(): Promise<(string | null)[]> {
    return this.list
      .locator('[aria-selected=true] .name')
      .evaluateAll((cells) => cells.map((cell) => cell.getAttribute('title')))
  }

  /** Where the breadcrumb says that the window is. */
  place(): Promise<string> {
    return this.page
      .getByRole('navigation', { name: 'Place' })
      .getByRole('button')
      .evaluateAll((buttons) => buttons.map((button) => button.textContent.trim()).join(' > '))
  }
}

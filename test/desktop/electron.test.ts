import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { _electron, type ElectronApplication, type Page } from 'playwright-core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { desktopApp } from '../../build/electron.mjs'
import { runLmz } from '../support/lmz-process'
import { temporaryFolder } from '../support/temporary'

/* The same flows as in the other tests of this folder, in Electron itself, and what no stand-in can tell. */

const electron = desktopApp()
const suffix = electron === undefined ? ' (skipped: no Electron binary)' : ''

describe.skipIf(electron === undefined)(`the app in Electron${suffix}`, () => {
  async function start(
    args: readonly string[] = [],
  ): Promise<{ readonly app: ElectronApplication; readonly page: Page }> {
    const home = temporaryFolder()
    const flags = process.getuid?.() === 0 ? ['--no-sandbox'] : []
    const app = await _electron.launch({
      executablePath: electron!.program,
      args: [electron!.entry, ...flags, ...args],
      env: {
        ...(process.env as Record<string, string>),
        HOME: home,
        USERPROFILE: home,
        XDG_CONFIG_HOME: join(home, 'config'),
        XDG_CACHE_HOME: join(home, 'cache'),
        APPDATA: join(home, 'config'),
        LOCALAPPDATA: join(home, 'cache'),
      },
    })
    onTestFinished(() => app.close())
    return { app, page: await app.firstWindow() }
  }

  function folderOfFiles(): string {
    const folder = join(temporaryFolder(), 'Trip')
    mkdirSync(folder)
    writeFileSync(join(folder, 'packing list.txt'), 'socks\n'.repeat(200))
    return folder
  }

  async function archiveOf(folder: string, name: string): Promise<string> {
    const archive = join(folder, '..', name)
    expect((await runLmz(['create', archive, join(folder, 'packing list.txt')])).code).toBe(0)
    return archive
  }

  test('a folder is packed through the dialogs and looked into', async () => {
    const { app, page } = await start()
    const folder = folderOfFiles()
    await page.getByText('Drop files or folders here').waitFor()
    await app.evaluate(({ dialog, Menu }, chosen) => {
      dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [chosen] })
      const items = Menu.getApplicationMenu()?.items.flatMap(({ submenu }) => submenu?.items ?? []) ?? []
      items.find(({ label }) => label.startsWith('New Archive'))?.click()
    }, folder)
    const dialog = page.getByRole('dialog', { name: 'New archive' })
    await dialog.getByRole('radio', { name: /Fast/ }).check()
    await dialog.getByRole('button', { name: 'Create archive' }).click()
    await expect.poll(() => existsSync(join(folder, '..', 'Trip.lmz')), { timeout: 30_000 }).toBe(true)
    await page.getByRole('region', { name: 'Jobs' }).getByRole('button', { name: 'Open' }).click()
    await page.getByRole('row', { name: /Trip/ }).first().waitFor()
  })

  test('an archive on the command line opens, known by its content alone', async () => {
    const archive = await archiveOf(folderOfFiles(), 'attachment')
    const { page } = await start([archive])
    await page.getByRole('row', { name: /packing list/ }).waitFor()
  })

  test('a second start hands its file to the first', async () => {
    const archive = await archiveOf(folderOfFiles(), 'later.lmz')
    const { app, page } = await start()
    await page.getByText('Drop files or folders here').waitFor()
    await app.evaluate(({ app: running }, path) => {
      running.emit('second-instance', { preventDefault: () => undefined }, [], '/', { paths: [path] })
    }, archive)
    await page.getByRole('row', { name: /packing list/ }).waitFor()
  })

  test('the page is sandboxed and isolated, and goes nowhere', async () => {
    const { app, page } = await start()
    await page.getByText('Drop files or folders here').waitFor()
    expect(page.url()).toBe('lmz-app://window/')
    expect(await page.evaluate('[typeof require, typeof process, Object.keys(window.lmzDesktop).join()]')).toEqual([
      'undefined',
      'undefined',
      'pathOf',
    ])
    await page.evaluate("location.href = 'https://example.com/'")
    await page.evaluate("open('https://example.com/')")
    expect(await page.evaluate('Notification.requestPermission()')).toBe('denied')
    await expect(page.evaluate("fetch('https://example.com/')")).rejects.toThrow()
    await page.waitForTimeout(500)
    expect(page.url()).toBe('lmz-app://window/')
    expect(app.windows()).toHaveLength(1)
  })

  test('the engine is a process of its own, and when it dies another one takes its place', async () => {
    const { app, page } = await start()
    await page.getByText('Drop files or folders here').waitFor()
    const engines = (): Promise<readonly number[]> =>
      app.evaluate(({ app: running }) =>
        running.getAppMetrics().flatMap(({ pid, name }) => (name === 'lmz engine' ? [pid] : [])),
      )
    await expect.poll(engines).toHaveLength(1)
    const [first] = await engines()
    process.kill(first!, 'SIGKILL')
    await expect.poll(async () => (await engines()).filter((pid) => pid !== first)).toHaveLength(1)
  })
})

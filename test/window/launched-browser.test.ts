import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { program } from '../e2e/cli-process'
import { testBrowser } from '../support/chromium'
import { temporaryFolder } from '../support/temporary'

/** Waits for a file that has a second line. */
async function linesOf(path: string): Promise<readonly string[]> {
  for (;;) {
    const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []
    if (lines.length > 1) return lines
    await new Promise((pause) => setTimeout(pause, 50))
  }
}

describe.skipIf(testBrowser === undefined || process.platform === 'win32')('lmz serve', () => {
  test('shows the window in a browser it starts itself, and ends when that is closed', async () => {
    const home = temporaryFolder()
    const browser = join(home, 'browser')
    // The installed one, on a screen nobody sees, and with a way in for this test.
    writeFileSync(browser, `#!/bin/sh\nexec "${testBrowser!}" --headless=new --remote-debugging-port=0 "$@"\n`)
    chmodSync(browser, 0o755)
    const child = spawn(process.execPath, [program, 'serve'], {
      cwd: home,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        DISPLAY: ':99',
        HOME: home,
        XDG_CONFIG_HOME: join(home, 'config'),
        XDG_CACHE_HOME: join(home, 'cache'),
        LMZ_BROWSER: browser,
      },
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    let printed = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (printed += text))
    const ended = once(child, 'close')

    const [port] = await linesOf(join(home, 'cache/lmz/browser/DevToolsActivePort'))
    const connected = await chromium.connectOverCDP(`http://127.0.0.1:${port!}`)
    const context = connected.contexts()[0]!
    const page = context.pages()[0] ?? (await context.waitForEvent('page'))
    await page.waitForFunction(() => document.body.innerText.trim().length > 0)
    expect(page.url()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
    const start = performance.now()
    await page.close()
    const [code] = (await ended) as [number]
    expect(code).toBe(0)
    expect(performance.now() - start).toBeLessThan(15_000)
    expect(printed).toBe('')
    // Without a screen it goes on when its last window is closed.
    const session = await connected.newBrowserCDPSession()
    await session.send('Browser.close').catch(() => undefined)
  })
})

import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const programs = [
  process.env['LMZ_TEST_BROWSER'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
]

/** The installed browser that tests of the window run in; undefined where there is none. */
export const testBrowser = programs.find((path) => path !== undefined && existsSync(path))

/** Starts it without a screen. To be closed by whoever starts it. */
export async function launchChromium(): Promise<Browser> {
  if (testBrowser === undefined) throw new Error('There is no browser here; LMZ_TEST_BROWSER names one.')
  // Chromium's sandbox does not work for root.
  const options = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return chromium.launch({ executablePath: testBrowser, args: options })
}

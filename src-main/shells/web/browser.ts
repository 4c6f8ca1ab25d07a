import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants, mkdirSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

/** Names on Linux; the first one found is taken. */
const commands = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'microsoft-edge',
  'microsoft-edge-stable',
  'brave-browser',
  'brave',
]

const macApps = ['Google Chrome', 'Chromium', 'Microsoft Edge', 'Brave Browser']

const windowsPrograms = [
  'Google\\Chrome\\Application\\chrome.exe',
  'Microsoft\\Edge\\Application\\msedge.exe',
  'BraveSoftware\\Brave-Browser\\Application\\brave.exe',
  'Chromium\\Application\\chrome.exe',
]

interface Surroundings {
  readonly platform: NodeJS.Platform
  readonly environment: NodeJS.ProcessEnv
  readonly home: string
}

const here = (): Surroundings => ({ platform: process.platform, environment: process.env, home: homedir() })

/** An installed browser that knows app windows; LMZ_BROWSER names another one. Undefined where there is none, or no screen. */
export function findBrowser({ platform, environment, home }: Surroundings = here()): string | undefined {
  const { DISPLAY, WAYLAND_DISPLAY, LMZ_BROWSER } = environment
  if (platform === 'linux' && !DISPLAY && !WAYLAND_DISPLAY) return undefined
  if (LMZ_BROWSER) return isProgram(LMZ_BROWSER) ? LMZ_BROWSER : undefined
  return candidates({ platform, environment, home }).find(isProgram)
}

function candidates({ platform, environment, home }: Surroundings): readonly string[] {
  if (platform === 'darwin') {
    const folders = ['/Applications', join(home, 'Applications')]
    return macApps.flatMap((app) => folders.map((folder) => join(folder, `${app}.app`, 'Contents', 'MacOS', app)))
  }
  if (platform === 'win32') {
    const folders = ['ProgramFiles', 'ProgramFiles(x86)', 'LOCALAPPDATA'].map((name) => environment[name])
    return windowsPrograms.flatMap((program) => folders.flatMap((folder) => (folder ? [join(folder, program)] : [])))
  }
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  return commands.flatMap((command) => folders.map((folder) => join(folder, command)))
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/**
 * Opens an address in a window without tabs and address bar.
 * @param profile a folder for what the browser keeps; the user's own profile, and its extensions, are left alone
 */
export function openAppWindow(browser: string, address: string, profile: string): ChildProcess {
  mkdirSync(profile, { recursive: true, mode: 0o700 })
  const options = [
    `--app=${address}`,
    `--user-data-dir=${profile}`,
    '--window-size=1180,800',
    '--no-first-run',
    '--no-default-browser-check',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-extensions',
    '--disable-sync',
    '--disable-features=Translate,MediaRouter',
    '--password-store=basic',
  ]
  // Chromium's sandbox does not work for root.
  if (process.platform === 'linux' && process.getuid?.() === 0) options.push('--no-sandbox')
  return spawn(browser, options, { stdio: 'ignore' })
}

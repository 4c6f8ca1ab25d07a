import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '../support/temporary'
import { fetchRaw, LinkClient, letIn } from '../support/web-window'
import { program } from './cli-process'

interface Serving {
  readonly child: ChildProcess
  readonly home: string
  readonly stdout: () => string
  readonly stderr: () => string
  /** The first address that was printed. */
  readonly address: Promise<string>
  readonly ended: Promise<number | null>
}

const addressPattern = /http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]+/

/** `lmz serve` with a home of its own. */
function serve(parameters: readonly string[], environment: NodeJS.ProcessEnv = {}, home = temporaryFolder()): Serving {
  const child = spawn(process.execPath, [program, 'serve', ...parameters], {
    cwd: home,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      DISPLAY: '',
      WAYLAND_DISPLAY: '',
      HOME: home,
      XDG_CONFIG_HOME: join(home, 'config'),
      XDG_CACHE_HOME: join(home, 'cache'),
      ...environment,
    },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let stdout = ''
  let stderr = ''
  const address = new Promise<string>((found) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      const [match] = addressPattern.exec(stdout) ?? []
      if (match !== undefined) found(match)
    })
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = once(child, 'close').then(([code]) => code as number | null)
  return { child, home, stdout: () => stdout, stderr: () => stderr, address, ended }
}

async function windowAt(address: string): Promise<LinkClient> {
  return LinkClient.open(new URL(address).origin, await letIn(address))
}

function leftTemporary(home: string): readonly string[] {
  return readdirSync(join(home, 'cache/lmz/temporary'))
}

describe('lmz serve', () => {
  test('prints an address, and ends some seconds after the last window has been closed', async () => {
    const { address, ended, home, stdout, stderr } = serve(['--no-browser'])
    const client = await windowAt(await address)
    expect(await client.shell('facts')).toMatchObject({ kind: 'web', home })
    client.socket.close()
    // A page that is loaded again comes back at once.
    await new Promise((pause) => setTimeout(pause, 1000))
    const again = await LinkClient.open(new URL(await address).origin, client.cookie)
    await new Promise((pause) => setTimeout(pause, 4500))
    expect(await again.shell('facts')).toMatchObject({ kind: 'web' })
    again.socket.close()
    expect(await ended).toBe(0)
    expect(stdout()).toMatch(/^http:\S+\n$/)
    expect(stderr()).toBe('')
    expect(leftTemporary(home)).toEqual([])
  })

  test('hands over what is named on the command line, and goes on with a job after its window is closed', async () => {
    const home = temporaryFolder()
    writeFileSync(join(home, 'a.txt'), 'x'.repeat(2_000_000))
    const { address, ended, stdout, stderr } = serve(['a.txt', '--no-browser'], {}, home)
    const client = await windowAt(await address)
    await client.shell('facts')
    const { args } = await client.when(({ name }) => name === 'openRequested')
    expect(args).toEqual([[join(home, 'a.txt')]])
    await client.engine('submit', { verb: 'create', archive: join(home, 'a.lmz'), paths: [join(home, 'a.txt')] })
    client.socket.terminate()
    expect(await ended).toBe(0)
    expect(existsSync(join(home, 'a.lmz'))).toBe(true)
    expect(stderr()).toContain('lmz ends when its jobs are done')
    expect(stdout().trim().split('\n')).toHaveLength(2)
  })

  test('Ctrl-C breaks off a job, leaves nothing, and does not wait for windows', async () => {
    const home = temporaryFolder()
    writeFileSync(join(home, 'noise.txt'), Array.from({ length: 600_000 }, (_, at) => `${Math.sin(at)}\n`).join(''))
    const { address, ended, child } = serve(['--no-browser'], {}, home)
    const client = await windowAt(await address)
    await client.engine('submit', {
      verb: 'create',
      archive: join(home, 'new.lmz'),
      paths: [join(home, 'noise.txt')],
      preset: 'max',
    })
    await client.when(({ name, args }) => name === 'jobChanged' && (args[0] as { status: string }).status === 'running')
    const start = performance.now()
    child.kill('SIGINT')
    expect(await client.closed).toBe(1001)
    expect(await ended).toBe(0)
    expect(performance.now() - start).toBeLessThan(8000)
    expect(readdirSync(home).filter((name) => name.includes('lmz'))).toEqual([])
    expect(leftTemporary(home)).toEqual([])
  })

  test('what a killed shell left is gone with the next one', async () => {
    const home = temporaryFolder()
    const first = serve(['--no-browser'], {}, home)
    const client = await windowAt(await first.address)
    await client.shell('newUpload')
    first.child.kill('SIGKILL')
    await first.ended
    expect(leftTemporary(home)).toHaveLength(1)
    const second = serve(['--no-browser'], {}, home)
    await second.address
    expect(leftTemporary(home)).toHaveLength(1)
    second.child.kill('SIGTERM')
    await second.ended
    expect(leftTemporary(home)).toEqual([])
  })

  test('listens on the port it is given, and says what is wrong with one that is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    onTestFinished(() => void taken.close())
    const { port } = taken.address() as { port: number }
    const refused = serve(['--no-browser', '--port', String(port)])
    expect(await refused.ended).toBe(4)
    expect(refused.stderr()).toContain(`Cannot listen on port ${port}`)
    taken.close()
    await once(taken, 'close')
    const served = serve(['--no-browser', '--port', String(port)])
    expect(new URL(await served.address).port).toBe(String(port))
    served.child.kill('SIGTERM')
    expect(await served.ended).toBe(0)
    const wrong = serve(['--port', '99999'])
    expect(await wrong.ended).toBe(2)
  })

  test('--json tells the address as an event', async () => {
    const { address, stdout } = serve(['--no-browser', '--json'])
    const printed = await address
    expect(JSON.parse(stdout())).toEqual({ event: 'address', address: printed })
  })
})

/** A browser that only writes down how it was started. */
function fakeBrowser(folder: string, name: string, then: string): string {
  const path = join(folder, name)
  mkdirSync(folder, { recursive: true })
  writeFileSync(path, `#!/bin/sh\nprintf '%s\\n' "$@" > "${path}.arguments"\n${then}\n`)
  chmodSync(path, 0o755)
  return path
}

async function argumentsOf(browser: string): Promise<readonly string[]> {
  const path = `${browser}.arguments`
  while (!existsSync(path) || readFileSync(path, 'utf8').split('\n').length < 8) {
    await new Promise((pause) => setTimeout(pause, 20))
  }
  return readFileSync(path, 'utf8').trim().split('\n')
}

describe.skipIf(process.platform === 'win32')('the browser', () => {
  test('is an installed one in app mode, with a profile of its own', async () => {
    const home = temporaryFolder()
    const browser = fakeBrowser(join(home, 'bin'), 'google-chrome', 'exec /bin/sleep 20')
    const { child, ended, stdout } = serve([], { PATH: join(home, 'bin'), DISPLAY: ':99' }, home)
    const options = await argumentsOf(browser)
    const address = options.find((option) => option.startsWith('--app='))!.slice('--app='.length)
    expect(options).toContain(`--user-data-dir=${join(home, 'cache/lmz/browser')}`)
    expect(options.includes('--no-sandbox')).toBe(process.getuid!() === 0)
    const client = await windowAt(address)
    expect(await client.shell('facts')).toMatchObject({ kind: 'web' })
    expect((await fetchRaw(new URL(address).origin, `/${new URL(address).search}`)).status).toBe(403)
    client.socket.close()
    expect(await ended).toBe(0)
    // What let the window in stands in no terminal.
    expect(stdout()).toBe('')
    child.kill()
  })

  test('that fails is told of, and the address is printed instead', async () => {
    const home = temporaryFolder()
    fakeBrowser(join(home, 'bin'), 'chromium', 'exit 3')
    const { address, stderr } = serve([], { PATH: join(home, 'bin') + ':/usr/bin:/bin', DISPLAY: ':99' }, home)
    expect(await windowAt(await address).then((client) => client.shell('facts'))).toMatchObject({ kind: 'web' })
    expect(stderr()).toContain('chromium does not show the window')
  })

  test('is not looked for without a screen, and may be named', async () => {
    const home = temporaryFolder()
    const browser = fakeBrowser(join(home, 'elsewhere'), 'my browser', 'exec /bin/sleep 20')
    const withoutScreen = serve([], { LMZ_BROWSER: browser }, home)
    await withoutScreen.address
    expect(existsSync(`${browser}.arguments`)).toBe(process.platform !== 'linux')
    const withScreen = serve([], { LMZ_BROWSER: browser, DISPLAY: ':99' }, home)
    expect((await argumentsOf(browser)).join(' ')).toMatch(addressPattern)
    withScreen.child.kill('SIGTERM')
    await withScreen.ended
  })
})

test('npm start without Electron says so in one line and shows the window in a browser', async () => {
  const home = temporaryFolder()
  const start = resolve(import.meta.dirname, '../../build/start.mjs')
  const child = spawn(process.execPath, [start], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      DISPLAY: '',
      WAYLAND_DISPLAY: '',
      HOME: home,
      XDG_CONFIG_HOME: home,
      XDG_CACHE_HOME: home,
      ELECTRON_OVERRIDE_DIST_PATH: home,
    },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string]
  expect(line).toMatch(addressPattern)
  const client = await windowAt(line.trim())
  expect(await client.shell('facts')).toMatchObject({ kind: 'web' })
  expect(stderr).toBe(
    "lmz: Electron's program is not installed, so the window opens in a browser (npm start -- --help for the command line)\n",
  )
  child.kill('SIGTERM')
  await once(child, 'close')
})

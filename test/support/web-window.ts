import { once } from 'node:events'
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { decode, encode } from '@msgpack/msgpack'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import type { EngineApi, JobState } from '../../src-main/contract/engine-api'
import type { LmzErrorData } from '../../src-main/contract/error'
import type { ShellApi } from '../../src-main/contract/shell-api'
import { WebShell, type WebShellOptions } from '../../src-main/shells/web/web-shell'
import { type Desk, openDesk } from '../../src-main/shells/window/desk'
import { type EngineProcess, startEngineChild } from '../../src-main/shells/window/engine-process'
import { temporaryFolder } from './temporary'

const builtPage = resolve(import.meta.dirname, '../../out/renderer')

export interface OpenedWebShell {
  readonly shell: WebShell
  readonly desk: Desk
  readonly origin: string
  /** A new address with a token, as it is printed. */
  readonly address: string
  /** Whatever was printed. */
  readonly printed: readonly string[]
  readonly folder: string
  /** Every engine that has been started, the newest last. */
  readonly engines: readonly EngineProcess[]
}

/** The web shell with a real engine, without a browser; everything it keeps is in a folder that goes away with the test. */
export async function openWebShell(options: Partial<WebShellOptions> = {}): Promise<OpenedWebShell> {
  const folder = temporaryFolder()
  const folders = { home: folder, settings: join(folder, 'settings'), cache: join(folder, 'cache') }
  const engines: EngineProcess[] = []
  const start = (): EngineProcess => {
    const engine = startEngineChild()
    engines.push(engine)
    return engine
  }
  const desk = openDesk(start, folders)
  const printed: string[] = []
  const shell = await WebShell.open({
    desk,
    page: builtPage,
    port: 0,
    openBrowser: false,
    paths: [],
    onAddress: (address) => void printed.push(address),
    onNotice: () => undefined,
    ...options,
  })
  onTestFinished(async () => {
    await shell.close()
    await desk.close()
  })
  const address = printed[0]!
  return { shell, desk, origin: new URL(address).origin, address, printed, folder, engines }
}

export interface Fetched {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface FetchOptions {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

/** A request as it is, with any headers and any path: `fetch` would put them right. */
export async function fetchRaw(origin: string, path: string, options: FetchOptions = {}): Promise<Fetched> {
  const { hostname, port } = new URL(origin)
  const { method = 'GET', headers = {} } = options
  const sent = request({ hostname, port, path, method, headers: { ...headers }, agent: false })
  sent.end(options.body)
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response) }
}

/** Opens an address as a browser does. @returns the cookie it is given */
export async function letIn(address: string): Promise<string> {
  const { origin, pathname, search } = new URL(address)
  const { status, headers } = await fetchRaw(origin, pathname + search)
  const cookie = headers['set-cookie']?.[0]?.split(';')[0]
  if (status !== 303 || cookie === undefined) throw new Error(`not let in: ${status}`)
  return cookie
}

interface Told {
  readonly source: string
  readonly name: string
  readonly args: readonly unknown[]
}

type Outcome = { readonly value?: unknown } | { readonly error: LmzErrorData }

/** The far end of /link, without a page: says what it is told to say, right or wrong. */
export class LinkClient {
  readonly socket: WebSocket
  readonly cookie: string
  readonly told: Told[] = []
  readonly closed: Promise<number>
  readonly #waiting = new Map<string, (answer: Outcome) => void>()
  readonly #looks = new Set<() => void>()
  #next = 1

  constructor(socket: WebSocket, cookie: string) {
    this.socket = socket
    this.cookie = cookie
    this.closed = new Promise((resolve) => socket.once('close', resolve))
    socket.on('message', (data: Buffer) => {
      const message = decode(data, { useBigInt64: true }) as {
        t: string
        i: string
        r: Outcome
        a: [string, string, unknown[]]
      }
      if (message.t === 's') this.#waiting.get(message.i)?.(message.r)
      else this.told.push({ source: message.a[0], name: message.a[1], args: message.a[2] })
      for (const look of this.#looks) look()
    })
  }

  static async open(origin: string, cookie: string): Promise<LinkClient> {
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/link`, { headers: { cookie, origin } })
    onTestFinished(() => socket.terminate())
    const client = new LinkClient(socket, cookie)
    await once(socket, 'open')
    return client
  }

  /** The answer as it is on the wire. */
  call(target: string, name: string, args: readonly unknown[]): Promise<Outcome> {
    const i = String(this.#next++)
    const answer = new Promise<Outcome>((resolve) => this.#waiting.set(i, resolve))
    this.socket.send(
      encode({ t: 'q', m: 'call', a: [target, name, args], i }, { useBigInt64: true, ignoreUndefined: true }),
    )
    return answer
  }

  async engine<Name extends keyof EngineApi>(
    name: Name,
    ...args: Parameters<EngineApi[Name]>
  ): Promise<Awaited<ReturnType<EngineApi[Name]>>> {
    return valueOf(await this.call('engine', name, args)) as never
  }

  async shell<Name extends keyof ShellApi>(
    name: Name,
    ...args: Parameters<ShellApi[Name]>
  ): Promise<Awaited<ReturnType<ShellApi[Name]>>> {
    return valueOf(await this.call('shell', name, args)) as never
  }

  /** The first event, past ones included, that is as wanted. */
  when(wanted: (told: Told) => boolean): Promise<Told> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = this.told.find(wanted)
        if (found === undefined) return
        this.#looks.delete(look)
        resolve(found)
      }
      this.#looks.add(look)
      look()
    })
  }

  /** Does a job to its end. */
  async run(request: Parameters<EngineApi['submit']>[0]): Promise<JobState> {
    const id = await this.engine('submit', request)
    const { args } = await this.when(({ name, args }) => {
      const [job] = args as [JobState]
      return name === 'jobChanged' && job.id === id && /^(done|failed|cancelled)$/.test(job.status)
    })
    return args[0] as JobState
  }
}

function valueOf(answer: Outcome): unknown {
  if ('error' in answer) throw Object.assign(new Error(answer.error.message), answer.error)
  return answer.value
}

/** The code an answer fails with; undefined where it does not. */
export function codeOf(answer: Outcome): string | undefined {
  return 'error' in answer ? answer.error.code : undefined
}

/** A shell, and a window of it that has been let in. */
export async function openWindow(options?: Partial<WebShellOptions>) {
  const opened = await openWebShell(options)
  const cookie = await letIn(opened.address)
  const client = await LinkClient.open(opened.origin, cookie)
  return { ...opened, cookie, client }
}

import type { Page } from 'playwright-core'
import type { EngineApi } from '../../src-main/contract/engine-api'
import type { LmzErrorData } from '../../src-main/contract/error'
import type { ShellApi } from '../../src-main/contract/shell-api'

/** What the page's side of a test keeps in the page. */
interface InPage {
  lmzTest: {
    events: unknown[][]
    isClosed: boolean
    call(target: string, name: string, args: readonly unknown[]): Promise<{ value?: unknown; error?: LmzErrorData }>
  }
}

/** Speaks for the page of a window: asks for a port as the renderer does, and calls over it what the renderer can call. */
export class PageClient {
  readonly page: Page

  private constructor(page: Page) {
    this.page = page
  }

  static async connect(page: Page): Promise<PageClient> {
    await page.evaluate(connectInPage)
    return new PageClient(page)
  }

  async engine<Name extends keyof EngineApi>(
    name: Name,
    ...args: Parameters<EngineApi[Name]>
  ): Promise<Awaited<ReturnType<EngineApi[Name]>>> {
    return (await this.call('engine', name, args)) as Awaited<ReturnType<EngineApi[Name]>>
  }

  async shell<Name extends keyof ShellApi>(
    name: Name,
    ...args: Parameters<ShellApi[Name]>
  ): Promise<Awaited<ReturnType<ShellApi[Name]>>> {
    return (await this.call('shell', name, args)) as Awaited<ReturnType<ShellApi[Name]>>
  }

  /** @throws Error with the code of the error that came as the answer */
  async call(target: string, name: string, args: readonly unknown[]): Promise<unknown> {
    const answer = await this.page.evaluate(
      ([to, what, given]) => (globalThis as unknown as InPage).lmzTest.call(to, what, given),
      [target, name, args] as const,
    )
    if (answer.error !== undefined) throw new Error(`${answer.error.code}: ${answer.error.message}`)
    return answer.value
  }

  /** All that the page was told, as [source, name, args]. */
  events(): Promise<unknown[][]> {
    return this.page.evaluate(() => (globalThis as unknown as InPage).lmzTest.events)
  }

  /** The arguments of all events of a name. */
  async told(name: string): Promise<readonly unknown[]> {
    return (await this.events()).filter((event) => event[1] === name).map((event) => event[2])
  }

  isClosed(): Promise<boolean> {
    return this.page.evaluate(() => (globalThis as unknown as InPage).lmzTest.isClosed)
  }
}

/** Runs in the page. The form of the messages is birpc's. */
function connectInPage(): Promise<void> {
  interface Port {
    postMessage(message: unknown): void
    onmessage: (event: { readonly data: Message }) => void
    addEventListener(name: 'close', listener: () => void): void
  }
  interface Message {
    readonly t: 'q' | 's'
    readonly i?: string
    readonly a: unknown[]
    readonly r: never
  }
  interface World {
    addEventListener(
      name: 'message',
      listener: (event: { readonly data: unknown; readonly ports: Port[] }) => void,
    ): void
    postMessage(message: unknown, origin: string): void
    readonly location: { readonly origin: string }
  }
  const world = globalThis as unknown as World & InPage
  return new Promise((resolve) => {
    world.addEventListener('message', ({ data, ports }) => {
      const [port] = ports
      if ((data as { lmz?: unknown } | null)?.lmz !== 'port' || port === undefined) return
      const waiting = new Map<string, (answer: never) => void>()
      const lmzTest: InPage['lmzTest'] = {
        events: [],
        isClosed: false,
        call: (target, name, args) =>
          new Promise((done) => {
            const i = `t${Math.random()}`
            waiting.set(i, done)
            port.postMessage({ t: 'q', m: 'call', a: [target, name, args], i })
          }),
      }
      port.onmessage = (event) => {
        if (event.data.t === 'q') lmzTest.events.push(event.data.a)
        else waiting.get(event.data.i ?? '')?.(event.data.r)
      }
      port.addEventListener('close', () => (lmzTest.isClosed = true))
      world.lmzTest = lmzTest
      resolve()
    })
    world.postMessage({ lmz: 'ready' }, world.location.origin)
  })
}

import { decode, encode } from '@msgpack/msgpack'
import { createBirpc } from 'birpc'
import type { EngineApi, EngineEvents } from '../src-main/contract/engine-api'
import { LmzError } from '../src-main/contract/error'
import type { ChoiceKind, ShellApi, ShellEvents } from '../src-main/contract/shell-api'
import type { Answer, WindowCalls, WindowEvents } from '../src-main/contract/window-link'
import { desktopSources } from './sources/desktop-sources'
import type { Sources } from './sources/sources'
import { uploadSources } from './sources/upload-sources'

/** An API as it is from afar: every call answers with a promise, and rejects with LmzError. */
export type Remote<Api> = {
  readonly [Name in keyof Api]: Api[Name] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : never
}

/** `disconnected`: the channel to the shell has closed; no call will be answered any more. */
export type BridgeEvents = EngineEvents & ShellEvents & { disconnected(): void }

export interface Bridge {
  readonly engine: Remote<EngineApi>
  readonly shell: Remote<ShellApi>
  readonly events: {
    /** @returns ends the subscription */
    on<Name extends keyof BridgeEvents>(name: Name, listener: BridgeEvents[Name]): () => void
  }
  /** Absolute paths of what was dropped or chosen. Call it before the first `await` of the event's handler. */
  readonly sourcesOf: Sources
  /** Lets the user choose: in the system's dialog, or where there is none in the window's own. Nothing when cancelled. */
  readonly choose: Choose
}

export type Choose = (kind: ChoiceKind, suggestion?: string) => Promise<readonly string[]>

/** What the preload script of the desktop shell offers. */
interface DesktopWindow {
  readonly lmzDesktop?: { readonly pathOf: (file: File) => string }
}

/** Something that carries messages both ways. */
export interface Channel {
  post(message: unknown): void
  onMessage(listener: (message: unknown) => void): void
  onClose(listener: () => void): void
}

/**
 * Connects to the shell that this page is in: over a MessagePort on the desktop, over a WebSocket in a browser.
 * @param chooseInWindow asks for paths where the system has no dialog
 */
export async function connect(chooseInWindow: Choose): Promise<Bridge> {
  const desktop = (window as DesktopWindow).lmzDesktop
  if (desktop !== undefined) return bridgeOver(await portChannel(), desktopSources(desktop.pathOf), chooseInWindow)
  const link = new URL('/link', location.href)
  link.protocol = link.protocol === 'https:' ? 'wss:' : 'ws:'
  const channel = await socketChannel(link)
  const bridge: Bridge = bridgeOver(channel, (input, options) => upload(input, options), chooseInWindow)
  const upload = uploadSources(() => bridge.shell.newUpload())
  return bridge
}

/** The two APIs and their events over any channel. */
export function bridgeOver(channel: Channel, sourcesOf: Sources, chooseInWindow: Choose): Bridge {
  const listeners = new Map<string, Set<(...args: never[]) => void>>()
  /** What the shell asked to open before anybody listened: it does so as soon as there is a channel. */
  const early: (readonly unknown[])[] = []
  const emit = (name: string, args: readonly unknown[]): void => {
    if (name === 'openRequested' && !listeners.has(name)) early.push(args)
    for (const listener of [...(listeners.get(name) ?? [])]) (listener as (...args: unknown[]) => void)(...args)
  }
  const remote = createBirpc<WindowCalls, WindowEvents>(
    { event: (_source, name, args) => emit(name, args) },
    {
      post: (message) => channel.post(message),
      on: (listener) => channel.onMessage(listener),
      // A dialog may stay open for as long as the user likes.
      timeout: -1,
    },
  )
  channel.onClose(() => {
    remote.$close(connectionLost())
    emit('disconnected', [])
  })
  const call = async (target: 'engine' | 'shell', name: string, args: readonly unknown[]): Promise<unknown> => {
    const answer = (await (remote.call as AnyCall)(target, name, withoutTrailingGaps(args)).catch((cause: unknown) => {
      throw cause instanceof LmzError ? cause : connectionLost(cause)
    })) as Answer
    if ('error' in answer) throw LmzError.fromData(answer.error)
    return answer.value
  }
  const shell = remoteApi((name, args) => call('shell', name, args)) as Remote<ShellApi>
  return {
    engine: remoteApi((name, args) => call('engine', name, args)) as Remote<EngineApi>,
    shell,
    events: {
      on: (name, listener) => {
        const ofName = listeners.get(name) ?? new Set()
        listeners.set(name, ofName.add(listener))
        if (name === 'openRequested') for (const args of early.splice(0)) queueMicrotask(() => emit(name, args))
        return () => ofName.delete(listener)
      },
    },
    sourcesOf,
    choose: async (kind, suggestion) => {
      const chosen = await shell.choose(kind, suggestion)
      return chosen === undefined ? chooseInWindow(kind, suggestion) : chosen.paths
    },
  }
}

type AnyCall = (target: string, name: string, args: readonly unknown[]) => Promise<unknown>

function remoteApi(call: (name: string, args: readonly unknown[]) => Promise<unknown>): object {
  return new Proxy(
    {},
    {
      get: (_target, name) =>
        // A promise that resolves to the API looks for `then` in it.
        typeof name === 'string' && name !== 'then' ? (...args: unknown[]) => call(name, args) : undefined,
    },
  )
}

function connectionLost(cause?: unknown): LmzError {
  return new LmzError('Io', 'The connection to lmz was lost.', cause === undefined ? {} : { cause })
}

/** MessagePack knows no `undefined`: an argument that is left out must not arrive as null. */
function withoutTrailingGaps(args: readonly unknown[]): readonly unknown[] {
  let length = args.length
  while (length > 0 && args[length - 1] === undefined) length--
  return args.slice(0, length)
}

function portChannel(): Promise<Channel> {
  return new Promise((resolve) => {
    const receive = ({ source, data, ports }: MessageEvent): void => {
      const port = ports[0]
      if (source !== window || port === undefined || (data as { lmz?: unknown } | null)?.lmz !== 'port') return
      window.removeEventListener('message', receive)
      resolve({
        post: (message) => port.postMessage(message),
        onMessage: (listener) => {
          port.onmessage = (event) => listener(event.data)
        },
        onClose: (listener) => port.addEventListener('close', listener),
      })
    }
    window.addEventListener('message', receive)
    window.postMessage({ lmz: 'ready' }, location.origin)
  })
}

function socketChannel(address: URL): Promise<Channel> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address)
    socket.binaryType = 'arraybuffer'
    socket.addEventListener('error', () => reject(connectionLost()), { once: true })
    socket.addEventListener(
      'open',
      () =>
        resolve({
          post: (message) => socket.send(encode(message, { useBigInt64: true, ignoreUndefined: true })),
          onMessage: (listener) =>
            socket.addEventListener('message', ({ data }) => {
              if (data instanceof ArrayBuffer) listener(withoutNulls(decode(data, { useBigInt64: true })))
            }),
          onClose: (listener) => socket.addEventListener('close', listener, { once: true }),
        }),
      { once: true },
    )
  })
}

/** The contract knows no null: where one arrives, it stands for `undefined`, which MessagePack cannot carry. */
export function withoutNulls(value: unknown): unknown {
  if (value === null) return undefined
  if (typeof value !== 'object' || value instanceof Uint8Array) return value
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at++) value[at] = withoutNulls(value[at])
    return value
  }
  const record = value as Record<string, unknown>
  for (const key in record) record[key] = withoutNulls(record[key])
  return value
}

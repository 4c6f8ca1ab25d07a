import { decode, encode } from '@msgpack/msgpack'
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { onTestFinished } from 'vitest'
import { openDesk, type Desk } from '../../src-main/shells/window/desk'
import { startEngineChild } from '../../src-main/shells/window/engine-process'
import { WindowSession } from '../../src-main/shells/window/window-session'
import { type Bridge, bridgeOver, type Channel, withoutNulls } from '../../src-renderer/bridge'
import { temporaryFolder } from '../support/temporary'

export interface ConnectedWindow {
  readonly bridge: Bridge
  readonly desk: Desk
  readonly home: string
  /** Breaks the connection, as when the shell ends. */
  readonly cut: () => void
}

/** What a window is told it may do, of what a shell does by itself: nothing. */
const nothing = (): Promise<never> => Promise.reject(new Error('not in this test'))

/**
 * A window's bridge and a shell's session with a real engine, joined by a channel that turns messages into MessagePack
 * and back, as between a browser and the web shell.
 */
export function connectWindow(chooseInWindow = (): Promise<readonly string[]> => Promise.resolve([])): ConnectedWindow {
  const home = temporaryFolder()
  const folders = { home, settings: join(home, 'settings'), cache: join(home, 'cache') }
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true })
  const desk = openDesk(() => startEngineChild(resolve(import.meta.dirname, '../../out/main/engine.js')), folders)
  onTestFinished(() => desk.close())

  const toWindow = line((message) => withoutNulls(message))
  const toShell = line((message) => message)
  const closing: (() => void)[] = []
  new WindowSession(
    {
      post: (message) => toWindow.send(message),
      on: (listener) => toShell.receive(listener),
      onClose: (listener) => closing.push(listener),
    },
    desk,
    () => ({
      kind: 'web',
      choose: () => Promise.resolve(undefined),
      showing: () => Promise.resolve(),
      entryUrl: () => Promise.resolve(undefined),
      reveal: nothing,
      openEntry: nothing,
      dragOut: nothing,
      newUpload: nothing,
      openWindow: nothing,
      closeWindow: nothing,
    }),
  )
  const channel: Channel = {
    post: (message) => toShell.send(message),
    onMessage: (listener) => toWindow.receive(listener),
    onClose: (listener) => closing.push(listener),
  }
  const bridge = bridgeOver(channel, () => Promise.resolve([]), chooseInWindow)
  return { bridge, desk, home, cut: () => closing.forEach((close) => close()) }
}

function line(arriving: (message: unknown) => unknown) {
  const listeners: ((message: unknown) => void)[] = []
  return {
    receive: (listener: (message: unknown) => void) => void listeners.push(listener),
    send: (message: unknown) => {
      const bytes = encode(message, { useBigInt64: true, ignoreUndefined: true })
      setImmediate(() => {
        for (const listener of listeners) listener(arriving(decode(bytes, { useBigInt64: true })))
      })
    },
  }
}

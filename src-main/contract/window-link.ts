import type { EngineApi, EngineEvents } from './engine-api'
import type { LmzErrorData } from './error'
import type { ShellApi, ShellEvents } from './shell-api'

/*
 * What runs between a window and its shell: two calls in all, one each way, over any channel that carries structured data (a
 * MessagePort on the desktop, a WebSocket with MessagePack in a browser).
 */

/** Errors cross as data, so that they arrive as the same LmzError and not as text. */
export type Answer = { readonly value: unknown } | { readonly error: LmzErrorData }

/** What a window may call. */
export interface WindowCalls {
  call(target: 'engine', name: keyof EngineApi, args: readonly unknown[]): Promise<Answer>
  call(target: 'shell', name: keyof ShellApi, args: readonly unknown[]): Promise<Answer>
}

/** What a window is told. */
export interface WindowEvents {
  event(source: 'engine', name: keyof EngineEvents, args: readonly unknown[]): void
  event(source: 'shell', name: keyof ShellEvents, args: readonly unknown[]): void
}

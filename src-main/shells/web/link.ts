import { decode, encode } from '@msgpack/msgpack'
import type { RawData, WebSocket } from 'ws'
import type { Channel } from '../../engine/channel'
import { isWholeMessage } from './message-shape'

/** A job with thousands of paths fits in; nothing else a window has to say is nearly as long. */
export const longestMessage = 8 * 1024 * 1024
/** A window that takes in nothing any more must not fill the memory of the shell. */
const mostUnsent = 128 * 1024 * 1024

/** Codes of RFC 6455, 7.4.1 */
const unsupportedData = 1003
const invalidData = 1007

/** A window behind a WebSocket: each message is one value in MessagePack. Whoever sends anything else is cut off. */
export function channelToWindow(socket: WebSocket): Channel {
  return {
    post: (message) =>
      new Promise((resolve, reject) => {
        if (socket.bufferedAmount > mostUnsent) socket.terminate()
        const data = encode(message, { useBigInt64: true, ignoreUndefined: true })
        socket.send(data, (error) => (error ? reject(error) : resolve()))
      }),
    on: (listener) => {
      socket.on('message', (data: RawData, isBinary: boolean) => {
        if (!isBinary) {
          socket.close(unsupportedData)
          return
        }
        let message: unknown
        try {
          message = decoded(data as Buffer)
        } catch {
          socket.close(invalidData)
          return
        }
        listener(message)
      })
    },
    onClose: (listener) => {
      socket.on('close', listener)
      // A close follows each error.
      socket.on('error', () => undefined)
    },
  }
}

function decoded(data: Uint8Array): unknown {
  if (!isWholeMessage(data)) throw new RangeError('not one whole message')
  return withoutNulls(decode(data, { useBigInt64: true }))
}

/** MessagePack has no undefined, and the contract has no null. */
function withoutNulls(value: unknown): unknown {
  if (value === null) return undefined
  if (typeof value !== 'object' || value instanceof Uint8Array) return value
  if (Array.isArray(value)) return value.map(withoutNulls)
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withoutNulls(one)]))
}

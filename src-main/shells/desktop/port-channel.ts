import type { MessagePortMain } from 'electron'
import type { Channel } from '../../engine/channel'

/** The shell's end of the port that a page is given. Messages that came before somebody listens wait in it. */
export function portChannel(port: MessagePortMain): Channel {
  return {
    post: (message) => port.postMessage(message),
    on: (listener) => {
      port.on('message', ({ data }) => listener(data))
      port.start()
    },
    onClose: (listener) => void port.once('close', listener),
  }
}

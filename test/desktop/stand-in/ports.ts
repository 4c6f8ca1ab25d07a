import { EventEmitter } from 'node:events'

/** Where the messages for a port go that has been moved to a page. */
interface Place {
  message(data: unknown): void
  close(): void
}

/** One end of a channel in the main process, or the name of one that was moved to a page. */
export class MessagePortMain extends EventEmitter {
  other: MessagePortMain | undefined
  #waiting: unknown[] = []
  #isStarted = false
  #place: Place | undefined
  #isClosed = false

  postMessage(message: unknown): void {
    this.other?.receiveAtThisEnd(structuredClone(message))
  }

  start(): void {
    this.#isStarted = true
    for (const data of this.#waiting.splice(0)) this.emit('message', { data, ports: [] })
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#place?.close()
    this.emit('close')
    this.other?.close()
  }

  moveTo(place: Place): void {
    this.#place = place
    for (const data of this.#waiting.splice(0)) place.message(data)
  }

  /** From the page this port was moved to. */
  receive(data: unknown): void {
    this.other?.receiveAtThisEnd(data)
  }

  receiveAtThisEnd(data: unknown): void {
    if (this.#isClosed) return
    if (this.#place !== undefined) this.#place.message(data)
    else if (this.#isStarted) this.emit('message', { data, ports: [] })
    else this.#waiting.push(data)
  }
}

export class MessageChannelMain {
  readonly port1 = new MessagePortMain()
  readonly port2 = new MessagePortMain()

  constructor() {
    this.port1.other = this.port2
    this.port2.other = this.port1
  }
}

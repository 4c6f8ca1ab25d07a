import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { toLmzError } from '../../contract/error'
import { Admission, Refusal } from './admission'
import { longestMessage } from './link'
import { isOtherUsers } from './other-users'
import type { PageFiles } from './page-files'
import { answerText, protectingHeaders } from './response'

/** What lies behind the doors. */
export interface WebRoutes {
  readonly page: PageFiles
  upload(request: IncomingMessage, response: ServerResponse, address: string): Promise<void>
  /** @returns whether any window has that archive open */
  entry(response: ServerResponse, handle: number, entry: number): Promise<boolean>
  link(socket: WebSocket): void
}

/** Going away, of RFC 6455, 7.4.1 */
const goingAway = 1001

const entryAddress = /^\/entry\/([1-9]\d{0,14})\/([1-9]\d{0,14})\/[^/]*$/

/** Serves windows on 127.0.0.1; every request and every WebSocket has to get past {@link Admission}. */
export class WebServer {
  readonly admission: Admission
  readonly #server: Server
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: longestMessage, perMessageDeflate: false })
  readonly #routes: WebRoutes

  private constructor(server: Server, routes: WebRoutes) {
    this.#server = server
    this.#routes = routes
    this.admission = new Admission((server.address() as AddressInfo).port)
    server.on('connection', (socket) => {
      if (isOtherUsers(socket)) socket.destroy()
    })
    server.on('request', (request, response) => void this.#answer(request, response))
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
    server.on('clientError', (_error, socket) => socket.destroy())
  }

  /** @param port 0 for any that is free. @throws LmzError `Io` for one that is taken */
  static async listen(port: number, routes: WebRoutes): Promise<WebServer> {
    const server = createServer()
    // An upload takes as long as it takes.
    server.requestTimeout = 0
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen({ port, host: '127.0.0.1', exclusive: true }, resolve)
      })
    } catch (thrown) {
      throw toLmzError(thrown, `Cannot listen on port ${port}`)
    }
    return new WebServer(server, routes)
  }

  /** Cuts off all windows. */
  async close(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.close(goingAway)
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
    })
    this.#server.closeAllConnections()
    for (const socket of this.#sockets.clients) socket.terminate()
    await closed
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      this.admission.checkSender(request)
      await this.#route(request, response)
    } catch (thrown) {
      const { status, message } =
        thrown instanceof Refusal ? thrown : { status: 500, message: toLmzError(thrown, 'lmz failed').message }
      if (response.headersSent) response.destroy()
      else {
        response.setHeader('connection', 'close')
        answerText(response, status, message)
        request.resume()
      }
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '' } = request
    const [path = '', query = ''] = (request.url ?? '').split('?', 2)
    const token = new URLSearchParams(query).get('token')
    if (method === 'GET' && path === '/' && token !== null) {
      this.#letIn(request, response, token)
      return
    }
    this.admission.checkCookie(request)
    if (method === 'POST' && path.startsWith('/upload/')) {
      await this.#routes.upload(request, response, path.slice('/upload/'.length))
      return
    }
    if (method !== 'GET') throw new Refusal(405, 'There is nothing to be done here.')
    const [, handle, entry] = entryAddress.exec(path) ?? []
    if (handle !== undefined && (await this.#routes.entry(response, Number(handle), Number(entry)))) return
    if (this.#routes.page.answer(response, path)) return
    throw new Refusal(404, 'There is nothing here.')
  }

  /** The token leaves the address at once, so that it stands in no history. */
  #letIn(request: IncomingMessage, response: ServerResponse, token: string): void {
    const cookie = this.admission.exchange(token)
    // Opened once more in the same browser, it leads to the window all the same.
    if (cookie === undefined) this.admission.checkCookie(request)
    response
      .writeHead(303, {
        ...protectingHeaders,
        location: '/',
        ...(cookie === undefined ? {} : { 'set-cookie': cookie }),
      })
      .end()
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    try {
      this.admission.checkSender(request, { isUpgrade: true })
      this.admission.checkCookie(request)
      if (request.url !== '/link') throw new Refusal(404, 'There is nothing here.')
    } catch (thrown) {
      const status = thrown instanceof Refusal ? thrown.status : 500
      socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
      return
    }
    this.#sockets.handleUpgrade(request, socket, head, (opened) => this.#routes.link(opened))
  }
}

import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** Thrown for a request that gets nothing; the sentence goes to whoever sent it, so it tells nothing that helps to get in. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message)
  }
}

/** 256 bits: nobody guesses one. */
function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

/**
 * Says which requests come from a window of this shell. Every program and every web page of this computer can reach the port, so
 *
 * - the Host header must name the address the shell listens at: a page whose name was rebound to 127.0.0.1 sends its own name;
 * - Origin and Sec-Fetch-Site, where there are any, must be the shell's own: other pages get nothing, not even those of another
 *   port of this computer, for which the cookie would be sent along;
 * - a cookie must show that the page was opened by an address with a token, and each token opens one page.
 */
export class Admission {
  readonly origin: string
  readonly #host: string
  readonly #cookieName: string
  readonly #tokens = new Set<string>()
  readonly #sessions = new Set<string>()

  constructor(port: number) {
    this.#host = `127.0.0.1:${port}`
    this.origin = `http://${this.#host}`
    // Cookies know no ports: the name keeps two shells from taking each other's away.
    this.#cookieName = `lmz-${port}`
  }

  /** An address that lets one page in. */
  newAddress(): string {
    const token = newSecret()
    this.#tokens.add(token)
    return `${this.origin}/?token=${token}`
  }

  /** @throws Refusal unless the request was meant for this shell and no other page sent it */
  checkSender({ headers, method }: IncomingMessage, { isUpgrade = false } = {}): void {
    if (headers.host !== this.#host) throw new Refusal(421, 'This is not the address of lmz.')
    const { origin } = headers
    const site = headers['sec-fetch-site']
    // Browsers send Origin with everything that is more than looking.
    const mustTellOrigin = isUpgrade || method !== 'GET'
    if (origin === undefined ? mustTellOrigin : origin !== this.origin)
      throw new Refusal(403, 'lmz serves no other page.')
    if (site !== undefined && site !== 'same-origin' && site !== 'none') {
      throw new Refusal(403, 'lmz serves no other page.')
    }
  }

  /** @throws Refusal unless the request comes from a page that has been let in */
  checkCookie(request: IncomingMessage): void {
    if (!this.hasCookie(request)) {
      throw new Refusal(
        403,
        'This window has not been opened by lmz. Open the address that lmz has printed, or start it again.',
      )
    }
  }

  hasCookie({ headers }: IncomingMessage): boolean {
    const given = cookieValue(headers.cookie, this.#cookieName)
    return given !== undefined && contains(this.#sessions, given)
  }

  /** Uses a token up. @returns the Set-Cookie header for the page, or undefined for a token that is not good any more */
  exchange(token: string): string | undefined {
    if (!contains(this.#tokens, token)) return undefined
    this.#tokens.delete(token)
    const session = newSecret()
    this.#sessions.add(session)
    return `${this.#cookieName}=${session}; Path=/; HttpOnly; SameSite=Strict`
  }
}

/** In a time that says nothing about how much of it was right. */
function contains(secrets: ReadonlySet<string>, given: string): boolean {
  const bytes = Buffer.from(given)
  let isThere = false
  for (const secret of secrets) {
    const own = Buffer.from(secret)
    if (own.length === bytes.length && timingSafeEqual(own, bytes)) isThere = true
  }
  return isThere
}

function cookieValue(header: string | undefined, name: string): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const equals = pair.indexOf('=')
    if (equals > 0 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim()
  }
  return undefined
}

import { once } from 'node:events'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { fetchRaw, LinkClient, letIn, openWebShell, openWindow } from '../support/web-window'

/** Addresses behind which something would be found by a window. */
const addresses = ['/', '/index.html', '/entry/1/1/x', '/upload/00/x', '/link', '/nothing']

/** How a WebSocket ends that is not let in: the status of the answer. */
async function refusedUpgrade(origin: string, path: string, headers: Record<string, string>): Promise<number> {
  const socket = new WebSocket(origin.replace('http', 'ws') + path, { headers })
  socket.on('error', () => undefined)
  return Promise.race([
    once(socket, 'unexpected-response').then(([, response]) => (response as { statusCode: number }).statusCode),
    once(socket, 'open').then(() => {
      socket.terminate()
      return 101
    }),
  ])
}

describe('the web shell lets in nobody but its own windows', () => {
  test('without the cookie, or with a wrong one, there is nothing at any address', async () => {
    const { origin } = await openWebShell()
    const name = `lmz-${new URL(origin).port}`
    for (const cookie of [undefined, `${name}=`, `${name}=${'A'.repeat(43)}`, `other=1; ${name}=x`, 'x'.repeat(5000)]) {
      const headers = cookie === undefined ? {} : { cookie }
      for (const path of addresses) {
        const { status, body, headers: answered } = await fetchRaw(origin, path, { headers })
        expect([path, status]).toEqual([path, 403])
        expect(body).toBe(
          'This window has not been opened by lmz. Open the address that lmz has printed, or start it again.\n',
        )
        expect(answered['set-cookie']).toBeUndefined()
      }
      const upload = await fetchRaw(origin, '/upload/00/x', {
        method: 'POST',
        headers: { ...headers, origin },
        body: 'x',
      })
      expect(upload.status).toBe(403)
      expect(await refusedUpgrade(origin, '/link', { ...headers, origin })).toBe(403)
    }
  })

  test('a token lets in one page, once; wrong ones none', async () => {
    const { origin, address } = await openWebShell()
    const { search } = new URL(address)
    const token = search.slice('?token='.length)
    expect(token).toMatch(/^[\w-]{43}$/)
    for (const wrong of [
      '',
      'x',
      token.slice(1),
      `${token}x`,
      `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`,
    ]) {
      expect((await fetchRaw(origin, `/?token=${wrong}`)).status).toBe(403)
    }
    const first = await fetchRaw(origin, `/${search}`)
    expect(first.status).toBe(303)
    expect(first.headers.location).toBe('/')
    expect(first.headers['set-cookie']).toEqual([
      expect.stringMatching(/^lmz-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/),
    ])
    // What the cookie holds is not what stood in the address, which others may have seen.
    expect(first.headers['set-cookie']![0]).not.toContain(token)
    const second = await fetchRaw(origin, `/${search}`)
    expect(second.status).toBe(403)
    expect(second.headers['set-cookie']).toBeUndefined()
    const cookie = first.headers['set-cookie']![0]!.split(';')[0]!
    expect((await fetchRaw(origin, '/', { headers: { cookie } })).status).toBe(200)
    expect((await fetchRaw(origin, '/', { headers: { cookie: `lmz-${new URL(origin).port}=${token}` } })).status).toBe(
      403,
    )
  })

  test('a name that was rebound to this computer gets nothing, whatever it knows', async () => {
    const { origin, cookie } = await openWindow()
    const { port } = new URL(origin)
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      `localhost:${port}`,
      `127.0.0.1`,
      `127.0.0.1:${port}.evil.example`,
      `127.1:${port}`,
      `[::1]:${port}`,
    ]) {
      const { status } = await fetchRaw(origin, '/', { headers: { host, cookie } })
      expect([host, status]).toEqual([host, 421])
      expect(await refusedUpgrade(origin, '/link', { host, cookie, origin: `http://${host}` })).toBe(421)
    }
  })

  test('a page of another origin gets nothing, even one on this computer that the cookie is sent along for', async () => {
    const { origin, cookie, address } = await openWindow()
    const { port } = new URL(origin)
    const others = [
      'http://evil.example',
      'null',
      `http://localhost:${port}`,
      `http://127.0.0.1:${Number(port) + 1}`,
      `https://127.0.0.1:${port}`,
      `http://127.0.0.1:${port}.evil.example`,
      'http://127.0.0.1',
    ]
    for (const other of others) {
      for (const path of addresses) {
        const got = await fetchRaw(origin, path, { headers: { cookie, origin: other } })
        expect([path, other, got.status]).toEqual([path, other, 403])
        expect(got.headers['access-control-allow-origin']).toBeUndefined()
      }
      expect(
        (await fetchRaw(origin, '/upload/00/x', { method: 'POST', headers: { cookie, origin: other }, body: 'x' }))
          .status,
      ).toBe(403)
      expect(
        (await fetchRaw(origin, '/upload/00/x', { method: 'OPTIONS', headers: { cookie, origin: other } })).status,
      ).toBe(403)
      expect(await refusedUpgrade(origin, '/link', { cookie, origin: other })).toBe(403)
    }
    for (const site of ['cross-site', 'same-site', 'anything']) {
      expect((await fetchRaw(origin, '/', { headers: { cookie, 'sec-fetch-site': site } })).status).toBe(403)
      // Nor can another page use up the token of a window.
      expect(
        (await fetchRaw(origin, `/${new URL(address).search}`, { headers: { 'sec-fetch-site': site } })).status,
      ).toBe(403)
    }
    // Without an origin there may be looking, and no doing.
    expect((await fetchRaw(origin, '/upload/00/x', { method: 'POST', headers: { cookie }, body: 'x' })).status).toBe(
      403,
    )
    expect(await refusedUpgrade(origin, '/link', { cookie })).toBe(403)
  })

  test('another path than /link is no WebSocket, and the server goes on after rubbish instead of HTTP', async () => {
    const { origin, cookie, client } = await openWindow()
    for (const path of ['/', '/link/', '/link?x', '/links', '/upload/00/x']) {
      expect([path, await refusedUpgrade(origin, path, { cookie, origin })]).toEqual([path, 404])
    }
    for (const rubbish of [
      '\0\0\0\0',
      'GET',
      'GET / HTTP/9.9\r\n\r\n',
      `GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n`,
      'x'.repeat(100_000),
    ]) {
      const socket = connect(Number(new URL(origin).port), '127.0.0.1')
      socket.on('error', () => undefined)
      socket.end(rubbish)
      await new Promise((closed) => socket.resume().once('close', closed))
    }
    expect(await client.shell('facts')).toMatchObject({ kind: 'web' })
  })

  test('listens on this computer alone', async () => {
    const { origin } = await openWebShell()
    const others = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter(({ internal }) => !internal)
    const reached = await Promise.all(
      others.map(({ address, scopeid }) => {
        const socket = connect({
          port: Number(new URL(origin).port),
          host: scopeid ? `${address}%${scopeid}` : address,
          timeout: 3000,
        })
        return Promise.race([
          once(socket, 'connect').then(
            () => true,
            () => false,
          ),
          once(socket, 'timeout').then(() => false),
        ]).finally(() => socket.destroy())
      }),
    )
    expect(reached).not.toContain(true)
  })

  test('what it answers cannot be framed, guessed at, kept or read by others', async () => {
    const { origin, cookie } = await openWindow()
    for (const path of ['/', '/nothing']) {
      const { headers } = await fetchRaw(origin, path, { headers: { cookie } })
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
        'cross-origin-opener-policy': 'same-origin',
        'cache-control': 'no-store',
      })
      const policy = String(headers['content-security-policy'])
      for (const part of ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"]) {
        expect(policy.split('; ')).toContain(part)
      }
      expect(policy).not.toMatch(/unsafe|\*|http/)
    }
  })

  test('addresses lead to no file but those of the page', async () => {
    const { origin, cookie } = await openWindow()
    const outside = [
      '/../package.json',
      '/%2e%2e/package.json',
      '/..%2fpackage.json',
      '/assets/../../main/cli.js',
      '/..\\main\\cli.js',
      '//etc/passwd',
      '/etc/passwd',
      '/./index.html',
      '/index.html/',
      '/assets',
      '/assets/',
      '/index.html%00.js',
      '/constructor',
      '/__proto__',
      'http://evil.example/',
      '*',
      '/index.html\u00e9',
    ]
    for (const path of outside) {
      const got = await fetchRaw(origin, path, { headers: { cookie } }).catch((error: unknown) => ({
        status: String(error),
        body: '',
      }))
      expect([path, got.status === 200]).toEqual([path, false])
      expect(got.body).not.toContain('root:')
    }
    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'POST']) {
      expect((await fetchRaw(origin, '/', { method, headers: { cookie, origin } })).status).toBe(405)
    }
  })

  test('two windows let in with two tokens', async () => {
    const { origin, address, client, printed } = await openWindow()
    await client.shell('openWindow', undefined)
    expect(printed).toHaveLength(2)
    expect(printed[1]).not.toBe(address)
    const second = await LinkClient.open(origin, await letIn(printed[1]!))
    expect(await second.shell('facts')).toMatchObject({ kind: 'web' })
  })
})

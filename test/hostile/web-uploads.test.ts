import { once } from 'node:events'
import { existsSync, lstatSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { snapshot } from '../support/snapshot'
import { fetchRaw, openWindow } from '../support/web-window'

async function openUpload() {
  const window = await openWindow()
  const { id, folder } = await window.client.shell('newUpload')
  const headers = { cookie: window.cookie, origin: window.origin }
  const send = async (path: string, body: string | Uint8Array, more: Record<string, string> = {}) =>
    fetchRaw(window.origin, `/upload/${path}`, { method: 'POST', headers: { ...headers, ...more }, body })
  return { ...window, headers, id, uploadFolder: folder, send }
}

async function until(isSo: () => boolean): Promise<void> {
  const giveUp = Date.now() + 10_000
  while (!isSo()) {
    if (Date.now() > giveUp) throw new Error('it did not come to that')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

describe('files that are dropped on the page', () => {
  test('arrive whole, in their folders, with their times, in a place nobody else can look into', async () => {
    const { id, uploadFolder, send, client, folder } = await openUpload()
    const large = Buffer.alloc(5_000_000, 'large ')
    const modified = Date.UTC(2001, 1, 3, 4, 5, 6)
    expect(
      (await send(`${id}/photos/a%20b/%C3%BCn%C3%AF%20%F0%9F%98%80.txt`, 'text', { 'lmz-modified': String(modified) }))
        .status,
    ).toBe(201)
    expect((await send(`${id}/photos/large.bin`, large)).status).toBe(201)
    expect((await send(`${id}/photos/100%25%3F%23`, '')).status).toBe(201)
    expect((await send(`${id}/photos/empty/`, '')).status).toBe(201)
    expect(readFileSync(join(uploadFolder, 'photos/a b/ünï 😀.txt'), 'utf8')).toBe('text')
    expect(statSync(join(uploadFolder, 'photos/a b/ünï 😀.txt')).mtimeMs).toBe(modified)
    expect(readFileSync(join(uploadFolder, 'photos/large.bin')).equals(large)).toBe(true)
    expect(readdirSync(join(uploadFolder, 'photos')).sort()).toEqual(['100%?#', 'a b', 'empty', 'large.bin'])
    if (process.platform !== 'win32') {
      for (const path of [uploadFolder, join(folder, 'cache/temporary')]) expect(lstatSync(path).mode & 0o077).toBe(0)
    }
    const archive = join(folder, 'photos.lmz')
    const job = await client.run({ verb: 'create', archive, paths: [join(uploadFolder, 'photos')] })
    expect(job).toMatchObject({ status: 'done', report: { files: 3, problems: [] } })
    // The archive holds them now: the copies are only in the way.
    await until(() => !existsSync(uploadFolder))
  })

  test('names that lead elsewhere are refused, and nothing is written anywhere', async () => {
    const { id, send, folder } = await openUpload()
    writeFileSync(join(folder, 'canary'), 'canary')
    const before = snapshot(folder)
    const names = [
      '..',
      '%2e%2e/x',
      '..%2fx',
      'a/../../x',
      '%2e',
      '.',
      'a//b',
      '/x',
      '%2fetc%2fpasswd',
      'a%00b',
      '%00',
      '',
      'a/%2e%2e/%2e%2e/x',
      'C%3A%5Cx',
      'C:x',
      '%5C%5Cserver%5Cshare',
      'a%5C..%5C..%5Cx',
      '%',
      '%zz',
      '%ff',
      '%c0%ae%c0%ae/x',
      '...',
      '%20',
      '..%20/x',
      'a.txt%3AZone.Identifier',
      'x'.repeat(300),
      'a/'.repeat(201) + 'x',
      '../canary',
      'photos/..%2f..%2fcanary',
    ]
    for (const name of names) {
      const { status, body } = await send(`${id}/${name}`, 'evil')
      expect([name, [400, 413].includes(status)]).toEqual([name, true])
      expect(body).not.toContain(folder)
    }
    for (const other of ['', 'x', '..', `${id}x`, id.slice(1), '%2e%2e', '__proto__', '../../canary']) {
      const { status } = await send(`${other}/x`, 'evil')
      expect([other, status]).toEqual([other, 404])
    }
    expect(snapshot(folder)).toEqual(before)
  })

  test('one does not replace another, nor a folder a file', async () => {
    const { id, uploadFolder, send } = await openUpload()
    expect((await send(`${id}/a.txt`, 'first')).status).toBe(201)
    expect((await send(`${id}/a.txt`, 'second')).status).toBe(409)
    expect((await send(`${id}/a.txt/b.txt`, 'third')).status).toBeGreaterThanOrEqual(400)
    expect((await send(`${id}/a.txt/`, '')).status).toBeGreaterThanOrEqual(400)
    expect(readFileSync(join(uploadFolder, 'a.txt'), 'utf8')).toBe('first')
  })

  test('a file too large for the disk is refused before it is sent', async () => {
    const { origin, headers, id, uploadFolder } = await openUpload()
    const sent = request(`${origin}/upload/${id}/huge.bin`, {
      method: 'POST',
      headers: { ...headers, 'content-length': 2 ** 52 },
      agent: false,
    })
    sent.on('error', () => undefined)
    sent.write('the first bytes')
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    let body = ''
    for await (const piece of response.setEncoding('utf8')) body += piece as string
    sent.destroy()
    expect(response.statusCode).toBe(507)
    expect(JSON.parse(body)).toMatchObject({ code: 'NoSpace', message: expect.stringContaining('huge.bin') as string })
    expect(readdirSync(uploadFolder)).toEqual([])
  })

  test('what is broken off half-way leaves nothing', async () => {
    const { origin, headers, id, uploadFolder } = await openUpload()
    const sent = request(`${origin}/upload/${id}/half.bin`, {
      method: 'POST',
      headers: { ...headers, 'content-length': 1_000_000 },
      agent: false,
    })
    sent.on('error', () => undefined)
    sent.write(Buffer.alloc(100_000))
    await until(() => readdirSync(uploadFolder).length === 1)
    sent.destroy()
    await until(() => readdirSync(uploadFolder).length === 0)
  })

  test('they go away with their window, unless a job is at them', async () => {
    const { id, uploadFolder, send, client, folder, desk } = await openUpload()
    const kept = await client.shell('newUpload')
    expect((await send(`${id}/a.txt`, 'text')).status).toBe(201)
    expect((await send(`${kept.id}/b.txt`, 'b'.repeat(3_000_000))).status).toBe(201)
    const job = await client.engine('submit', {
      verb: 'create',
      archive: join(folder, 'b.lmz'),
      paths: [join(kept.folder, 'b.txt')],
    })
    client.socket.close()
    await until(() => !existsSync(uploadFolder))
    await until(() => desk.host.jobs().some(({ id: one, status }) => one === job && status === 'done'))
    await until(() => !existsSync(kept.folder))
    expect(existsSync(join(folder, 'b.lmz'))).toBe(true)
  })

  test('nothing of them is left when the shell ends', async () => {
    const { id, send, shell, desk, folder } = await openUpload()
    expect((await send(`${id}/a.txt`, 'text')).status).toBe(201)
    await shell.close()
    await desk.close()
    expect(readdirSync(join(folder, 'cache/temporary'))).toEqual([])
  })
})

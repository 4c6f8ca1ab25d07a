import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { encodeName } from '../../src-main/shells/web/downloads'
import { noise } from '../e2e/cli-tree'
import { openWindow } from '../support/web-window'

async function openWithFile(name: string, bytes: Uint8Array) {
  const window = await openWindow()
  const source = join(window.folder, 'source')
  mkdirSync(source)
  writeFileSync(join(source, name), bytes)
  const archive = join(window.folder, 'made.lmz')
  const paths = [join(source, name)]
  const job = await window.client.run({ verb: 'create', archive, paths, preset: 'fast', blockSize: 1024 * 1024 })
  expect(job.status).toBe('done')
  const { handle } = await window.client.engine('openArchive', archive)
  const [entry] = await window.client.engine('children', handle, 0, { offset: 0, limit: 10 })
  const url = (await window.client.shell('entryUrl', handle, entry!.id))!
  const ask = async (): Promise<IncomingMessage> => {
    const sent = request(url, { headers: { cookie: window.cookie }, agent: false }).end()
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    return response
  }
  return { ...window, archive, url, ask }
}

test('a file of many pieces arrives as it was, also if the browser takes its time', async () => {
  const bytes = noise(7_654_321)
  const { ask } = await openWithFile('large.bin', bytes)
  expect((await buffer(await ask())).equals(bytes)).toBe(true)
  const slow = await ask()
  const pieces: Buffer[] = []
  for await (const piece of slow) {
    pieces.push(piece as Buffer)
    if (pieces.length % 20 === 0) await new Promise((pause) => setTimeout(pause, 20))
  }
  expect(Buffer.concat(pieces).equals(bytes)).toBe(true)
})

test.each([0, 1, 1024 * 1024, 2 * 1024 * 1024])('a file of %i bytes arrives with all of them', async (length) => {
  const bytes = noise(length)
  const { ask } = await openWithFile('file.bin', bytes)
  expect((await buffer(await ask())).equals(bytes)).toBe(true)
})

test('a file that turns out to be damaged half-way is broken off, and not taken for whole', async () => {
  const bytes = noise(6_000_000)
  const { ask, archive } = await openWithFile('damaged.bin', bytes)
  const stored = readFileSync(archive)
  stored.fill(0xff, 4_000_000, 4_010_000)
  writeFileSync(archive, stored)
  const response = await ask()
  expect(response.statusCode).toBe(200)
  await expect(buffer(response)).rejects.toThrow(/aborted/)
})

test('a browser that breaks off a download keeps the shell neither from its work nor from its end', async () => {
  const { ask, client, shell, desk } = await openWithFile('large.bin', noise(8_000_000))
  for (let time = 0; time < 5; time++) {
    const response = await ask()
    await once(response, 'data')
    response.destroy()
  }
  expect(await client.shell('facts')).toMatchObject({ kind: 'web' })
  const last = await ask()
  await once(last, 'data')
  const start = performance.now()
  await shell.close()
  await desk.close()
  expect(performance.now() - start).toBeLessThan(4000)
})

test('no name of a file gets out of its header', () => {
  expect(encodeName('ünï "a"; filename=evil.exe\r\nSet-Cookie: x')).toMatch(/^[\w%.-]+$/)
  expect(encodeName('\u202egpj.exe')).not.toContain('%E2%80%AE')
  expect(encodeName('a/b\\c')).toBe('a_b_c')
  expect(encodeName('\ud800')).toMatch(/^[\w%.-]+$/)
})

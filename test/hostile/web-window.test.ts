import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encode } from '@msgpack/msgpack'
import { describe, expect, test } from 'vitest'
import type { JobRequest } from '../../src-main/contract/job'
import { longestMessage } from '../../src-main/shells/web/link'
import { codeOf, fetchRaw, LinkClient, letIn, openWindow } from '../support/web-window'

const prototypeKeys = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'then',
  '$call',
  'valueOf',
]

function makeSource(folder: string): string {
  const source = join(folder, 'source')
  mkdirSync(source, { recursive: true })
  writeFileSync(join(source, 'a.txt'), 'alpha')
  writeFileSync(join(source, '<img src=x onerror=alert(1)>.html'), '<script>alert(1)</script>')
  return source
}

async function openArchive() {
  const window = await openWindow()
  const archive = join(window.folder, 'made.lmz')
  const { status } = await window.client.run({ verb: 'create', archive, paths: [makeSource(window.folder)] })
  expect(status).toBe('done')
  const { handle } = await window.client.engine('openArchive', archive)
  const [source] = await window.client.engine('children', handle, 0, { offset: 0, limit: 10 })
  const files = await window.client.engine('children', handle, source!.id, { offset: 0, limit: 10 })
  return { ...window, archive, handle, files, file: files.find(({ name }) => name === 'a.txt')!.id }
}

describe('what a window sends is checked', () => {
  test('calls that there are not, and names of what every object has, are refused', async () => {
    const { client } = await openWindow()
    for (const name of [...prototypeKeys, '', 'close', '#start', 'submit ', 'x'.repeat(100_000)]) {
      expect(codeOf(await client.call('engine', name, []))).toBe('Usage')
      expect(codeOf(await client.call('shell', name, []))).toBe('Usage')
    }
    expect(await client.shell('facts')).toMatchObject({ kind: 'web' })
  })

  test('arguments of the wrong kind, paths instead of numbers and numbers out of range are refused', async () => {
    const { client, handle } = await openArchive()
    const odd: readonly unknown[] = [
      '1',
      '../made.lmz',
      -1,
      0,
      1.5,
      Number.NaN,
      Infinity,
      2 ** 53,
      true,
      {},
      [],
      [handle],
      { valueOf: 1 },
      new Uint8Array(8),
      5n,
    ]
    const page = { offset: 0, limit: 10 }
    for (const value of odd) {
      for (const [name, args] of [
        ['pathOf', [value, 1]],
        ['pathOf', [handle, value]],
        ['closeArchive', [value]],
        ['read', [handle, 1, value, value]],
        ['children', [handle, value === 0 ? -1 : value, page]],
        ['cancel', [value]],
        ['answer', [value, { choice: 'skip', forAll: true }]],
        ['submit', [value]],
        ['openArchive', [value]],
        ['jobs', [value]],
      ] as const) {
        expect([name, value, codeOf(await client.call('engine', name, args))]).toEqual([name, value, 'Usage'])
      }
      for (const [name, args] of [
        ['openEntry', [value, value, true]],
        ['entryUrl', [handle, value]],
        ['listFolder', [value]],
        ['exists', [value]],
        ['reveal', [value]],
        ['forget', [value]],
        ['openWindow', [value]],
        ['showing', [value]],
        ['changeSettings', [value]],
        ['dragOut', [handle, [value]]],
      ] as const) {
        expect([name, value, codeOf(await client.call('shell', name, args))]).toEqual([name, value, 'Usage'])
      }
    }
    expect(codeOf(await client.call('engine', 'children', [handle, 0, { offset: 0, limit: 10_001 }]))).toBe('Usage')
    expect(codeOf(await client.call('engine', 'children', [handle, 0, { ...page, more: 1 }]))).toBe('Usage')
    expect(codeOf(await client.call('engine', 'read', [handle, 1, 0, 2 ** 30]))).toBe('Usage')
    expect(codeOf(await client.call('shell', 'exists', ['/a\0b']))).toBe('Usage')
    expect(codeOf(await client.call('shell', 'exists', ['/' + 'a'.repeat(100_000)]))).toBe('Usage')
  })

  test('jobs whose paths depend on where a process was started are refused, and so are keys that jobs do not have', async () => {
    const { client, folder } = await openWindow()
    const source = makeSource(folder)
    const archive = join(folder, 'new.lmz')
    const jobs: readonly unknown[] = [
      { verb: 'create', archive: 'new.lmz', paths: [source] },
      { verb: 'create', archive, paths: ['source'] },
      { verb: 'create', archive, paths: [source, '../source'] },
      { verb: 'extract', archive, entries: [], destination: '.', overwrite: 'skip', smart: false },
      { verb: 'salvage', archive, target: 'x.lmz' },
      { verb: 'create', archive: `${archive}\0`, paths: [source] },
      { verb: 'create', archive, paths: [source], isAdmin: true },
      { verb: 'create', archive, paths: [source], constructor: { prototype: { polluted: 1 } } },
      { verb: 'constructor', archive, paths: [source] },
      { archive, paths: [source] },
    ]
    for (const job of jobs) expect(codeOf(await client.call('engine', 'submit', [job]))).toBe('Usage')
    expect(await client.engine('jobs')).toEqual([])
    expect(readdirSync(folder).filter((name) => name.endsWith('.lmz'))).toEqual([])
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  test('keys that would reach the prototype of all objects cut the window off before anything sees them', async () => {
    const { origin, cookie, client } = await openWindow()
    const settings = await client.shell('settings')
    // {"a": ["shell", "changeSettings", [{"__proto__": {"polluted": true}}]]}, which an encoder would not write.
    const key = encode('__proto__')
    const harmless = encode({
      t: 'q',
      m: 'call',
      a: ['shell', 'changeSettings', [{ '12345678X': { polluted: true } }]],
      i: '1',
    })
    const at = Buffer.from(harmless).indexOf('12345678X')
    const message = Buffer.from(harmless)
    message.set(key.subarray(1), at)
    const attacker = await LinkClient.open(origin, cookie)
    attacker.socket.send(message)
    expect(await attacker.closed).toBe(1007)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    expect(await client.shell('settings')).toEqual(settings)
    for (const name of ['constructor', 'prototype']) {
      expect(codeOf(await client.call('shell', 'changeSettings', [{ ...settings, [name]: { polluted: true } }]))).toBe(
        'Usage',
      )
    }
  })

  test('messages that are too long, no binary, broken, bombs or something else than a call do no harm', async () => {
    const { origin, cookie, client } = await openWindow()
    const nested = Buffer.concat([Buffer.alloc(100_000, 0x91), Buffer.from([0xc0])])
    // An array that says it has 2^32 - 1 elements, in one that says so too, and so on: each five bytes.
    const bomb = Buffer.concat(Array.from({ length: 1000 }, () => Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff])))
    const cutOff: readonly [string, string | Uint8Array, number][] = [
      ['too long', Buffer.alloc(longestMessage + 1), 1009],
      ['text', '{"t":"q"}', 1003],
      ['empty', Buffer.alloc(0), 1007],
      ['cut', encode({ t: 'q', m: 'call', a: [], i: '1' }).subarray(0, -1), 1007],
      ['two', Buffer.concat([encode(1), encode(2)]), 1007],
      ['never used', Buffer.from([0xc1]), 1007],
      ['nested', nested, 1007],
      ['bomb', bomb, 1007],
    ]
    for (const [name, data, code] of cutOff) {
      const attacker = await LinkClient.open(origin, cookie)
      attacker.socket.send(data)
      expect([name, await attacker.closed]).toEqual([name, code])
    }
    const call = { t: 'q', m: 'call', a: ['shell', 'facts', []], i: '1' }
    const noCalls: readonly unknown[] = [
      null,
      1,
      'call',
      [],
      {},
      { ...call, m: 'event' },
      { ...call, m: 'constructor' },
      { ...call, m: '__proto__'.slice(0, 8) },
      { ...call, t: 's', r: 1 },
      { ...call, i: undefined },
      { ...call, i: 'x'.repeat(100) },
      { ...call, i: 1 },
      { ...call, a: 'shell' },
      { ...call, a: [] },
      { ...call, a: ['shell', 'facts'] },
      { ...call, a: ['process', 'exit', []] },
      { ...call, a: ['shell', 'facts', [], 1] },
      { ...call, o: true },
    ]
    const odd = await LinkClient.open(origin, cookie)
    for (const message of noCalls) odd.socket.send(encode(message, { ignoreUndefined: true }))
    // They have been dropped without an answer, and what comes after them has not.
    expect(await odd.shell('facts')).toMatchObject({ kind: 'web' })
    expect(odd.told).toEqual([])
    expect(await client.shell('facts')).toMatchObject({ kind: 'web' })
  })
})

describe('an archive belongs to the window that opened it', () => {
  test('another window cannot look into it, close it or download from it by its number', async () => {
    const { client, origin, handle, file, cookie } = await openArchive()
    const other = await LinkClient.open(origin, cookie)
    const page = { offset: 0, limit: 10 }
    const calls: readonly [string, readonly unknown[]][] = [
      ['children', [handle, 0, page]],
      ['search', [handle, 'a', page]],
      ['list', [handle, 0, { column: 'name', descending: false }, page]],
      ['folders', [handle, 0]],
      ['shares', [handle, 0, 10]],
      ['pathOf', [handle, file]],
      ['read', [handle, file, 0, 10]],
      ['closeArchive', [handle]],
    ]
    for (const [name, args] of calls)
      expect([name, codeOf(await other.call('engine', name, args))]).toEqual([name, 'Usage'])
    for (const name of ['openEntry', 'entryUrl'] as const) {
      expect(codeOf(await other.call('shell', name, [handle, file, ...(name === 'openEntry' ? [true] : [])]))).toBe(
        'Usage',
      )
    }
    // The owner is not disturbed by any of it.
    expect(await client.engine('pathOf', handle, file)).toEqual(['source', 'a.txt'])
  })

  test('it is closed with its window, and its address leads nowhere from then on', async () => {
    const { client, origin, cookie, handle, file } = await openArchive()
    const url = await client.shell('entryUrl', handle, file)
    const path = new URL(url!).pathname
    expect(path).toBe(`/entry/${handle}/${file}/a.txt`)
    expect(await fetchRaw(origin, path, { headers: { cookie } })).toMatchObject({ status: 200, body: 'alpha' })
    expect(await fetchRaw(origin, path)).toMatchObject({ status: 403 })
    const other = await LinkClient.open(origin, cookie)
    client.socket.close()
    await client.closed
    await other.shell('facts')
    expect((await fetchRaw(origin, path, { headers: { cookie } })).status).toBe(404)
  })

  test('a file is never shown as a page of lmz, whatever it is called and holds', async () => {
    const { client, origin, cookie, handle, files } = await openArchive()
    const page = files.find(({ name }) => name.endsWith('.html'))!
    const { url } = (await client.shell('openEntry', handle, page.id, false)) as { url: string }
    const { status, headers, body } = await fetchRaw(origin, new URL(url).pathname, { headers: { cookie } })
    expect(status).toBe(200)
    expect(body).toBe('<script>alert(1)</script>')
    expect(headers['content-type']).toBe('application/octet-stream')
    expect(headers['content-disposition']).toBe(
      "attachment; filename*=UTF-8''%3Cimg%20src%3Dx%20onerror%3Dalert%281%29%3E.html",
    )
    expect(headers['content-security-policy']).toBe("default-src 'none'; sandbox")
  })

  test('addresses of entries that are none lead nowhere', async () => {
    const { origin, cookie, handle, file } = await openArchive()
    const paths = [
      `/entry/${handle}/0/x`,
      `/entry/${handle}/999999/x`,
      `/entry/0/1/x`,
      `/entry/${handle + 1}/${file}/x`,
      `/entry/${handle}/${file}`,
      `/entry/${handle}/${file}/../x`,
      `/entry/-1/1/x`,
      `/entry/1e3/1/x`,
      `/entry/${handle}/99999999999999999999/x`,
    ]
    for (const path of paths) {
      const { status } = await fetchRaw(origin, path, { headers: { cookie } })
      expect([path, status >= 400]).toEqual([path, true])
    }
  })
})

describe('jobs belong to the user', () => {
  test('every window sees them, a later one those of before, and their questions', async () => {
    const { client, origin, printed, archive, folder } = await openArchive()
    const destination = join(folder, 'out')
    const request: JobRequest = { verb: 'extract', archive, entries: [], destination, overwrite: 'ask', smart: false }
    expect(await client.run(request)).toMatchObject({ status: 'done' })
    writeFileSync(join(destination, 'source', 'a.txt'), 'changed')
    const job = await client.engine('submit', request)
    await client.when(({ name }) => name === 'question')
    await client.shell('openWindow', undefined)
    const late = await LinkClient.open(origin, await letIn(printed.at(-1)!))
    expect(await late.engine('jobs')).toMatchObject([
      { status: 'done' },
      { status: 'done' },
      { id: job, status: 'running' },
    ])
    const { args } = await late.when(({ name }) => name === 'question')
    expect(args[1]).toBe(job)
    await late.engine('answer', args[0] as number, { choice: 'replace', forAll: true })
    for (const window of [client, late]) {
      await window.when(
        ({ name, args: [state] }) =>
          name === 'jobChanged' &&
          (state as { id: number; status: string }).id === job &&
          (state as { status: string }).status === 'done',
      )
    }
    expect(readFileSync(join(destination, 'source', 'a.txt'), 'utf8')).toBe('alpha')
  })
})

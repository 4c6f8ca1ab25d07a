import { posix, win32 } from 'node:path'
import { decode, encode } from '@msgpack/msgpack'
import * as v from 'valibot'
import { LmzError } from '../../../src-main/contract/error'
import { jobRequestSchema } from '../../../src-main/contract/job'
import { safeName, safeRawName } from '../../../src-main/outlet/safe-name'
import { isWholeMessage } from '../../../src-main/shells/web/message-shape'
import type { Target } from '../guided'

/** A name from an archive, as text and as bytes: what comes out is one step below staging, by the rules of each system. */
export const names: Target = {
  name: 'names',
  covers: /outlet\/safe-name/,
  longest: 300,
  seeds: () =>
    [
      'a.txt',
      '..',
      '. .',
      'CON',
      'nul.txt',
      'a:b',
      'C:x',
      '\\\\?\\C:',
      'a::$DATA',
      'x:Zone.Identifier',
      'é',
      'COM¹',
      'end. ',
    ].map((name) => Buffer.from(name)),
  run(input) {
    const text = Buffer.from(input).toString('utf8')
    for (const platform of ['linux', 'darwin', 'win32'] as const) {
      const name = orRefused(() => safeName(text, platform))
      if (name === undefined) continue
      const path = platform === 'win32' ? win32 : posix
      const staging = platform === 'win32' ? 'C:\\out\\staging' : '/out/staging'
      const place = path.resolve(path.join(staging, name))
      if (path.dirname(place) !== staging || place === staging)
        throw new Error(`${JSON.stringify(name)} leads to ${place}`)
      if (platform === 'win32' && /[:\\/]|[. ]$/.test(name))
        throw new Error(`${JSON.stringify(name)} is no Windows name`)
    }
    const raw = orRefused(() => safeRawName(input))
    if (raw !== undefined && (raw.includes(0) || raw.includes(0x2f))) throw new Error('a raw name with a separator')
  },
}

function orRefused<Result>(check: () => Result): Result | undefined {
  try {
    return check()
  } catch (thrown) {
    if (thrown instanceof LmzError) return undefined
    throw thrown
  }
}

/** What a page may send: MessagePack, and in it a request for a job. */
export const messages: Target = {
  name: 'messages of a window',
  covers: /web\/message-shape|contract\/job\.ts/,
  longest: 600,
  seeds: () =>
    [
      { verb: 'extract', archive: '/a.lmz', entries: ['b'], destination: '/out', overwrite: 'ask', smart: true },
      { verb: 'create', archive: '/a.lmz', paths: ['/b'], preset: 'max', blockSize: 65_536, exclude: ['*.tmp'] },
      { verb: 'rename', archive: '/a.lmz', entry: 'b', name: 'c' },
    ].map((request) => encode(request)),
  run(input) {
    if (!isWholeMessage(input)) return
    let value: unknown
    try {
      value = decode(input, { useBigInt64: true })
    } catch {
      return
    }
    v.safeParse(jobRequestSchema, value)
    if (({} as Record<string, unknown>)['verb'] !== undefined)
      throw new Error('a message has changed the prototype of objects')
  },
}

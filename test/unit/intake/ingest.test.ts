import { execFileSync } from 'node:child_process'
import fs, {
  type BigIntStats,
  appendFileSync,
  chmodSync,
  lstatSync,
  mkdirSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import {
  type IngestFailure,
  type IngestRequest,
  type IngestResult,
  type IngestedFile,
  ingestBatch,
} from '../../../src-main/intake/ingest'
import { stampOf } from '../../../src-main/intake/file-stamp'
import { blake3 } from '../../../src-main/kernels/blake3'
import { segmentLimit } from '../../../src-main/kernels/chunker'
import { pseudoRandomBytes } from './pseudo-random-bytes'
import { asOrdinaryUser, temporaryFolder } from './temporary-folder'

const isPosix = process.platform !== 'win32'
const folder = temporaryFolder()
const { readSync, fstatSync } = fs

afterEach(() => {
  onRead(undefined)
  fs.fstatSync = fstatSync
  syncBuiltinESMExports()
})

/** Lets something happen to the source files each time, or the given times, that bytes have just been read. */
function onRead(happen: (() => void) | undefined, times = Number.POSITIVE_INFINITY): void {
  let left = times
  fs.readSync = ((...parameters: Parameters<typeof readSync>) => {
    const length = readSync(...parameters)
    if (happen !== undefined && left-- > 0) happen()
    return length
  }) as typeof readSync
  if (happen === undefined) fs.readSync = readSync
  syncBuiltinESMExports()
}

/** Gives files the time stamps of a file system whose clock ticks every 10 ms. */
function coarseTimeStamps(): void {
  const tick = (time: bigint): bigint => time - (time % 10_000_000n)
  const coarse = (descriptor: number): BigIntStats => {
    const stats = fstatSync(descriptor, { bigint: true })
    return Object.assign(stats, { mtimeNs: tick(stats.mtimeNs), ctimeNs: tick(stats.ctimeNs) })
  }
  fs.fstatSync = coarse as typeof fstatSync
  syncBuiltinESMExports()
}

function whole(path: string, size = statSync(path).size): IngestRequest {
  return { path, size, offset: 0, length: size }
}

async function ingestOne(request: IngestRequest, buffer = Buffer.alloc(segmentLimit)): Promise<IngestResult> {
  const [result] = await ingestBatch([request], buffer)
  if (result === undefined) throw new Error('a result for each request')
  return result
}

function taken(result: IngestResult | undefined): IngestedFile {
  if (result === undefined || 'error' in result) throw new Error(`not taken: ${result?.error.message}`)
  return result
}

function failed(result: IngestResult | undefined): IngestFailure {
  if (result === undefined || !('error' in result)) throw new Error('taken, but should have failed')
  return result
}

function contentOf(buffer: Buffer, { start, length }: IngestedFile): string {
  return buffer.toString('latin1', start, start + length)
}

describe('reading files into a batch', () => {
  it('gives each file its bytes, kind, chunks and hashes, and its state', async () => {
    const text = folder.put('notes.md', '# Notes\n')
    const empty = folder.put('empty.txt', '')
    const random = folder.put('random.gz', gzipSync(pseudoRandomBytes(300_000)))
    if (isPosix) chmodSync(text, 0o640)
    utimesSync(text, 1, 1_600_000_000.5)
    const buffer = Buffer.alloc(segmentLimit)
    const results = (await ingestBatch([whole(text), whole(empty), whole(random)], buffer)).map(taken)

    expect(results.map(({ kind }) => kind)).toEqual(['text', 'text', 'compressed'])
    expect(results[0]).toMatchObject({ start: 0, length: 8, stamp: stampOf(statSync(text, { bigint: true })) })
    if (isPosix) expect(results[0]?.mode).toBe(0o640)
    expect(results[1]).toMatchObject({ length: 0, ends: new Uint32Array(), hashes: new Uint8Array() })
    for (const [index, path] of [text, empty, random].entries()) {
      const file = taken(results[index])
      const bytes = buffer.subarray(file.start, file.start + file.length)
      expect(bytes.equals(fs.readFileSync(path))).toBe(true)
      let from = 0
      for (const [chunk, end] of file.ends.entries()) {
        const hash = file.hashes.subarray(chunk * 32, chunk * 32 + 32)
        expect(Buffer.from(blake3(bytes.subarray(from, end))).equals(hash)).toBe(true)
        from = end
      }
      expect(from).toBe(file.length)
    }
    expect(results[2]?.ends.length).toBeGreaterThan(1)
  })

  it('reads a large file by segments that agree on its state and kind', async () => {
    const content = Buffer.concat([Buffer.from('\x7fELF\x02\x01\x01\0', 'latin1'), pseudoRandomBytes(2 * segmentLimit)])
    const path = folder.put('large', content)
    const parts: Buffer[] = []
    const segments: IngestedFile[] = []
    for (let offset = 0; offset < content.length; offset += segmentLimit) {
      const length = Math.min(segmentLimit, content.length - offset)
      const buffer = Buffer.alloc(segmentLimit)
      const segment = taken(await ingestOne({ path, size: content.length, offset, length }, buffer))
      parts.push(Buffer.from(buffer.subarray(segment.start, segment.start + segment.length)))
      segments.push(segment)
    }
    expect(Buffer.concat(parts).equals(content)).toBe(true)
    expect(segments.map(({ kind }) => kind)).toEqual(['executable', 'executable', 'executable'])
    expect(segments[2]?.stamp).toEqual(segments[0]?.stamp)
  })

  it.runIf(process.platform === 'linux')(
    'reads names that are not valid UTF-8, also after a message channel',
    async () => {
      const path = Buffer.concat([Buffer.from(`${folder.path}/caf`), Buffer.from([0xe9]), Buffer.from('.c')])
      writeFileSync(path, 'int main;')
      const request = structuredClone({ path: path, size: 9, offset: 0, length: 9 })
      expect(taken(await ingestOne(request)).kind).toBe('code')
      unlinkSync(path)
      expect(failed(await ingestOne(request)).error.message).toContain('caf\\xE9.c vanished')
    },
  )

  it('keeps a failure to its own file', async () => {
    const first = folder.put('first', 'first')
    const last = folder.put('last', 'last')
    const buffer = Buffer.alloc(100)
    const gone = { path: join(folder.path, 'gone'), size: 4, offset: 0, length: 4 }
    const results = await ingestBatch([whole(first), gone, whole(last)], buffer)
    expect(failed(results[1]).error).toMatchObject({ code: 'SourceChanged', subject: gone.path })
    expect(contentOf(buffer, taken(results[0]))).toBe('first')
    expect(contentOf(buffer, taken(results[2]))).toBe('last')
  })

  it('refuses a batch that does not fit its buffer', async () => {
    await expect(ingestBatch([whole(folder.put('a', 'abc'))], Buffer.alloc(2))).rejects.toThrow(RangeError)
  })
})

describe('a file that is not what it was when it was walked', () => {
  it('is taken as it is now when it has grown or shrunk', async () => {
    const grown = folder.put('grown', 'old')
    const shrunk = folder.put('shrunk', 'a longer one')
    const after = folder.put('after', 'after')
    const requests = [whole(grown), whole(shrunk), whole(after)]
    appendFileSync(grown, ' and new')
    writeFileSync(shrunk, 'short')
    const buffer = Buffer.alloc(100)
    const results = (await ingestBatch(requests, buffer)).map(taken)
    expect(results.map((result) => contentOf(buffer, result))).toEqual(['old and new', 'short', 'after'])
    expect(results.map(({ stamp, length }) => stamp.size === length)).toEqual([true, true, true])
  })

  it('is reported with its new size when that does not fit', async () => {
    const grown = folder.put('grown', 'old')
    const request = whole(grown)
    appendFileSync(grown, 'x'.repeat(100))
    const failure = failed(await ingestOne(request, Buffer.alloc(50)))
    expect(failure.error.code).toBe('SourceChanged')
    expect(failure.stamp?.size).toBe(103)
    expect(taken(await ingestOne(whole(grown, failure.stamp?.size), Buffer.alloc(103))).length).toBe(103)
  })

  it('is reported with its new size when it is read by segments', async () => {
    const path = folder.put('log', Buffer.alloc(segmentLimit + 10))
    const request = { path, size: segmentLimit + 10, offset: segmentLimit, length: 10 }
    appendFileSync(path, 'more')
    const failure = failed(await ingestOne(request))
    expect([failure.error.code, failure.stamp?.size]).toEqual(['SourceChanged', segmentLimit + 14])
  })

  it('is reported when it has vanished, with or without its folder', async () => {
    const path = folder.put('sub/file', 'x')
    const request = whole(path)
    unlinkSync(path)
    expect(failed(await ingestOne(request)).error.code).toBe('SourceChanged')
    fs.rmdirSync(join(folder.path, 'sub'))
    folder.put('sub', 'now a file')
    expect(failed(await ingestOne(request)).error.code).toBe('SourceChanged')
  })

  it.runIf(isPosix)('is not followed as a link, not waited for as a pipe, not read as anything else', async () => {
    const secret = folder.put('secret', 'do not read')
    const become: [string, (path: string) => unknown][] = [
      ['link', (path) => symlinkSync(secret, path)],
      ['pipe', (path) => execFileSync('mkfifo', [path])],
      ['folder', (path) => mkdirSync(path)],
    ]
    for (const [name, make] of become) {
      const path = join(folder.path, name)
      make(path)
      const { error } = failed(await ingestOne(whole(path, 11)))
      expect([error.code, error.message]).toEqual(['SourceChanged', `${path} is not a regular file any more.`])
    }
    const server = createServer()
    const socket = join(folder.path, 'socket')
    await new Promise<void>((resolve) => server.listen(socket, resolve))
    expect(failed(await ingestOne(whole(socket, 1))).error.code).toBe('SourceChanged')
    await new Promise((resolve) => server.close(resolve))
  })

  it.runIf(isPosix)('is reported when it may not be read', async () => {
    const path = folder.put('private', 'x')
    chmodSync(folder.path, 0o755)
    chmodSync(path, 0)
    const { error } = failed(await asOrdinaryUser(() => ingestOne(whole(path))))
    expect(error).toMatchObject({ code: 'Io', message: `Cannot read ${path}: permission denied.` })
  })

  it.runIf(process.platform === 'linux')('is refused where it hides its contents behind a size of zero', async () => {
    expect(lstatSync('/proc/self/status').size).toBe(0)
    expect(failed(await ingestOne(whole('/proc/self/status'))).error.code).toBe('Unsupported')
  })
})

describe('a file that changes while it is being read', () => {
  const changes: [string, (path: string) => void][] = [
    ['grows', (path) => appendFileSync(path, 'more')],
    ['shrinks', (path) => truncateSync(path, 5)],
    ['is rewritten at the same size', (path) => writeFileSync(path, 'B'.repeat(100))],
    ['is only touched', (path) => utimesSync(path, 5, 5)],
    ['loses its permissions', (path) => chmodSync(path, 0o700)],
  ]

  it.runIf(isPosix).each(changes)('and %s once is read again, in its new state', async (_, change) => {
    const path = folder.put('file', 'A'.repeat(100))
    const buffer = Buffer.alloc(1000)
    onRead(() => change(path), 1)
    const file = taken(await ingestOne(whole(path), buffer))
    expect(contentOf(buffer, file)).toBe(fs.readFileSync(path, 'latin1'))
    expect(file.stamp).toEqual(stampOf(statSync(path, { bigint: true })))
  })

  it.each(['grows', 'is rewritten'])('and %s for ever is reported, never stored torn', async (how) => {
    const path = folder.put('file', 'A'.repeat(100))
    let round = 0
    onRead(() => (how === 'grows' ? appendFileSync(path, '+') : writeFileSync(path, String(round++).padEnd(100))))
    const { error, stamp } = failed(await ingestOne(whole(path)))
    expect(error).toMatchObject({ code: 'SourceChanged', message: `${path} changed while it was being read.` })
    expect(stamp).toBeUndefined()
  })

  it('is noticed even when it was written to a moment before, within one tick of the clock', async () => {
    const buffer = Buffer.alloc(1000)
    coarseTimeStamps()
    for (let round = 0; round < 10; round++) {
      const path = folder.put(`file${round}`, 'A'.repeat(100))
      onRead(() => writeFileSync(path, 'B'.repeat(100)), 1)
      const content = contentOf(buffer, taken(await ingestOne(whole(path), buffer)))
      onRead(undefined)
      expect(content).toBe('B'.repeat(100))
    }
  })

  it('is taken in its old state when another one is put in its place', async () => {
    const path = folder.put('file', 'old')
    const other = folder.put('other', 'new')
    const buffer = Buffer.alloc(100)
    onRead(() => renameSync(other, path), 1)
    const content = contentOf(buffer, taken(await ingestOne(whole(path), buffer)))
    // Losing its name moves the old file's ctime on most systems: then the new one is read. Either is whole.
    expect(['old', 'new']).toContain(content)
  })
})

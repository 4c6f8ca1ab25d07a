import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { addToArchive } from '../../src-main/archive/add'
import { createArchive } from '../../src-main/archive/create'
import { extractArchive } from '../../src-main/archive/extraction/extract'
import { decodeFrameHeader } from '../../src-main/format/frame'
import { MemorySource } from '../../src-main/format/byte-source'
import { paddedLength } from '../../src-main/format/padding'
import { scanFrames } from '../../src-main/format/scan'
import { blake3 } from '../../src-main/kernels/blake3'
import { stretchCost } from '../support/encrypted-archive'
import { temporaryFolder } from '../support/temporary'

const password = 'nicht zu erraten'

/** What somebody who knows the files, or a part of what is said of them, would look for. */
function tracesOf(names: readonly string[], contents: readonly Buffer[]): Map<string, Buffer> {
  const traces = new Map<string, Buffer>()
  for (const text of [
    ...names,
    'SQLite format 3',
    'CREATE TABLE',
    'fast',
    'blockSize',
    'creator',
    'geheimer Kommentar',
    password,
  ]) {
    traces.set(text, Buffer.from(text))
    traces.set(`${text} (UTF-16)`, Buffer.from(text, 'utf16le'))
  }
  contents.forEach((bytes, n) => {
    traces.set(`content ${n}`, bytes.subarray(0, 24))
    traces.set(`BLAKE3 of ${n}`, Buffer.from(blake3(bytes)).subarray(0, 8))
    for (const algorithm of ['sha256', 'sha1', 'md5']) {
      traces.set(`${algorithm} of ${n}`, createHash(algorithm).update(bytes).digest().subarray(0, 8))
    }
    const size = Buffer.alloc(8)
    size.writeBigUInt64LE(BigInt(bytes.length))
    traces.set(`size of ${n}`, size.subarray(0, 6))
  })
  traces.set('zstd', Buffer.from('28b52ffd', 'hex'))
  return traces
}

describe('an encrypted archive', () => {
  it('shows nothing of what it holds: no name, content, size, hash, setting or time', { timeout: 60_000 }, async () => {
    const folder = temporaryFolder()
    const names = ['Kündigung an die Bank', 'tagebuch.txt', 'passwords.kdbx', 'unterordner']
    const tree = join(folder, names[0]!)
    mkdirSync(join(tree, names[3]!), { recursive: true })
    const contents = [
      Buffer.from('Liebes Tagebuch, heute war ein Tag wie jeder andere auch.\n'.repeat(5000)),
      randomBytes(123_457),
      Buffer.from('ein dritter Text'.repeat(9999)),
    ]
    writeFileSync(join(tree, names[1]!), contents[0]!)
    writeFileSync(join(tree, names[2]!), contents[1]!)
    writeFileSync(join(tree, names[3]!, 'x.md'), contents[2]!)
    const mtime = new Date('2019-03-04T05:06:07Z')
    utimesSync(join(tree, names[1]!), mtime, mtime)
    const archive = join(folder, 'a.lmz')
    const secrets = { stretchCost, password, comment: 'geheimer Kommentar', preset: 'fast' } as const
    const started = Date.now()
    await createArchive(archive, [tree], secrets)
    writeFileSync(join(folder, 'nachtrag.txt'), contents[2]!)
    await addToArchive(archive, [join(folder, 'nachtrag.txt')], { password })
    const bytes = readFileSync(archive)
    const plain = join(folder, 'plain.lmz')
    await createArchive(plain, [tree], { ...secrets, password: undefined })

    const traces = tracesOf([...names, 'nachtrag.txt', 'x.md'], contents)
    const found = [...traces].filter(([, trace]) => bytes.includes(trace)).map(([what]) => what)
    expect(found).toEqual([])
    // The search would find them: the hints of an archive that is not encrypted, at least, and bytes that are stored as they are.
    const inPlain = [...traces].filter(([, trace]) => readFileSync(plain).includes(trace)).map(([what]) => what)
    expect(inPlain).toContain('content 1')

    // Times of change: no 8 bytes are milliseconds, or nanoseconds, of these days or of the file's.
    for (let at = 0; at + 8 <= bytes.length; at += 1) {
      const value = Number(bytes.readBigUInt64LE(at))
      const isNow = value >= started - 1000 && value <= Date.now() + 1000
      expect(isNow || value === mtime.getTime(), `a time at byte ${at}`).toBe(false)
    }
    await extractArchive(archive, [], join(folder, 'out'), { password })
    expect(readFileSync(join(folder, 'out/a', names[0]!, names[1]!))).toEqual(contents[0])
  })

  it('has frames of few different lengths: exact ones would tell known files', async () => {
    const folder = temporaryFolder()
    const lengths = new Set<number>()
    for (let n = 0; n < 12; n++) {
      const source = join(folder, `file-${n}`)
      writeFileSync(source, randomBytes(100_000 + n * 37))
      const archive = join(folder, `${n}.lmz`)
      await createArchive(archive, [source], { password, stretchCost, preset: 'fast' })
      const bytes = readFileSync(archive)
      for (const frame of scanFrames(new MemorySource(bytes), 0, undefined)) {
        if (frame?.header.type === 7) lengths.add(decodeFrameHeader(bytes.subarray(frame.position))!.storedLength)
      }
    }
    // Twelve blocks and twelve indexes, of twelve different sizes.
    expect(lengths.size).toBeLessThan(8)
  }, 60_000)

  it('is padded by no more than an eighth, and by little where it is large', () => {
    for (const length of [1, 2, 63, 64, 100, 1000, 65_536, 65_537, 1_000_000, 16_777_216, 2 ** 33 + 1]) {
      const padded = paddedLength(length)
      expect(padded).toBeGreaterThanOrEqual(length)
      expect(padded / length).toBeLessThan(length > 60_000 ? 1.04 : 1.125)
      expect(paddedLength(padded)).toBe(padded)
    }
  })
})

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { IndexWriter } from '../../../src-main/index/index-writer'
import { mostChunksInBlock } from '../../../src-main/index/rules'
import { finish, mtimeNs, sampleBytes, sampleWriter, withIndex } from './sample-index'

const file = { parent: 0, kind: 'file', mode: 0o644, mtimeNs } as const
const folder = { parent: 0, kind: 'directory', mode: 0o755, mtimeNs } as const

/** A writer with one block of one chunk, and its content (id 1) of 10 bytes. */
function writerWithContent(): IndexWriter {
  const writer = IndexWriter.create()
  const place = { position: 64, storedLength: 9, rawLength: 10, codec: 0, kind: 0 }
  writer.addBlock({ chunkLengths: [10], ...place })
  writer.addContent({ size: 10, runs: [{ firstChunk: 1, chunkCount: 1 }] })
  return writer
}

function integrityOf(bytes: Uint8Array): unknown {
  const database = new Database(Buffer.from(bytes))
  const result = database.pragma('integrity_check', { simple: true })
  database.close()
  return result
}

describe('IndexWriter', () => {
  it('keeps every fact of an entry exactly; a lost bit is a wrong date, mode or name after extraction', () => {
    const writer = writerWithContent()
    const facts = [
      { ...file, name: 'plain', content: 1 },
      { ...file, name: 'raw', rawName: Uint8Array.of(0xff, 0x61), content: 1 },
      { ...file, name: 'really \uFFFD', mode: 0o7777, content: 1 },
      { ...file, name: '\uFEFFmark 😀 e\u0301', mtimeNs: -(2n ** 63n), content: 1 },
      { ...folder, name: 'C:x\\y. ', mtimeNs: 2n ** 63n - 1n },
      { ...folder, kind: 'symlink', name: 'link', target: '../\uFFFD/é' },
      { ...folder, kind: 'hardLink', name: 'other', link: 1 },
    ] as const
    const ids = facts.map((entry) => writer.addEntry(entry))
    expect(ids).toEqual([1, 2, 3, 4, 5, 6, 7])
    withIndex(finish(writer), (index) => {
      facts.forEach((entry, at) => {
        const size = entry.kind === 'file' || entry.kind === 'hardLink' ? 10 : 0
        expect(index.entry(at + 1)).toEqual({ ...entry, id: at + 1, size })
      })
    })
  })

  it('refuses what a reader would refuse, before it is written', () => {
    const writer = writerWithContent()
    const names = ['', '.', '..', 'a/b', 'a\0b', '\ud800', 'n'.repeat(1021)]
    for (const name of names) expect(() => writer.addEntry({ ...file, name })).toThrow(/cannot be stored/)
    const wrong = [
      { ...file, name: 'a', mode: 0o10000 },
      { ...file, name: 'a', mode: -1 },
      { ...file, name: 'a', target: 'b' },
      { ...file, name: 'a', link: 1 },
      { ...file, name: 'a', content: 2 },
      { ...file, name: 'a', parent: 5 },
      { ...file, name: 'a', rawName: Buffer.from('a') },
      { ...file, name: 'a', rawName: Uint8Array.of(0xff, 0x2f) },
      { ...folder, name: 'a', content: 1 },
      { ...folder, name: 'a', kind: 'symlink' },
      { ...folder, name: 'a', kind: 'symlink', target: '' },
      { ...folder, name: 'a', kind: 'symlink', target: 't'.repeat(4097) },
      { ...folder, name: 'a', kind: 'hardLink' },
      { ...folder, name: 'a', kind: 'hardLink', link: 1 },
    ] as const
    for (const entry of wrong) expect(() => writer.addEntry(entry)).toThrow(expect.objectContaining({ code: 'Usage' }))
    expect(writer.totals().entries).toBe(0)
    writer.close()
  })

  it('refuses a second entry of the same name, and is sound afterwards', () => {
    const writer = writerWithContent()
    writer.addEntry({ ...file, name: 'twice', content: 1 })
    expect(() => writer.addEntry({ ...folder, name: 'twice' })).toThrow(expect.objectContaining({ code: 'Collision' }))
    writer.addEntry({ ...folder, name: 'once' })
    const bytes = finish(writer)
    expect(integrityOf(bytes)).toBe('ok')
    withIndex(bytes, (index) => {
      expect([...index.children(0)].map(({ name, kind }) => `${kind} ${name}`)).toEqual([
        'directory once',
        'file twice',
      ])
    })
  })

  it('refuses paths too deep to be read back', () => {
    const writer = writerWithContent()
    let parent = 0
    for (let depth = 0; depth < 2000; depth++) parent = writer.addEntry({ ...folder, parent, name: 'd' })
    expect(() => writer.addEntry({ ...folder, parent, name: 'd' })).toThrow(expect.objectContaining({ code: 'Limit' }))
    withIndex(finish(writer), (index) => {
      expect(index.pathOf(parent)).toHaveLength(2000)
      expect([...index.descendants(0)]).toHaveLength(2000)
    })
  })

  it('refuses blocks that contradict themselves or those before them', () => {
    const writer = writerWithContent()
    const good = {
      chunkLengths: [10],
      position: 200,
      storedLength: 9,
      rawLength: 10,
      codec: 0,
      kind: 0,
    }
    const wrong = [
      { ...good, id: 1 },
      { ...good, position: 64 + 64 + 8 },
      { ...good, rawLength: 11 },
      { ...good, chunkLengths: [] },
      { ...good, chunkLengths: [10, 0] },
      { ...good, chunkLengths: [10.5, -0.5] },
      { ...good, chunkLengths: [11, -1] },
      {
        ...good,
        chunkLengths: Array.from({ length: mostChunksInBlock + 1 }, () => 1),
        rawLength: 65_537,
      },
    ]
    for (const block of wrong) expect(() => writer.addBlock(block)).toThrow(expect.objectContaining({ code: 'Usage' }))
    expect(writer.addBlock({ ...good, position: 64 + 64 + 9 })).toEqual({ id: 2, firstChunk: 2 })
    writer.close()
  })

  it('refuses contents of chunks that are not stored', () => {
    const writer = writerWithContent()
    const wrong = [
      { size: 10, runs: [{ firstChunk: 1, chunkCount: 2 }] },
      { size: 10, runs: [{ firstChunk: 0, chunkCount: 1 }] },
      { size: 10, runs: [] },
      { size: 0, runs: [{ firstChunk: 1, chunkCount: 1 }] },
      { size: 2 ** 53, runs: [{ firstChunk: 1, chunkCount: 1 }] },
    ]
    for (const content of wrong)
      expect(() => writer.addContent(content)).toThrow(expect.objectContaining({ code: 'Usage' }))
    writer.close()
  })

  it('does not commit an index with files whose bytes are missing, unless it is a checkpoint', () => {
    const writer = writerWithContent()
    const docs = writer.addEntry({ ...folder, name: 'docs' })
    const id = writer.addEntry({ ...file, parent: docs, name: 'late' })
    expect(() => writer.snapshot()).toThrow('docs/late has no content yet.')
    const checkpoint = writer.snapshot({ checkpoint: true })
    withIndex(checkpoint, (index) => expect(index.entry(id)?.content).toBeUndefined(), { checkpoint: true })
    withIndex(checkpoint, (index) => expect(() => index.entry(id)).toThrow(expect.objectContaining({ code: 'Format' })))
    writer.setContent(id, 1)
    withIndex(finish(writer), (index) => expect(index.entry(id)?.size).toBe(10))
  })

  it('goes on after a snapshot', () => {
    const writer = sampleWriter()
    const before = writer.snapshot()
    const id = writer.addEntry({ ...folder, name: 'later' })
    expect(writer.entryAt(0, 'later')?.id).toBe(id)
    const after = finish(writer)
    withIndex(before, (index) => expect(index.child(0, 'later')).toBeUndefined())
    withIndex(after, (index) => expect(index.child(0, 'later')?.id).toBe(id))
  })

  it('stores no list of names, which would be a sixth of the index: readers make it', () => {
    const writer = IndexWriter.create()
    for (let number = 0; number < 2000; number++) writer.addEntry({ ...folder, name: `only-once-${number}` })
    const bytes = Buffer.from(finish(writer)).toString('latin1')
    expect(bytes.split('only-once-1234')).toHaveLength(2)
    expect(bytes).not.toContain('entry_by_parent')
  })

  it('leaves nothing of a removed name in the bytes of the next snapshot', () => {
    const writer = sampleWriter()
    for (let number = 0; number < 300; number++) writer.addEntry({ ...folder, name: `secret-${number}` })
    for (let number = 0; number < 300; number++) writer.removeEntry(writer.entryAt(0, `secret-${number}`)?.id ?? 0)
    const bytes = Buffer.from(finish(writer))
    expect(bytes.includes('secret')).toBe(false)
    expect(bytes.equals(sampleBytes())).toBe(true)
  })
})

describe('changing entries', () => {
  it('finds and updates an entry in place', () => {
    const writer = sampleWriter()
    const found = writer.entryAt(1, 'a.txt')
    expect(found).toMatchObject({ id: 2, size: 300, kind: 'file' })
    writer.updateEntry(2, { mode: 0o600, mtimeNs: 5n, name: 'A.txt', rawName: Uint8Array.of(0xfe) })
    expect(() => writer.updateEntry(2, { name: 'b.txt' })).toThrow(expect.objectContaining({ code: 'Usage' }))
    expect(() => writer.updateEntry(2, { name: 'a/b' })).toThrow(expect.objectContaining({ code: 'Usage' }))
    expect(writer.pathOf(2)).toEqual(['docs', 'A.txt'])
    withIndex(finish(writer), (index) => {
      expect(index.resolve(['docs', 'a.txt'])).toBeUndefined()
      expect(index.resolve(['docs', 'A.txt'])).toMatchObject({
        id: 2,
        mode: 0o600,
        mtimeNs: 5n,
        content: 1,
        rawName: Uint8Array.of(0xfe),
      })
    })
  })

  it('removes a directory with all below it', () => {
    const writer = sampleWriter()
    expect(writer.removeEntry(1)).toBe(9)
    expect(writer.removeUnusedContents()).toBe(4)
    withIndex(finish(writer), (index) => {
      expect([...index.entries()]).toEqual([])
      expect([...index.contents()]).toEqual([])
      expect(index.totals()).toMatchObject({ entries: 0, blocks: 2, uniqueBytes: 1110 })
      index.checkAll()
    })
  })

  it('gives the content of a removed file to its hard links: removing one name must not lose the others', () => {
    const writer = sampleWriter()
    const second = writer.addEntry({ ...folder, name: 'second', kind: 'hardLink', link: 3 })
    writer.removeEntry(3)
    withIndex(finish(writer), (index) => {
      expect(index.resolve(['docs', 'other'])).toMatchObject({ id: 6, kind: 'file', content: 2, size: 1050 })
      expect(index.entry(second)).toMatchObject({ kind: 'hardLink', link: 6, size: 1050 })
      index.checkAll()
    })
  })

  it('hands a file on to a link outside of the removed folder', () => {
    const writer = sampleWriter()
    const outside = writer.addEntry({ ...folder, name: 'outside', kind: 'hardLink', link: 3 })
    writer.removeEntry(1)
    withIndex(finish(writer), (index) => {
      expect([...index.entries()]).toMatchObject([{ id: outside, kind: 'file', content: 2 }])
      index.checkAll()
    })
  })

  it('lets hard links keep their content when the file gets another', () => {
    const writer = sampleWriter()
    writer.releaseLinks(3)
    writer.setContent(3, 4)
    withIndex(finish(writer), (index) => {
      expect(index.entry(3)?.size).toBe(60)
      expect(index.entry(6)).toMatchObject({ kind: 'file', content: 2, size: 1050 })
    })
  })

  it('refuses contents for what is no file', () => {
    const writer = sampleWriter()
    expect(() => writer.setContent(1, 1)).toThrow(expect.objectContaining({ code: 'Usage' }))
    expect(() => writer.setContent(99, 1)).toThrow(expect.objectContaining({ code: 'Usage' }))
    writer.close()
  })

  it('removes only contents nobody uses', () => {
    const writer = sampleWriter()
    writer.setContent(2, 4)
    expect(writer.removeUnusedContents()).toBe(0)
    writer.setContent(4, 4)
    expect(writer.removeUnusedContents()).toBe(1)
    withIndex(finish(writer), (index) => expect([...index.contents()].map(({ id }) => id)).toEqual([2, 3, 4]))
  })

  it('keeps settings, the last value of each', () => {
    const writer = IndexWriter.create()
    writer.setSetting('comment', 'one')
    writer.setSetting('comment', 'two')
    expect(() => writer.setSetting('', 'x')).toThrow(expect.objectContaining({ code: 'Usage' }))
    expect(() => writer.setSetting('comment', 'x'.repeat(65_537))).toThrow(expect.objectContaining({ code: 'Usage' }))
    withIndex(finish(writer), (index) => expect([...index.settings()]).toEqual([['comment', 'two']]))
  })
})

describe('IndexWriter.amend', () => {
  it('starts with the very same index', () => {
    const bytes = sampleBytes()
    const again = withIndex(bytes, (index) => finish(IndexWriter.amend(index)))
    expect(Buffer.from(again).equals(bytes)).toBe(true)
  })

  it('adds behind what was there', () => {
    const writer = withIndex(sampleBytes(), (index) => IndexWriter.amend(index))
    expect(writer.lastBlockId()).toBe(7)
    const place = { position: 2000, storedLength: 5, rawLength: 5, codec: 0, kind: 0 }
    expect(() => writer.addBlock({ chunkLengths: [5], ...place, position: 800 })).toThrow()
    expect(writer.addBlock({ chunkLengths: [5], ...place })).toEqual({ id: 8, firstChunk: 7 })
    const content = writer.addContent({ size: 65, runs: [{ firstChunk: 6, chunkCount: 2 }] })
    const id = writer.addEntry({ ...file, parent: 8, name: 'new', content })
    expect([content, id]).toEqual([5, 10])
    writer.removeEntry(3)
    withIndex(finish(writer), (index) => {
      expect(index.resolve(['docs', 'sub', 'new'])?.size).toBe(65)
      expect(index.entry(6)?.kind).toBe('file')
      index.checkAll()
    })
  })
})

describe('snapshotToFile', () => {
  let directory = ''
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'lmz-index-'))
  })
  afterEach(() => rmSync(directory, { recursive: true }))

  it('writes the same bytes as snapshot, and no other file', () => {
    const writer = sampleWriter()
    const path = join(directory, 'index')
    writer.snapshotToFile(path)
    expect(readFileSync(path).equals(finish(writer))).toBe(true)
    expect(readdirSync(directory)).toEqual(['index'])
  })

  it('overwrites nothing and leaves nothing behind when it fails', () => {
    const writer = sampleWriter()
    const path = join(directory, 'index')
    writeFileSync(path, 'mine')
    expect(() => writer.snapshotToFile(path)).toThrow(expect.objectContaining({ code: 'Collision' }))
    expect(readFileSync(path, 'utf8')).toBe('mine')
    expect(() => writer.snapshotToFile(join(directory, 'missing', 'index'))).toThrow(
      expect.objectContaining({ code: 'NotFound' }),
    )
    writer.close()
  })

  it('says about how large it will be', () => {
    const writer = sampleWriter()
    for (let number = 0; number < 5000; number++) writer.addEntry({ ...folder, name: `folder ${number}` })
    const estimate = writer.estimatedBytes()
    const { length } = finish(writer)
    expect(estimate).toBeGreaterThanOrEqual(length)
    expect(estimate).toBeLessThan(length * 1.7)
  })
})

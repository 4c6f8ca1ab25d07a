import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ArchiveIndex } from '../../../src-main/index/archive-index'
import { IndexWriter } from '../../../src-main/index/index-writer'
import { fileLength, finish, mtimeNs, readEverything, sampleBytes, sampleWriter, withIndex } from './sample-index'

const folder = { parent: 0, kind: 'directory', mode: 0o755, mtimeNs } as const

/** An index with `count` folders at the top level, named by `nameOf`. */
function manyFolders(count: number, nameOf: (number: number) => string): Uint8Array {
  const writer = IndexWriter.create()
  for (let number = 0; number < count; number++) writer.addEntry({ ...folder, name: nameOf(number) })
  return finish(writer)
}

describe('looking up entries', () => {
  it('finds entries by id, by name and by path', () => {
    withIndex(sampleBytes(), (index) => {
      expect(index.entry(3)).toEqual({
        id: 3,
        parent: 1,
        name: 'b.txt',
        kind: 'file',
        mode: 0o644,
        mtimeNs,
        size: 1050,
        content: 2,
      })
      expect(index.entry(99)).toBeUndefined()
      expect(index.child(1, 'sub')?.id).toBe(8)
      expect(index.child(1, 'SUB')).toBeUndefined()
      expect(index.child(2, 'sub')).toBeUndefined()
      expect(index.resolve(['docs', 'sub', 'last'])?.id).toBe(9)
      expect(index.resolve([])).toBeUndefined()
      for (const wrong of [
        ['docs', 'a.txt', 'x'],
        ['docs', '..'],
        ['docs', ''],
        ['.'],
        ['docs/sub'],
        ['docs', 'sub\0'],
        ['\ud800'],
      ]) {
        expect(index.resolve(wrong)).toBeUndefined()
      }
      expect(index.pathOf(9)).toEqual(['docs', 'sub', 'last'])
      expect(() => index.pathOf(99)).toThrow(expect.objectContaining({ code: 'Format' }))
    })
  })

  it('gives a hard link the size of its file, and follows nothing else', () => {
    withIndex(sampleBytes(), (index) => {
      expect(index.entry(6)).toMatchObject({ kind: 'hardLink', link: 3, size: 1050 })
      expect(index.entry(5)).toMatchObject({ kind: 'symlink', target: 'a.txt', size: 0 })
    })
  })

  it('lists a directory by the bytes of the names, over several pages, also from the middle', () => {
    const names = ['a', 'B', 'é', 'z', '\uFFFD', '\uE000', '😀', 'a b', 'a.b']
    const nameOf = (number: number) => `${names[number % names.length] ?? ''}${number}`
    const expected = Array.from({ length: 2000 }, (_, number) => nameOf(number)).sort((left, right) => {
      return Buffer.compare(Buffer.from(left), Buffer.from(right))
    })
    withIndex(manyFolders(2000, nameOf), (index) => {
      expect([...index.children(0)].map(({ name }) => name)).toEqual(expected)
      expect([...index.children(0, expected[999])].map(({ name }) => name)).toEqual(expected.slice(1000))
      expect([...index.children(1)]).toEqual([])
    })
  })

  it('walks the tree parents first, and below one entry only', () => {
    withIndex(sampleBytes(), (index) => {
      const names = ['docs', 'a.txt', 'b.txt', 'copy.txt', 'empty', 'link', 'other', 'sub', 'last']
      expect([...index.descendants(0)].map(({ name }) => name)).toEqual(names)
      expect([...index.descendants(1)].map(({ name }) => name)).toEqual(names.slice(1))
      expect([...index.descendants(8)].map(({ id }) => id)).toEqual([9])
      expect([...index.descendants(2)]).toEqual([])
      expect([...index.entries()].map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    })
  })

  it('walks a wide and deep tree without missing an entry', () => {
    const writer = IndexWriter.create()
    let parent = 0
    for (let depth = 0; depth < 40; depth++) {
      for (let number = 0; number < 30; number++) writer.addEntry({ ...folder, parent, name: `leaf-${number}` })
      parent = writer.addEntry({ ...folder, parent, name: `m-${depth}` })
    }
    withIndex(finish(writer), (index) => {
      const seen = [...index.descendants(0)]
      expect(new Set(seen.map(({ id }) => id)).size).toBe(40 * 31)
      const position = new Map(seen.map(({ id }, at) => [id, at]))
      expect(
        seen.every(({ id, parent: above }) => above === 0 || (position.get(above) ?? 1e9) < (position.get(id) ?? 0)),
      ).toBe(true)
    })
  })

  it('lets iterators be interleaved and abandoned', () => {
    withIndex(
      manyFolders(1500, (number) => `n${number}`),
      (index) => {
        const first = index.children(0)
        const second = index.entries()
        for (let step = 0; step < 700; step++) {
          expect(first.next().done).toBe(false)
          const next = second.next()
          expect(next.done === true ? undefined : index.entry(next.value.id)).toBeDefined()
        }
        expect([...index.descendants(0)]).toHaveLength(1500)
      },
    )
  })
})

describe('searching', () => {
  it('finds names by a part of them and by glob, in any letter case', () => {
    withIndex(sampleBytes(), (index) => {
      const find = (pattern: string) => [...index.search(pattern)].map(({ id }) => id)
      expect(find('.TXT')).toEqual([2, 3, 4])
      expect(find('*.txt')).toEqual([2, 3, 4])
      expect(find('?.txt')).toEqual([2, 3])
      expect(find('txt')).toEqual([2, 3, 4])
      expect(find('l*')).toEqual([5, 9])
      expect(find('docs/*')).toEqual([2, 3, 4, 5, 6, 7, 8])
      expect(find('**/last')).toEqual([9])
      expect(find('docs/**/*t')).toEqual([2, 3, 4, 9])
      expect(find('sub/la')).toEqual([9])
      expect(find('nothing')).toEqual([])
    })
  })
})

describe('contents and blocks', () => {
  it('says where the bytes of a file lie, joining neighbours, in file order', () => {
    withIndex(sampleBytes(), (index) => {
      expect(index.content(2)).toEqual({
        id: 2,
        size: 1050,
        runs: [
          { firstChunk: 2, chunkCount: 4 },
          { firstChunk: 1, chunkCount: 1 },
        ],
      })
      expect([...index.piecesOf(1)]).toEqual([{ block: 1, offset: 0, length: 300 }])
      expect([...index.piecesOf(2)]).toEqual([
        { block: 1, offset: 100, length: 900 },
        { block: 7, offset: 0, length: 50 },
        { block: 1, offset: 0, length: 100 },
      ])
      expect([...index.piecesOf(3)]).toEqual([])
      expect([...index.piecesOf(4)]).toEqual([{ block: 7, offset: 50, length: 60 }])
      expect([...index.contents()].map(({ id, size }) => [id, size])).toEqual([
        [1, 300],
        [2, 1050],
        [3, 0],
        [4, 60],
      ])
      expect(() => index.content(5)).toThrow(expect.objectContaining({ code: 'Format' }))
    })
  })

  it('gives blocks with all they need to be decoded', () => {
    withIndex(sampleBytes(), (index) => {
      const second = {
        id: 7,
        firstChunk: 5,
        chunkCount: 2,
        position: 700,
        storedLength: 90,
        rawLength: 110,
        codec: 2,
        kind: 1,
      }
      const model = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)
      expect([...index.blocks()]).toEqual([index.block(1), { ...second, model, primer: 3 }])
      expect(index.block(1).model).toBeUndefined()
      expect(() => index.block(2)).toThrow(expect.objectContaining({ code: 'Format' }))
      expect(index.chunkLengths(7)).toEqual({ firstChunk: 5, lengths: [50, 60] })
      expect(index.chunkLengths(1)).toEqual({ firstChunk: 1, lengths: [100, 200, 300, 400] })
      expect(index.lastChunkId()).toBe(6)
    })
  })

  it('finds the block of any chunk among many, with gaps in the ids', () => {
    const writer = IndexWriter.create()
    const firsts: number[] = []
    for (let number = 0; number < 300; number++) {
      const chunkLengths = Array.from({ length: 1 + (number % 7) }, () => 3)
      const id = 1_000_000 + number * number
      const place = { position: 1000 + number * 100, storedLength: 30, codec: 0, kind: 0 }
      firsts.push(writer.addBlock({ id, chunkLengths, rawLength: chunkLengths.length * 3, ...place }).firstChunk)
      writer.addContent({ size: 3, runs: [{ firstChunk: firsts[number] ?? 0, chunkCount: 1 }] })
    }
    const bytes = finish(writer)
    // In an order that makes the search begin before, behind and at the block found last.
    withIndex(bytes, (index) => {
      for (let step = 0; step < 300; step++) {
        const number = (step * 77) % 300
        expect([...index.piecesOf(number + 1)]).toEqual([{ block: 1_000_000 + number * number, offset: 0, length: 3 }])
      }
    })
  })

  it('sums up', () => {
    withIndex(sampleBytes(), (index) => {
      expect(index.totals()).toEqual({
        entries: 9,
        files: 5,
        directories: 2,
        symlinks: 1,
        hardLinks: 1,
        storedFiles: 5,
        rawBytes: 300 + 1050 + 300 + 0 + 60,
        uniqueBytes: 1110,
        blocks: 2,
        blocksByCodec: { 1: 1, 2: 1 },
      })
      expect(index.storedFiles()).toBe(5)
    })
    const writer = sampleWriter()
    writer.addEntry({ ...folder, kind: 'file', name: 'late' })
    const checkpoint = writer.snapshot({ checkpoint: true })
    writer.close()
    withIndex(checkpoint, (index) => expect(index.totals()).toMatchObject({ files: 6, storedFiles: 5 }), {
      checkpoint: true,
    })
  })

  it('reads settings', () => {
    withIndex(sampleBytes(), (index) => {
      expect([...index.settings()]).toEqual([
        ['comment', 'Grüße'],
        ['creator', 'lmz test'],
      ])
    })
  })

  it('finds nothing wrong with an empty index', () => {
    withIndex(finish(IndexWriter.create()), (index) => {
      expect(index.totals()).toMatchObject({ entries: 0, rawBytes: 0, uniqueBytes: 0, blocksByCodec: {} })
      expect(index.lastChunkId()).toBe(0)
      readEverything(index)
      index.checkAll()
    })
  })

  it('passes its own full check, whole and in steps', () => {
    withIndex(sampleBytes(), (index) => {
      index.checkAll()
      for (const { checked, total } of index.checkAllInSteps()) expect(checked).toBeLessThanOrEqual(total)
    })
  })
})

describe('ArchiveIndex.fromFile', () => {
  it('reads the same from a file as from memory', () => {
    const directory = mkdtempSync(join(tmpdir(), 'lmz-index-'))
    try {
      const path = join(directory, 'index')
      writeFileSync(path, sampleBytes())
      const index = ArchiveIndex.fromFile(path, { fileLength })
      expect([...index.entries()]).toEqual(withIndex(sampleBytes(), (other) => [...other.entries()]))
      readEverything(index)
      index.close()
      // The list of names that opening makes is not in the file, which may be opened again.
      expect(readFileSync(path).equals(sampleBytes())).toBe(true)
      expect(readdirSync(directory)).toEqual(['index'])
    } finally {
      rmSync(directory, { recursive: true })
    }
  })

  it('says so when there is no file', () => {
    expect(() => ArchiveIndex.fromFile('/nowhere/index', { fileLength })).toThrow(
      expect.objectContaining({ code: 'NotFound' }),
    )
  })
})

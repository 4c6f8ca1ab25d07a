import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ArchiveIndex } from '../../../src-main/index/archive-index'
import { IndexWriter } from '../../../src-main/index/index-writer'
import { finish, mtimeNs, sampleBytes, withIndex } from './sample-index'

const file = { parent: 0, kind: 'file', mode: 0o644, mtimeNs } as const

/** Follows a plan with made-up blocks whose bytes are numbered throughout; gives each entry's bytes. */
function extract(index: ArchiveIndex, selection: 'all' | number[]): Map<number, number[]> {
  const files = new Map<number, number[]>()
  let lastBlock = 0
  for (const { block, pieces } of index.extractionPlan(selection)) {
    expect(block.id).toBeGreaterThanOrEqual(lastBlock)
    lastBlock = block.id
    for (const { entry, fileOffset, blockOffset, length } of pieces) {
      expect(blockOffset + length).toBeLessThanOrEqual(block.rawLength)
      const bytes = files.get(entry) ?? []
      files.set(entry, bytes)
      for (let at = 0; at < length; at++) {
        expect(bytes[fileOffset + at]).toBeUndefined()
        bytes[fileOffset + at] = block.id * 1000 + blockOffset + at
      }
    }
  }
  return files
}

/** The same for one file, by its pieces. */
function readContent(index: ArchiveIndex, content: number): number[] {
  return [...index.piecesOf(content)].flatMap(({ block, offset, length }) => {
    return Array.from({ length }, (_, at) => block * 1000 + offset + at)
  })
}

describe('extractionPlan', () => {
  it('covers each file exactly once, block by block', () => {
    withIndex(sampleBytes(), (index) => {
      const files = extract(index, 'all')
      expect([...files.keys()].sort((left, right) => left - right)).toEqual([2, 3, 4, 9])
      expect(files.get(3)).toEqual(readContent(index, 2))
      expect(files.get(4)).toEqual(files.get(2))
      expect([...index.extractionPlan('all')].map(({ block }) => block.id)).toEqual([1, 7])
    })
  })

  it('reads only the blocks that chosen files need, and knows hard links', () => {
    withIndex(sampleBytes(), (index) => {
      expect([...index.extractionPlan([9])].map(({ block, pieces }) => [block.id, pieces])).toEqual([
        [7, [{ entry: 9, content: 4, fileOffset: 0, blockOffset: 50, length: 60 }]],
      ])
      expect(extract(index, [6]).get(6)).toEqual(readContent(index, 2))
      expect(extract(index, [1, 5, 7])).toEqual(new Map())
      expect([...index.extractionPlan([])]).toEqual([])
      expect(() => [...index.extractionPlan([99])]).toThrow(expect.objectContaining({ code: 'Format' }))
    })
  })

  it('gives a content of very many files away in parts', () => {
    const writer = IndexWriter.create()
    const place = { position: 64, storedLength: 9, rawLength: 10, codec: 0, kind: 0 }
    writer.addBlock({ chunkLengths: [10], ...place })
    const content = writer.addContent({ size: 10, runs: [{ firstChunk: 1, chunkCount: 1 }] })
    for (let number = 0; number < 10_000; number++) writer.addEntry({ ...file, name: `f${number}`, content })
    withIndex(finish(writer), (index) => {
      const counts = [...index.extractionPlan('all')].map(({ pieces }) => pieces.length).filter((count) => count > 0)
      expect(counts).toEqual([4096, 4096, 1808])
    })
  })

  it('covers any sharing of chunks between contents and of contents between files', () => {
    const anyRun = fc.tuple(fc.nat(), fc.nat({ max: 12 }))
    const anyIndex = fc.record({
      blocks: fc.array(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }), {
        minLength: 1,
        maxLength: 6,
      }),
      contents: fc.array(fc.array(anyRun, { minLength: 1, maxLength: 5 }), { maxLength: 8 }),
      files: fc.array(fc.nat(), { maxLength: 12 }),
    })
    fc.assert(
      fc.property(anyIndex, ({ blocks, contents, files }) => {
        const writer = IndexWriter.create()
        const lengths = [0]
        blocks.forEach((chunkLengths, at) => {
          lengths.push(...chunkLengths)
          writer.addBlock({
            chunkLengths,
            position: 100 + at * 100,
            storedLength: 20,
            rawLength: chunkLengths.reduce((sum, length) => sum + length),
            codec: 0,
            kind: 0,
          })
        })
        for (const content of contents) {
          const runs = content.map(([first, count]) => {
            const firstChunk = 1 + (first % (lengths.length - 1))
            return { firstChunk, chunkCount: Math.min(count + 1, lengths.length - firstChunk) }
          })
          const sizes = runs.map(({ firstChunk, chunkCount }) => {
            return lengths.slice(firstChunk, firstChunk + chunkCount).reduce((sum, length) => sum + length)
          })
          writer.addContent({ size: sizes.reduce((sum, size) => sum + size), runs })
        }
        const used = contents.length === 0 ? [] : files.map((content) => 1 + (content % contents.length))
        used.forEach((content, at) => writer.addEntry({ ...file, name: `f${at}`, content }))
        withIndex(finish(writer), (index) => {
          index.checkAll()
          const extracted = extract(index, 'all')
          expect(extracted.size).toBe(used.length)
          used.forEach((content, at) => expect(extracted.get(at + 1)).toEqual(readContent(index, content)))
        })
      }),
      { numRuns: 150 },
    )
  })
})

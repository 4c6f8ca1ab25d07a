import { describe, expect, it } from 'vitest'
import { LmzError } from '../../src-main/contract/error'
import { IndexWriter } from '../../src-main/index/index-writer'
import { pageSize } from '../../src-main/index/schema'
import { finish, mtimeNs, readEverything, sampleBytes, sampleWriter, withIndex } from '../unit/index/sample-index'

/** Numbers of a fixed sequence (mulberry32), so that a failure comes again. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** A tree of several pages in each of the larger tables, so that inner pages are hit too. */
function severalPages(): Uint8Array {
  const writer = sampleWriter()
  for (let number = 0; number < 130; number++) {
    const name = `file number ${number}`
    writer.addEntry({ parent: 1, name, kind: 'file', mode: 0o644, mtimeNs, content: 1 + (number % 4) })
  }
  return finish(writer)
}

/** @returns whether the index was accepted, and all that came out of it passed the validators */
function survives(bytes: Uint8Array, structureCheckLimit?: number): boolean {
  try {
    withIndex(bytes, readEverything, structureCheckLimit === undefined ? {} : { structureCheckLimit })
    return true
  } catch (error) {
    if (error instanceof LmzError) {
      expect(['Format', 'Unsupported', 'Limit']).toContain(error.code)
      return false
    }
    throw error
  }
}

/** Bytes at which a b-tree page says what it is and where its cells are; hits there are the most harmful. */
const pageHeaderLength = 12

function mutate(bytes: Buffer, random: (below: number) => number): Buffer {
  const mutated = Buffer.from(bytes)
  const changes = 1 + random(4)
  for (let change = 0; change < changes; change++) {
    const page = 1 + random(bytes.length / pageSize - 1)
    const inHeader = random(3) === 0
    const at = page * pageSize + (inHeader ? random(pageHeaderLength) : random(pageSize))
    switch (random(4)) {
      case 0:
        mutated[at] = (mutated[at] ?? 0) ^ (1 << random(8))
        break
      case 1:
        mutated[at] = random(256)
        break
      case 2:
        mutated.writeUInt32BE(random(bytes.length / pageSize + 3), Math.min(at, bytes.length - 4))
        break
      default:
        // A piece of another page, as of a misplaced sector.
        mutated.copy(mutated, at, random(bytes.length - 64), random(64) + 1 + random(bytes.length - 64))
    }
  }
  return mutated
}

describe('a damaged index', () => {
  it('gives valid rows or an LmzError after any of 3,000 random changes, with and without the structural check', () => {
    const samples = [Buffer.from(sampleBytes()), Buffer.from(severalPages())]
    const random = randomNumbers(20_261_121)
    let accepted = 0
    for (let round = 0; round < 3000; round++) {
      const mutated = mutate(samples[round % 2] ?? Buffer.alloc(0), random)
      if (survives(mutated, 0)) accepted++
      if (round % 3 === 0) survives(mutated)
    }
    // Some changes hit free space only; if all were accepted or none, the test would test nothing.
    expect(accepted).toBeGreaterThan(50)
    expect(accepted).toBeLessThan(2800)
  })

  it('gives valid rows or an LmzError when any one bit of its rows is flipped', () => {
    const bytes = Buffer.from(sampleBytes())
    let flips = 0
    for (let page = 1; page < bytes.length / pageSize; page++) {
      const start = page * pageSize
      const cells = bytes.readUInt16BE(start + 5)
      const used = [...Array.from({ length: 40 }, (_, at) => at), ...rangeOf(cells, pageSize)]
      for (const at of used) {
        const mutated = Buffer.from(bytes)
        mutated[start + at] = (mutated[start + at] ?? 0) ^ (1 << (at % 8))
        survives(mutated, at % 2 === 0 ? 0 : undefined)
        flips++
      }
    }
    expect(flips).toBeGreaterThan(500)
  })

  it('does not hang on pages that refer to each other in a circle or many times', () => {
    const writer = IndexWriter.create()
    for (let number = 0; number < 20_000; number++) {
      writer.addEntry({ parent: 0, name: `folder ${number}`, kind: 'directory', mode: 0o755, mtimeNs })
    }
    const bytes = Buffer.from(finish(writer))
    const { start, pointers } = childPointers(bytes, 2)
    expect(pointers.length).toBeGreaterThan(50)
    for (const page of [start / pageSize + 1, bytes.readUInt32BE(pointers[0] ?? 0), bytes.length / pageSize]) {
      const mutated = Buffer.from(bytes)
      for (const pointer of pointers) mutated.writeUInt32BE(page, pointer)
      expect(survives(mutated)).toBe(false)
      expect(survives(mutated, 0)).toBe(false)
    }
  })

  it('does not go through the same pages endlessly to list their names', () => {
    const writer = IndexWriter.create()
    for (let number = 0; number < 20_000; number++) {
      writer.addEntry({ parent: 0, name: `folder ${number}`, kind: 'directory', mode: 0o755, mtimeNs })
    }
    const bytes = Buffer.from(finish(writer))
    const root = childPointers(bytes, 2)
    const below = root.pointers.map((pointer) => bytes.readUInt32BE(pointer))
    const leaf = below.at(-1) ?? 0
    // Inner pages that all have the next one as each of their children: 150^6 ways to the leaf, none of them a circle.
    const levels = [2, ...below.slice(0, 5)]
    const rootPage = Buffer.from(bytes.subarray(root.start, root.start + pageSize))
    levels.forEach((page, level) => {
      rootPage.copy(bytes, (page - 1) * pageSize)
      const { start, pointers } = childPointers(bytes, page)
      for (const pointer of [start + 8, ...pointers]) bytes.writeUInt32BE(levels[level + 1] ?? leaf, pointer)
    })
    expect(root.pointers.length).toBeGreaterThan(150)
    expect(() => withIndex(bytes, readEverything, { structureCheckLimit: 0 })).toThrow(
      'more than the index has room for',
    )
    expect(survives(bytes)).toBe(false)
  })
})

/** Where a b-tree's inner page, by its number, has the numbers of the pages below it. */
function childPointers(bytes: Buffer, page: number): { readonly start: number; readonly pointers: number[] } {
  const start = (page - 1) * pageSize
  const cellCount = bytes.readUInt16BE(start + 3)
  const pointers = Array.from({ length: cellCount }, (_, at) => start + bytes.readUInt16BE(start + 12 + 2 * at))
  return { start, pointers }
}

function rangeOf(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, at) => start + at)
}

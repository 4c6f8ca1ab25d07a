import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ChunkTable, chunkHint } from '../../../src-main/archive/packing/chunk-table'

function hashOf(n: number): Uint8Array {
  return createHash('sha256').update(String(n)).digest()
}

describe('the table of known chunks', () => {
  it('finds every chunk under the number it was given, through many enlargements', () => {
    const table = new ChunkTable()
    for (let n = 1; n <= 50_000; n++) expect(table.add(hashOf(n))).toBe(n)
    for (let n = 1; n <= 50_000; n += 7) expect(table.find(hashOf(n))).toEqual({ number: n, isHint: false })
    for (let n = 50_001; n <= 52_000; n++) expect(table.find(hashOf(n))).toBeUndefined()
  })

  it('tells chunks apart whose first 64 bits are equal: mixing them up would lose a file', () => {
    const table = new ChunkTable()
    const one = hashOf(1)
    const other = Uint8Array.from(one)
    other[12] = (other[12] ?? 0) ^ 1
    table.add(one)
    expect(table.find(other)).toBeUndefined()
    expect(table.add(other)).toBe(2)
    expect(table.find(one)?.number).toBe(1)
    expect(table.find(other)?.number).toBe(2)
  })

  it('calls a chunk of an earlier commit a hint until its full hash is known', () => {
    const table = new ChunkTable()
    const stored = hashOf(3)
    const number = table.addHint(chunkHint(stored))
    const forged = Uint8Array.from(stored)
    forged[15] = (forged[15] ?? 0) ^ 0x80
    expect(table.find(forged)).toEqual({ number, isHint: true })
    table.confirm(number, stored)
    expect(table.find(stored)).toEqual({ number, isHint: false })
    expect(table.find(forged)).toBeUndefined()
  })

  it('keeps hints of every value, also those with the highest bit set', () => {
    const table = new ChunkTable()
    const hashes = [0x00, 0x7f, 0x80, 0xff].map((byte) => new Uint8Array(32).fill(byte))
    hashes.forEach((hash) => table.addHint(chunkHint(hash)))
    expect(hashes.map((hash) => table.find(hash)?.number)).toEqual([1, 2, 3, 4])
  })
})

import { blake3 as nobleBlake3 } from '@noble/hashes/blake3.js'
import { describe, expect, it, vi } from 'vitest'
import {
  chunkAndHash,
  defaultChunkSizes,
  segmentLimit,
  type ChunkedSegment,
  type ChunkSizes,
} from '../../../src-main/kernels/chunker'
import { hex, pseudoRandomBytes } from './pseudo-random'

const mebibyte = 1024 * 1024
const { minimum, maximum } = defaultChunkSizes

function lengthsOf({ ends }: ChunkedSegment): number[] {
  return Array.from(ends, (end, i) => end - (ends[i - 1] ?? 0))
}

function hashList({ hashes }: ChunkedSegment): string[] {
  return Array.from({ length: hashes.length / 32 }, (_, i) => hex(hashes.subarray(i * 32, i * 32 + 32)))
}

/** The boundaries as the definition in assembly/chunker/fastcdc.ts has them, a byte at a time. */
function endsByDefinition(data: Uint8Array, sizes: ChunkSizes): number[] {
  const gear = Array.from({ length: 256 }, (_, i) => Buffer.from(nobleBlake3(Uint8Array.of(i))).readBigUInt64LE(0))
  const bits = Math.log2(sizes.average)
  const ends: number[] = []
  let start = 0
  while (start < data.length) {
    const limit = Math.min(data.length, start + sizes.maximum)
    let rolling = 0n
    const roll = (position: number): void => {
      rolling = BigInt.asUintN(64, rolling * 2n + (gear[data[position] ?? 0] ?? 0n))
    }
    let position = Math.min(limit, start + sizes.minimum)
    for (let before = position - 64; before < position; before++) roll(before)
    for (; position < limit; position++) {
      roll(position)
      const zeroBits = position - start < sizes.average ? bits + 2 : bits - 2
      if (BigInt.asUintN(63, rolling) >> BigInt(63 - zeroBits) === 0n) break
    }
    ends.push(position)
    start = position
  }
  return ends
}

describe('chunkAndHash', () => {
  it('finds the very same chunks in every release: otherwise nothing added later deduplicates against an old archive', () => {
    const chunked = chunkAndHash(pseudoRandomBytes(mebibyte, 1))
    expect([...chunked.ends]).toEqual([
      81085, 162980, 250282, 309716, 375390, 449841, 514143, 602910, 647737, 681977, 748466, 819099, 925701, 1001098,
      1048576,
    ])
    expect(hex(nobleBlake3(chunked.hashes))).toBe('8dce4d40c569e4f2a78fee9540376d99da1b6eedb22aedd811e7f0b09efd844c')
    expect(hashList(chunked)[0]).toBe('43d6f5e4d45afc22f9d10d8aa809d45b7c716f1124c60191a897a06f2a03a33c')
  })

  it('cuts where the documented definition says', () => {
    const data = pseudoRandomBytes(300_001, 2)
    for (const sizes of [
      defaultChunkSizes,
      { minimum: 1024, average: 1024, maximum: 8192 },
      { minimum: 1025, average: 4096, maximum: 8191 },
      { minimum: 2000, average: 2048, maximum: 100_000 },
    ]) {
      expect([...chunkAndHash(data, sizes).ends]).toEqual(endsByDefinition(data, sizes))
    }
  })

  it('hashes each chunk with BLAKE3, so that a chunk can be checked by itself', () => {
    const data = pseudoRandomBytes(mebibyte, 3)
    const chunked = chunkAndHash(data)
    const expected = Array.from(chunked.ends, (end, i) =>
      hex(nobleBlake3(data.subarray(chunked.ends[i - 1] ?? 0, end))),
    )
    expect(hashList(chunked)).toEqual(expected)
  })

  it('covers the segment without a gap, in chunks between the minimum and the maximum', () => {
    for (const length of [minimum + 1, 100_000, 777_777, 4 * mebibyte, segmentLimit]) {
      const lengths = lengthsOf(chunkAndHash(pseudoRandomBytes(length, length)))
      expect(lengths.reduce((sum, each) => sum + each, 0)).toBe(length)
      expect(Math.min(...lengths.slice(0, -1), maximum)).toBeGreaterThanOrEqual(minimum)
      expect(lengths.at(-1)).toBeGreaterThan(0)
      expect(Math.max(...lengths)).toBeLessThanOrEqual(maximum)
    }
  })

  it('keeps at least nine of ten chunks after an insertion at the front: a changed file costs little again', () => {
    const data = pseudoRandomBytes(4 * mebibyte, 4)
    const before = hashList(chunkAndHash(data))
    const shifted = new Set(hashList(chunkAndHash(Buffer.concat([pseudoRandomBytes(100, 5), data]))))
    expect(before.filter((hash) => shifted.has(hash)).length).toBeGreaterThanOrEqual(0.9 * before.length)
  })

  it('makes chunks of 50 to 90 KiB on average from random data', () => {
    const { ends } = chunkAndHash(pseudoRandomBytes(segmentLimit, 6))
    expect(segmentLimit / ends.length).toBeGreaterThan(50 * 1024)
    expect(segmentLimit / ends.length).toBeLessThan(90 * 1024)
  })

  it('makes equal chunks of the maximum size from any one repeated byte: a sparse file becomes one stored chunk', () => {
    for (let value = 0; value < 256; value++) {
      const chunked = chunkAndHash(new Uint8Array(3 * maximum).fill(value))
      expect(lengthsOf(chunked), `byte ${value}`).toEqual([maximum, maximum, maximum])
      expect(new Set(hashList(chunked)).size).toBe(1)
    }
  })

  it('makes one chunk of a segment up to the minimum and none of an empty one', () => {
    for (const length of [1, 1000, minimum - 1, minimum]) {
      const data = pseudoRandomBytes(length, 7)
      const chunked = chunkAndHash(data)
      expect([...chunked.ends]).toEqual([length])
      expect(hex(chunked.hashes)).toBe(hex(nobleBlake3(data)))
    }
    expect(chunkAndHash(new Uint8Array(0))).toEqual({ ends: new Uint32Array(0), hashes: new Uint8Array(0) })
  })

  it('does not depend on the calls before it or on the instance', async () => {
    const data = pseudoRandomBytes(2 * mebibyte, 8)
    const first = chunkAndHash(data)
    const other = chunkAndHash(pseudoRandomBytes(mebibyte, 9))
    expect(chunkAndHash(data)).toEqual(first)
    expect(chunkAndHash(pseudoRandomBytes(mebibyte, 9))).toEqual(other)
    vi.resetModules()
    const second = await import('../../../src-main/kernels/chunker')
    expect(second.chunkAndHash).not.toBe(chunkAndHash)
    expect(second.chunkAndHash(data)).toEqual(first)
  })

  it('fits the smallest sizes at the largest segment: every table is large enough', () => {
    const sizes = { minimum: 1024, average: 1024, maximum: 1024 }
    const chunked = chunkAndHash(pseudoRandomBytes(segmentLimit, 10), sizes)
    expect(lengthsOf(chunked).every((length) => length === 1024)).toBe(true)
    expect(chunked.ends.length).toBe(8192)
    const last = pseudoRandomBytes(segmentLimit, 10).subarray(-1024)
    expect(hashList(chunked).at(-1)).toBe(hex(nobleBlake3(last)))
  })

  it('refuses what would overrun its memory or never end', () => {
    expect(() => chunkAndHash(new Uint8Array(segmentLimit + 1))).toThrow(RangeError)
    for (const sizes of [
      { minimum: 1023, average: 4096, maximum: 8192 },
      { minimum: 1024.5, average: 4096, maximum: 8192 },
      { minimum: 1024, average: 5000, maximum: 8192 },
      { minimum: 8192, average: 4096, maximum: 16384 },
      { minimum: 1024, average: 4096, maximum: 2048 },
      { minimum: 1024, average: 4096, maximum: segmentLimit + 1 },
      { minimum: Number.NaN, average: 4096, maximum: 8192 },
    ]) {
      expect(() => chunkAndHash(new Uint8Array(10), sizes)).toThrow(RangeError)
    }
  })
})

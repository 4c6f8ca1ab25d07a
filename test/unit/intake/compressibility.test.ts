import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { looksIncompressible } from '../../../src-main/intake/compressibility'
import { pseudoRandomBytes } from './pseudo-random-bytes'

const random = pseudoRandomBytes(300_000)

describe('the look of incompressible data', () => {
  it('is that of random and compressed bytes, long and short', () => {
    expect(looksIncompressible(random)).toBe(true)
    expect(looksIncompressible(random.subarray(0, 2000))).toBe(true)
    const numbers = Array.from({ length: 60_000 }, (_, index) => (random[index] ?? 0) * 7919 + index).join(' ')
    expect(looksIncompressible(gzipSync(numbers))).toBe(true)
  })

  it('is not that of what an entropy coder or a match finder can shorten', () => {
    const doubles = Buffer.alloc(80_000)
    for (let at = 0; at < doubles.length; at += 8) doubles.writeDoubleLE((random[at] ?? 0) / 255, at)
    expect(looksIncompressible(Buffer.from(random.toString('base64')))).toBe(false)
    expect(looksIncompressible(Buffer.from(random.toString('hex')))).toBe(false)
    expect(looksIncompressible(doubles)).toBe(false)
    expect(looksIncompressible(Buffer.alloc(100_000))).toBe(false)
    const repeating = Buffer.concat(Array.from({ length: 200 }, () => random.subarray(0, 1500)))
    expect(looksIncompressible(repeating)).toBe(false)
  })

  it('is not claimed of anything too short to tell', () => {
    expect(looksIncompressible(random.subarray(0, 1000))).toBe(false)
    expect(looksIncompressible(Buffer.alloc(0))).toBe(false)
  })

  it('is seen in a view that does not start its buffer', () => {
    expect(looksIncompressible(random.subarray(12_345, 50_001))).toBe(true)
  })
})

import { blake3 as nobleBlake3 } from '@noble/hashes/blake3.js'
import { describe, expect, it, vi } from 'vitest'
import { Blake3, blake3 } from '../../../src-main/kernels/blake3'
import { chunkerKernel } from '../../../src-main/kernels/chunker-kernel'
import { hex, pseudoRandomBytes } from './pseudo-random'

// If one of these fails, archives hold hashes that no other BLAKE3 confirms, and data is called damaged that is whole.

const mebibyte = 1024 * 1024

function expectedHash(data: Uint8Array): string {
  return hex(nobleBlake3(data))
}

/** The input of the official test vectors. */
function vectorInput(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i % 251)
}

describe('blake3', () => {
  it('gives the published hashes', () => {
    expect(hex(blake3(new Uint8Array(0)))).toBe('af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262')
    expect(hex(blake3(Buffer.from('abc')))).toBe('6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85')
  })

  it('agrees with another implementation on the inputs of the official vectors', () => {
    const lengths = [0, 1, 2, 3, 4, 5, 6, 7, 8, 63, 64, 65, 127, 128, 129, 1023, 1024, 1025, 2048, 2049, 3072, 3073]
    lengths.push(4096, 4097, 5120, 5121, 6144, 6145, 7168, 7169, 8192, 8193, 16384, 31744, 102400)
    for (const length of lengths) {
      const data = vectorInput(length)
      expect(hex(blake3(data)), `${length} bytes`).toBe(expectedHash(data))
    }
  })

  it('agrees at every shape of the tree: all counts of leaves to 300, with short, full and overfull last ones', () => {
    const data = pseudoRandomBytes(301 * 1024, 1)
    for (let leaves = 1; leaves <= 300; leaves++) {
      for (const excess of [-1023, -64, -1, 0, 1]) {
        const part = data.subarray(0, leaves * 1024 + excess)
        if (hex(blake3(part)) !== expectedHash(part)) expect.fail(`${part.length} bytes hash differently`)
      }
    }
  })

  it('agrees at every length of the first two leaves, whatever was hashed before', () => {
    const data = pseudoRandomBytes(2049 * 3, 2)
    for (let length = 0; length <= 2049; length++) {
      const part = data.subarray(length, 2 * length)
      if (hex(blake3(part)) !== expectedHash(part)) expect.fail(`${length} bytes hash differently`)
    }
  })

  it('takes more than the kernel holds', () => {
    const data = pseudoRandomBytes(9 * mebibyte + 12345, 3)
    for (const length of [8 * mebibyte - 1, 8 * mebibyte, 8 * mebibyte + 1, data.length]) {
      const part = data.subarray(0, length)
      expect(hex(blake3(part)), `${length} bytes`).toBe(expectedHash(part))
    }
  })

  it('gives a hash of its own that later calls do not overwrite', () => {
    const first = blake3(vectorInput(10))
    const copy = hex(first)
    blake3(vectorInput(11))
    expect(hex(first)).toBe(copy)
    expect(first.buffer.byteLength).toBe(32)
  })

  it('gives the same in a second instance', async () => {
    const data = pseudoRandomBytes(123457, 4)
    const here = hex(blake3(data))
    vi.resetModules()
    const other = await import('../../../src-main/kernels/blake3')
    expect(other.blake3).not.toBe(blake3)
    expect(hex(other.blake3(data))).toBe(here)
  })
})

describe('Blake3', () => {
  it('does not depend on where the data is split', () => {
    const data = pseudoRandomBytes(700_000, 5)
    const expected = expectedHash(data)
    for (const step of [1000, 1024, 65535, 65536, 65537, 131072, 200_000, 700_000]) {
      const hash = new Blake3()
      for (let offset = 0; offset < data.length; offset += step) hash.update(data.subarray(offset, offset + step))
      expect(hex(hash.digest()), `steps of ${step}`).toBe(expected)
    }
  })

  it('agrees around whole pieces, where the last one must not be joined too early', () => {
    const data = pseudoRandomBytes(9 * 65536 + 1, 6)
    for (let pieces = 0; pieces <= 9; pieces++) {
      for (const excess of [-1, 0, 1]) {
        const part = data.subarray(0, Math.max(0, pieces * 65536 + excess))
        expect(hex(new Blake3().update(part).digest()), `${part.length} bytes`).toBe(expectedHash(part))
      }
    }
  })

  it('keeps hashes that are under way apart, and goes on after a digest', () => {
    const data = pseudoRandomBytes(400_000, 7)
    const one = new Blake3()
    const two = new Blake3()
    one.update(data.subarray(0, 150_000))
    two.update(data.subarray(5, 200_000))
    expect(hex(one.digest())).toBe(expectedHash(data.subarray(0, 150_000)))
    one.update(data.subarray(150_000))
    two.update(data.subarray(200_000, 300_000))
    expect(hex(one.digest())).toBe(expectedHash(data))
    expect(hex(two.digest())).toBe(expectedHash(data.subarray(5, 300_000)))
    expect(hex(new Blake3().digest())).toBe(expectedHash(new Uint8Array(0)))
  })

  it('counts leaves beyond 2^32 (a file over 4 TiB) the same in four lanes and in one', () => {
    const kernel = chunkerKernel()
    const data = pseudoRandomBytes(4096, 8)
    const chainingValue = (part: Uint8Array, call: () => void): Uint8Array => {
      kernel.memory.set(part, kernel.input)
      call()
      return kernel.memory.slice(kernel.output, kernel.output + 32)
    }
    const treeAt = (firstLeaf: number): string => {
      const leaf = (i: number): Uint8Array =>
        chainingValue(data.subarray(i * 1024, (i + 1) * 1024), () => kernel.subtree(1024, firstLeaf + i))
      const join = (left: Uint8Array, right: Uint8Array): Uint8Array =>
        chainingValue(Buffer.concat([left, right]), () => kernel.parent(false))
      return hex(join(join(leaf(0), leaf(1)), join(leaf(2), leaf(3))))
    }
    const lanesAt = (firstLeaf: number): string => hex(chainingValue(data, () => kernel.subtree(4096, firstLeaf)))
    for (const firstLeaf of [0, 64, 2 ** 32 - 64, 2 ** 32, 2 ** 33 + 64]) {
      expect(lanesAt(firstLeaf), `leaf ${firstLeaf}`).toBe(treeAt(firstLeaf))
    }
    expect(lanesAt(2 ** 32)).not.toBe(lanesAt(0))
  })
})

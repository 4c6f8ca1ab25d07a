import { describe, expect, it } from 'vitest'
import { mix } from '../../../src-main/codecs/mix/mix'
import { recordLengthsOf } from '../../../src-main/codecs/mix/record-length'
import { pseudoRandomBytes } from '../intake/pseudo-random-bytes'

/** Records with a few fields that change slowly, and one that does not. */
function records(length: number, count: number): Buffer {
  const noise = pseudoRandomBytes(length * count)
  const bytes = Buffer.alloc(length * count)
  for (let at = 0; at < bytes.length; at++) {
    const before = bytes[at - length] ?? at * 37
    bytes[at] = at % length < 3 ? before : before + ((noise[at] ?? 0) & 1)
  }
  return bytes
}

describe('the length of records', () => {
  it.each([3, 8, 12, 44, 900])('is found where they have %i bytes', (length) => {
    expect(recordLengthsOf(records(length, Math.ceil(60_000 / length)))).toContain(length)
  })

  it('is not made up for next to nothing', () => {
    expect(recordLengthsOf(new Uint8Array())).toEqual([])
    expect(recordLengthsOf(Uint8Array.of(1, 2, 1, 2))).toEqual([])
    expect(recordLengthsOf(Buffer.alloc(1000))).toEqual([])
  })

  it('makes raw data smaller, and stands with the block', async () => {
    const bytes = records(44, 1500)
    const stored = await mix.encode(bytes, { kind: 'binary' }, 0)
    expect(stored.subarray(0, 5)).toEqual(Buffer.from([1, 4, 0, 44, 0]))
    expect(Buffer.compare(mix.decode(stored, bytes.length, { kind: 'binary' }), bytes)).toBe(0)
    // 41 bytes of 44 change by a bit that nothing predicts, which takes an eighth of a byte each.
    expect(stored.length).toBeLessThan(bytes.length / 4)
  })
})

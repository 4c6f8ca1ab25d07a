import { describe, expect, it } from 'vitest'
import { chooseSegments, type Segment } from '../../../../src-main/archive/primer/coverage'
import { Random } from '../../../support/random'

const segmentLength = 1024
const shingleLength = 8

/** Equal pieces of the bytes. */
function cut(bytes: Uint8Array, length: number): Segment[] {
  return Array.from({ length: bytes.length / length }, (_, at) => ({ start: at * length, end: (at + 1) * length }))
}

/** The same choice in the plainest way: every segment is looked at each time, and shingles are strings. */
function chooseSlowly(bytes: Buffer, pieces: readonly Segment[], limit: number): Segment[] {
  const shinglesOf = ({ start, end }: Segment): Set<string> => {
    const shingles = new Set<string>()
    for (let at = start; at + shingleLength <= end; at++) shingles.add(bytes.toString('latin1', at, at + shingleLength))
    return shingles
  }
  const worth = new Map<string, number>()
  for (const piece of pieces)
    for (const shingle of shinglesOf(piece)) worth.set(shingle, (worth.get(shingle) ?? -1) + 1)
  const left = new Set(
    pieces.flatMap(({ start, end }) =>
      cut(bytes.subarray(start, end), segmentLength).map((one) => ({ start: one.start + start, end: one.end + start })),
    ),
  )
  const chosen: Segment[] = []
  for (let total = 0; total < limit; total += segmentLength) {
    let best: Segment | undefined
    let most = 0
    for (const segment of left) {
      let sum = 0
      for (const shingle of shinglesOf(segment)) sum += worth.get(shingle) ?? 0
      if (sum <= most) continue
      best = segment
      most = sum
    }
    if (best === undefined || most < segmentLength / 4) break
    for (const shingle of shinglesOf(best)) worth.set(shingle, 0)
    left.delete(best)
    chosen.push(best)
  }
  return chosen
}

describe('the choice of a primer', () => {
  it('takes what is common, and nothing twice', () => {
    const random = new Random(3)
    const common = random.text(2048)
    const pieces = Array.from({ length: 16 }, (_, at) => {
      return Buffer.concat([random.bytes(2048), at % 2 === 0 ? common : random.bytes(2048)])
    })
    const bytes = Buffer.concat(pieces)
    const chosen = chooseSegments(bytes, cut(bytes, 4096), 64 * 1024)
    expect(chosen.map(({ start, end }) => bytes.subarray(start, end).toString()).sort()).toEqual(
      [common.subarray(0, 1024).toString(), common.subarray(1024).toString()].sort(),
    )
  })

  it('is that of the plain greedy algorithm', () => {
    const random = new Random(5)
    const phrases = Array.from({ length: 200 }, () => random.text(20 + random.below(120)))
    const parts: Buffer[] = []
    for (let total = 0; total < 70_000; total += parts.at(-1)?.length ?? 0) {
      parts.push(random.below(4) === 0 ? random.bytes(30) : (phrases[random.below(phrases.length)] ?? random.bytes(1)))
    }
    const bytes = Buffer.concat(parts).subarray(0, 64 * 1024)
    const pieces = cut(bytes, 4096)
    const chosen = chooseSegments(bytes, pieces, 12 * 1024, 1)
    expect(chosen).toHaveLength(12)
    expect(chosen).toEqual(chooseSlowly(bytes, pieces, 12 * 1024))
  })

  it('is empty for data that never says anything again', () => {
    const bytes = new Random(9).bytes(128 * 1024)
    expect(chooseSegments(bytes, cut(bytes, 16 * 1024), 32 * 1024)).toEqual([])
    expect(chooseSegments(new Uint8Array(), [], 32 * 1024)).toEqual([])
    expect(chooseSegments(bytes, [{ start: 5, end: 10 }], 32 * 1024)).toEqual([])
  })

  it('does not count what one place repeats', () => {
    const random = new Random(2)
    const zeros = Buffer.alloc(16 * 1024)
    const shared = random.text(1024)
    const bytes = Buffer.concat([zeros, shared, random.bytes(15 * 1024), shared, random.bytes(15 * 1024)])
    const [best] = chooseSegments(bytes, cut(bytes, 16 * 1024), 1024)
    expect(best).toEqual({ start: 16 * 1024, end: 17 * 1024 })
  })
})

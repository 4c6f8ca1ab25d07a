import type { Stretch, SurpriseMap } from '../../contract/insight'

/** Bytes of a stretch: some words. */
const stretchLength = 32

/**
 * Stretches of a map that stand out by what they cost a byte, none overlapping another.
 * @param direction 1 for the dearest, -1 for the cheapest
 */
export function outstanding(
  { offset, bytes, milliBits }: Pick<SurpriseMap, 'offset' | 'bytes' | 'milliBits'>,
  direction: 1 | -1,
  most: number,
): readonly Stretch[] {
  const length = Math.min(stretchLength, bytes.length)
  if (length === 0) return []
  // A quarter of a stretch apart is near enough to the very best.
  const step = Math.max(1, length >> 2)
  const found: { readonly at: number; readonly cost: number }[] = []
  for (let at = 0; at + length <= bytes.length; at += step) {
    const cost = milliBits.subarray(at, at + length).reduce((sum, bits) => sum + bits, 0)
    found.push({ at, cost })
  }
  found.sort((one, other) => direction * (other.cost - one.cost) || one.at - other.at)
  // What is told again and again is found once.
  const saysTheSame = (known: number, other: number): boolean => {
    const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    return all
      .subarray(known, known + length)
      .includes(all.subarray(other + (length >> 2), other + ((3 * length) >> 2)))
  }
  const taken: { readonly at: number; readonly cost: number }[] = []
  for (const one of found) {
    if (taken.length === most) break
    const isNew = taken.every(({ at }) => Math.abs(at - one.at) >= length && !saysTheSame(at, one.at))
    if (isNew) taken.push(one)
  }
  return taken.map(({ at, cost }) => ({
    offset: offset + at,
    bytes: bytes.slice(at, at + length),
    bitsPerByte: cost / 1000 / length,
  }))
}

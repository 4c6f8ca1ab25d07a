/**
 * Reads a modelled part of a float block, after docs/codecs.md alone: plain and slowly, sharing nothing with the codec. Elements come back as
 * planes, the highest first.
 */
export interface ModelledPart {
  readonly width: number
  readonly elements: number
  readonly row: number
  readonly bits: number
  readonly hasSign: boolean
  readonly values: readonly number[]
  readonly code: Uint8Array
  /** What is not modelled, in place; the rest 0. */
  readonly planes: readonly Uint8Array[]
}

const logit16 = (p: number): number => {
  const middle = ((p >> 4) + 0.5) / 4096
  return Math.floor(Math.log(middle / (1 - middle)) * 256 + 0.5)
}
const probability = (logit: number): number =>
  Math.min(65_535, Math.max(1, Math.floor(65_536 / (1 + Math.exp(-logit / 256)) + 0.5)))
const limited = (logit: number): number => Math.min(2815, Math.max(-2815, logit))
const rounded = (product: number): number => (product + 16_384) >> 15
const m = (a: number, b: number): number => {
  const hash = Math.imul(a ^ (b + 1), 0x85ebca6b)
  return (hash ^ (hash >>> 15)) >>> 0
}

export function readModelledPart(part: ModelledPart): void {
  const { width, elements, row, bits, hasSign, values, planes } = part
  const decodeBit = decoderOf(part.code)
  const rankBits = values.length <= 1 ? 0 : 32 - Math.clz32(values.length - 1)
  const rankOf = (value: number): number => Math.max(0, values.indexOf(value))
  const deepBits = (elements * bits) >> 2
  const lineBits = bits <= 16 ? 14 : Math.min(17, 32 - Math.clz32(deepBits - 1))
  const contexts = Array.from({ length: 7 }, () => new Map<number, { p: number; seen: number }>())
  const byBits = new Map<number, Int16Array>()
  const byMatch = new Map<number, Int16Array>()
  const trusts = new Map<number, number>()
  const followers = new Map<number, number>()
  const columns = new Float64Array(Math.max(1, row))
  const up = row > 0 ? row : 3
  let [expected, matched, knownBefore, run, recent, lasting] = [0, 0, 0, 0, 0, 0]

  const near = (k: number, i: number, distance: number): number => (i < distance ? 0 : (planes[k]?.[i - distance] ?? 0))
  const value32 = (i: number, distance: number): number =>
    [0, 1, 2, 3].reduce((sum, k) => sum * 256 + (k < width ? near(k, i, distance) : 0), 0)
  const weightsOf = (sets: Map<number, Int16Array>, at: number): Int16Array => {
    const found = sets.get(at) ?? new Int16Array(8).fill(2560)
    sets.set(at, found)
    return found
  }

  const codedBits = (place: number, hashes: readonly number[], count: number, hint: number | undefined): number => {
    let node = 1
    let lines: readonly number[] = []
    let inNibble = 1
    for (let bit = count - 1; bit >= 0; bit--) {
      if ((count - 1 - bit) % 4 === 0) {
        const salt = Math.imul(node, 0x2545f491)
        lines = hashes.map((hash) => Math.imul(hash ^ salt, 0x9e3779b1) >>> (32 - lineBits))
        inNibble = 1
      }
      const slots = contexts.map((slotsOf, j) => {
        const at = (lines[j] ?? 0) * 16 + inNibble
        const slot = slotsOf.get(at) ?? { p: 1 << 21, seen: 0 }
        slotsOf.set(at, slot)
        return slot
      })
      const agrees = hint !== undefined && node === (hint | (1 << count)) >> (bit + 1)
      const says = agrees ? (hint >> bit) & 1 : 2
      const length = agrees ? 1 + matched : 0
      const trustAt = length * 16 + place
      const trust = trusts.get(trustAt) ?? 49_152
      const heard = agrees ? logit16(trust) : 0
      const inputs = [...slots.map(({ p }) => logit16(p >> 6)), says === 1 ? heard : -heard]
      const sets = [weightsOf(byBits, place * 256 + node), weightsOf(byMatch, trustAt)]
      const logits = sets.map((weights) =>
        limited(inputs.reduce((sum, input, j) => sum + input * (weights[j] ?? 0), 0) >> 13),
      )
      const p = probability(((logits[0] ?? 0) + (logits[1] ?? 0)) >> 1)
      const came = decodeBit(Math.min(65_512, Math.max(24, p)))
      for (const [at, weights] of sets.entries()) {
        const step = ((came * 65_536 - probability(logits[at] ?? 0)) * 3) >> 6
        for (const [j, input] of inputs.entries()) {
          weights[j] = Math.min(32_767, Math.max(-32_768, (weights[j] ?? 0) + rounded(input * step)))
        }
      }
      for (const slot of slots) {
        const way = ((came * 4_194_303 - slot.p) >> 6) * Math.floor(65_536 / (2 * slot.seen + 3))
        slot.p += way >> 9
        slot.seen = Math.min(1023, slot.seen + 1)
      }
      if (agrees) trusts.set(trustAt, trust + (((says === came ? 65_535 : 0) - trust) >> 6))
      node = node * 2 + came
      inNibble = inNibble * 2 + came
    }
    return node - (1 << count)
  }

  for (let i = 0; i < elements; i++) {
    const last = planes[width - 1] ?? new Uint8Array()
    const signOf = (distance: number): number => near(width - 1, i, distance) & 1
    let [known, sign, isWest, isNorth, isMatch] = [0, 0, true, true, true]
    if (hasSign) {
      const b = m(0x51, 1)
      const [W, N, B, NW] = [signOf(1), signOf(up), signOf(2), signOf(up + 1)]
      const pair = [m(m(b, 64 + W), near(0, i, 1)), m(m(b, 128 + N), near(0, i, up))]
      const hashes = [
        b,
        m(b, 2 + 2 * W + B),
        m(b, 8 + N),
        m(b, 16 + 2 * W + N),
        m(b, 32 + 8 * W + 4 * N + 2 * NW + B),
        ...pair,
      ]
      const hint = expected > 0 ? (last[expected] ?? 0) & 1 : undefined
      sign = codedBits(8, hashes, 1, hint)
      last[i] = (last[i] ?? 0) | sign
      ;[isWest, isNorth, isMatch] = [sign === W, sign === N, sign === hint]
      known = m(sign, 77)
    }
    const foreseen =
      (row > 0 ? value32(i, 1) + value32(i, up) - value32(i, up + 1) : 2 * value32(i, 1) - value32(i, 2)) >>> 0
    let reached = 0
    for (let k = 0; 8 * k < bits; k++) {
      const count = k === 0 ? rankBits : Math.min(bits - 8 * k, hasSign && k === width - 1 ? 7 : 8)
      const shift = k === 0 ? 0 : 8 - count
      const [W, N] = [near(k, i, 1) >> shift, near(k, i, up) >> shift]
      let hashes: readonly number[]
      if (k === 0) {
        const R = (distance: number): number => rankOf(near(0, i, distance))
        const around = 2 * R(1) + R(2) + R(3) + 2 * R(up) + R(up - 1) + R(up + 1)
        const column = row > 0 ? (columns[i % row] ?? 0) : lasting
        hashes = [
          m(1, sign),
          m(2, R(1)),
          m(3, R(up)),
          m(m(4, R(1)), R(up)),
          m(m(m(5, R(1)), R(2)), rankOf(foreseen >>> 24)),
          m(6, around),
          m(m(7, column >> 6), recent >> 6),
        ]
      } else {
        const p = m(9, k)
        const a = near(k - 1, i, 0)
        const [w, n] = [isWest ? 1 : 0, isNorth ? 1 : 0]
        const d = k < 4 ? Math.min(3, Math.max(-3, (reached - (foreseen >>> (32 - 8 * k))) | 0)) : 0
        const F = k < 4 ? ((foreseen << (8 * k)) >>> 24) >> shift : 0
        hashes = [
          m(m(p, 10), near(0, i, 0)),
          m(m(known, k), 11),
          m(m(m(known, k), 12), W + 256 * w),
          m(m(m(p, 13), N + 256 * n), 4 * a + Math.min(3, run)),
          m(m(m(p, 14), W + 256 * N), w + 2 * n),
          m(m(m(p, 15), F), d),
          m(m(p, 16), m(a, sign)),
        ]
      }
      const there = planes[k]?.[expected] ?? 0
      const hint = expected > 0 && isMatch ? (k === 0 ? rankOf(there) : there >> shift) : undefined
      const coded = codedBits(k, hashes, count, hint)
      const top = k === 0 ? (values[coded] ?? 0) : coded
      const plane = planes[k] ?? new Uint8Array()
      plane[i] = (plane[i] ?? 0) | (top << shift)
      isWest &&= top === W
      isNorth &&= top === N
      isMatch = hint !== undefined && coded === hint
      known = m(known, top)
      reached = (reached * 256 + (top << shift)) >>> 0
    }
    run = isNorth ? Math.min(255, run + 1) : 0
    const rank = rankOf(near(0, i, 0)) * 256
    if (i === 0) [recent, lasting] = [rank, rank]
    recent += (rank - recent) >> 4
    lasting += (rank - lasting) >> 7
    const column = columns[i % up] ?? 0
    if (row > 0) columns[i % row] = i < row ? rank : column + ((rank - column) >> 3)
    const place = m(known, knownBefore) >>> 14
    if (expected > 0 && isMatch) {
      expected++
      matched = Math.min(30, matched + 1)
    } else {
      expected = followers.get(place) ?? 0
      matched = 0
    }
    followers.set(place, i + 1)
    knownBefore = known
  }
}

/** As in mix: a one takes the lower part of the range. */
function decoderOf(stored: Uint8Array): (p: number) => number {
  let [low, high, code, at] = [0, 0xffffffff, 0, 0]
  const next = (): void => {
    code = ((code << 8) | (stored[at++] ?? 0)) >>> 0
  }
  for (let i = 0; i < 4; i++) next()
  return (p) => {
    const range = high - low
    const middle = low + Math.floor(range / 65_536) * p + Math.floor(((range % 65_536) * p) / 65_536)
    const bit = code <= middle ? 1 : 0
    if (bit === 1) high = middle
    else low = middle + 1
    while ((low ^ high) >>> 24 === 0) {
      low = (low << 8) >>> 0
      high = ((high << 8) | 255) >>> 0
      next()
    }
    return bit
  }
}

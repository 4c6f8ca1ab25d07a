import type { Random } from '../support/random'

/** Numbers at which counting, sizes and signs go wrong. */
const awkwardNumbers = [
  0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff,
]

/** A new input from the corpus, the newest of it a little more often: up to 16 changes, mostly few. */
export function mutate(corpus: readonly Buffer[], random: Random, longest: number): Buffer {
  const pick = (): Buffer => {
    const at =
      random.below(4) === 0 ? corpus.length - 1 - random.below(Math.min(8, corpus.length)) : random.below(corpus.length)
    return corpus[at] ?? Buffer.alloc(1)
  }
  let bytes: Buffer = Buffer.from(pick())
  for (let left = 1 << random.below(5); left > 0; left--) {
    bytes = changed(bytes, random, pick)
    if (bytes.length > longest) bytes = bytes.subarray(0, longest)
  }
  return bytes
}

function changed(bytes: Buffer, random: Random, other: () => Buffer): Buffer {
  if (bytes.length === 0) return random.bytes(1 + random.below(8))
  const at = random.below(bytes.length)
  const room = bytes.length - at
  switch (random.below(10)) {
    case 0:
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8))
      return bytes
    case 1:
      bytes[at] = random.below(256)
      return bytes
    case 2:
      bytes[at] = (bytes[at] ?? 0) + random.below(17) - 8
      return bytes
    case 3: {
      const width = random.pick([1, 2, 4])
      const value = awkwardNumbers[random.below(awkwardNumbers.length)] ?? 0
      if (room < width) return bytes
      if (random.below(2) === 0) bytes.writeUIntLE(value % 2 ** (8 * width), at, width)
      else bytes.writeUIntBE(value % 2 ** (8 * width), at, width)
      return bytes
    }
    case 4: {
      // 48- and 64-bit fields.
      if (room < 8) return bytes
      bytes.writeBigInt64LE(random.pick([0n, -1n, 1n << 53n, (1n << 53n) - 1n, 1n << 31n, (1n << 63n) - 1n, 64n]), at)
      return bytes
    }
    case 5:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(Math.min(room, 64)))])
    case 6:
      return Buffer.concat([bytes.subarray(0, at), random.bytes(1 + random.below(16)), bytes.subarray(at)])
    case 7: {
      const stretch = bytes.subarray(at, at + 1 + random.below(Math.min(room, 256)))
      const to = random.below(bytes.length)
      if (random.below(2) === 0) return Buffer.concat([bytes.subarray(0, to), stretch, bytes.subarray(to)])
      Buffer.from(stretch).copy(bytes, to)
      return bytes
    }
    case 8: {
      const from = other()
      const start = random.below(Math.max(1, from.length))
      const stretch = from.subarray(start, start + 1 + random.below(Math.max(1, from.length - start)))
      if (random.below(2) === 0) return Buffer.concat([bytes.subarray(0, at), stretch])
      stretch.copy(bytes, at)
      return bytes
    }
    default:
      bytes.fill(random.pick([0, 0xff, 0x20, random.below(256)]), at, at + 1 + random.below(Math.min(room, 32)))
      return bytes
  }
}

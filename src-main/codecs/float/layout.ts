/** How a stretch of bytes is read as elements. */
export interface Layout {
  /** Bytes of an element. */
  readonly width: 1 | 2 | 4 | 8
  /** Whether its highest byte comes first. */
  readonly isReversed: boolean
  /** Whether it is turned left by one bit, as is right for floats: exponent first, sign last. */
  readonly isTurned: boolean
}

/** A stretch of a block with one layout, a whole number of elements. */
export interface Stretch extends Layout {
  readonly start: number
  readonly end: number
}

export const plainBytes: Layout = { width: 1, isReversed: false, isTurned: false }

/** A layout and where its elements begin, modulo their width. */
interface Guess extends Layout {
  readonly phase: number
}

const cellLength = 8192
/** Of each cell so many bytes are looked at; eight times as many where a change is suspected. */
const glanceLength = 1024
const studyLength = 4096
/** Bits a byte by which a cell must differ from what came before for its layout to be doubted. */
const suspicion = 0.25
/** Bits a byte by which another layout must be better. */
const advantage = 0.06

const guesses: readonly Guess[] = ([1, 2, 4, 8] as const).flatMap((width) =>
  (width === 1 ? [false] : [true, false]).flatMap((isTurned) =>
    (width === 1 || !isTurned ? [false] : [false, true]).flatMap((isReversed) =>
      Array.from({ length: width }, (_none, phase) => ({ width, isReversed, isTurned, phase })),
    ),
  ),
)

/**
 * Finds where a block's elements begin and how wide they are, by measuring alone: a layout is right where the bytes of its planes are
 * least surprising, each plane for itself. One cell after the other is looked at, and studied where it looks unlike those before.
 */
export function findLayouts(raw: Uint8Array): readonly Stretch[] {
  const found: { start: number; guess: Guess }[] = []
  let usual = Number.NaN
  for (let cell = 0; cell < raw.length; cell += cellLength) {
    const current = found.at(-1)?.guess
    const glance = current && bitsPerByte(raw, cell, glanceLength, current)
    if (glance !== undefined && Math.abs(glance - usual) < suspicion) {
      usual += (glance - usual) / 8
      continue
    }
    const best = study(raw, cell, current)
    usual = bitsPerByte(raw, cell, glanceLength, best)
    if (best !== current) found.push({ start: cell, guess: best })
  }
  return stretchesOf(found, raw.length)
}

function study(raw: Uint8Array, from: number, current: Guess | undefined): Guess {
  const bits = (guess: Guess): number => bitsPerByte(raw, from, studyLength, guess)
  let best = current
  let least = current === undefined ? Infinity : bits(current) - advantage
  for (const guess of guesses) {
    const found = bits(guess)
    // What is wider or turned must earn it: the first ones of the list are the simplest of their width.
    if (found < least) {
      least = found
      best = guess
    }
  }
  return best ?? { ...plainBytes, phase: 0 }
}

const histograms = new Uint32Array(8 * 256)
const weights = Float64Array.from({ length: studyLength + 1 }, (_none, count) =>
  count < 2 ? 0 : count * Math.log2(count),
)

/**
 * Entropy of the planes of a sample, in bits a byte. A histogram of few symbols shows less than there is; (symbols - 1) / 2 nats make
 * up for that (Miller 1955).
 */
function bitsPerByte(raw: Uint8Array, from: number, sampleLength: number, guess: Guess): number {
  const { width, isReversed, isTurned, phase } = guess
  const start = from + ((((phase - from) % width) + width) % width)
  const count = Math.floor((Math.min(raw.length, from + sampleLength) - start) / width)
  if (count <= 0) return 8
  histograms.fill(0, 0, width * 256)
  for (let element = 0, at = start; element < count; element++, at += width) {
    // Plane by plane from the lowest byte on; turned, each takes in the highest bit of the byte below.
    let carry = isTurned ? (raw[isReversed ? at : at + width - 1] ?? 0) >> 7 : 0
    for (let plane = 0; plane < width; plane++) {
      const byte = raw[isReversed ? at + width - 1 - plane : at + plane] ?? 0
      const turned = isTurned ? ((byte << 1) & 255) | carry : byte
      carry = byte >> 7
      const slot = plane * 256 + turned
      histograms[slot] = (histograms[slot] ?? 0) + 1
    }
  }
  let bits = 0
  let symbols = 0
  for (let slot = 0; slot < width * 256; slot++) {
    const times = histograms[slot] ?? 0
    if (times === 0) continue
    symbols++
    bits -= weights[times] ?? 0
  }
  bits += width * (weights[count] ?? 0) + ((symbols - width) / 2) * Math.LOG2E
  return Math.min(8, bits / (count * width))
}

/** Cuts a block where layouts change; what does not make up a whole element is plain bytes. */
function stretchesOf(found: readonly { start: number; guess: Guess }[], length: number): readonly Stretch[] {
  const stretches: Stretch[] = []
  const add = (start: number, end: number, { width, isReversed, isTurned }: Layout): void => {
    if (end > start) stretches.push({ start, end, width, isReversed, isTurned })
  }
  for (const [index, { start, guess }] of found.entries()) {
    const limit = found[index + 1]?.start ?? length
    const first = Math.min(limit, start + ((((guess.phase - start) % guess.width) + guess.width) % guess.width))
    const last = limit - ((limit - first) % guess.width)
    add(start, first, plainBytes)
    add(first, last, guess)
    add(last, limit, plainBytes)
  }
  return stretches
}

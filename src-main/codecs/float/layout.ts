import type { FloatKernel } from '../../kernels/float-kernel'

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

/** A block in the memory of a kernel. */
export interface Block {
  readonly kernel: FloatKernel
  /** Where its first byte lies. */
  readonly raw: number
  readonly length: number
}

/** A layout and where its elements begin, modulo their width. */
interface Guess extends Layout {
  readonly phase: number
}

const cellLength = 8192
/** Bytes of each cell that are looked at. */
const glanceLength = 1024
/** Elements of a histogram where a change is suspected: as many of each width, for one of few shows less entropy. */
const studiedElements = 1024
/** Bytes that are looked at there: the same of each width, as many as the widest take. */
const studiedLength = 8 * studiedElements
/** Bits a byte by which a cell must differ from what came before for its layout to be doubted. */
const suspicion = 0.25
/** Bits a byte by which another layout must be better. */
const advantage = 0.06

/** Bits a byte by which the best layout of a width may be better than the one that speaks for it in the overview. */
const closeness = 0.25

/** Bits a byte that elements twice as wide must save. */
const priceOfWidth = 0.02
/** Bits a byte that the rarer order of bytes must save: a float cut elsewhere and reversed has its exponent in front too, but for a bit. */
const priceOfReversal = 0.03

const guesses: readonly Guess[] = ([1, 2, 4, 8] as const).flatMap((width) =>
  (width === 1 ? [false] : [true, false]).flatMap((isTurned) =>
    (width === 1 || !isTurned ? [false] : [false, true]).flatMap((isReversed) =>
      Array.from({ length: width }, (_none, phase) => ({ width, isReversed, isTurned, phase })),
    ),
  ),
)

const overview = guesses.filter(
  ({ phase, isReversed, isTurned, width }) => phase === 0 && !isReversed && isTurned === width > 1,
)

/**
 * Finds where a block's elements begin and how wide they are, by measuring alone: a layout is right where the bytes of its planes are
 * least surprising, each plane for itself. One cell after the other is looked at, and studied where it looks unlike those before.
 */
export function findLayouts(block: Block): readonly Stretch[] {
  const found: { start: number; guess: Guess }[] = []
  let usual = Number.NaN
  for (let cell = 0; cell < block.length; cell += cellLength) {
    const current = found.at(-1)?.guess
    const glance = current && bitsPerByte(block, cell, glanceLength, current)
    if (glance !== undefined && Math.abs(glance - usual) < suspicion) {
      usual += (glance - usual) / 8
      continue
    }
    const best = study(block, cell, current)
    usual = bitsPerByte(block, cell, glanceLength, best)
    if (best !== current) found.push({ start: cell, guess: best })
  }
  return stretchesOf(found, block.length)
}

/**
 * Where elements begin and which of their bytes is the highest changes little in the sum, so one layout of each width tells which widths to
 * look at closely, and whether to look at all.
 */
function study(block: Block, from: number, current: Guess | undefined): Guess {
  const bits = (guess: Guess): number =>
    studiedBits(block, from, guess) + Math.log2(guess.width) * priceOfWidth + (guess.isReversed ? priceOfReversal : 0)
  let best = current
  let least = current === undefined ? Infinity : bits(current) - advantage
  const widths = overview
    .map((guess) => ({ width: guess.width, bits: bits(guess) }))
    .filter((one, at, all) => one.bits < least + closeness && all.slice(0, at).every((other) => one.bits < other.bits))
    .toSorted((one, other) => one.bits - other.bits)
    .slice(0, 2)
  for (const guess of guesses) {
    if (!widths.some(({ width }) => width === guess.width)) continue
    const found = bits(guess)
    // What is wider or turned must earn it: the first ones of the list are the simplest of their width.
    if (found < least) {
      least = found
      best = guess
    }
  }
  return best ?? { ...plainBytes, phase: 0 }
}

/** Entropy of the planes, in bits a byte, over histograms of so many elements. */
function studiedBits(block: Block, from: number, guess: Guess): number {
  const length = studiedElements * guess.width
  const end = Math.min(block.length, from + studiedLength)
  let sum = 0
  let samples = 0
  for (let at = from; at === from || at + length <= end; at += length) {
    sum += bitsPerByte(block, at, length, guess)
    samples++
  }
  return sum / samples
}

/** Entropy of the planes of a sample, in bits a byte. */
function bitsPerByte({ kernel, raw, length }: Block, from: number, sampleLength: number, guess: Guess): number {
  const { width, isReversed, isTurned } = guess
  const start = from + offset(guess, from)
  const count = Math.floor((Math.min(length, from + sampleLength) - start) / width)
  if (count <= 0) return 8
  return kernel.surprise(raw + start, count, width, isReversed, isTurned ? 1 : 0) / 256 / (count * width)
}

/** How far the next element begins from here. */
function offset({ width, phase }: Guess, from: number): number {
  return (((phase - from) % width) + width) % width
}

/** Cuts a block where layouts change; what does not make up a whole element is plain bytes. */
function stretchesOf(found: readonly { start: number; guess: Guess }[], length: number): readonly Stretch[] {
  const stretches: Stretch[] = []
  const add = (start: number, end: number, { width, isReversed, isTurned }: Layout): void => {
    if (end > start) stretches.push({ start, end, width, isReversed, isTurned })
  }
  for (const [index, { start, guess }] of found.entries()) {
    const limit = found[index + 1]?.start ?? length
    const first = Math.min(limit, start + offset(guess, start))
    const last = limit - ((limit - first) % guess.width)
    add(start, first, plainBytes)
    add(first, last, guess)
    add(last, limit, plainBytes)
  }
  return stretches
}

/**
 * Differences between the elements of a tensor and those of another, coded (docs/codecs.md, "delta"): range asymmetric numeral systems
 * (J. Duda, arXiv:1311.2540) with tables that do not change in a block, and plain bits. The caller lays out the memory behind `free`.
 */
import { finishWriting, readBits, startReading, startWriting, writeBits } from './delta/bits'
import {
  differing,
  exponentOf,
  foldedDifference,
  isTooLarge,
  readElement,
  useElement,
  writeElement,
} from './delta/element'
import { contexts, contextOf, learn, startExpecting } from './delta/expectation'
import { floorOf, lengthOf, restLength, tokenOf, tokens } from './delta/token'

/** Frequencies add up to 2^12 in each context. */
const precision: u32 = 12
const total: u32 = 1 << precision
const lowest: u32 = 1 << 16

/** u32 for each context and token: how often it comes, before a table is made of that; then its frequency. */
export const counts: usize = memory.data(contexts * tokens * 4, 16)
/** u32 likewise: the frequencies of the tokens before it. */
const starts: usize = memory.data(contexts * tokens * 4, 16)
/** The token of each of a context's `total` places. */
const places: usize = memory.data(contexts * (total as i32), 16)

export const free: usize = (__heap_base + 15) & ~(15 as usize)

/** Makes room up to this address. */
export function reserve(end: usize): void {
  const missing = ((end + 65535) / 65536) as i32 - memory.size()
  if (missing > 0) memory.grow(missing)
}

/**
 * Turns elements into tokens, with the context of each, and bits.
 * @param symbols where a u16 an element goes: the context, then seven bits of token
 * @param bits where the bits go
 * @returns the address behind them; the counts are added up
 */
export function model(
  values: usize,
  base: usize,
  count: i32,
  width: i32,
  exponentBits: i32,
  rate: i32,
  shift: i32,
  symbols: usize,
  bits: usize,
): usize {
  useElement(width, exponentBits)
  startExpecting(rate, shift)
  startWriting(bits)
  memory.fill(counts, 0, contexts * tokens * 4)
  for (let at = 0; at < count; at++) {
    const old = readElement(base + ((at * width) as usize), width)
    const folded = foldedDifference(readElement(values + ((at * width) as usize), width), old)
    const exponent = exponentOf(old)
    const token = tokenOf(folded)
    const symbol = (contextOf(exponent) << 7) | token
    learn(lengthOf(folded), exponent)
    const counted = counts + ((symbol << 2) as usize)
    store<u32>(counted, load<u32>(counted) + 1)
    store<u16>(symbols + ((at << 1) as usize), symbol as u16)
    const length = restLength(token)
    if (length > 0) writeBits(folded & (((1 as u64) << (length as u64)) - 1), length as u64)
  }
  return finishWriting()
}

/** Adds up the frequencies in `counts`. @returns 0 if those of a context are neither none nor right */
export function useFrequencies(): i32 {
  for (let context = 0; context < contexts; context++) {
    let sum: u32 = 0
    for (let token = 0; token < tokens; token++) {
      const at = ((context << 7) | token) << 2
      const frequency = load<u32>(counts + (at as usize))
      if (frequency > total - sum) return 0
      store<u32>(starts + (at as usize), sum)
      if (frequency > 0) memory.fill(places + ((((context as u32) << precision) + sum) as usize), token as u8, frequency)
      sum += frequency
    }
    if (sum != 0 && sum != total) return 0
  }
  return 1
}

/**
 * Codes symbols, the last one first, and writes the code backwards.
 * @param end where it ends
 * @returns where it begins
 */
export function encode(symbols: usize, count: i32, end: usize): usize {
  let out = end
  let even: u32 = lowest
  let odd: u32 = lowest
  for (let at = count - 1; at >= 0; at--) {
    const entry = ((load<u16>(symbols + ((at << 1) as usize)) as u32) << 2) as usize
    const frequency = load<u32>(counts + entry)
    let state = at & 1 ? odd : even
    // Compared as 64 bits: a frequency of `total` would give 2^32.
    if ((state as u64) >= (((lowest >> precision) as u64) << 16) * (frequency as u64)) {
      out -= 2
      store<u16>(out, state as u16)
      state >>= 16
    }
    state = ((state / frequency) << precision) + (state % frequency) + load<u32>(starts + entry)
    if (at & 1) odd = state
    else even = state
  }
  out -= 8
  store<u32>(out, even)
  store<u32>(out + 4, odd)
  return out
}

/**
 * Decodes elements. Behind `codeEnd` and `bitsEnd`, 8 bytes must be readable.
 * @returns 1 if all of the code and of the bits was used, and no more
 */
export function decode(
  values: usize,
  base: usize,
  count: i32,
  width: i32,
  exponentBits: i32,
  rate: i32,
  shift: i32,
  code: usize,
  codeEnd: usize,
  bits: usize,
  bitsEnd: usize,
): i32 {
  useElement(width, exponentBits)
  startExpecting(rate, shift)
  startReading(bits, bitsEnd)
  if (code + 8 > codeEnd) return 0
  let even = load<u32>(code)
  let odd = load<u32>(code + 4)
  let next = code + 8
  let used: u64 = 0
  for (let at = 0; at < count; at++) {
    const old = readElement(base + ((at * width) as usize), width)
    const exponent = exponentOf(old)
    const context = contextOf(exponent)
    let state = even
    even = odd
    const place = state & (total - 1)
    const token = load<u8>(places + ((((context as u32) << precision) + place) as usize)) as i32
    const entry = (((context << 7) | token) << 2) as usize
    const frequency = load<u32>(counts + entry)
    // A context that the tables leave out.
    if (frequency == 0) return 0
    state = frequency * (state >> precision) + place - load<u32>(starts + entry)
    if (state < lowest) {
      if (next + 2 > codeEnd) return 0
      state = (state << 16) | (load<u16>(next) as u32)
      next += 2
    }
    odd = state
    const length = restLength(token)
    used += length as u64
    const folded = floorOf(token) | readBits(length as u64)
    if (isTooLarge(folded)) return 0
    learn(lengthOf(folded), exponent)
    writeElement(values + ((at * width) as usize), differing(folded, old), width)
  }
  // Two states take turns; behind an odd number of elements, they have changed places.
  if (even != lowest || odd != lowest || next != codeEnd) return 0
  return ((used + 7) >> 3) == ((bitsEnd - bits) as u64) ? 1 : 0
}

/**
 * Elements of 2, 4 or 8 bytes to planes of bytes, the highest byte first, and back. An element may be read with its highest byte first,
 * and be turned left by one bit, so that the sign of a float comes last and its exponent begins the highest byte.
 * Sixteen elements make one vector of each plane; what is left over goes one by one.
 */
import { PLANES } from './memory'

const LANES: usize = 16

@inline
function plane(k: usize): usize {
  return load<u32>(PLANES + k * 4) as usize
}

@inline
function reversal(width: usize): v128 {
  if (width == 2) return i8x16(1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14)
  if (width == 4) return i8x16(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12)
  return i8x16(7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8)
}

@inline
function taken(at: usize, isReversed: bool, order: v128): v128 {
  const vector = v128.load(at)
  return isReversed ? v128.swizzle(vector, order) : vector
}

@inline
function put(at: usize, vector: v128, isReversed: bool, order: v128): void {
  v128.store(at, isReversed ? v128.swizzle(vector, order) : vector)
}

@inline
function lowBytes(a: v128, b: v128): v128 {
  return v128.shuffle<u8>(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30)
}

@inline
function highBytes(a: v128, b: v128): v128 {
  return v128.shuffle<u8>(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31)
}

@inline
function lowHalves(a: v128, b: v128): v128 {
  return v128.shuffle<u16>(a, b, 0, 2, 4, 6, 8, 10, 12, 14)
}

@inline
function highHalves(a: v128, b: v128): v128 {
  return v128.shuffle<u16>(a, b, 1, 3, 5, 7, 9, 11, 13, 15)
}

@inline
function firstBytes(low: v128, high: v128): v128 {
  return v128.shuffle<u8>(low, high, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
}

@inline
function lastBytes(low: v128, high: v128): v128 {
  return v128.shuffle<u8>(low, high, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
}

@inline
function firstHalves(low: v128, high: v128): v128 {
  return v128.shuffle<u16>(low, high, 0, 8, 1, 9, 2, 10, 3, 11)
}

@inline
function lastHalves(low: v128, high: v128): v128 {
  return v128.shuffle<u16>(low, high, 4, 12, 5, 13, 6, 14, 7, 15)
}

/** Sixteen elements of 4 bytes to four planes from number `first` on. */
@inline
function spread(a: v128, b: v128, c: v128, d: v128, first: usize, i: usize): void {
  const low = lowHalves(a, b)
  const lowNext = lowHalves(c, d)
  const high = highHalves(a, b)
  const highNext = highHalves(c, d)
  v128.store(plane(first) + i, highBytes(high, highNext))
  v128.store(plane(first + 1) + i, lowBytes(high, highNext))
  v128.store(plane(first + 2) + i, highBytes(low, lowNext))
  v128.store(plane(first + 3) + i, lowBytes(low, lowNext))
}

@inline
function turned16(x: v128, turn: i32): v128 {
  return turn ? v128.or(i16x8.shl(x, 1), i16x8.shr_u(x, 15)) : x
}

@inline
function turned32(x: v128, turn: i32): v128 {
  return turn ? v128.or(i32x4.shl(x, 1), i32x4.shr_u(x, 31)) : x
}

@inline
function turned64(x: v128, turn: i32): v128 {
  return turn ? v128.or(i64x2.shl(x, 1), i64x2.shr_u(x, 63)) : x
}

@inline
function turnedBack16(x: v128, turn: i32): v128 {
  return turn ? v128.or(i16x8.shr_u(x, 1), i16x8.shl(x, 15)) : x
}

@inline
function turnedBack32(x: v128, turn: i32): v128 {
  return turn ? v128.or(i32x4.shr_u(x, 1), i32x4.shl(x, 31)) : x
}

@inline
function turnedBack64(x: v128, turn: i32): v128 {
  return turn ? v128.or(i64x2.shr_u(x, 1), i64x2.shl(x, 63)) : x
}

@inline
function split2(at: usize, i: usize, isReversed: bool, turn: i32): void {
  const order = reversal(2)
  const a = turned16(taken(at, isReversed, order), turn)
  const b = turned16(taken(at + 16, isReversed, order), turn)
  v128.store(plane(0) + i, highBytes(a, b))
  v128.store(plane(1) + i, lowBytes(a, b))
}

@inline
function split4(at: usize, i: usize, isReversed: bool, turn: i32): void {
  const order = reversal(4)
  const a = turned32(taken(at, isReversed, order), turn)
  const b = turned32(taken(at + 16, isReversed, order), turn)
  const c = turned32(taken(at + 32, isReversed, order), turn)
  const d = turned32(taken(at + 48, isReversed, order), turn)
  spread(a, b, c, d, 0, i)
}

@inline
function lowWords(a: v128, b: v128): v128 {
  return v128.shuffle<u32>(a, b, 0, 2, 4, 6)
}

@inline
function highWords(a: v128, b: v128): v128 {
  return v128.shuffle<u32>(a, b, 1, 3, 5, 7)
}

@inline
function split8(at: usize, i: usize, isReversed: bool, turn: i32): void {
  const order = reversal(8)
  const a = turned64(taken(at, isReversed, order), turn)
  const b = turned64(taken(at + 16, isReversed, order), turn)
  const c = turned64(taken(at + 32, isReversed, order), turn)
  const d = turned64(taken(at + 48, isReversed, order), turn)
  const e = turned64(taken(at + 64, isReversed, order), turn)
  const f = turned64(taken(at + 80, isReversed, order), turn)
  const g = turned64(taken(at + 96, isReversed, order), turn)
  const h = turned64(taken(at + 112, isReversed, order), turn)
  spread(highWords(a, b), highWords(c, d), highWords(e, f), highWords(g, h), 0, i)
  spread(lowWords(a, b), lowWords(c, d), lowWords(e, f), lowWords(g, h), 4, i)
}

/** One element as a number, its bytes as they stand. */
@inline
function element(at: usize, width: usize, isReversed: bool): u64 {
  let x: u64 = 0
  for (let j: usize = 0; j < width; j++) {
    x |= (load<u8>(at + j) as u64) << (((isReversed ? width - 1 - j : j) * 8) as u64)
  }
  return x
}

/** Elements at `source` to the planes whose addresses stand at PLANES. */
export function split(source: usize, count: usize, width: usize, isReversed: bool, turn: i32): void {
  const whole = count & ~(LANES - 1)
  let i: usize = 0
  if (width == 2) {
    for (; i < whole; i += LANES) split2(source + i * 2, i, isReversed, turn)
  } else if (width == 4) {
    for (; i < whole; i += LANES) split4(source + i * 4, i, isReversed, turn)
  } else if (width == 8) {
    for (; i < whole; i += LANES) split8(source + i * 8, i, isReversed, turn)
  }
  const top = (width * 8 - 1) as u64
  for (; i < count; i++) {
    let x = element(source + i * width, width, isReversed)
    if (turn) x = (x << 1) | (x >> top)
    for (let k: usize = 0; k < width; k++) store<u8>(plane(k) + i, (x >> (((width - 1 - k) * 8) as u64)) as u8)
  }
}

@inline
function merge2(at: usize, i: usize, isReversed: bool, turn: i32): void {
  const order = reversal(2)
  const high = v128.load(plane(0) + i)
  const low = v128.load(plane(1) + i)
  put(at, turnedBack16(firstBytes(low, high), turn), isReversed, order)
  put(at + 16, turnedBack16(lastBytes(low, high), turn), isReversed, order)
}

@inline
function merge4(at: usize, i: usize, isReversed: bool, turn: i32): void {
  const order = reversal(4)
  const a = v128.load(plane(0) + i)
  const b = v128.load(plane(1) + i)
  const c = v128.load(plane(2) + i)
  const d = v128.load(plane(3) + i)
  const high = firstBytes(b, a)
  const highNext = lastBytes(b, a)
  const low = firstBytes(d, c)
  const lowNext = lastBytes(d, c)
  put(at, turnedBack32(firstHalves(low, high), turn), isReversed, order)
  put(at + 16, turnedBack32(lastHalves(low, high), turn), isReversed, order)
  put(at + 32, turnedBack32(firstHalves(lowNext, highNext), turn), isReversed, order)
  put(at + 48, turnedBack32(lastHalves(lowNext, highNext), turn), isReversed, order)
}

@inline
function put8(at: usize, low: v128, high: v128, isReversed: bool, turn: i32): void {
  const order = reversal(8)
  put(at, turnedBack64(v128.shuffle<u32>(low, high, 0, 4, 1, 5), turn), isReversed, order)
  put(at + 16, turnedBack64(v128.shuffle<u32>(low, high, 2, 6, 3, 7), turn), isReversed, order)
}

@inline
function merge8(at: usize, i: usize, isReversed: bool, turn: i32): void {
  const a = v128.load(plane(0) + i)
  const b = v128.load(plane(1) + i)
  const c = v128.load(plane(2) + i)
  const d = v128.load(plane(3) + i)
  const e = v128.load(plane(4) + i)
  const f = v128.load(plane(5) + i)
  const g = v128.load(plane(6) + i)
  const h = v128.load(plane(7) + i)
  const ab = firstBytes(b, a)
  const abNext = lastBytes(b, a)
  const cd = firstBytes(d, c)
  const cdNext = lastBytes(d, c)
  const ef = firstBytes(f, e)
  const efNext = lastBytes(f, e)
  const gh = firstBytes(h, g)
  const ghNext = lastBytes(h, g)
  put8(at, firstHalves(gh, ef), firstHalves(cd, ab), isReversed, turn)
  put8(at + 32, lastHalves(gh, ef), lastHalves(cd, ab), isReversed, turn)
  put8(at + 64, firstHalves(ghNext, efNext), firstHalves(cdNext, abNext), isReversed, turn)
  put8(at + 96, lastHalves(ghNext, efNext), lastHalves(cdNext, abNext), isReversed, turn)
}

/** The inverse of split: from the planes to elements at `target`. */
export function merge(target: usize, count: usize, width: usize, isReversed: bool, turn: i32): void {
  const whole = count & ~(LANES - 1)
  let i: usize = 0
  if (width == 2) {
    for (; i < whole; i += LANES) merge2(target + i * 2, i, isReversed, turn)
  } else if (width == 4) {
    for (; i < whole; i += LANES) merge4(target + i * 4, i, isReversed, turn)
  } else if (width == 8) {
    for (; i < whole; i += LANES) merge8(target + i * 8, i, isReversed, turn)
  }
  const top = (width * 8 - 1) as u64
  for (; i < count; i++) {
    let x: u64 = 0
    for (let k: usize = 0; k < width; k++) x = (x << 8) | (load<u8>(plane(k) + i) as u64)
    if (turn) x = (x >> 1) | (x << top)
    for (let j: usize = 0; j < width; j++) {
      store<u8>(target + i * width + j, (x >> (((isReversed ? width - 1 - j : j) * 8) as u64)) as u8)
    }
  }
}

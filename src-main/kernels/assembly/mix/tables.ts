/**
 * Constant tables: the logistic function and its inverse, and the bit histories' state machine. They are computed at start with
 * IEEE double arithmetic that WebAssembly defines to the bit; a test holds their hashes.
 */
import { AGE, COST, FIRST, LOGIT_LIMIT, NEXT, SEEN, SQUASH, STRETCH } from './memory'

function fillLogistic(): void {
  for (let x = -LOGIT_LIMIT; x <= LOGIT_LIMIT; x++) {
    const p = 65536.0 / (1.0 + Math.exp(-(x as f64) / 256.0))
    store<u16>(SQUASH + ((x + LOGIT_LIMIT) as usize) * 2, min<u32>(65535, max<u32>(1, Math.floor(p + 0.5) as u32)) as u16)
  }
  for (let i = 0; i < 4096; i++) {
    const p = ((i as f64) + 0.5) / 4096.0
    store<u16>(COST + (i as usize) * 2, Math.floor((-Math.log(p) / Math.LN2) * 256.0 + 0.5) as u16)
    store<i16>(STRETCH + (i as usize) * 2, Math.floor(Math.log(p / (1.0 - p)) * 256.0 + 0.5) as i16)
  }
}

/**
 * A history is a pair of bounded counts and, where both are small and not zero, the last bit: the design of the ZPAQ
 * specification (Mahoney 2009, section on ICM), with bounds of our own. By the smaller count, the larger one's bound.
 */
function bound(smaller: u32): u32 {
  if (smaller == 0) return 41
  if (smaller == 1) return 30
  if (smaller == 2) return 12
  if (smaller == 3) return 8
  if (smaller == 4) return 5
  return 0
}

function isAllowed(zeros: u32, ones: u32): bool {
  return max<u32>(zeros, ones) <= bound(min<u32>(zeros, ones))
}

function hasLast(zeros: u32, ones: u32): bool {
  return zeros > 0 && ones > 0 && zeros + ones <= 17
}

const numbers = new StaticArray<i32>(64 * 64 * 2)

function numberOf(zeros: u32, ones: u32, last: u32): i32 {
  return numbers[(zeros * 64 + ones) * 2 + (hasLast(zeros, ones) ? last : 0)]
}

/** What is left of a count when the other bit comes: much evidence is worth less than its number. */
function discounted(count: u32): u32 {
  return count <= 5 ? count : count == 6 ? 5 : count == 7 ? 6 : 7
}

function nextOf(zeros: u32, ones: u32, bit: u32): i32 {
  let same = bit ? ones : zeros
  let other = discounted(bit ? zeros : ones)
  same++
  while (!isAllowed(same, other)) {
    if (other >= 2) other = (other * (same - 1) + same / 2) / same
    same--
  }
  return bit ? numberOf(other, same, 1) : numberOf(same, other, 0)
}

function fillStates(): void {
  let count = 0
  for (let total: u32 = 0; total <= 64; total++) {
    for (let zeros: u32 = 0; zeros <= total; zeros++) {
      const ones = total - zeros
      if (!isAllowed(zeros, ones)) continue
      const at = (zeros * 64 + ones) * 2
      numbers[at] = count++
      if (hasLast(zeros, ones)) numbers[at + 1] = count++
    }
  }
  for (let zeros: u32 = 0; zeros < 64; zeros++) {
    for (let ones: u32 = 0; ones < 64; ones++) {
      if (!isAllowed(zeros, ones)) continue
      for (let last: u32 = 0; last < 2; last++) {
        const state = numberOf(zeros, ones, last) as usize
        store<u8>(NEXT + state * 2, nextOf(zeros, ones, 0) as u8)
        store<u8>(NEXT + state * 2 + 1, nextOf(zeros, ones, 1) as u8)
        store<u8>(AGE + state, (zeros + ones) as u8)
        store<u8>(SEEN + state, (zeros > 0 ? 1 : 0) | (ones > 0 ? 2 : 0))
        store<u16>(FIRST + state * 2, ((ones * 2 + 1) * 65535 / (zeros * 2 + ones * 2 + 2)) as u16)
      }
    }
  }
}

fillLogistic()
fillStates()

@inline
export function squash(x: i32): u32 {
  const limited = min<i32>(LOGIT_LIMIT, max<i32>(-LOGIT_LIMIT, x))
  return load<u16>(SQUASH + ((limited + LOGIT_LIMIT) as usize) * 2)
}

@inline
export function stretch(p: u32): i32 {
  return load<i16>(STRETCH + ((p >> 4) as usize) * 2)
}

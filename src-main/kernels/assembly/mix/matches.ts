/** Two match models: the latest earlier places where the last 12 and the last 5 bytes stood, and the byte that followed there. */
import { BYTES, MATCHES, MATCH_BITS, PLAN_LONG, PLAN_SHORT } from './memory'

let matchAt0: usize = 0
export let matchLength0: u32 = 0
let matchAt1: usize = 0
export let matchLength1: u32 = 0
/** Expected byte with a leading one, or 0. */
export let expected0: u32 = 0
export let expected1: u32 = 0

export function startMatches(): void {
  matchAt0 = matchAt1 = 0
  matchLength0 = matchLength1 = 0
  expected0 = expected1 = 0
}

@inline
function lengthOf(candidate: usize, end: usize): u32 {
  let length: u32 = 0
  while (length < 65 && candidate - length > BYTES && load<u8>(candidate - 1 - length) == load<u8>(end - 1 - length)) length++
  return length
}

@inline
function longPlace(at: usize): usize {
  const h = (load<u64>(at - 8) ^ (load<u64>(at - 12) * (0x9e3779b97f4a7c15 as u64))) * (0xd6e8feb86659fd93 as u64)
  return MATCHES + ((h >> (64 - MATCH_BITS)) as usize) * 4
}

@inline
function shortPlace(at: usize): usize {
  const h = (load<u64>(at - 8) >> 24) * (0xd6e8feb86659fd93 as u64)
  return MATCHES + (((h >> (64 - MATCH_BITS)) as usize) + ((1 as usize) << MATCH_BITS)) * 4
}

/** Plans where to look for what stands before `end`. */
@inline
export function placeMatches(plan: usize, end: usize): void {
  store<u32>(plan, longPlace(end) as u32, PLAN_LONG)
  store<u32>(plan, shortPlace(end) as u32, PLAN_SHORT)
}

/** Asks for what is there. */
@inline
export function touchMatches(plan: usize): u32 {
  return load<u8>(load<u32>(load<u32>(plan, PLAN_LONG) as usize)) ^ load<u8>(load<u32>(load<u32>(plan, PLAN_SHORT) as usize))
}

/** Takes note of the byte `c` that ended at `end`, and looks in the planned places for what may follow. */
export function findMatches(c: u32, end: usize, plan: usize): void {
  const distance = end - BYTES
  if (matchLength0 > 0 && load<u8>(matchAt0) == c) {
    matchAt0++
    if (matchLength0 < 65535) matchLength0++
  } else matchLength0 = 0
  if (matchLength1 > 0 && load<u8>(matchAt1) == c) {
    matchAt1++
    if (matchLength1 < 65535) matchLength1++
  } else matchLength1 = 0
  if (distance >= 12) {
    const at0 = load<u32>(plan, PLAN_LONG) as usize
    if (matchLength0 == 0) {
      const candidate = load<u32>(at0) as usize
      if (candidate != 0) {
        const length = lengthOf(candidate, end)
        if (length >= 8) {
          matchLength0 = length
          matchAt0 = candidate
        }
      }
    }
    store<u32>(at0, end as u32)
    const at1 = load<u32>(plan, PLAN_SHORT) as usize
    if (matchLength1 == 0) {
      const candidate = load<u32>(at1) as usize
      if (candidate != 0) {
        const length = lengthOf(candidate, end)
        if (length >= 4) {
          matchLength1 = length
          matchAt1 = candidate
        }
      }
    }
    store<u32>(at1, end as u32)
  }
  expected0 = matchLength0 > 0 ? <u32>load<u8>(matchAt0) | 256 : 0
  expected1 = matchLength1 > 0 ? <u32>load<u8>(matchAt1) | 256 : 0
  if (matchAt0 == matchAt1) expected1 = 0
}

/** How much the bytes of a sample surprise, each plane for itself: what tells one reading of bytes as numbers from another. */
import { COUNTS, MOST_SAMPLED, PLANES, SAMPLE, WEIGHTS } from './memory'
import { split } from './planes'

for (let n: u32 = 2; n <= (MOST_SAMPLED as u32); n++) {
  store<u32>(WEIGHTS + (n as usize) * 4, Math.floor((n as f64) * (Math.log((n as f64)) / Math.LN2) * 256.0 + 0.5) as u32)
}

/** ln(2) bits more for each symbol, halved: in 1/256 bit. */
const SYMBOL: u32 = 185

/**
 * Entropy of the planes of so many elements, at most MOST_SAMPLED, in 1/256 bit. A histogram of few symbols shows less than there is;
 * (symbols - 1) / 2 nats a plane make up for that (Miller 1955). Planes surprise as much if elements are cut elsewhere, so the highest one counts a little more: an
 * element begins with what can be predicted.
 */
export function surprise(source: usize, count: usize, width: usize, isReversed: bool, turn: i32): u32 {
  if (width > 1) {
    for (let k: usize = 0; k < width; k++) store<u32>(PLANES + k * 4, (SAMPLE + k * MOST_SAMPLED) as u32)
    split(source, count, width, isReversed, turn)
  }
  let sum: u32 = 0
  for (let k: usize = 0; k < width; k++) {
    const plane = planeSurprise(width > 1 ? SAMPLE + k * MOST_SAMPLED : source, count)
    sum += k == 0 ? plane + (plane * (width as u32)) / 48 : plane
  }
  return sum
}

function planeSurprise(at: usize, count: usize): u32 {
  memory.fill(COUNTS, 0, 256 * 4)
  for (let i: usize = 0; i < count; i++) {
    const slot = COUNTS + (load<u8>(at + i) as usize) * 4
    store<u32>(slot, load<u32>(slot) + 1)
  }
  let sum: u32 = 0
  let symbols: u32 = 0
  for (let slot = COUNTS; slot < COUNTS + 256 * 4; slot += 4) {
    const times = load<u32>(slot)
    symbols += times == 0 ? 0 : 1
    sum += load<u32>(WEIGHTS + ((times as usize) << 2))
  }
  return load<u32>(WEIGHTS + (count << 2)) - sum + (symbols - 1) * SYMBOL
}

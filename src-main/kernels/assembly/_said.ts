/** What mix says of each bit of a text, for training a net beside it; no part of lmz. */
import { AHEAD, BYTES } from './mix/memory'
import { clearState, lookAhead, predict, startBlock, update } from './mix/predictor'
import { reserve } from './mix/slots'

export { bytes, bytesLimit } from './mix/addresses'
export { clearState, reserve, startBlock }

/** More memory. @returns its address */
export function allocate(pages: i32): usize {
  const at = (memory.size() as usize) << 16
  memory.grow(pages)
  return at
}

/** Reads bytes [from, to) and puts down, for each of their bits, the probability of a one in 1/65536: u16, from `said` on. */
export function listen(from: usize, to: usize, said: usize): void {
  for (let i = from; i < to; i++) {
    if (((i - from) & (AHEAD - 1)) == 0) lookAhead(min<usize>(AHEAD, to - i))
    const byte = load<u8>(BYTES + i) as u32
    for (let shift: i32 = 7; shift >= 0; shift--) {
      store<u16>(said, min<u32>(65535, predict()))
      said += 2
      update((byte >> shift) & 1)
    }
  }
}

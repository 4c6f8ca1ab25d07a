/** What the final mixer has, behind the table of mix, whose size is known when it is reserved. */

/** A text that is known is coded so many bytes at a time: what the net reads and what mix learns push each other out of the caches. */
export const SLICE: usize = 4096
/** i16 a byte: what the net says, in 1/64 bit; for some steps. */
export let LOGITS: usize = 0
export const LOGITS_STRIDE: usize = 512
export const MOST_STEPS: usize = 8
/** i16 a bit of a slice: what the net says of it, the logit of a one in 1/256. */
export let SAID: usize = 0
/** u32 a node of the bits' tree: the sum of the weights of all bytes below; node 1 is the root, node 256 + byte a leaf. */
export let SUMS: usize = 0
/** u32 by 64th of a bit: 2^20 * 2^(-it / 64). Small tables: the net, which is read anew for each byte, leaves little of the caches. */
export let WEIGHT_OF: usize = 0
/** u16 by 10-bit mantissa: its natural logarithm in 1/4096. */
export let LOGARITHM: usize = 0
/** i16, inputs of this bit. */
export let FINAL_INPUT: usize = 0
/** i16: FINAL_SETS x 256 x FINAL_INPUTS, 3.13. */
export let SET_WEIGHTS: usize = 0
/** u16: rows of LAST_POINTS. */
export let FINAL_APMS: usize = 0

export const FRACTIONS: usize = 64
export const MANTISSAS: usize = 1024
export const FINAL_INPUTS: usize = 8
export const FINAL_SETS: usize = 4
export const LAST_POINTS: usize = 24
/** By the bits so far; and by hash of the last bytes and these. */
export const APM_ROWS: usize = 1024 + 65536

export function placeFinal(from: usize): void {
  LOGITS = (from + 63) & ~63
  SAID = LOGITS + MOST_STEPS * LOGITS_STRIDE
  SUMS = SAID + SLICE * 16
  WEIGHT_OF = SUMS + 512 * 4
  LOGARITHM = WEIGHT_OF + FRACTIONS * 4
  FINAL_INPUT = LOGARITHM + MANTISSAS * 2
  SET_WEIGHTS = FINAL_INPUT + 64
  FINAL_APMS = SET_WEIGHTS + FINAL_SETS * 256 * FINAL_INPUTS * 2
  const end = FINAL_APMS + APM_ROWS * LAST_POINTS * 2
  const pages = (((end + 65535) / 65536) as i32) - memory.size()
  if (pages > 0) memory.grow(pages)
  for (let i: usize = 0; i < FRACTIONS; i++) {
    store<u32>(WEIGHT_OF + i * 4, Math.floor(1048576.0 * Math.pow(2.0, -(i as f64) / 64.0) + 0.5) as u32)
  }
  for (let i: usize = 0; i < MANTISSAS; i++) {
    store<u16>(LOGARITHM + i * 2, Math.floor(Math.log(1.0 + ((i as f64) + 0.5) / 1024.0) * 4096.0 + 0.5) as u16)
  }
}

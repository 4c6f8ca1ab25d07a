/** Constant tables of the thorough model, computed with IEEE doubles, which WebAssembly defines to the bit. */
import { COST, LOGIT_LIMIT, PACE, SQUASH, STRETCH } from './memory'

for (let x = -LOGIT_LIMIT; x <= LOGIT_LIMIT; x++) {
  const p = 65536.0 / (1.0 + Math.exp(-(x as f64) / 256.0))
  store<u16>(SQUASH + ((x + LOGIT_LIMIT) as usize) * 2, min<u32>(65535, max<u32>(1, Math.floor(p + 0.5) as u32)) as u16)
}
for (let i = 0; i < 4096; i++) {
  const p = ((i as f64) + 0.5) / 4096.0
  store<u16>(COST + (i as usize) * 2, Math.floor((-Math.log(p) / Math.LN2) * 256.0 + 0.5) as u16)
  store<i16>(STRETCH + (i as usize) * 2, Math.floor(Math.log(p / (1.0 - p)) * 256.0 + 0.5) as i16)
}
for (let seen = 0; seen < 1024; seen++) store<u16>(PACE + (seen as usize) * 2, (65536 / (seen * 2 + 3)) as u16)

@inline
export function squash(x: i32): u32 {
  const limited = min<i32>(LOGIT_LIMIT, max<i32>(-LOGIT_LIMIT, x))
  return load<u16>(SQUASH + ((limited + LOGIT_LIMIT) as usize) * 2)
}

/** Of a probability of 16 bits. */
@inline
export function stretch(p: u32): i32 {
  return load<i16>(STRETCH + ((p >> 4) as usize) * 2)
}

/** What a bit costs that comes with probability p / 65536, in 1/256 bit. */
@inline
export function cost(p: u32): u32 {
  return load<u16>(COST + ((p >> 4) as usize) * 2)
}

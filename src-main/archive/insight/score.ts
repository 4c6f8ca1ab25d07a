import type { Score } from '../../contract/insight'

/** What is stored against what there was: S0 = 8 bits a byte, r = 1 - S/S0. */
export function scoreOf(storedBytes: number, rawBytes: number): Score {
  const [rawBits, storedBits] = [rawBytes * 8, storedBytes * 8]
  return {
    rawBits,
    storedBits,
    saved: rawBytes === 0 ? 0 : 1 - storedBits / rawBits,
    bitsPerByte: rawBytes === 0 ? 0 : storedBits / rawBytes,
  }
}

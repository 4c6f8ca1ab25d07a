import { bitsColour, inkOn } from '../info/bits-colour'

/** Colours that are told apart: steps of half a bit, and the last one for 8 bits and more. */
export const levels = 17
const levelsABit = 2

/** @param milliBits what a byte cost */
export function levelOf(milliBits: number): number {
  return Math.min(levels - 1, Math.round((milliBits / 1000) * levelsABit))
}

/** The ground and the ink of a byte, as CSS colours. */
export function coloursOf(level: number): { readonly ground: string; readonly ink: string } {
  const bits = level / levelsABit
  return { ground: bitsColour(bits), ink: inkOn(bits) }
}

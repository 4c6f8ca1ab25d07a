/** What the two directions of the transform agree on. */

/** Values and their scale: integers in units of the last place, which doubles hold exactly. */
export const largestValue = 1e15
/** Decimal places of a block. */
export const mostPlaces = 12
/** How many numbers back the one lies that a number is compared with, at most. */
export const longestPeriod = 32

/** How a block writes numbers that end in zeros. */
export const notation = {
  /** As few places as possible, but one at least: 12.5, 12.0. */
  shortest: 0,
  /** All places always: 12.500. */
  fixed: 1,
} as const

/**
 * A difference is stored as one byte, 0x10 + 2 * (length of its magnitude in bytes) + (1 if negative), and the magnitude, highest byte
 * first. Text does not hold these control characters; blocks that do are left alone.
 */
export const firstCode = 0x10
export const lastCode = 0x1f

export const powersOfTen: Float64Array = Float64Array.from({ length: mostPlaces + 1 }, (_, places) => 10 ** places)

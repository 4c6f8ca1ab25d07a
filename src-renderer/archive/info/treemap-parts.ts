import type { Share } from '../../../src-main/contract/engine-api'

/** What is drawn of one directory. */
export interface Part {
  readonly share: Share
  /** The directory that it is in. */
  readonly within: Share
  /** Its part of the directory's area is its part of all weights. */
  readonly weight: number
  /** Of what sums up all that is not drawn by itself: how many of the directory's entries are. */
  readonly drawn?: number | undefined
  /** Whether it takes less room than it should, for the others to be seen at all. */
  readonly isCut?: boolean | undefined
}

/** Square pixels: less can neither be told apart nor be hit. */
const least = 40
/** Square pixels for parts of a directory that is not drawn to scale: there, a name is to be read. */
const leastBesideOthers = 2048
/** The part of a directory's area that others may take before they are cut, and what they have then. */
const mostForOthers = 0.5
const roomForOthers = 0.25

/**
 * What is to be drawn of a directory in so much room: its largest parts that can be seen, and all others as one. Of very many small files,
 * the others would be all there is to see: then their area is cut, and says so.
 * @param area square pixels
 */
export function partsOf(within: Share, area: number): readonly Part[] {
  const all = (within.parts ?? []).filter(({ stored }) => stored > 0)
  const own = all.filter(({ id }) => id !== 0).sort((one, other) => other.stored - one.stored)
  const stored = storedIn(all)
  if (stored === 0) return []
  const fitting = own.filter((share) => (share.stored / stored) * area >= least)
  const others = stored - storedIn(fitting)
  const asParts = (shares: readonly Share[]): Part[] => shares.map((share) => ({ share, within, weight: share.stored }))
  if (others <= 0) return asParts(fitting)
  const isCut = own.length > 0 && others / stored > mostForOthers
  const drawn = isCut ? largestThatFit(own, area * (1 - roomForOthers)) : fitting
  const rest = restOf(all, drawn)
  if (rest.stored <= 0) return asParts(drawn)
  const weight = isCut ? storedIn(drawn) * (roomForOthers / (1 - roomForOthers)) : rest.stored
  return [...asParts(drawn), { share: rest, within, weight, drawn: drawn.length, isCut }]
}

function largestThatFit(shares: readonly Share[], area: number): readonly Share[] {
  let sum = 0
  const end = shares.findIndex(({ stored }) => {
    sum += stored
    return (stored / sum) * area < leastBesideOthers
  })
  return end < 0 ? shares : shares.slice(0, Math.max(1, end))
}

function restOf(all: readonly Share[], drawn: readonly Share[]): Share {
  const isDrawn = new Set(drawn)
  const rest = all.filter((share) => !isDrawn.has(share))
  const size = rest.reduce((sum, share) => sum + share.size, 0)
  return { id: 0, name: '', isDirectory: false, size, stored: storedIn(rest) }
}

function storedIn(shares: readonly Share[]): number {
  return shares.reduce((sum, { stored }) => sum + stored, 0)
}

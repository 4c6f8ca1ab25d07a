/** What the shares of all symbols sum up to. */
export const shareSum = 4096
/** A coded plane carries eight states of four bytes. */
const stateBytes = 32

const logarithms = Float64Array.from({ length: shareSum + 1 }, (_none, share) => Math.log2(Math.max(1, share)))

/** Bits that symbols of these counts take at least, each for itself: the sum times the entropy of their distribution. */
export function entropyBits(counts: Uint32Array): number {
  let sum = 0
  let weighted = 0
  for (const count of counts) {
    if (count === 0) continue
    sum += count
    weighted += count * Math.log2(count)
  }
  return sum === 0 ? 0 : sum * Math.log2(sum) - weighted
}

/**
 * Shares of 4096 for symbols with these counts, of which two at least are not 0. One that comes has a share; what rounding leaves over
 * goes where it changes a share least.
 */
export function sharesOf(counts: Uint32Array): Uint16Array {
  const total = counts.reduce((sum, count) => sum + count, 0)
  const shares = new Uint16Array(256)
  let sum = 0
  for (let symbol = 0; symbol < 256; symbol++) {
    const count = counts[symbol] ?? 0
    if (count === 0) continue
    const share = Math.max(1, Math.round((count / total) * shareSum))
    shares[symbol] = Math.min(shareSum - 1, share)
    sum += shares[symbol] ?? 0
  }
  while (sum !== shareSum) {
    const step = sum < shareSum ? 1 : -1
    const cheapest = movable(counts, shares, step).slice(0, Math.abs(shareSum - sum))
    for (const symbol of cheapest) shares[symbol] = (shares[symbol] ?? 0) + step
    sum += step * cheapest.length
  }
  return shares
}

/** Symbols whose shares may move by one, those that lose least or gain most first. */
function movable(counts: Uint32Array, shares: Uint16Array, step: number): readonly number[] {
  const losses = new Map<number, number>()
  for (const [symbol, share] of shares.entries()) {
    if (share === 0 || share + step < 1 || share + step >= shareSum) continue
    losses.set(symbol, (counts[symbol] ?? 0) * ((logarithms[share] ?? 0) - (logarithms[share + step] ?? 0)))
  }
  return [...losses].toSorted(([, one], [, other]) => one - other).map(([symbol]) => symbol)
}

/** About what a table of shares and the states take, in bytes, if so many symbols come. */
export function overhead(symbols: number): number {
  return stateBytes + 6 + Math.ceil(symbols * 1.3)
}

/** Remainders are told apart to a part in so many. */
const grades = 65_536
const sliceLength = 16_384

/**
 * Turns shares of a whole number of bytes into whole bytes that add up to the same, by the method of largest remainders: all are rounded
 * down, and the bytes that are left go to those that lost most. Yields now and then.
 * @param shares changed in place; what is below 0 by rounding counts as 0
 */
export function* makeWhole(shares: Float64Array): Generator<void> {
  const counts = new Uint32Array(grades)
  let [sum, whole] = [0, 0]
  for (let at = 0; at < shares.length; at++) {
    const share = Math.max(0, shares[at] ?? 0)
    const floor = Math.floor(share)
    sum += share
    whole += floor
    const grade = gradeOf(share - floor)
    counts[grade] = (counts[grade] ?? 0) + 1
    if (at % sliceLength === 0) yield
  }
  let left = Math.round(sum) - whole
  let least = grades - 1
  // Those above `least` get a byte each; of those at it, as many as there are bytes left.
  for (; least > 0 && (counts[least] ?? 0) <= left; least--) left -= counts[least] ?? 0
  for (let at = 0; at < shares.length; at++) {
    const share = Math.max(0, shares[at] ?? 0)
    const floor = Math.floor(share)
    const grade = gradeOf(share - floor)
    const isRaised = grade > least || (grade === least && share > 0 && left-- > 0)
    shares[at] = floor + (isRaised ? 1 : 0)
    if (at % sliceLength === 0) yield
  }
}

function gradeOf(remainder: number): number {
  return Math.min(grades - 1, Math.floor(remainder * grades))
}

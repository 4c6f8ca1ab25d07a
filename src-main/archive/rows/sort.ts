/** Entries that are sorted in one go. */
const runLength = 4096

/** Negative when the left comes first, positive when the right does, 0 when it does not matter. */
export type Compare = (left: number, right: number) => number

/**
 * Sorts numbers, stably, as a merge sort of short runs; yields after each few thousand. A million take about 2 s with a comparison
 * of strings, which in one go would hold everything else up.
 */
export function* sortInSteps(items: Uint32Array, compare: Compare): Generator<void, Uint32Array> {
  let from = items
  for (let start = 0; start < from.length; start += runLength) {
    from.subarray(start, start + runLength).sort(compare)
    yield
  }
  let to = from.length > runLength ? new Uint32Array(from.length) : from
  for (let length = runLength; length < from.length; length *= 2) {
    for (let start = 0; start < from.length; start += length * 2) {
      const middle = Math.min(start + length, from.length)
      yield* merge(from, to, { start, middle, end: Math.min(middle + length, from.length) }, compare)
    }
    ;[from, to] = [to, from]
  }
  return from
}

function* merge(
  from: Uint32Array,
  to: Uint32Array,
  { start, middle, end }: { readonly start: number; readonly middle: number; readonly end: number },
  compare: Compare,
): Generator<void> {
  let left = start
  let right = middle
  for (let at = start; at < end; at++) {
    const takesLeft = right >= end || (left < middle && compare(from[left] ?? 0, from[right] ?? 0) <= 0)
    to[at] = from[takesLeft ? left++ : right++] ?? 0
    if (at % runLength === 0) yield
  }
}

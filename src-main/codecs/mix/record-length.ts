/** Longest records that are looked for, in bytes: also rows of images, whose pixels are like those above them. */
const longest = 6144
/** Of each of two measures. */
const mostCandidates = 2

/**
 * Lengths of records that raw data may consist of: distances that stand out from those next to them. Two measures, since tables of
 * floating-point numbers show in one, rows of images in the other.
 */
export function recordLengthsOf(raw: Uint8Array): number[] {
  const most = Math.min(longest, raw.length >> 2)
  return [...new Set([...recurringAt(raw, most), ...alikeAt(raw, most)])]
}

/** Stretch in which distances are counted. */
const countedLength = 128 * 1024

/** Distances at which a byte often comes again for the first time: the idea of paq8's record model (Mahoney 2007). */
function recurringAt(raw: Uint8Array, most: number): number[] {
  const from = Math.max(0, (raw.length - countedLength) >> 1)
  const counts = new Uint32Array(most + 2)
  const last = new Int32Array(256).fill(-1)
  raw.subarray(from, from + countedLength).forEach((byte, at) => {
    const before = last[byte] ?? -1
    if (before >= 0 && at - before <= most) counts[at - before] = (counts[at - before] ?? 0) + 1
    last[byte] = at
  })
  return peaksOf(counts, (around) => 4 + 2 * Math.sqrt(around))
}

/** Places that are compared with those before them. */
const mostPlaces = 2048
/** Bytes that differ by less are alike, the more the closer they are. */
const reach = 8
/** So many times the spread that random bytes have is no accident. */
const significance = 8

/** Distances at which bytes are alike. */
function alikeAt(raw: Uint8Array, most: number): number[] {
  const places = Math.min(mostPlaces, raw.length - most)
  const stride = (raw.length - most) / places
  const likeness = new Uint32Array(most + 2)
  for (let place = 0; place < places; place++) {
    const at = most + Math.floor(place * stride)
    const byte = raw[at] ?? 0
    for (let length = 1; length <= most; length++) {
      const distance = Math.abs(byte - (raw[at - length] ?? 0))
      if (distance < reach) likeness[length] = (likeness[length] ?? 0) + reach - distance
    }
  }
  return peaksOf(likeness, () => significance * Math.sqrt(places))
}

/**
 * The highest peaks, the highest first.
 * @param counts by length; one more than there are lengths
 * @param leastHeight that a peak must have above the higher one of its neighbours, which is given
 */
function peaksOf(counts: Uint32Array, leastHeight: (around: number) => number): number[] {
  const peaks: { readonly length: number; readonly height: number }[] = []
  for (let length = 2; length < counts.length - 2; length++) {
    const around = Math.max(counts[length - 1] ?? 0, counts[length + 1] ?? 0)
    const height = (counts[length] ?? 0) - around
    if (height > leastHeight(around)) peaks.push({ length, height })
  }
  return peaks
    .sort((one, other) => other.height - one.height || one.length - other.length)
    .slice(0, mostCandidates)
    .map(({ length }) => length)
}

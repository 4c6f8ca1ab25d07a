/** A directory as the names that lead to it: unlike its id, they stay true when the archive changes. */
export type Path = readonly string[]

/** Where the window has been, like a browser's history. */
export interface History {
  readonly before: readonly Path[]
  readonly now: Path
  readonly after: readonly Path[]
}

/** Enough to find back; a window open for weeks does not grow. */
const mostPlaces = 100

export const emptyHistory: History = { before: [], now: [], after: [] }

export function visit(history: History, place: Path): History {
  if (isSamePath(history.now, place)) return history
  return { before: [...history.before, history.now].slice(-mostPlaces), now: place, after: [] }
}

export function goBack({ before, now, after }: History): History {
  const place = before.at(-1)
  return place === undefined
    ? { before, now, after }
    : { before: before.slice(0, -1), now: place, after: [now, ...after] }
}

export function goForward({ before, now, after }: History): History {
  const [place, ...rest] = after
  return place === undefined ? { before, now, after } : { before: [...before, now], now: place, after: rest }
}

export function isSamePath(one: Path, other: Path): boolean {
  return one.length === other.length && one.every((name, index) => name === other[index])
}

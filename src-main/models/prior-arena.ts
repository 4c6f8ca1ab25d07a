/**
 * Priors decoded once for all threads of a process: shared memory with a place for each part. Untouched pages of it cost nothing.
 * Whoever needs a part first fills it, others wait.
 */
import type { PriorState } from './prior-file'

/** Of a prior in use, packed, and of the smaller state beside it. */
const mostTableLength = 40 * 1024 * 1024
const mostSmallLength = 8 * 1024 * 1024
const partLength = mostTableLength + mostSmallLength
const mostParts = 4
const flagsLength = 4096

/** Words of flags a part: its state, and the lengths of table and smaller state. */
const wordsPerPart = 3

const flag = { empty: 0, loading: 1, ready: 2 } as const

/**
 * A thread can be stopped while it fills a part, when its job is cancelled, and tells nobody. Whoever has waited this long, which
 * is several times what filling takes, fills it too: two that do so at once write the same bytes.
 */
const patienceMs = 3000

export type PriorArena = SharedArrayBuffer

let arena: PriorArena | undefined

/** This process's arena, to be handed to each new thread; made on first use. */
export function priorArena(): PriorArena {
  arena ??= new SharedArrayBuffer(flagsLength + mostParts * partLength)
  return arena
}

/** Called by a thread before anything else, with what {@link priorArena} of its starter gave. */
export function usePriorArena(shared: PriorArena): void {
  arena = shared
}

/** The part at that place of the arena, filled by `read` if no thread has done so. @throws what `read` throws; another may try again */
export function sharedPrior(place: number, read: () => PriorState): PriorState {
  const shared = priorArena()
  const flags = new Int32Array(shared, 0, flagsLength / 4)
  const start = flagsLength + place * partLength
  const word = place * wordsPerPart
  for (;;) {
    const state = Atomics.compareExchange(flags, word, flag.empty, flag.loading)
    if (state === flag.ready) break
    if (state === flag.loading && Atomics.wait(flags, word, flag.loading, patienceMs) !== 'timed-out') continue
    try {
      const { table, small } = read()
      new Uint8Array(shared, start, mostTableLength).set(table)
      new Uint8Array(shared, start + mostTableLength, mostSmallLength).set(small)
      Atomics.store(flags, word + 1, table.length)
      Atomics.store(flags, word + 2, small.length)
      Atomics.store(flags, word, flag.ready)
    } catch (cause) {
      Atomics.store(flags, word, flag.empty)
      throw cause
    } finally {
      Atomics.notify(flags, word)
    }
  }
  return {
    table: new Uint8Array(shared, start, Atomics.load(flags, word + 1)),
    small: new Uint8Array(shared, start + mostTableLength, Atomics.load(flags, word + 2)),
  }
}

import type { BlockTable } from './block-table'
import { readContentRuns } from './content-runs'
import type { UntrustedDatabase } from './open'

/** Which blocks a content lies in. */
export interface ContentReach {
  readonly content: number
  /** Positions among all blocks in the order of the archive, each once. */
  readonly blocks: readonly number[]
}

/**
 * The blocks of each content that has bytes: what must be decoded to have it. About 1.5 s for a million contents. Yields undefined now
 * and then, so that the caller can do other work.
 * @throws LmzError `Format`
 */
export function* contentReach(
  database: UntrustedDatabase,
  blocks: BlockTable,
): Generator<ContentReach | undefined, void> {
  const steps = readContentRuns(database, blocks)
  let step = steps.next()
  for (; step.done !== true; step = steps.next()) yield undefined
  const { ids, runs, chunks } = step.value
  const order = Uint32Array.from(runs.contents.keys())
  const contentOf = (run: number): number => runs.contents[run] ?? 0
  // Runs of extents come behind the first runs of all contents.
  order.sort((one, other) => contentOf(one) - contentOf(other) || one - other)
  for (let at = 0; at < order.length;) {
    const content = contentOf(order[at] ?? 0)
    const reached = new Set<number>()
    for (; at < order.length && contentOf(order[at] ?? 0) === content; at++) {
      const run = order[at] ?? 0
      const last = chunks.blockAt((runs.ends[run] ?? 0) - 1)
      for (let block = chunks.blockAt(runs.starts[run] ?? 0); block <= last; block++) reached.add(block)
    }
    yield { content: ids[content] ?? 0, blocks: [...reached] }
  }
}

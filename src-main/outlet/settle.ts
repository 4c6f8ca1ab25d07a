import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Anchor } from './anchor'
import type { PlacedDirectory } from './directory-tree'
import { callsPerTurn } from './remove-tree'

interface Level {
  readonly directory: PlacedDirectory
  readonly anchor: Anchor
  next: PlacedDirectory | undefined
}

/**
 * Gives the directories below `top` (not itself) their modes and times, innermost first: nothing may change in a directory
 * once its time is set, and nothing could once its mode forbids it. Holds one descriptor a level.
 *
 * @param anchor holds `top` in staging
 */
export async function settleBelow(
  top: PlacedDirectory,
  anchor: Anchor,
  onFailure: (directory: PlacedDirectory, error: unknown) => void,
): Promise<void> {
  const levels: Level[] = [{ directory: top, anchor, next: top.firstChild }]
  let calls = 0
  try {
    for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
      if (++calls % callsPerTurn === 0) await nextTurn()
      const { next, directory } = level
      try {
        if (next !== undefined) {
          level.next = next.nextSibling
          levels.push({ directory: next, anchor: level.anchor.step(next.component), next: next.firstChild })
          continue
        }
        levels.pop()
        if (directory !== top) settleAndClose(level)
      } catch (error) {
        onFailure(next ?? directory, error)
      }
    }
  } finally {
    for (const level of levels) if (level.directory !== top) level.anchor.close()
  }
}

function settleAndClose({ anchor, directory }: Level): void {
  try {
    anchor.settle(directory.mode, directory.mtimeNs)
  } finally {
    anchor.close()
  }
}

import type { ArchiveIndex } from '../../index/archive-index'

/**
 * Whether a block or primer of the index lies at a position. Positions must be asked for in ascending order: the tables are read along, so
 * that a million blocks take no memory.
 */
export function positionsInUse(index: ArchiveIndex): (position: number) => boolean {
  const isBlock = readAlong(index.blocks())
  const isPrimer = readAlong(index.primers())
  return (position) => [isBlock(position), isPrimer(position)].includes(true)
}

function readAlong(frames: Iterator<{ readonly position: number }>): (position: number) => boolean {
  let next = frames.next()
  return (position) => {
    while (next.done !== true && next.value.position < position) next = frames.next()
    return next.done !== true && next.value.position === position
  }
}

import type { ArchiveIndex } from '../../index/archive-index'
import type { Block } from '../../index/rows'

/**
 * At most so many blocks that stand for all: evenly spread over the stored bytes of each kind and codec, so that what takes more of the archive
 * is looked at more often. Each kind and codec is there at least once, as far as there is room.
 * @returns ids in the order of the archive
 */
export function blockSample(index: ArchiveIndex, most: number): readonly number[] {
  const groups = new Map<string, Block[]>()
  let blocks = 0
  for (const block of index.blocks()) {
    const name = `${block.kind} ${block.codec}`
    const group = groups.get(name) ?? []
    groups.set(name, group)
    group.push(block)
    blocks++
  }
  if (blocks <= most) return [...index.blocks()].map(({ id }) => id)
  const bySize = [...groups.values()].sort((one, other) => storedBytes(other) - storedBytes(one)).slice(0, most)
  const total = bySize.reduce((sum, group) => sum + storedBytes(group), 0)
  const taken: number[] = []
  let left = most
  bySize.forEach((group, at) => {
    const others = bySize.length - at - 1
    const share = Math.round((most * storedBytes(group)) / Math.max(1, total))
    const count = Math.min(group.length, Math.max(1, Math.min(share, left - others)))
    taken.push(...spread(group, count).map(({ id }) => id))
    left -= count
  })
  return taken.sort((one, other) => one - other)
}

function storedBytes(blocks: readonly Block[]): number {
  return blocks.reduce((sum, { storedLength }) => sum + storedLength, 0)
}

/** So many of a list, evenly spread. */
function spread<Item>(items: readonly Item[], count: number): readonly Item[] {
  return Array.from({ length: count }, (_nothing, at) => items[Math.floor(((at + 0.5) * items.length) / count)]).filter(
    (item) => item !== undefined,
  )
}

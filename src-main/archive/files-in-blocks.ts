import type { ArchiveIndex } from '../index/archive-index'

const mostNames = 3

/** The files that have bytes in some blocks, for a sentence: "a, b, c and 4 more"; empty if there are none. */
export function namesOfFilesIn(index: ArchiveIndex, blocks: ReadonlySet<number>): string {
  if (blocks.size === 0) return ''
  const entries = new Set<number>()
  for (const { block, pieces } of index.extractionPlan('all')) {
    if (blocks.has(block.id)) for (const { entry } of pieces) entries.add(entry)
  }
  const names = [...entries].slice(0, mostNames).map((entry) => index.pathOf(entry).join('/'))
  const more = entries.size - names.length
  return names.join(', ') + (more > 0 ? ` and ${more} more` : '')
}

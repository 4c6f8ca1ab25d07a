import type { BlockTable } from './block-table'
import { readContentRuns } from './content-runs'
import type { UntrustedDatabase } from './open'

/** What each content is in the archive; the arrays are by position of its id in `ids`. */
export interface ContentShares {
  readonly ids: Float64Array
  readonly sizes: Float64Array
  /** Bytes of the archive that one file of this content stands for. */
  readonly stored: Float64Array
  /** Number of the content kind of the block it begins in; 255 if it is empty. */
  readonly kinds: Uint8Array
}

/** What stands for the kind of a content without bytes. */
export const noContentKind = 255

/**
 * Divides the stored bytes among the files. A chunk has the part of its block's stored bytes that it has of the raw ones, and files
 * with the same chunk share that: so all files together stand for what is stored of them, not for more.
 *
 * Sums of stored bytes over the chunks make a run cost the same however long it is; about 1.5 s for a million contents. Yields
 * now and then, so that the caller can do other work.
 * @param uses how many files there are of each content that has any
 * @throws LmzError `Format`
 */
export function* contentShares(
  database: UntrustedDatabase,
  blocks: BlockTable,
  uses: ReadonlyMap<number, number>,
): Generator<void, ContentShares> {
  const { ids, sizes, runs, chunks } = yield* readContentRuns(database, blocks)
  const idsRead = Float64Array.from(ids)

  const usesBegun = new Float64Array(chunks.count + 1)
  for (let run = 0; run < runs.contents.length; run++) {
    const used = uses.get(ids[runs.contents[run] ?? 0] ?? 0) ?? 0
    usesBegun[runs.starts[run] ?? 0] = (usesBegun[runs.starts[run] ?? 0] ?? 0) + used
    usesBegun[runs.ends[run] ?? 0] = (usesBegun[runs.ends[run] ?? 0] ?? 0) - used
  }
  yield
  const storedBefore = new Float64Array(chunks.count + 1)
  let used = 0
  for (let chunk = 0; chunk < chunks.count; chunk++) {
    used += usesBegun[chunk] ?? 0
    storedBefore[chunk + 1] = (storedBefore[chunk] ?? 0) + (used > 0 ? (chunks.stored[chunk] ?? 0) / used : 0)
  }
  yield
  const stored = new Float64Array(ids.length)
  const kinds = new Uint8Array(ids.length).fill(noContentKind)
  for (let run = 0; run < runs.contents.length; run++) {
    const content = runs.contents[run] ?? 0
    const start = runs.starts[run] ?? 0
    stored[content] = (stored[content] ?? 0) + (storedBefore[runs.ends[run] ?? 0] ?? 0) - (storedBefore[start] ?? 0)
    if (kinds[content] === noContentKind) kinds[content] = chunks.kindAt(start)
  }
  return { ids: idsRead, sizes: Float64Array.from(sizes), stored, kinds }
}

import type { BlockTable } from './block-table'
import type { UntrustedDatabase } from './open'
import { chunkEnd, fault } from './rows'
import { positionOfId } from './sorted-ids'
import { isNatural } from './sqlite-value'

const pageLength = 1024
const selectContents = `SELECT id, size, first_chunk, chunk_count FROM content WHERE id >= ? ORDER BY id LIMIT ${pageLength}`
const selectExtents = `SELECT content, sequence, first_chunk, chunk_count FROM extent
  WHERE (content, sequence) > (?, ?) ORDER BY content, sequence LIMIT ${pageLength}`

/** All contents in the order of their ids, and the runs of chunks that they are, in columns. */
export interface ContentRuns extends ReadContents {
  readonly chunks: Chunks
}

/** About 1 s for a million contents. Yields now and then. @throws LmzError `Format` */
export function* readContentRuns(database: UntrustedDatabase, blocks: BlockTable): Generator<void, ContentRuns> {
  const chunks = yield* readChunks(blocks)
  const contents = yield* readContents(database, chunks)
  yield* readExtents(database, chunks, contents)
  return { ...contents, chunks }
}

/** All chunks in the order of their ids, numbered without gaps. */
interface Chunks {
  readonly count: number
  /** Bytes of the archive, by number. */
  readonly stored: readonly number[]
  /** The numbers of a run's first chunk and of the one behind its last. @throws LmzError `Format` */
  readonly range: (first: number, count: number, label: string) => readonly [number, number]
  readonly kindAt: (number: number) => number
  /** The position among all blocks of the one that holds a chunk. */
  readonly blockAt: (number: number) => number
}

function* readChunks(blocks: BlockTable): Generator<void, Chunks> {
  const [firstIds, endIds, firstNumbers, kinds]: [number[], number[], number[], number[]] = [[], [], [], []]
  const stored: number[] = []
  for (const block of blocks.all()) {
    firstIds.push(block.firstChunk)
    endIds.push(chunkEnd(block))
    firstNumbers.push(stored.length)
    kinds.push(block.kind)
    const share = block.storedLength / block.rawLength
    for (const length of blocks.chunkLengths(block).lengths) stored.push(length * share)
    yield
  }
  const numberOf = (chunk: number, label: string): number => {
    const block = lastAtMost(firstIds, chunk)
    if (block < 0 || chunk >= (endIds[block] ?? 0)) throw fault(label, `no block holds its chunk ${chunk}`)
    return (firstNumbers[block] ?? 0) + chunk - (firstIds[block] ?? 0)
  }
  return {
    count: stored.length,
    stored,
    range: (first, count, label) => [numberOf(first, label), numberOf(first + count - 1, label) + 1],
    kindAt: (number) => kinds[lastAtMost(firstNumbers, number)] ?? 0,
    blockAt: (number) => lastAtMost(firstNumbers, number),
  }
}

/** @returns the position of the last of ascending values that is not over a limit, -1 if there is none */
function lastAtMost(values: readonly number[], limit: number): number {
  let bottom = 0
  let top = values.length
  while (bottom < top) {
    const middle = (bottom + top) >>> 1
    if ((values[middle] ?? 0) <= limit) bottom = middle + 1
    else top = middle
  }
  return bottom - 1
}

interface ReadContents {
  readonly ids: number[]
  readonly sizes: number[]
  /** By run: the position of its content, and the numbers of its first chunk and of the one behind its last. */
  readonly runs: { readonly contents: number[]; readonly starts: number[]; readonly ends: number[] }
}

function* readContents(database: UntrustedDatabase, chunks: Chunks): Generator<void, ReadContents> {
  const read: ReadContents = { ids: [], sizes: [], runs: { contents: [], starts: [], ends: [] } }
  let next = 0
  for (;;) {
    const rows = database.numberRows(selectContents, next)
    for (const [id, size, first, count] of rows) {
      const label = `content ${String(id)}`
      if (!isNatural(id) || id < Math.max(next, 1)) throw fault(label, 'the contents are not in order')
      if (!isNatural(size)) throw fault(label, `its size is ${String(size)}`)
      next = id + 1
      if (size > 0) addRun(read, chunks, read.ids.length, first, count, label)
      read.ids.push(id)
      read.sizes.push(size)
    }
    yield
    if (rows.length < pageLength) return read
  }
}

function* readExtents(database: UntrustedDatabase, chunks: Chunks, read: ReadContents): Generator<void> {
  const ids = Float64Array.from(read.ids)
  let [lastContent, lastSequence] = [-1, -1]
  for (;;) {
    const rows = database.numberRows(selectExtents, lastContent, lastSequence)
    for (const [content, sequence, first, count] of rows) {
      const label = `content ${String(content)}`
      if (!isNatural(content) || !isNatural(sequence)) throw fault(label, 'its runs have no numbers')
      if (content < lastContent || (content === lastContent && sequence <= lastSequence)) {
        throw fault(label, 'its runs are not in order')
      }
      ;[lastContent, lastSequence] = [content, sequence]
      const position = positionOfId(ids, ids.length, content)
      if (position < 0) throw fault(label, 'it has further runs but no first one')
      addRun(read, chunks, position, first, count, label)
    }
    yield
    if (rows.length < pageLength) return
  }
}

function addRun(
  { runs }: ReadContents,
  chunks: Chunks,
  content: number,
  first: unknown,
  count: unknown,
  label: string,
) {
  if (!isNatural(first) || !isNatural(count) || first === 0 || count === 0 || !isNatural(first + count)) {
    throw fault(label, 'one of its runs is out of range')
  }
  const [start, end] = chunks.range(first, count, label)
  runs.contents.push(content)
  runs.starts.push(start)
  runs.ends.push(end)
}

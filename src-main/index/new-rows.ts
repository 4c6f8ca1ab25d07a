import type { Entry } from '../contract/entry'
import { LmzError } from '../contract/error'
import { maximumBlockLength, maximumPrimerLength } from '../format/frame'
import { type Block, chunkEnd, type PrimerRow, type Run } from './rows'
import {
  entryFault,
  type EntryFacts,
  isLonger,
  largestBlockId,
  largestPrimerId,
  longestSettingKey,
  longestSettingValue,
  mostChunksInBlock,
} from './rules'

/** All that an entry states when it is added; ids refer to rows that are there already. */
export type NewEntry = Omit<Entry, 'id' | 'size'>

export interface NewBlock extends Omit<Block, 'id' | 'firstChunk' | 'chunkCount'> {
  /** Its number in its frame header; the one behind the last block's unless given. */
  readonly id?: number
  /** Bytes of its chunks, in their order. */
  readonly chunkLengths: readonly number[]
}

export interface NewPrimer extends Omit<PrimerRow, 'id'> {
  /** Its number in its frame header; the one behind the last primer's unless given. */
  readonly id?: number
}

export interface NewContent {
  readonly size: number
  /** Runs of stored chunks; none for an empty content. */
  readonly runs: readonly Run[]
}

/** A mistake of the caller's. */
export function usage(message: string): LmzError {
  return new LmzError('Usage', message)
}

/** @throws LmzError `Usage` */
export function requireValidEntry(entry: EntryFacts): void {
  const reason = entryFault(entry)
  if (reason === undefined) return
  throw new LmzError('Usage', `${entry.name} cannot be stored: ${reason}.`, { subject: entry.name })
}

/**
 * @param knownChunkEnd id behind the last stored chunk
 * @throws LmzError `Usage`
 */
export function requireValidContent(size: number, runs: readonly Run[], knownChunkEnd: number): void {
  const isStored = (run: Run) => run.firstChunk >= 1 && run.chunkCount >= 1 && chunkEnd(run) <= knownChunkEnd
  const hasRightSize = Number.isSafeInteger(size) && size >= 0 && (size === 0) === (runs.length === 0)
  if (hasRightSize && runs.every(isStored)) return
  throw usage(`A content of ${size} bytes cannot be made of these ${runs.length} runs.`)
}

/**
 * @param last the id of the last block, and where its frame ends in the file
 * @throws LmzError `Usage`
 */
export function requireValidBlock(
  { id, chunkLengths, rawLength, position }: NewBlock & { readonly id: number },
  last: { readonly id: number; readonly frameEnd: number },
): void {
  const total = chunkLengths.reduce((sum, length) => sum + (length >= 1 ? length : Number.NaN), 0)
  const chunkCount = chunkLengths.length
  const hasRightChunks = chunkCount >= 1 && chunkCount <= mostChunksInBlock && total === rawLength
  const isBehindLast = id > last.id && id <= largestBlockId && position >= last.frameEnd
  if (hasRightChunks && isBehindLast && rawLength <= maximumBlockLength) return
  throw usage(`Block ${id} at byte ${position}, with ${chunkCount} chunks in ${rawLength} bytes, cannot be stored.`)
}

/**
 * @param last the id of the last primer, and where the last frame ends in the file
 * @throws LmzError `Usage`
 */
export function requireValidPrimer(
  { id, rawLength, storedLength, position }: PrimerRow,
  last: { readonly id: number; readonly frameEnd: number },
): void {
  const isBehindLast = id > last.id && id <= largestPrimerId && position >= last.frameEnd
  if (isBehindLast && rawLength >= 1 && Math.max(rawLength, storedLength) <= maximumPrimerLength) return
  throw usage(`Primer ${id} at byte ${position}, with ${rawLength} bytes, cannot be stored.`)
}

/** @throws LmzError `Usage` */
export function requireValidSetting(key: string, value: string): void {
  if (key !== '' && !isLonger(key, longestSettingKey) && !isLonger(value, longestSettingValue)) return
  const shown = key.slice(0, longestSettingKey)
  throw usage(`The setting "${shown}" cannot be stored: ${longestSettingValue} bytes of text are the most.`)
}

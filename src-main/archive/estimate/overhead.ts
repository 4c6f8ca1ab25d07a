import type { Expected } from '../../contract/estimate'
import { footerLength } from '../../format/footer'
import { frameHeaderLength, hintLength } from '../../format/frame'
import { headerLength } from '../../format/header'

/*
 * Bytes of an index as it is stored, fitted to archives of 1 to 10,000 entries (text of 20 words a file, a source tree, documents,
 * single files): right within 5 % for most, within 20 % for all.
 */
const indexOfNothing = 125
const indexOfEntry = 20
const indexOfChunk = 10

/** The frame of an archive's index, in bytes. */
export function indexFrameBytes({ entries, chunks }: { readonly entries: number; readonly chunks: number }): number {
  return frameHeaderLength + indexOfNothing + entries * indexOfEntry + chunks * indexOfChunk
}

/** What an archive has besides the payloads of its blocks, in bytes. */
export function overheadBytes(counts: {
  readonly entries: number
  readonly blocks: number
  readonly chunks: number
}): number {
  const { blocks, chunks } = counts
  const frames = blocks * frameHeaderLength + chunks * hintLength
  return headerLength + frames + indexFrameBytes(counts) + footerLength
}

/** Chunks of files of so many bytes in all: each file ends one, and on average they are a little longer than what is aimed at. */
export function expectedChunks(files: number, bytes: number, averageChunk: number): number {
  return files + bytes / (1.15 * averageChunk)
}

/** Seconds of the one thread that keeps the account, for each entry: measured with 10,000 small files. */
const secondsOfEntry = 0.0001
/** Seconds until the first byte is packed and from the last one to the end, measured with an empty folder. */
const secondsOfNothing = 0.2

/** Seconds to make an archive. */
export function expectedSeconds(work: {
  readonly entries: number
  readonly blocks: number
  /** Of one thread, to read and pack everything. */
  readonly threadSeconds: number
  readonly threads: number
}): number {
  const { entries, blocks, threadSeconds, threads } = work
  const parallel = Math.max(1, Math.min(threads, blocks))
  return secondsOfNothing + entries * secondsOfEntry + threadSeconds / parallel
}

/** For blocks that are cut and mixed in another way, and an index that was not made: below 1 % was measured where all was tried. */
const leastError = 0.05

/**
 * @param error how far the sample may be from the data, as a share
 */
export function withBounds(about: number, error: number): Expected {
  const share = Math.min(0.9, leastError + error)
  return { about: Math.round(about), low: Math.round(about * (1 - share)), high: Math.round(about * (1 + share)) }
}

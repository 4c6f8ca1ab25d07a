import { LmzError } from '../contract/error'
import type { ByteSource } from './byte-source'
import { type Footer, footerEnd, footerLength, footerLengths, readFooter } from './footer'
import { archiveTagOf, decodeFrameHeader, type FrameHeader, frameHeaderLength, frameLength, frameMagic } from './frame'
import { type FrameSource, openFrame } from './frame-reader'
import { decodeHeader, headerLength } from './header'

/**
 * A frame header found by scanning. Its payload lies inside the source but has not been checked. Of a sealed frame that can be opened,
 * it is the header of the frame inside.
 */
export interface ScannedFrame {
  readonly position: number
  readonly header: FrameHeader
}

const windowLength = 1024 * 1024
/** Windows start small and grow, so that many frames with a little junk between them don't each cost a large one. */
const firstWindowLength = 4096

/**
 * Finds the newest commit: the last intact footer at or before the end of the source. An intact archive is answered
 * from its last 256 bytes; behind a torn tail the search walks backwards in 1 MiB windows.
 *
 * @param before only footers that end at or before this position
 * @param archiveTag only footers of this archive: a file that is stored in it as it is may hold what looks like the end of another
 */
export function findLastFooter(
  source: ByteSource,
  before: number = source.size,
  archiveTag?: number,
): Footer | undefined {
  const footerAt = (position: number): Footer | undefined => {
    const isForeign = archiveTag !== undefined && frameAt(source, position, archiveTag) === undefined
    return isForeign ? undefined : readFooter(source, position)
  }
  for (const length of footerLengths) {
    const atEnd = footerAt(before - length)
    if (atEnd !== undefined && footerEnd(atEnd) === before) return atEnd
  }
  // Windows overlap by a magic's length less one, so that no magic is split between two.
  let windowEnd = before
  while (windowEnd > headerLength) {
    const windowStart = Math.max(headerLength, windowEnd - windowLength)
    const readEnd = Math.min(before, windowEnd + frameMagic.length - 1)
    const bytes = asBuffer(source.read(windowStart, readEnd - windowStart))
    for (
      let at = bytes.lastIndexOf(frameMagic);
      at !== -1;
      at = at === 0 ? -1 : bytes.lastIndexOf(frameMagic, at - 1)
    ) {
      const position = windowStart + at
      if (position + footerLength > before) continue
      const footer = footerAt(position)
      if (footer !== undefined && footerEnd(footer) <= before) return footer
    }
    windowEnd = windowStart
  }
  return undefined
}

/**
 * Walks all frames from `from` on in file order, resynchronising by magic and header checksum after damage. A payload is
 * skipped when the next frame stands right behind it; otherwise it is searched too, since bytes may have been lost.
 * Frames of other archives (one stored inside this one, or spliced in) are left out by their archive tag.
 *
 * Yields undefined after each window without a frame, so that a caller can report progress and let others run.
 */
export function* scanFrames(
  source: FrameSource,
  from: number,
  archiveTag: number | undefined,
): Generator<ScannedFrame | undefined> {
  let position = from
  while (position + frameHeaderLength <= source.size) {
    const frame = frameAt(source, position, archiveTag) ?? (yield* nextFrame(source, position + 1, archiveTag))
    if (frame === undefined) return
    yield opened(source, frame)
    const next = frame.position + frameLength(frame.header)
    const isFollowed = next === source.size || frameAt(source, next, archiveTag) !== undefined
    position = isFollowed ? next : frame.position + frameHeaderLength
  }
}

/** Searches for the next intact frame in windows, each read once, however many false magics it holds. */
function* nextFrame(
  source: ByteSource,
  from: number,
  archiveTag: number | undefined,
): Generator<undefined, ScannedFrame | undefined> {
  const overlap = frameMagic.length - 1
  let start = from
  for (let length = firstWindowLength; start + frameHeaderLength <= source.size; start += length) {
    if (start > from) length = Math.min(length * 2, windowLength)
    const bytes = asBuffer(source.read(start, Math.min(length + overlap, source.size - start)))
    for (let at = bytes.indexOf(frameMagic); at !== -1; at = bytes.indexOf(frameMagic, at + 1)) {
      const frame = frameAt(source, start + at, archiveTag)
      if (frame !== undefined) return frame
    }
    yield undefined
  }
  return undefined
}

/** @returns undefined for what is not authentic */
function opened(source: FrameSource, { position, header }: ScannedFrame): ScannedFrame | undefined {
  if (source.seal === undefined) return { position, header }
  try {
    return { position, header: openFrame(source, position, header).header }
  } catch (cause) {
    if (cause instanceof LmzError && cause.code !== 'Io') return undefined
    throw cause
  }
}

/** The archive tag of the header or, when that is lost, of the last commit or the first frame; tells whose frames to trust. */
export function guessArchiveTag(source: ByteSource): number | undefined {
  const header = decodeHeader(source.read(0, Math.min(headerLength, source.size)))
  if (header !== undefined) return archiveTagOf(header.archiveId)
  const footer = findLastFooter(source)
  if (footer !== undefined) return Buffer.from(footer.archiveId).readUInt32LE(0)
  for (const frame of scanFrames(source, 0, undefined)) if (frame !== undefined) return frame.header.archiveTag
  return undefined
}

function frameAt(source: ByteSource, position: number, archiveTag: number | undefined): ScannedFrame | undefined {
  if (position < 0 || position + frameHeaderLength > source.size) return undefined
  const header = decodeFrameHeader(source.read(position, frameHeaderLength))
  if (header === undefined || (archiveTag !== undefined && header.archiveTag !== archiveTag)) return undefined
  if (position + frameLength(header) > source.size) return undefined
  return { position, header }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}

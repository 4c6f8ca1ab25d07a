import { type AccountPart, type AccountPartName, accountParts } from '../../contract/insight'
import { isRepeatOf } from '../../format/footer'
import {
  decodeFrameHeader,
  type FrameHeader,
  frameFlags,
  frameHeaderLength,
  frameLength,
  frameTypes,
} from '../../format/frame'
import { headerLength } from '../../format/header'
import { scanFrames } from '../../format/scan'
import type { Archive } from '../archive'
import { positionsInUse } from './positions-in-use'

/** Where the indexes lie that the last commit names. */
interface IndexPlaces {
  readonly current: number | undefined
  /** Of the commit that the last one repeats. */
  readonly copy: number | undefined
}

/**
 * What each byte of an archive's file is for: goes from frame to frame by their headers. What lies between them and behind the last is
 * `debris`, so the parts add up to the length of the file whatever is in it. Some 20 µs a frame; yields after each.
 */
export function* frameParts(archive: Archive): Generator<void, readonly AccountPart[]> {
  const { source, archiveTag } = archive
  const sums = new Map<AccountPartName, number>()
  const add = (name: AccountPartName, bytes: number): void => void sums.set(name, (sums.get(name) ?? 0) + bytes)
  const indexes = indexPlacesOf(archive)
  const isInUse = positionsInUse(archive.index)
  let end = Math.min(headerLength, source.size)
  let isBehindKeys = false
  add('header', end)
  for (const frame of scanFrames(source, end, archiveTag)) {
    yield
    // What lies inside of a frame that was counted is its payload.
    if (frame === undefined || frame.position < end) continue
    const { position, header } = frame
    const outer = decodeFrameHeader(source.read(position, frameHeaderLength)) ?? header
    const isKeys = header.type === frameTypes.keys
    // Zeros keep two copies of the key slots apart.
    add(isKeys && isBehindKeys ? 'keys' : 'debris', position - end)
    isBehindKeys = isKeys
    end = position + frameLength(outer)
    countFrame(header, end - position, partOf(header, position, indexes, isInUse), add)
  }
  add('debris', source.size - end)
  return accountParts.map((name) => ({ name, bytes: sums.get(name) ?? 0 })).filter(({ bytes }) => bytes > 0)
}

/** What a frame's payload is for. */
function partOf(
  { type, flags }: FrameHeader,
  position: number,
  { current, copy }: IndexPlaces,
  isInUse: (position: number) => boolean,
): AccountPartName {
  switch (type) {
    case frameTypes.block:
      return isInUse(position) ? 'data' : 'unused'
    case frameTypes.primer:
      return isInUse(position) ? 'primers' : 'unused'
    case frameTypes.index:
      if (position === current) return 'index'
      if (position === copy) return 'indexCopy'
      return (flags & frameFlags.checkpoint) === 0 ? 'olderIndexes' : 'checkpoints'
    case frameTypes.footer:
      return 'footers'
    case frameTypes.parity:
      return 'parity'
    case frameTypes.keys:
      return 'keys'
    default:
      return 'debris'
  }
}

/** Parts that are counted with their frames, since nothing of them is to be told apart. */
const wholeParts: readonly AccountPartName[] = ['parity', 'keys', 'unused', 'debris']

/** @param length of the frame in the file; a sealed one is longer than what is in it */
function countFrame(
  header: FrameHeader,
  length: number,
  part: AccountPartName,
  add: (name: AccountPartName, bytes: number) => void,
): void {
  if (wholeParts.includes(part)) {
    add(part, length)
    return
  }
  add(part, header.storedLength)
  add('hints', header.trailerLength)
  add('frameHeaders', frameHeaderLength)
  add('seals', length - frameLength(header))
}

function indexPlacesOf(archive: Archive): IndexPlaces {
  const [newest, previous] = firstTwo(archive.commits())
  const isRepeated = newest !== undefined && previous !== undefined && isRepeatOf(newest, previous)
  return { current: newest?.index.position, copy: isRepeated ? previous.index.position : undefined }
}

function firstTwo<Item>(items: Iterator<Item>): readonly [Item | undefined, Item | undefined] {
  const [first, second] = [items.next(), items.next()]
  return [first.done === true ? undefined : first.value, second.done === true ? undefined : second.value]
}
